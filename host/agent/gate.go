package agent

import (
	"context"

	"github.com/keyferry/keyferry/host/protocol"
)

// pass is the gate that every request goes through: the sender, the table of package protocol, the session, the
// vault, the person. Only then does a handler see the body.
func (a *agent) pass(ctx context.Context, r *request, claimed *protocol.Sender) (handler, error) {
	sender, err := r.conn.senderOf(claimed)
	if err != nil {
		return handler{}, err
	}
	r.sender = sender
	if sender.Kind != protocol.SenderBackground {
		r.conn.used.Store(int64(a.clock()))
	}
	rule, ok := a.rules[r.typ]
	if !ok {
		return handler{}, protocol.Errorf(protocol.CodeUnknownType, "the agent knows no %q; update Keyferry on this machine", cleanType(r.typ))
	}
	need, err := rule.Allow(sender)
	if err != nil {
		return handler{}, err
	}
	h, ok := a.handlers[r.typ]
	if !ok {
		return handler{}, protocol.Errorf(protocol.CodeUnknownType, "the agent can't do %q yet", r.typ)
	}
	if err := a.satisfy(ctx, r, need, h); err != nil {
		return handler{}, err
	}
	return h, nil
}

// satisfy checks what the table asks for besides the right sender.
func (a *agent) satisfy(ctx context.Context, r *request, need protocol.Need, h handler) error {
	if need == protocol.NeedNothing {
		return nil
	}
	if err := a.needSession(r); err != nil {
		return err
	}
	switch need {
	case protocol.NeedSession, protocol.NeedConsent:
		return nil
	case protocol.NeedUnlocked:
		_, err := a.keep.open()
		return err
	case protocol.NeedFresh:
		if h.ownVerification {
			return nil
		}
		secret, err := r.secretOf()
		if err != nil {
			return err
		}
		if err := a.verifyFresh(ctx, r, secret, purpose(r.typ)); err != nil {
			return err
		}
		if _, err := a.keep.open(); err != nil { // a locked vault was opened by the verification
			return err
		}
		return a.needSession(r) // whether this browser is paired is known only now
	}
	return protocol.Errorf(protocol.CodeInternal, "the table asks for %q, which the agent does not know", need)
}

// needSession: a browser must have signed its session, and be paired as soon as that can be known. Pairing itself is
// asked for by a browser that is not paired yet.
func (a *agent) needSession(r *request) error {
	if r.sender.Kind == protocol.SenderCLI {
		return nil // it pairs with nobody: what it may do is in the table
	}
	s := r.conn.session.Load()
	if s == nil {
		return protocol.Errorf(protocol.CodeNotPaired, "sign the session first")
	}
	if r.typ == "pair" {
		return nil
	}
	if a.keep.paired(s.id, r.conn.hello.Caller) == no {
		return errNotPaired()
	}
	return nil
}

// senderOf decides who asks. The command line is itself, whatever it says; an extension's background says for whom it
// relays, and can be anything but the command line.
func (c *conn) senderOf(claimed *protocol.Sender) (protocol.Sender, error) {
	if c.hello.Role == roleCLI {
		if claimed != nil && claimed.Kind != protocol.SenderCLI {
			return protocol.Sender{}, protocol.Errorf(protocol.CodeNotAllowed, "the command line speaks for nobody else")
		}
		return protocol.Sender{Kind: protocol.SenderCLI}, nil
	}
	if claimed == nil {
		return protocol.Sender{Kind: protocol.SenderBackground}, nil
	}
	s := *claimed
	switch s.Kind {
	case protocol.SenderContent, protocol.SenderPage, protocol.SenderBackground:
	default:
		return protocol.Sender{}, protocol.Errorf(protocol.CodeNotAllowed, "a browser can't speak as %q", cleanType(string(s.Kind)))
	}
	if len(s.Origin) > 2048 || len(s.Ancestors) > 64 || len(s.Page) > 32 || len(s.DocumentID) > 128 {
		return protocol.Sender{}, badRequest("a member of the sender is too long")
	}
	for _, o := range s.Ancestors {
		if len(o) > 2048 {
			return protocol.Sender{}, badRequest("an ancestor's origin is too long")
		}
	}
	return s, nil
}

// purpose is what a verification dialog says the person is about to allow.
func purpose(typ string) string {
	switch typ {
	case "list":
		return "list everything that is stored"
	case "show":
		return "show the details of a passkey"
	case "trash.empty":
		return "destroy for good what is in the trash"
	case "slots.add":
		return "add another way to open your vault"
	case "slots.change":
		return "change your passphrase"
	case "slots.remove":
		return "remove a way to open your vault"
	case "rekey":
		return "make new keys for your vault"
	case "pin.set":
		return "set or remove the PIN"
	case "settings.set":
		return "change how Keyferry locks and verifies"
	case "transfer.import":
		return "take passkeys into your vault"
	case "transfer.undo":
		return "take an import back"
	case "audit":
		return "read the log of what was done with your passkeys"
	}
	return "do something that needs your consent (" + typ + ")"
}

// cleanType keeps a made-up name in an error message short and harmless.
func cleanType(s string) string {
	out := []byte(s[:min(len(s), 40)])
	for i, c := range out {
		if c < '!' || c > '~' {
			out[i] = '?'
		}
	}
	return string(out)
}
