package agent

import (
	"time"

	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/vault"
)

// audit writes a line to the log inside the vault; nothing from private windows.
func (a *agent) audit(s protocol.Sender, action, what, who, origin string) {
	if s.Private {
		return
	}
	v, err := a.keep.open()
	if err != nil {
		return // locked meanwhile: it was written for the vault's owner, who is not there
	}
	v.Log(vault.AuditEvent{At: time.Now(), Action: action, What: what, Who: who, Origin: origin})
}

// who names the sender in the audit log.
func (a *agent) who(r *request) string {
	if s := r.conn.session.Load(); s != nil {
		return a.whoIs(s.id)
	}
	return "command line"
}

func (a *agent) whoIs(owner string) string {
	a.keep.mu.RLock()
	defer a.keep.mu.RUnlock()
	if p, ok := a.keep.pairs[owner]; ok {
		return consent.Clean(p.Label, 60)
	}
	return "a browser"
}
