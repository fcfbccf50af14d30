package formats

import "github.com/keyferry/keyferry/cxp/cxf"

// Codes of diagnostics and losses, besides those of package cxf.
const (
	// CodeTrashed: an entry lay in the other manager's trash and was not taken.
	CodeTrashed cxf.Code = "trashed"
	// CodeEntry: an entry, or a part of it, is not of the shape it should be.
	CodeEntry cxf.Code = "entry"
	// CodeNoPlace: Keyferry has no place for something, or keeps it as plain text.
	CodeNoPlace cxf.Code = "no-place"
	// CodeFile: an attached file is missing, damaged or too large.
	CodeFile cxf.Code = "file"
	// CodeConflict: a file says the same thing twice, and differently.
	CodeConflict cxf.Code = "conflict"
	// CodeWeak: the file is encrypted, but weakly.
	CodeWeak cxf.Code = "weak-encryption"
	// CodeAlgorithm: a passkey's kind of key is not known to the other side.
	CodeAlgorithm cxf.Code = "algorithm"
	// CodeIDLength: a credential ID or user handle is longer than the other side takes.
	CodeIDLength cxf.Code = "id-length"
	// CodePRF: PRF secrets do not go along.
	CodePRF cxf.Code = "prf"
	// CodeBlob: a large blob, credBlob or payment bit does not go along.
	CodeBlob cxf.Code = "blob"
	// CodeSplit: an item became several, since the other side keeps one of a kind in each.
	CodeSplit cxf.Code = "split"
	// CodeType: a type of credential, or some of its fields, becomes plain text on the other side.
	CodeType cxf.Code = "type"
	// CodeNotKept: the other side has no room for something.
	CodeNotKept cxf.Code = "not-kept"
)
