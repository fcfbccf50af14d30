package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/keyferry/keyferry/cxp"
	"github.com/keyferry/keyferry/host/link"
	"github.com/keyferry/keyferry/host/protocol"
)

// choosing are the flags of the commands that take something in.
type choosing struct {
	DryRun    bool   `help:"Only say what would happen."`
	Conflicts string `help:"Where one passkey has another private key here: keep (mine) or take (theirs)." enum:"keep,take" default:"keep"`
	Differs   string `help:"Where something is different here: keep (mine), take (theirs), merge (fill what is empty; passkeys) or both (not passkeys)." enum:"keep,take,merge,both" default:"keep"`
	Yes       bool   `help:"Do not ask before it is stored."`
}

type cxpImportCmd struct {
	Response string `required:"" help:"The file that the other app wrote." placeholder:"FILE"`
	choosing `embed:""`
}

// Run implements the command. The agent finds the request by itself.
func (c cxpImportCmd) Run(a *app) error {
	return a.moveIn(protocol.TransferSealed, c.Response, c.choosing)
}

type restoreCmd struct {
	File     string `arg:"" help:"The backup."`
	choosing `embed:""`
}

// Run implements the command.
func (c restoreCmd) Run(a *app) error { return a.moveIn(protocol.TransferBackup, c.File, c.choosing) }

type cxfImportCmd struct {
	File     string `arg:"" help:"The document."`
	choosing `embed:""`
}

// Run implements the command.
func (c cxfImportCmd) Run(a *app) error {
	q := protocol.TransferImport{Kind: protocol.TransferPlain}
	b, err := a.moveInWith(q, c.File, c.choosing, fileKey{})
	if err != nil {
		return err
	}
	return a.offerDeletion(b, q)
}

// tookIn is what the command prints with --json.
type tookIn struct {
	From    string                    `json:"from,omitempty"`
	DryRun  bool                      `json:"dryRun,omitempty"`
	Counts  map[string]int            `json:"counts"` // entries by status
	Entries []protocol.TransferEntry  `json:"entries"`
	Remarks []string                  `json:"remarks,omitempty"`
	Outcome *protocol.TransferOutcome `json:"outcome,omitempty"`
}

// moveIn does what the ways in have in common.
func (a *app) moveIn(kind, path string, c choosing) error {
	_, err := a.moveInWith(protocol.TransferImport{Kind: kind}, path, c, fileKey{})
	return err
}

// moveInWith gives the file as it was brought; nil where nothing was stored or there is nobody to ask about it.
func (a *app) moveInWith(q protocol.TransferImport, path string, c choosing, key fileKey) (*brought, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	b := &brought{path: path, sum: sha256.New()}
	if b.info, err = file.Stat(); err != nil {
		return nil, err
	}
	m, err := a.openMover()
	if err != nil {
		return nil, err
	}
	defer m.close()
	m.key = key
	if err := m.upload(q, io.TeeReader(file, b.sum)); err != nil {
		return nil, err
	}
	if err := m.answer(file); err != nil {
		return nil, err
	}
	b.plaintext = m.now.Plaintext
	from := ""
	if m.now.Claim != nil {
		from = m.now.Claim.Name
	}
	if err := m.takeIn(c, from); err != nil || c.DryRun || c.Yes || a.json {
		return nil, err
	}
	b.remarks = len(m.now.Remarks) > 0
	return b, nil
}

// takeIn shows what comes, and stores it.
func (m *mover) takeIn(c choosing, from string) (err error) {
	if err := m.choose(c); err != nil {
		return err
	}
	out := tookIn{From: from, DryRun: c.DryRun, Counts: m.now.Counts, Remarks: m.now.Remarks}
	if out.Entries, err = m.entries(); err != nil {
		return err
	}
	if !m.a.json {
		arrivingText(os.Stderr, out)
	}
	if !c.DryRun {
		if err := m.commit(c.Yes); err != nil {
			return err
		}
		out.Outcome = m.now.Outcome
	}
	return m.a.print(out, func(w io.Writer) { outcomeText(w, out) })
}

