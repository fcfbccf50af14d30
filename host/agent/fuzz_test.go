package agent

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/keyferry/keyferry/host/protocol"
)

// FuzzRequests sends every message with any body as every sender: whatever comes, the answer is a body or a typed
// error that repeats no secret, and the agent lives on.
func FuzzRequests(f *testing.F) {
	r := newRig(f)
	c, _ := r.withVault()
	var cn *conn
	r.a.each(func(x *conn) { cn = x })
	table, senders := protocol.Table(), everySender()
	for i := range table {
		f.Add(uint8(i), uint8(0), []byte(`{}`))
		f.Add(uint8(i), uint8(4), []byte(`{"id":"AAAAAAAAAAAAAAAAAAAAAA","ceremony":"x","tabId":1,"origin":"https://example.com","secret":{"passphrase":"hunter2hunter2"}}`))
	}
	f.Add(uint8(11), uint8(0), []byte(raw(get("example.com", nil))))
	f.Add(uint8(10), uint8(0), []byte(raw(create("example.com", nil))))
	f.Add(uint8(0), uint8(1), []byte(raw(c.signed())))
	f.Add(uint8(3), uint8(5), []byte("{\"label\":\"\xff\"}"))
	f.Fuzz(func(t *testing.T, typ, sender uint8, body []byte) {
		rule, s := table[int(typ)%len(table)], senders[int(sender)%len(senders)]
		if s.Kind == protocol.SenderCLI {
			s = senders[0]
		}
		ctx, cancel := context.WithTimeoutCause(t.Context(), 30*time.Millisecond, errCanceled)
		defer cancel()
		q := &request{conn: cn, typ: rule.Type, body: append(json.RawMessage(nil), body...)}
		out, err := r.a.dispatch(ctx, q, &s)
		if err == nil {
			if _, err := json.Marshal(out); err != nil {
				t.Errorf("%s: its answer can't be written: %v", rule.Type, err)
			}
			return
		}
		e := r.a.toProtocol(err)
		if e.Code.Name() == "" || e.Message == "" || strings.Contains(e.Message, "hunter2") {
			t.Errorf("%s: %+v", rule.Type, e)
		}
		if e.Code == protocol.CodeInternal && !errors.Is(err, context.Canceled) {
			t.Errorf("%s with %q: a fault of ours: %v", rule.Type, body, err)
		}
	})
}
