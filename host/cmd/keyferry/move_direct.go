package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/protocol"
)

type providersCmd struct {
	From bool `help:"Those that can give passkeys; else those that can take some."`
}

// Run implements the command.
func (c providersCmd) Run(a *app) error {
	m, err := a.openMover()
	if err != nil {
		return err
	}
	defer m.close()
	list, err := m.providers(!c.From)
	if err != nil {
		return err
	}
	return a.print(list, func(w io.Writer) {
		if len(list.Providers) == 0 {
			fmt.Fprintln(w, nobodyThere)
		}
		for i := range list.Providers {
			providerText(w, &list.Providers[i])
		}
		for _, i := range list.Ignored {
			fmt.Fprintf(w, "Ignored: %s: %s\n", shown(i.File), shown(i.Reason))
		}
	})
}

const nobodyThere = "No other app on this computer takes part in direct exchange. A file does it too: see `keyferry cxp --help` and `keyferry export --help`."

func providerText(w io.Writer, p *protocol.Provider) {
	fmt.Fprintf(w, "%s (%s)\n  program:  %s\n", consent.Quoted(shown(p.Name)), shown(p.RPID), shown(p.Program))
	if p.Script != "" {
		fmt.Fprintf(w, "  script:   %s\n", shown(p.Script))
	}
	vouches := "only your own files vouch for it"
	if p.System {
		vouches = "the system vouches for it"
	}
	fmt.Fprintf(w, "  %s; %s\n", vouches, map[string]string{
		protocol.ProviderKnown:               "you exchanged with it before",
		protocol.ProviderFirstUse:            "you have not exchanged with it yet",
		protocol.ProviderProgramChanged:      "ITS PROGRAM HAS CHANGED since last time",
		protocol.ProviderRegistrationChanged: "ITS REGISTRATION HAS CHANGED since last time",
	}[p.State])
	if len(p.Types) > 0 {
		fmt.Fprintf(w, "  takes:    %s\n", shown(strings.Join(p.Types, ", ")))
	}
	if p.Excludes > 0 {
		fmt.Fprintf(w, "  excludes: %s, for which it does not take logins: %s\n", sites(p.Excludes), excludedText(p))
	}
	if p.Suspicious {
		fmt.Fprintln(w, "  "+dressedUp)
	}
}

func sites(n int) string {
	if n == 1 {
		return "1 site"
	}
	return fmt.Sprintf("%d sites", n)
}

// excludedText names a few of the sites; --json has more.
func excludedText(p *protocol.Provider) string {
	list := p.ExcludedSites[:min(len(p.ExcludedSites), 5)]
	text := shown(strings.Join(list, ", "))
	if more := p.Excludes - len(list); more > 0 {
		text = strings.TrimLeft(fmt.Sprintf("%s … and %d more", text, more), " ")
	}
	return text
}

func (m *mover) providers(out bool) (protocol.ProviderList, error) {
	var list protocol.ProviderList
	err := m.call("transfer.providers", protocol.ProviderQuery{Out: out}, &list)
	return list, err
}

