package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/keyferry/keyferry/cxp"
	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/host/transfer"
	"github.com/keyferry/keyferry/vault"
)

// nothingAsked is no credential type: it lets nothing through, where an empty list would let everything.
const nothingAsked cxf.CredentialType = "-"

// transferExport answers "transfer.export": it counts what would leave.
func transferExport(a *agent, ctx context.Context, r *request) (any, error) {
	var q protocol.TransferExport
	if err := r.read(&q); err != nil {
		return nil, err
	}
	if len(q.Types) > 100 || len(q.Request) > cxp.MaxRequestSize {
		return nil, badRequest("too many types, or too large a request")
	}
	sel := transfer.Selection{Keep: q.Kind == protocol.TransferBackup}
	for _, t := range q.Types {
		sel.Types = append(sel.Types, cxf.CredentialType(t))
	}
	sel.Offered = sel.Types
	if len(q.Only) > 0 {
		sel.Only = make(map[vault.ID]bool, len(q.Only))
		for _, s := range q.Only {
			id, err := vault.ParseID(s)
			if err != nil {
				return nil, err
			}
			sel.Only[id] = true
		}
	}
	var asked *cxp.Request
	if q.Kind == protocol.TransferSealed {
		var err error
		if asked, err = cxp.ParseRequest(q.Request); err == nil {
			_, err = asked.Suite()
		}
		if err == nil && asked.Mode() != cxp.Indirect {
			err = cxp.ErrMode
		}
		if err != nil {
			return nil, transferError(err)
		}
		sel.Types = common(sel.Types, asked)
	}
	format, err := writable(q)
	if err != nil {
		return nil, err
	}
	var other *direct
	var app *protocol.Provider
	if q.Kind == protocol.TransferDirect {
		if other, app, err = a.chooseProvider(ctx, q.Provider, true); err != nil {
			return nil, err
		}
		sel.Types = other.takes(sel.Types)
		sel.Excluded, sel.Receiver = other.provider.Excluded(), receiver(app)
	}
	sel.Foreign = format != nil
	m, err := a.transfers.add(r, q.Kind, true)
	if err != nil {
		return nil, err
	}
	m.request, m.format, m.direct = asked, format, other
	m.set(func(t *protocol.Transfer) { t.Provider = app })
	if err := m.work(protocol.StateReading, func(ctx context.Context) error { return m.survey(ctx, sel) }); err != nil {
		return nil, err
	}
	return m.show(), nil
}

// common are the types that the person chose and the importer asked for.
func common(chosen []cxf.CredentialType, asked *cxp.Request) []cxf.CredentialType {
	types, all := asked.CredentialTypes()
	if all {
		return chosen
	}
	return narrowed(chosen, types)
}

// survey looks at what could leave and checks every key.
func (m *moving) survey(ctx context.Context, sel transfer.Selection) error {
	var left []string
	sel.Left = func(reason string) { left = append(left, reason) }
	e, err := transfer.NewExport(ctx, m.v, sel)
	if err != nil {
		return err
	}
	review, err := e.Review(ctx, m.items)
	if err != nil {
		return err
	}
	review.Remarks = append(review.Remarks, left...)
	if m.format != nil {
		if err := m.losses(ctx, e, review); err != nil {
			return err
		}
	}
	if m.request != nil {
		if err := m.ask(m.request.Fingerprint()); err != nil {
			return err
		}
	}
	sel.Left = nil
	m.mu.Lock()
	m.export, m.review, m.selection = e, review, sel
	m.mu.Unlock()
	m.set(func(t *protocol.Transfer) {
		t.State = protocol.StateAsking
		m.count(t)
		if m.format != nil {
			t.Format = m.format.Name()
		}
		if q := m.request; q != nil {
			display := q.DisplayName()
			t.Claim, t.Ask = claim(q.Importer(), &display), positions(m.challenge)
			if s, err := q.Suite(); err == nil {
				t.Suite, t.Classical = s.String(), !s.PostQuantum()
			}
		}
	})
	return nil
}