// answer answers what the file asks for before it opens.
func (m *mover) answer(file *os.File) error {
	if m.now.State != protocol.StateAsking {
		return nil
	}
	if m.now.NeedsPassphrase {
		return m.passphrase()
	}
	fmt.Fprintf(os.Stderr, "Written by: %s. That is its own claim.\n", plain(m.now.Claim.Name))
	if m.now.Claim.Suspicious {
		fmt.Fprintln(os.Stderr, dressedUp)
	}
	groups, err := m.groups("The exporter's screen", func() (cxp.Fingerprint, error) {
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return cxp.Fingerprint{}, err
		}
		resp, err := cxp.ScanResponse(m.a.ctx, file, nil)
		if err != nil {
			return cxp.Fingerprint{}, err
		}
		return resp.Fingerprint(), nil
	})
	if err != nil {
		return err
	}
	q := protocol.TransferAnswer{ID: m.now.ID, Groups: groups}
	if err := m.call("transfer.answer", q, &m.now); err != nil {
		return err
	}
	if err := m.wait(); err != nil || m.now.State != protocol.StateAsking {
		return err
	}
	return m.classical("This file", q)
}

// passphrase opens a backup, or another manager's file: by the agent's dialog, or by the terminal where there is none.
func (m *mover) passphrase() error {
	for try := 1; ; try++ {
		q := protocol.TransferAnswer{ID: m.now.ID, KeyFile: m.key.keyFile, NoPassword: m.key.noPassword}
		err := m.client.Call(m.a.ctx, "transfer.answer", q, &m.now)
		if link.IsCode(err, protocol.CodeNoDialog) {
			typed, asking := m.typedBackup()
			if asking != nil {
				return asking
			}
			q.Secret.Passphrase = string(typed)
			err = m.client.Call(m.a.ctx, "transfer.answer", q, &m.now)
			clear(typed)
		}
		if err != nil {
			return err
		}
		if err := m.wait(); err != nil || m.now.State != protocol.StateAsking {
			return err
		}
		if try == 3 || m.key.noPassword || m.a.build.answers(m.a.profile) {
			return errors.New(m.now.Error.Message)
		}
		if len(m.key.keyFile) > 0 {
			fmt.Fprintln(os.Stderr, "That does not open the file: the passphrase or the key file is another one.")
			continue
		}
		fmt.Fprintf(os.Stderr, "That is not %s passphrase.\n", m.whose())
	}
}

func (m *mover) typedBackup() ([]byte, error) {
	if m.a.build.answers(m.a.profile) {
		return []byte(testBackupPassphrase), nil
	}
	whose := m.whose()
	return m.a.secret(strings.ToUpper(whose[:1]) + whose[1:] + " passphrase: ")
}

// whose names what a passphrase opens.
func (m *mover) whose() string {
	if m.now.Kind == protocol.TransferFile {
		return "the file's"
	}
	return "the backup's"
}

// choose hands on the flags' choices.
func (m *mover) choose(c choosing) error {
	for status, choice := range map[string]string{"conflict": c.Conflicts, "differs": c.Differs} {
		if choice == "keep" || m.now.Counts[status] == 0 {
			continue
		}
		q := protocol.TransferChoose{ID: m.now.ID, Status: status, Choice: choice}
		if err := m.client.Call(m.a.ctx, "transfer.choose", q, &m.now); err != nil {
			return err
		}
	}
	return nil
}

func (m *mover) entries() ([]protocol.TransferEntry, error) {
	all := []protocol.TransferEntry{}
	for after := 0; ; {
		var page protocol.TransferEntryList
		q := protocol.TransferEntries{ID: m.now.ID, After: after, Limit: 500}
		if err := m.client.Call(m.a.ctx, "transfer.entries", q, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Entries...)
		if after = page.Next; after == 0 {
			return all, nil
		}
	}
}

