package agent

import (
	"context"
	"fmt"
	"io"

	"github.com/keyferry/keyferry/cxp"
	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
	"github.com/keyferry/keyferry/cxp/formats/cxfjson"
	"github.com/keyferry/keyferry/host/protocol"
)

// Files of Keyferry's own kinds among those that a person brings without knowing what they are, and CXF in plain files.

// reroute carries on with a file that is no other manager's: the answer to a request of this vault, or a backup, as if it
// had been brought as that. A request is nothing to import, which is explained.
func (m *moving) reroute(ctx context.Context, unknown *formats.UnknownError) error {
	if m.spool.Size() <= cxp.MaxRequestSize {
		raw, err := io.ReadAll(m.reader())
		if err != nil {
			return err
		}
		if _, err := cxp.ParseRequest(raw); err == nil {
			return protocol.Errorf(protocol.CodeBadFile, "this is another app's request to be given passkeys, and holds none: answer it by moving out "+
				"to another computer (at the command line: keyferry cxp export --request FILE --out ANSWER)")
		}
	}
	resp, err := cxp.ScanResponse(ctx, m.reader(), nil)
	if err != nil {
		return protocol.Errorf(protocol.CodeBadFile, "%s", unknown)
	}
	m.set(func(t *protocol.Transfer) {
		if t.Kind = protocol.TransferSealed; resp.Backup() {
			t.Kind = protocol.TransferBackup
		}
	})
	return m.look(ctx)
}

// lookPlain reads a CXF document, or an archive of one and its attached files.
func (m *moving) lookPlain(ctx context.Context) error {
	m.format = cxfjson.Format{}
	return m.planForeign(ctx, nil)
}

// writePlain writes a CXF document, or an archive of one and its attached files where there are any.
func (m *moving) writePlain(ctx context.Context) error {
	written, err := cxfjson.Format{}.Write(ctx, m.spool, m.export.ForeignDocument(ctx, m.items), formats.WriteOptions{})
	if err != nil {
		return fmt.Errorf("writing a CXF document: %w", err)
	}
	for _, d := range written.Report.Diagnostics {
		if d.Code == formats.CodeFile && d.Severity > cxf.Notice {
			m.addRemarks(cleanAll([]string{d.String()})...)
		}
	}
	return nil
}