// provider finds the one app that a name means: its rpId, or what it calls itself.
func (m *mover) provider(name string, out bool) (*protocol.Provider, error) {
	list, err := m.providers(out)
	if err != nil {
		return nil, err
	}
	var found []*protocol.Provider
	for i := range list.Providers {
		if p := &list.Providers[i]; strings.EqualFold(p.RPID, name) || strings.EqualFold(p.Name, name) {
			found = append(found, p)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		if len(list.Providers) == 0 {
			return nil, errors.New("no other app on this computer takes part in direct exchange; a file does it too: see `keyferry cxp --help` and `keyferry export --help`")
		}
		return nil, protocol.Errorf(protocol.CodeNotFound, "no app here is called %q; `keyferry providers` lists them", plain(name))
	}
	return nil, fmt.Errorf("%q is what several apps call themselves; `keyferry providers` lists them with their programs: remove the registration of those that are not meant", plain(name))
}

// warned shows who the other app is, and gets the second confirmation where it is new or has changed. What it returns is
// for the agent, which insists on it and asks in its own dialog as well.
func (m *mover) warned() (accept string, err error) {
	p := m.now.Provider
	fmt.Fprint(os.Stderr, "The other app: ")
	providerText(os.Stderr, p)
	if p.State == protocol.ProviderKnown {
		return "", nil
	}
	question := "Any program can take any name. Is this the app that you mean, by its program?"
	if p.State != protocol.ProviderFirstUse {
		question = "An update changes an app, and so does malware. Did you expect a change?"
	}
	if err := m.a.confirm(question); err != nil {
		return "", err
	}
	return p.State, nil
}

// handedOver is what `keyferry export --to` prints with --json.
type handedOver struct {
	To       string                     `json:"to"`
	Program  string                     `json:"program"`
	Counts   map[string]int             `json:"counts,omitempty"`
	LeftOut  int                        `json:"leftOut,omitempty"`
	Excluded []protocol.TransferEntry   `json:"excluded,omitempty"` // what stays because the app takes no logins for its site
	Remarks  []string                   `json:"remarks,omitempty"`
	Accepted int                        `json:"accepted"`
	Skipped  []protocol.TransferSkipped `json:"skipped,omitempty"`
}

// exportTo hands credentials to another app of this machine.
func (a *app) exportTo(name string, types []string) error {
	m, err := a.openMover()
	if err != nil {
		return err
	}
	defer m.close()
	p, err := m.provider(name, true)
	if err != nil {
		return err
	}
	q := protocol.TransferExport{Kind: protocol.TransferDirect, Provider: p.ID, Types: types}
	if err := m.export(q); err != nil {
		return err
	}
	excluded, err := m.excluded()
	if err != nil {
		return err
	}
	excludedEntries(os.Stderr, excluded)
	accept, err := m.warned()
	if err != nil {
		return err
	}
	start := protocol.TransferStart{ID: m.now.ID, Accept: accept}
	if err := a.ask(m.client, "transfer.start", func(s protocol.Secret) any { start.Secret = s; return start }, &m.now); err != nil {
		return err
	}
	if err := m.wait(); err != nil {
		return err
	}
	out := handedOver{To: p.RPID, Program: p.Program, Counts: m.now.Counts, LeftOut: m.now.LeftOut, Excluded: excluded, Remarks: m.now.Remarks}
	if r := m.now.Result; r != nil {
		out.Accepted, out.Skipped = r.Accepted, r.Skipped
	}
	return a.print(out, func(w io.Writer) {
		fmt.Fprintf(w, "Handed over. %s says that it accepted %d.\n", consent.Quoted(shown(p.Name)), out.Accepted)
		for _, s := range out.Skipped {
			fmt.Fprintf(w, "  not accepted: %s %s: %s\n", shown(s.Type), shown(s.Title), shown(s.Reason))
		}
		fmt.Fprintln(w, "Your passkeys stay here, too.")
	})
}

// excluded are the entries that stay, or a part of which stays, because the other app takes no logins for their sites.
func (m *mover) excluded() ([]protocol.TransferEntry, error) {
	if m.now.Excluded == 0 {
		return nil, nil
	}
	all, err := m.entries()
	return slices.DeleteFunc(all, func(e protocol.TransferEntry) bool { return !e.Excluded }), err
}

func excludedEntries(w io.Writer, list []protocol.TransferEntry) {
	for i, e := range list {
		if i == shownRemarks {
			fmt.Fprintf(w, "  … and %d more (--json has them)\n", len(list)-i)
			return
		}
		fmt.Fprintf(w, "  - %s\n", movingText(e))
	}
}

// importFrom fetches credentials from another app of this machine.
func (a *app) importFrom(name string, c choosing) error {
	m, err := a.openMover()
	if err != nil {
		return err
	}
	defer m.close()
	p, err := m.provider(name, false)
	if err != nil {
		return err
	}
	if err := m.bring(protocol.TransferImport{Kind: protocol.TransferDirect, Provider: p.ID}); err != nil {
		return err
	}
	accept, err := m.warned()
	if err != nil {
		return err
	}
	answer := protocol.TransferAnswer{ID: m.now.ID, Accept: accept}
	if err := m.call("transfer.answer", answer, &m.now); err != nil {
		return err
	}
	if !a.json {
		fmt.Fprintf(os.Stderr, "Waiting for %s, which asks you by itself …\n", consent.Quoted(shown(p.Name)))
	}
	if err := m.wait(); err != nil {
		return err
	}
	if m.now.State == protocol.StateAsking && m.now.Classical {
		if err := m.classical("This", answer); err != nil {
			return err
		}
	}
	return m.takeIn(c, p.RPID)
}

// classical asks whether something may be opened that is sealed less well than was asked for.
func (m *mover) classical(what string, answer protocol.TransferAnswer) error {
	fmt.Fprintln(os.Stderr, what, "is not protected against quantum computers, although this side offered that:", m.now.Suite)
	if err := m.a.confirm("Open it all the same?"); err != nil {
		return err
	}
	answer.AcceptClassical = true
	if err := m.call("transfer.answer", answer, &m.now); err != nil {
		return err
	}
	return m.wait()
}
