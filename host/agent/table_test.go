package agent

import (
	"slices"
	"testing"

	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/protocol"
)

// everySender is each kind of sender, our own pages one by one.
func everySender() []protocol.Sender {
	out := []protocol.Sender{
		{Kind: protocol.SenderContent, Origin: "https://example.com", TabID: 1, DocumentID: "d"}, {Kind: protocol.SenderBackground}, {Kind: protocol.SenderCLI},
	}
	for _, p := range []string{"approve", "popup", "welcome", "vault", "settings", "unlock", "transfer", "elsewhere"} {
		out = append(out, protocol.Sender{Kind: protocol.SenderPage, Page: p})
	}
	return out
}

// situation is how an agent is met: who is known to it, and whether its vault is open.
type situation struct {
	name           string
	signed, paired bool
	open           bool
}

// TestTable walks message × sender × situation and compares what the agent does with what the table says. Every dialog
// is refused by the person, so that a need for verification shows.
func TestTable(t *testing.T) {
	refuse := func(consent.Prompt) ([]byte, error) { return nil, consent.ErrRefused }
	for _, s := range []situation{
		{"unsigned, open", false, false, true}, {"unpaired, open", true, false, true},
		{"paired, locked", true, true, false}, {"paired, open", true, true, true},
	} {
		t.Run(s.name, func(t *testing.T) {
			r := newRig(t, func(c *Config) { c.Limits.Dialogs = 10_000 })
			owner, _ := r.withVault()
			if !s.open {
				r.stop()
				r.start()
			}
			r.person.answer(refuse)
			var bridge *client
			switch {
			case s.paired:
				bridge = r.browser(owner.key)
			case s.signed:
				bridge = r.browser(nil)
			default:
				bridge = r.dial(protocol.ClientHello{Role: "bridge", Caller: chromeCaller, Browser: "chromium"})
			}
			cli := r.cli()
			for _, rule := range protocol.Table() {
				for _, sender := range everySender() {
					if rule.Type == "lock" {
						continue // it would end the agent; TestLock has it
					}
					c := bridge
					if sender.Kind == protocol.SenderCLI {
						c = cli
					}
					before := len(r.person.seen())
					err := c.call(&sender, rule.Type, nil, nil)
					asked := len(r.person.seen()) - before
					checkCell(t, s, rule, sender, code(err), asked)
				}
			}
		})
	}
}

// checkCell says what the table promises for one cell, on its own and not by the gate's code.
func checkCell(t *testing.T, s situation, rule protocol.Rule, sender protocol.Sender, got protocol.Code, asked int) {
	t.Helper()
	need, ok := rule.Needs[sender.Kind]
	if sender.Kind == protocol.SenderPage && len(rule.Pages) > 0 && !slices.Contains(rule.Pages, sender.Page) {
		ok = false
	}
	known := sender.Kind == protocol.SenderCLI || s.paired || s.signed && rule.Type == "pair"
	var want protocol.Code
	switch {
	case !ok:
		want = protocol.CodeNotAllowed
	case need == protocol.NeedNothing:
	case !known:
		want = protocol.CodeNotPaired
	case need == protocol.NeedUnlocked && !s.open:
		want = protocol.CodeLocked
	case rule.Type == "pair" && s.paired && s.open:
		// It is paired already and is told so.
	case rule.Type == "pair.confirm":
		want = protocol.CodeNotFound // no browser waits
	case rule.Type == "transfer.start":
		want = protocol.CodeNotFound // nothing was prepared, so there is nothing that a dialog could name
	case need == protocol.NeedFresh:
		want = protocol.CodeDenied // the person said no to the verification
	}
	cell := rule.Type + " from " + string(sender.Kind) + " " + sender.Page
	if want != 0 && got != want {
		t.Errorf("%s: %s, want %s", cell, got.Name(), want.Name())
	}
	gate := []protocol.Code{protocol.CodeNotAllowed, protocol.CodeUnknownType, protocol.CodeNotPaired, protocol.CodeLocked}
	if want == 0 && slices.Contains(gate, got) && !(rule.Type == "vault.create" && got == protocol.CodeNotPaired && !s.signed) {
		t.Errorf("%s: the gate refused it (%s), the table lets it through", cell, got.Name())
	}
	if shouldAsk := want == protocol.CodeDenied; shouldAsk != (asked > 0) && !(rule.Type == "unlock" && !s.open) {
		t.Errorf("%s: %d dialogs", cell, asked)
	}
}

func TestEveryMessageHasAHandler(t *testing.T) {
	h := handlers()
	for _, rule := range protocol.Table() {
		if h[rule.Type].run == nil {
			t.Errorf("nothing answers %q", rule.Type)
		}
		delete(h, rule.Type)
	}
	for typ := range h {
		t.Errorf("%q has a handler and is not in the table: nobody could ask for it", typ)
	}
}

func TestSendersCantPretend(t *testing.T) {
	r := newRig(t)
	c, _ := r.withVault()
	wantCode(t, "a browser as the command line", c.call(&protocol.Sender{Kind: protocol.SenderCLI}, "list", nil, nil), protocol.CodeNotAllowed)
	wantCode(t, "a browser as somebody new", c.call(&protocol.Sender{Kind: "god"}, "list", nil, nil), protocol.CodeNotAllowed)
	cli := r.cli()
	for _, s := range []*protocol.Sender{page("vault"), page("approve"), tab(1, "https://example.com"), {Kind: protocol.SenderBackground}} {
		wantCode(t, "the command line as a "+string(s.Kind), cli.call(s, "list", nil, nil), protocol.CodeNotAllowed)
	}
	wantCode(t, "a content script that says approve", c.call(tab(1, "https://example.com"), "ceremony.approve", nil, nil), protocol.CodeNotAllowed)
	wantCode(t, "an unknown message", c.call(nil, "open.sesame", nil, nil), protocol.CodeUnknownType)
}
