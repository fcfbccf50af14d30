package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/keyferry/keyferry/cxp"
	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/host/transfer"
)

// What leaves as a file: written into the spool, and fetched from there piece by piece.

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
	_, err = src.Read(ctx, transfer.Sink{Item: func(int, *cxf.Item) error { n++; return nil }})
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
