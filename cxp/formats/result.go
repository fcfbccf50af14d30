package formats

import (
	"context"
	"io"

	"github.com/keyferry/keyferry/cxp/cxf"
)

// Result is what was read from a file.
type Result struct {
	// Format is the ID of the format, Variant what a person may want to know beyond it: "password-protected, Argon2id".
	Format, Variant string
	// Header is the document; its ExporterDisplayName is the format's name for people. It has no items where
	// [Input].OnItem took them.
	Header *cxf.Header
	// Report says, item by item and in plain words, what was remarkable. Its codes are those of package cxf and of codes.go.
	Report *cxf.Report
	// Files opens the attached files that Report.Files lists, as long as the Input can be read; nil = there are none.
	// [cxf.File].Verify judges what it gives.
	Files FileSource
	// Plaintext: the file holds secrets that nothing protects. Offer to delete it once the import has been verified.
	Plaintext bool
	// NoPasskeys says why a file of this kind holds no passkeys and how to get at them instead; "" where it may hold some.
	NoPasskeys string
}

// FileSource opens the content of an attached file. It returns an error that wraps [ErrNoFile] for one it does not
// have. It may be asked twice for one file.
type FileSource func(ctx context.Context, f cxf.File) (io.ReadCloser, error)
