package agent

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/keyferry/keyferry/cxp"
	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/localexchange"
	"github.com/keyferry/keyferry/host/frame"
	"github.com/keyferry/keyferry/host/protocol"
)

// childRelay does what `keyferry exchange` does: it connects the app that started it with an agent.
func childRelay(socket string) int {
	stream, starter, err := localexchange.AcceptStream()
	if err != nil {
		return 1
	}
	c, err := net.Dial("unix", socket)
	if err != nil {
		return 1
	}
	hello := protocol.ClientHello{Protocol: protocol.Version, Version: "1.2.3", Role: roleExchange, Starter: starter.PID}
	if err := frame.NewWriter(c).Write(protocol.Frame{ID: "hello", Type: "client.hello", Body: raw(hello)}); err != nil {
		return 1
	}
	if f, err := frame.NewReader(c, protocol.MaxMessage).Read(); err != nil || f.Event != "agent.hello" {
		return 1
	}
	go func() {
		_, _ = io.Copy(c, stream)
		_ = c.Close()
	}()
	_, _ = io.Copy(stream, c)
	_ = stream.Close()
	return 0
}

// childApp is another app, of the kind that its first argument names, under the name that its second one is.
func childApp(args []string) int {
	kind, rpID := args[0], args[1]
	ctx := context.Background()
	stream, _, err := localexchange.AcceptStream()
	if err != nil {
		return 1
	}
	if kind == "dies" {
		return 1
	}
	if kind == "mute" {
		time.Sleep(time.Hour)
	}
	conn := localexchange.New(stream, false, localexchange.Limits{})
	peer, err := conn.Hello(ctx, localexchange.Hello{RPID: rpID, DisplayName: "App"})
	if err != nil {
		return 1
	}
	if peer.Role == localexchange.RoleExporter {
		err = appTakes(ctx, kind, rpID, conn, stream)
	} else {
		err = appGives(ctx, kind, rpID, conn, stream)
	}
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// misbehave speaks by hand, past package localexchange.
func misbehave(w io.Writer, frames ...any) error {
	for _, f := range frames {
		b, ok := f.([]byte)
		if !ok {
			var err error
			if b, err = json.Marshal(f); err != nil {
				return err
			}
		}
		if _, err := w.Write(append(binary.LittleEndian.AppendUint32(nil, uint32(len(b))), b...)); err != nil {
			return err
		}
	}
	return nil
}

type object = map[string]any

func appTakes(ctx context.Context, kind, rpID string, conn *localexchange.Conn, w io.ReadWriter) error {
	name, types := rpID, []string(nil)
	switch kind {
	case "refuses":
		return conn.Refuse(cxp.CodeUserCanceled)
	case "stalls":
		time.Sleep(time.Hour)
	case "result-first":
		return misbehave(w, object{"type": "result", "accepted": 1})
	case "huge":
		_, err := w.Write([]byte{0xff, 0xff, 0xff, 0x7f})
		return err
	case "nonsense":
		return misbehave(w, []byte("[]"))
	case "other-request":
		name = "somebody.example"
	case "only-totp", "only-passkey":
		types = []string{strings.TrimPrefix(kind, "only-")}
	case "noisy":
		for {
			if err := misbehave(w, object{"type": "progress", "done": 1}); err != nil {
				return err
			}
		}
	}
	p, err := cxp.NewRequest(cxp.RequestOptions{Mode: cxp.Direct, Importer: name, CredentialTypes: types})
	if err != nil {
		return err
	}
	_, err = conn.Import(ctx, localexchange.ImportSide{Request: p, Take: func(ctx context.Context, envelope []byte, payload io.Reader) (*localexchange.Result, error) {
		im, err := p.OpenParts(ctx, envelope, payload, cxp.OpenOptions{})
		if err != nil {
			return nil, err
		}
		if err := im.Drain(); err != nil {
			return nil, err
		}
		if kind == "vanishes" {
			os.Exit(1)
		}
		out := &localexchange.Result{Accepted: im.Report().Items}
		if kind == "skips" {
			out.Accepted--
			out.Skipped = []localexchange.Skipped{{Title: "Bank\u202e\x07", Type: "passkey", Reason: "no room"}}
		}
		return out, nil
	}})
	return err
}

func appGives(ctx context.Context, kind, rpID string, conn *localexchange.Conn, w io.ReadWriter) error {
	n, err := strconv.Atoi(os.Args[len(os.Args)-1])
	if err != nil {
		n = 3
	}
	doc := someDocument(n)
	doc.ExporterRPID = rpID
	if kind == "other-document" {
		doc.ExporterRPID = "somebody.example"
	}
	_, err = conn.Export(ctx, localexchange.ExportSide{
		Offer: localexchange.Offer{CredentialTypes: []string{"passkey"}, Counts: map[string]int{"passkey": n}},
		Answer: func(_ context.Context, _ localexchange.Hello, q *cxp.Request) (*cxp.Exporter, error) {
			if err := answerBadly(kind, rpID, w); err != nil {
				os.Exit(1)
			}
			return cxp.NewExporter(q, cxp.ExportOptions{Document: doc})
		},
	})
	return err
}

// answerBadly answers a request in the way of the kind, and does not return then.
func answerBadly(kind, rpID string, w io.Writer) error {
	envelope := base64.RawURLEncoding.EncodeToString(raw(object{"exporter": rpID}))
	response := object{"type": "response", "cxp": envelope}
	switch kind {
	case "payload-first":
		return errors.Join(misbehave(w, object{"type": "payload", "data": "AAAA"}), errBad)
	case "empty-pieces":
		return errors.Join(misbehave(w, response, object{"type": "payload"}, object{"type": "payload", "seq": 1}), errBad)
	case "out-of-order":
		return errors.Join(misbehave(w, response, object{"type": "payload", "seq": 1, "data": "AAAA"}), errBad)
	case "half":
		if err := misbehave(w, response, object{"type": "payload", "data": "AAAA"}); err != nil {
			return err
		}
		return errBad
	case "pause":
		if err := misbehave(w, response, object{"type": "payload", "data": "AAAA"}); err != nil {
			return err
		}
		time.Sleep(time.Hour)
	case "floods":
		if err := misbehave(w, response); err != nil {
			return err
		}
		piece := string(bytes.Repeat([]byte("AAAA"), 200_000))
		for seq := 0; ; seq++ {
			if err := misbehave(w, object{"type": "payload", "seq": seq, "data": piece}); err != nil {
				return err
			}
		}
	}
	return nil
}

var errBad = errors.New("that was it")

// someDocument holds n passkeys and a broken one.
func someDocument(n int) *cxf.Header {
	a := cxf.Account{ID: "YWNjb3VudA"}
	for i := range n {
		a.Items = append(a.Items, cxf.Item{ID: cxf.NewID(), Title: fmt.Sprint("Site ", i), Credentials: []cxf.Credential{
			&cxf.Passkey{CredentialID: fmt.Appendf(nil, "c%d", i), RPID: "example.com", Username: "ann", UserHandle: []byte("u"), Key: someKey()},
		}})
	}
	return &cxf.Header{Version: cxf.Version{Major: 1}, ExporterRPID: "one.example", ExporterDisplayName: "One", Accounts: []cxf.Account{a}}
}
