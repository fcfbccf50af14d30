package cxp

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"

	"github.com/keyferry/keyferry/cxp/cxf"
)

// BackupOptions say what to back up.
type BackupOptions struct {
	// Document, CXF and Files are as in ExportOptions. For a backup to the same program CXF.Archive keeps
	// what a stranger must not be given.
	Document *cxf.Header
	CXF      *cxf.WriteOptions
	Files    FileSource
	// KDF are the costs; the zero value is DefaultKDF.
	KDF KDF
	// Progress counts the bytes written; the total is unknown.
	Progress Progress

	rand io.Reader // tests make vectors with it
}

// WriteBackup writes an encrypted backup (self mode, PROFILE.md §4). Everything depends on the
// passphrase: suggest a generated one, since here only the empty one is refused (ErrPassphrase). It is
// not kept; erase it afterwards. Before telling the person that all is well, read the file back: ScanResponse,
// OpenBackup, Import.Drain.
func WriteBackup(ctx context.Context, w io.Writer, passphrase []byte, o BackupOptions) (*ExportResult, error) {
	if len(passphrase) == 0 {
		return nil, fmt.Errorf("a backup needs a passphrase: %w", ErrPassphrase)
	}
	if o.KDF == (KDF{}) {
		o.KDF = DefaultKDF()
	}
	if o.rand == nil {
		o.rand = rand.Reader
	}
	params, err := newBackupParams(o.KDF, o.rand)
	if err != nil {
		return nil, err
	}
	if err := params.kdf.checkMemory(freeMemory); err != nil {
		return nil, err
	}
	aead, err := params.kdf.derive(passphrase, params.salt)
	if err != nil {
		return nil, err
	}
	s := &backupSealer{aead: aead, kdf: []byte(params.raw), bid: params.bid, rand: o.rand}
	e, err := newExporter(s, 0, ExportOptions{Document: o.Document, CXF: o.CXF, Files: o.Files, Progress: o.Progress, rand: o.rand})
	if err != nil {
		return nil, err
	}
	return e.WriteResponse(ctx, w)
}

// OpenBackup opens a backup for a person who chose to restore one. r gives the bytes that resp was
// scanned from, again from the start. A wrong passphrase is ErrPassphrase; costs beyond what this
// machine has to spare are ErrKDF.
func OpenBackup(ctx context.Context, r io.Reader, resp *Response, passphrase []byte, o OpenOptions) (*Import, error) {
	if resp.backup == nil {
		return nil, fmt.Errorf("this is an answer to a request, not a backup: %w", ErrMode)
	}
	if err := ctx.Err(); err != nil { // deriving the key takes a while and can't be stopped
		return nil, err
	}
	p := resp.backup
	if err := p.kdf.checkMemory(freeMemory); err != nil {
		return nil, err
	}
	aead, err := p.kdf.derive(passphrase, p.salt)
	if err != nil {
		return nil, err
	}
	im, err := openResponse(ctx, r, resp, &backupUnsealer{aead: aead, kdf: p.raw, bid: p.bid}, o)
	if errors.Is(err, ErrDecrypt) {
		// The checksum was right, so the file is whole: it is the key that is not.
		return nil, fmt.Errorf("opening the backup: %w", ErrPassphrase)
	}
	return im, err
}