// transferStart answers "transfer.start". The dialog says what leaves and to whom, so that nobody who merely asks gets
// anything.
func transferStart(a *agent, ctx context.Context, r *request) (any, error) {
	var q protocol.TransferStart
	m, over, err := a.transfers.turn(r, &q, &q.ID, protocol.StateAsking)
	if err != nil {
		return nil, err
	}
	defer over()
	view := m.show()
	if !view.Out {
		return nil, badRequest("a move in is answered by \"transfer.answer\"")
	}
	confirmed, err := m.confirm(q.Groups)
	if err != nil {
		return nil, err
	}
	if err := a.transfers.mayStart(time.Now()); err != nil {
		return nil, err
	}
	if m.direct != nil {
		if err := m.trust(ctx, r, q.Accept); err != nil {
			if untroubled(err) {
				a.transfers.notAsked()
			}
			return nil, err
		}
	}
	d := dialog{
		where: r.conn.where(), purpose: leaving(view), asker: r.conn.asker(), note: leavingNote(view, r.conn), typed: q.Secret,
		byHand: r.sender.Kind == protocol.SenderCLI, // never in a page, which could be anybody's by now: in a dialog, or at the terminal
	}
	if err := a.verify(ctx, r.conn.session.Load(), d); err != nil {
		if errors.Is(err, consent.ErrNoDialog) {
			a.transfers.notAsked() // nobody was troubled; the secret comes with the next call
			return nil, err
		}
		a.audit(r.sender, "refused to move out", what(view), a.who(r), "")
		return nil, err
	}
	m.mu.Lock()
	m.meant = true
	m.mu.Unlock()
	if view.Kind == protocol.TransferBackup || m.format != nil && m.format.Holds().Encrypted {
		the := "the backup"
		if m.format != nil {
			the = "the " + m.format.Name() + " file"
		}
		passphrase, err := a.newPassphrase(ctx, r, "Choose a passphrase for "+the+". Whoever has both can read everything in it; without the passphrase nobody can.\nAsked for by: "+r.conn.asker(), q.New)
		if errors.Is(err, consent.ErrNoDialog) {
			a.transfers.notAsked()
		}
		if err != nil {
			return nil, err
		}
		m.keepSecrets(passphrase, nil)
	}
	who := a.who(r)
	if m.direct != nil {
		if err := m.startDirect(ctx, who); err != nil {
			return nil, err
		}
		return m.show(), nil
	}
	if err := m.work(protocol.StateWriting, func(ctx context.Context) error { return m.write(ctx, confirmed, who) }); err != nil {
		return nil, err
	}
	return m.show(), nil
}

// leaving is the purpose in the dialog; it follows "To".
func leaving(t protocol.Transfer) string {
	switch t.Kind {
	case protocol.TransferBackup:
		return "write an encrypted backup of " + what(t)
	case protocol.TransferPlain:
		return "write " + what(t) + " to a file WITHOUT ENCRYPTION"
	case protocol.TransferFile:
		return "write " + what(t) + " to a file for " + t.Format
	}
	if t.Provider != nil {
		return "hand over " + what(t) + " to " + toProvider(t.Provider)
	}
	return "hand over " + what(t) + ", encrypted, to " + toWhom(t)
}

func leavingNote(t protocol.Transfer, c *conn) string {
	note := ""
	if t.Kind == protocol.TransferPlain {
		note = "Anyone who gets the file can sign in as you. Delete it as soon as it has served its purpose.\n"
	}
	if t.Kind == protocol.TransferSealed {
		note = "The receiver's name is its own claim.\n"
	}
	if t.Provider != nil {
		return directNote(t.Provider)
	}
	if c.peer.Executable != "" {
		note += "Program: " + shownPath(c.peer.Executable)
	}
	return strings.TrimSpace(note)
}

func toWhom(t protocol.Transfer) string {
	if t.Claim == nil {
		return "nobody known"
	}
	if t.Claim.DisplayName != "" {
		return called(t.Claim.DisplayName, t.Claim.Name)
	}
	return "“" + consent.Middle(domainLike(t.Claim.Name), maxRPID) + "”"
}

