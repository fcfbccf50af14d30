package agent

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/keyferry/keyferry/cxp/formats"
	"github.com/keyferry/keyferry/cxp/formats/all"
	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/host/transfer"
)

// Other managers' files: found out by their content, read and written by packages below cxp/formats.

// transferFormats answers "transfer.formats".
func transferFormats(*agent, context.Context, *request) (any, error) {
	out := protocol.FormatList{Formats: []protocol.FileFormat{}}
	for _, f := range all.Formats() {
		_, writes := f.(formats.Writer)
		h := f.Holds()
		out.Formats = append(out.Formats, protocol.FileFormat{
			ID: f.ID(), Name: f.Name(), Write: writes, Encrypted: h.Encrypted, Passkeys: h.Passkeys,
		})
	}
	return out, nil
}

// writable is the format that a move out is to have; nil where it is no other manager's file. Formats that would leave
// everything readable are not written here: that has a kind and a warning of its own.
func writable(q protocol.TransferExport) (formats.Format, error) {
	if q.Kind != protocol.TransferFile {
		return nil, nil
	}
	f := formats.ByID(all.Formats(), q.Format)
	if f == nil {
		return nil, badRequest("there is no such format; \"transfer.formats\" lists them")
	}
	if _, ok := f.(formats.Writer); !ok || !f.Holds().Encrypted {
		return nil, badRequest("Keyferry writes no encrypted files for %s", f.Name())
	}
	return f, nil
}

// lookForeign finds out what the file is and reads it, unless it needs a password first.
func (m *moving) lookForeign(ctx context.Context) error {
	matches, err := formats.Detect(all.Formats(), &formats.Input{ReaderAt: m.spool, Size: m.spool.Size(), Name: m.name})
	var unknown *formats.UnknownError
	if errors.As(err, &unknown) && unknown.CXP {
		return m.reroute(ctx, unknown)
	}
	if err != nil {
		return err
	}
	m.format = matches[0].Format
	m.set(func(t *protocol.Transfer) { t.Format = m.format.Name() })
	err = m.planForeign(ctx, nil)
	if errors.Is(err, formats.ErrPasswordNeeded) {
		m.set(func(t *protocol.Transfer) {
			t.State, t.NeedsPassphrase, t.KeyFile = protocol.StateAsking, true, m.format.ID() == takesKeyFiles
		})
		return nil
	}
	return err
}

// planForeign compares what the file holds with the vault.
func (m *moving) planForeign(ctx context.Context, password []byte) error {
	var saw *formats.Result
	m.source = transfer.Foreign{
		Format: m.format, File: m.spool, Size: m.spool.Size(), Name: m.name, Password: password, KeyFile: m.keyFile,
		Saw: func(r *formats.Result) { saw = r },
	}
	return m.makePlan(ctx, func(t *protocol.Transfer) {
		t.Plaintext = saw.Plaintext
		if saw.NoPasskeys != "" {
			t.Remarks = append([]string{consent.Clean(saw.NoPasskeys, 1000)}, t.Remarks...)
		}
	})
}

// takesKeyFiles is the format whose files may need a key file.
const takesKeyFiles = "kdbx"

// openForeign gets the password and reads the file with it. A wrong one may be tried again.
func (m *moving) openForeign(ctx context.Context, r *request, q protocol.TransferAnswer) error {
	switch {
	case len(q.KeyFile) > protocol.MaxKeyFile:
		return protocol.Errorf(protocol.CodeTooLarge, "a key file has at most %d bytes", protocol.MaxKeyFile)
	case len(q.KeyFile) > 0 && m.format.ID() != takesKeyFiles:
		return badRequest("a file of %s needs no key file", m.format.Name())
	case q.NoPassword && len(q.KeyFile) == 0:
		return badRequest("without a password there has to be a key file")
	}
	var password []byte
	var err error
	if !q.NoPassword {
		if password, err = m.a.filePassphrase(ctx, r, "a file of "+m.format.Name(), "the "+m.format.Name()+" file", q.Secret); err != nil {
			return err
		}
	}
	m.keepSecrets(password, slices.Clone(q.KeyFile))
	return m.work(protocol.StateReading, func(ctx context.Context) error {
		err := m.planForeign(ctx, password)
		if errors.Is(err, formats.ErrWrongPassword) {
			wrong := protocol.Errorf(protocol.CodeWrongSecret, "this is not the file's password")
			if m.format.ID() == takesKeyFiles {
				wrong = protocol.Errorf(protocol.CodeWrongSecret, "this does not open the file: the password or the key file is another one")
			}
			m.set(func(t *protocol.Transfer) { t.State, t.Error = protocol.StateAsking, wrong })
			return nil
		}
		return err
	})
}

// losses notes what the other side has no room for, before anything is written.
func (m *moving) losses(ctx context.Context, e *transfer.Export, review *transfer.Review) error {
	d := e.ForeignDocument(ctx, nil)
	d.OnLoss = review.Blame
	_, err := m.format.(formats.Writer).Losses(ctx, d)
	return err
}

func (m *moving) writeForeign(ctx context.Context) error {
	_, err := m.format.(formats.Writer).Write(ctx, m.writer(), m.export.ForeignDocument(ctx, m.items), formats.WriteOptions{Passphrase: m.passphrase})
	if err != nil {
		return fmt.Errorf("writing a file for %s: %w", m.format.Name(), err)
	}
	return nil
}

// foreignError gives errors of other managers' files their codes; nil for any other error. None of them quotes the file.
func foreignError(err error) error {
	var unknown *formats.UnknownError
	var version *formats.VersionError
	var restricted *formats.RestrictedError
	switch {
	case errors.As(err, &unknown):
		return protocol.Errorf(protocol.CodeBadFile, "%s", unknown)
	case errors.As(err, &version):
		return protocol.Errorf(protocol.CodeBadFile, "%s", version)
	case errors.As(err, &restricted):
		return protocol.Errorf(protocol.CodeBadFile, "%s", restricted)
	case errors.Is(err, formats.ErrWrongPassword), errors.Is(err, formats.ErrPasswordNeeded):
		return protocol.Errorf(protocol.CodeWrongSecret, "this is not the file's password")
	case errors.Is(err, formats.ErrTooLarge):
		return protocol.Errorf(protocol.CodeTooLarge, "the file is larger than Keyferry reads%s", detail(err, formats.ErrTooLarge))
	case errors.Is(err, formats.ErrKDF):
		return protocol.Errorf(protocol.CodeBadFile, "the file asks for more work to open it than is reasonable; nothing was read%s", detail(err, formats.ErrKDF))
	case errors.Is(err, formats.ErrDamaged):
		return protocol.Errorf(protocol.CodeBadFile, "%s%s", formats.ErrDamaged, detail(err, formats.ErrDamaged))
	case errors.Is(err, formats.ErrNotThis):
		return protocol.Errorf(protocol.CodeBadFile, "%s%s", formats.ErrNotThis, detail(err, formats.ErrNotThis))
	}
	return nil
}

// detail is what an error says besides its kind, in brackets.
func detail(err, kind error) string {
	text := strings.ReplaceAll(err.Error(), kind.Error(), "")
	text = consent.Clean(strings.Trim(strings.ReplaceAll(text, ": : ", ": "), ": "), 200)
	if text == "" {
		return ""
	}
	return " (" + text + ")"
}
