package agent

import (
	"context"
	"errors"
	"strings"

	"github.com/keyferry/keyferry/cxp/localexchange"
	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/protocol"
)

// Whether the other app of a direct exchange is the one that the person means: what they are told of it, and what they confirm.

// trust pins the other app as it is now, and gets the second confirmation where the person has to be warned: from the
// page or the command line, which say that they showed the warning, and in the agent's own dialog, which shows it
// whatever they say. byHand: where there is no dialog, the command line's word is what there is.
func (m *moving) trust(ctx context.Context, r *request, accept string) error {
	d, view := m.direct, m.show()
	pin, err := d.provider.Pin(ctx)
	if err == nil {
		var look localexchange.Pin
		if look, err = d.provider.Look(); err == nil && providerID(d.provider, look) != view.Provider.ID {
			err = localexchange.ErrChanged
		}
	}
	if err != nil {
		return errors.Join(errProviderGone(), err)
	}
	now, err := m.a.providerAs(ctx, m.v, d.provider, pin, view.Out) // by its content, whatever its files look like
	if err != nil {
		return err
	}
	if now.State != protocol.ProviderKnown {
		warn := warning(now, "an app that calls itself "+toProvider(now))
		if accept != now.State {
			return protocol.Errorf(protocol.CodeUnconfirmed, "%s Confirm once more that you mean it.", warn)
		}
		if now.Suspicious {
			warn += dressedUp
		}
		if err := m.a.confirm(ctx, r, "Keyferry: do you know this app?", warn+"\n"+whichProgram(now)+"\n\n"+askedForBy(r.conn.asker())); err != nil {
			return err
		}
	}
	d.pin = pin
	return nil
}

// untroubled says that an error of trust came before the person was asked anything.
func untroubled(err error) bool {
	var known *protocol.Error
	return errors.Is(err, consent.ErrNoDialog) || errors.As(err, &known) && (known.Code == protocol.CodeUnconfirmed || known.Code == protocol.CodeProviderGone)
}

func errProviderGone() *protocol.Error {
	return protocol.Errorf(protocol.CodeProviderGone, "this app is not registered any more, or has changed since it was listed; look at the list again")
}

// warning is what the person has to be told about an app before anything else; "" of one that they know. who is what it
// is called there.
func warning(p *protocol.Provider, who string) string {
	switch p.State {
	case protocol.ProviderKnown:
		return ""
	case protocol.ProviderProgramChanged:
		return "The program of " + who + " is another one than last time. An update does that, and so does malware."
	case protocol.ProviderRegistrationChanged:
		return "The registration of " + who + " is another one than last time: its name, its icon, what it takes or the way it is started."
	}
	return "This is the first exchange with " + who + ". Any program can take any name."
}

// whichProgram says who vouches for an app, and what would be started.
func whichProgram(p *protocol.Provider) string {
	return vouches(p.System) + "\n" + programText(p)
}

// confirm asks for a yes in the agent's own dialog. Where none can be shown, the command line has asked at its terminal; a
// page's word counts for nothing.
func (a *agent) confirm(ctx context.Context, r *request, title, text string) error {
	err := a.confirmAt(ctx, r.conn.where(), title, text)
	if errors.Is(err, consent.ErrNoDialog) && r.sender.Kind == protocol.SenderCLI {
		return nil
	}
	return err
}

func (a *agent) confirmAt(ctx context.Context, w protocol.Where, title, text string) error {
	switch a.decide("exchange") {
	case Allow:
		return nil
	case Deny:
		return protocol.Errorf(protocol.CodeDenied, "the test build denies every exchange")
	case Ask:
	}
	p, done, err := a.dialogAt(ctx, w)
	if err != nil {
		return err
	}
	defer done()
	yes, err := p.Confirm(ctx, consent.Prompt{Title: title, Description: text, OK: "Go on", Cancel: "Cancel"})
	if err == nil && !yes {
		err = consent.ErrRefused
	}
	return err
}

// dressedUp is said of a suspicious name.
const dressedUp = "\nIts name holds characters that make it look like another one."

// directNote is what the dialog that lets everything leave says besides how much and to whom.
func directNote(p *protocol.Provider) string {
	note := "Its name is its own claim. " + whichProgram(p)
	if warn := warning(p, "this app"); warn != "" {
		note = "WATCH OUT: " + warn + "\n" + note
	}
	if p.Suspicious {
		note = strings.TrimPrefix(dressedUp, "\n") + "\n" + note
	}
	return note
}

// toProvider names the other app for dialogs and the log.
func toProvider(p *protocol.Provider) string { return called(p.Name, p.RPID) }