// what counts in words: "3 passkeys and 5 other entries".
func what(t protocol.Transfer) string {
	passkeys, others := 0, 0
	for typ, n := range t.Counts {
		if typ == string(cxf.TypePasskey) {
			passkeys += n
		} else {
			others += n
		}
	}
	return counted(passkeys, "passkey", "passkeys") + " and " + counted(others, "other entry", "other entries")
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// write writes the file into the spool.
func (m *moving) write(ctx context.Context, confirmed *cxp.Confirmation, who string) error {
	t := m.show()
	err := m.narrow(ctx)
	if err != nil {
		return err
	}
	fingerprint := ""
	switch t.Kind {
	case protocol.TransferPlain:
		err = m.writePlain(ctx)
	case protocol.TransferBackup:
		err = m.writeBackup(ctx)
	case protocol.TransferFile:
		err = m.writeForeign(ctx)
	default:
		fingerprint, err = m.writeSealed(ctx, confirmed)
	}
	if err == nil {
		err = m.spool.Finish()
	}
	if err == nil && t.Kind == protocol.TransferBackup {
		err = m.readBack(ctx)
	}
	if err != nil {
		return err
	}
	to := map[string]string{protocol.TransferPlain: "a file without encryption", protocol.TransferBackup: "an encrypted backup"}[t.Kind]
	switch {
	case m.format != nil:
		to = "a file for " + m.format.Name()
	case to == "":
		to = toWhom(t)
	}
	m.audit("exported", what(t)+" to "+to, who)
	left := &transfer.MovedOut{At: time.Now(), To: to, Items: m.review.Whole()}
	m.set(func(t *protocol.Transfer) {
		t.State, t.Fingerprint, t.Size, t.Ask = protocol.StateReady, fingerprint, m.spool.Size(), nil
		m.offerOriginals(t, left)
	})
	return nil
}

func (m *moving) writeSealed(ctx context.Context, confirmed *cxp.Confirmation) (fingerprint string, err error) {
	x, err := cxp.NewExporter(m.request, cxp.ExportOptions{
		Document: m.export.Header(), CXF: m.export.Options(ctx, m.review.Sound, m.items), Files: m.export.Files, Confirmation: confirmed,
	})
	if err != nil {
		return "", err
	}
	result, err := x.WriteResponse(ctx, m.writer())
	if err != nil {
		return "", err
	}
	m.remarkMissing(result)
	return result.Fingerprint.String(), nil
}

func (m *moving) writeBackup(ctx context.Context) error {
	result, err := cxp.WriteBackup(ctx, m.writer(), m.passphrase, cxp.BackupOptions{
		Document: m.export.Header(), CXF: m.export.Options(ctx, m.review.Sound, m.items), Files: m.export.Files,
	})
	if err != nil {
		return err
	}
	m.remarkMissing(result)
	return nil
}

func (m *moving) remarkMissing(r *cxp.ExportResult) {
	for _, f := range r.Missing {
		m.addRemarks(fmt.Sprintf("the attached file %q is not in the vault", consent.Clean(f.Name, 100)))
	}
}

// readBack opens the backup as a restore would, before anybody relies on it.
func (m *moving) readBack(ctx context.Context) error {
	resp, err := cxp.ScanResponse(ctx, m.reader(), nil)
	if err != nil {
		return fmt.Errorf("the backup does not read back: %w", err)
	}
	n := 0
	src := transfer.Backup{Open: m.reader, Response: resp, Passphrase: m.passphrase}
	_, err = src.Read(ctx, func(int, *cxf.Item) error { n++; return nil }, nil)
	if err != nil {
		return fmt.Errorf("the backup does not read back: %w", err)
	}
	if want := m.export.Groups(); n > want || n < want && m.export.Passkeys+m.export.Items > 0 && n == 0 {
		return errors.New("the backup does not hold what it should; make it again")
	}
	return nil
}

// transferNext answers "transfer.next".
func transferNext(a *agent, _ context.Context, r *request) (any, error) {
	var q protocol.TransferNext
	m, err := a.transfers.asked(r, &q, &q.ID)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.in(protocol.StateReady, protocol.StateDone); err != nil {
		return nil, err
	}
	if !m.view.Out || m.direct != nil {
		return nil, badRequest("there is no file to fetch")
	}
	data, err := m.spool.At(q.Offset, protocol.TransferPiece)
	if errors.Is(err, io.EOF) {
		err, data = nil, []byte{}
	}
	if err != nil {
		return nil, badRequest("%v", err)
	}
	last := q.Offset+int64(len(data)) == m.spool.Size()
	if last && m.view.State != protocol.StateDone {
		m.view.State = protocol.StateDone
		close(m.changed)
		m.changed = make(chan struct{})
	}
	return protocol.TransferData{Data: data, Last: last}, nil
}