func (m *mover) commit(yes bool) error {
	if !yes {
		if err := m.a.confirm("Store this?"); err != nil {
			return err
		}
	}
	if err := m.call("transfer.commit", protocol.TransferRef{ID: m.now.ID}, &m.now); err != nil {
		return err
	}
	return m.wait()
}

// arrivingText lists what is not simply a duplicate.
func arrivingText(w io.Writer, in tookIn) {
	for _, status := range []string{"new", "duplicate", "differs", "conflict", "unreadable"} {
		n := in.Counts[status]
		if n == 0 {
			continue
		}
		fmt.Fprintf(w, "%s: %d\n", status, n)
		if status == "duplicate" {
			continue
		}
		shown := 0
		for _, e := range in.Entries {
			if e.Status != status {
				continue
			}
			if shown++; shown > shownRemarks {
				fmt.Fprintf(w, "  … and %d more (--json has them)\n", n-shownRemarks)
				break
			}
			fmt.Fprintf(w, "  %s\n", arrivalText(e))
		}
	}
	remarksText(w, in.Remarks)
}

func arrivalText(e protocol.TransferEntry) string {
	s := movingText(e)
	if e.Status != "new" || e.Choice != "take" {
		s += " (" + e.Choice + ")"
	}
	return s
}

// movingText is an entry, and what there is to say of it.
func movingText(e protocol.TransferEntry) string {
	s := e.Kind + " “" + shown(e.Title) + "”"
	if e.Title == "" {
		s = e.Kind + " without a title (" + shown(strings.Join(e.Types, ", ")) + ")"
	}
	if e.RPID != "" {
		s += " of " + shown(e.RPID)
	}
	if e.UserName != "" {
		s += " for " + shown(e.UserName)
	}
	if len(e.Fields) > 0 {
		s += fmt.Sprintf(": other %v", e.Fields)
	}
	if e.Reason != "" {
		s += ": " + shown(e.Reason)
	}
	return s
}

func outcomeText(w io.Writer, in tookIn) {
	o := in.Outcome
	switch {
	case o == nil:
		fmt.Fprintln(w, "Nothing was changed: this was a dry run.")
	case o.Unchanged:
		fmt.Fprintln(w, "Nothing was changed: everything is here already, or was left out.")
	default:
		fmt.Fprintf(w, "Stored: %d new, %d replaced, %d merged; %d skipped; %d files.\n", o.Added, o.Replaced, o.Merged, o.Skipped, o.Files)
		fmt.Fprintf(w, "To take it back: keyferry imports --undo %s\n", o.Import)
	}
}

type importsCmd struct {
	Undo string `help:"Take this import back: what it added goes to the trash, what it replaced comes back." placeholder:"ID"`
}

// Run implements the command.
func (c importsCmd) Run(a *app) error {
	if c.Undo != "" {
		var u protocol.ImportUndone
		id := strings.TrimPrefix(c.Undo, idMark)
		err := a.call("transfer.undo", func(s protocol.Secret) any { return protocol.ImportUndo{ID: id, Secret: s} }, &u)
		if err != nil {
			return err
		}
		return a.print(u, func(w io.Writer) {
			fmt.Fprintf(w, "Undone: %d removed (they are in the trash), %d restored.\n", u.Removed, u.Restored)
			if u.Lost > 0 {
				fmt.Fprintf(w, "%d could not be restored: the trash was emptied.\n", u.Lost)
			}
		})
	}
	var list protocol.ImportList
	if err := a.call("transfer.imports", func(protocol.Secret) any { return protocol.Empty{} }, &list); err != nil {
		return err
	}
	return a.print(list, func(w io.Writer) {
		if len(list.Imports) == 0 {
			fmt.Fprintln(w, "No imports in the last 30 days.")
		}
		for _, i := range list.Imports {
			fmt.Fprintf(w, "%s  %s  from %s: %d added, %d replaced\n", i.ID, when(i.At), plain(i.From), i.Added, i.Replaced)
		}
	})
}

var errNothingKnown = errors.New("this is neither a request, a sealed file, a backup nor a CXF document")
