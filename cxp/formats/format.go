package formats

import (
	"context"
	"io"
)

// Format is a kind of file in which credentials leave another manager. Formats hold no state: one value
// serves any number of files, also at once.
type Format interface {
	// ID is the stable name for programs: "bitwarden", "kdbx". It is what `--for` and `--format` take.
	ID() string
	// Name is the name for people: "Bitwarden", "KeePass database (KDBX)".
	Name() string
	// Holds says what files of this format can hold.
	Holds() Holds
	// Detect judges a file by its content, never by its name. It reads no secrets and asks for none.
	Detect(p *Probe) Confidence
	// Read turns a file into a document. What is wrong with one entry is in the report of the result and
	// spoils nothing else; an error means that nothing of the file may be used, also nothing that
	// [Input].OnItem was given. Errors are those of errors.go, what Input's functions returned, and the context's.
	Read(ctx context.Context, in *Input) (*Result, error)
}

// Writer is a Format that can be written. Test for it with a type assertion.
type Writer interface {
	Format
	// Losses says, before anything is written, what the other side has no room for, the gravest first.
	// Write loses exactly this and nothing else.
	Losses(ctx context.Context, d *Document) ([]Loss, error)
	// Write writes a whole file. An error is that of w, of the document's functions, the context's, or one
	// of errors.go (an empty passphrase, parameters out of bounds); then the file is not complete.
	Write(ctx context.Context, w io.Writer, d *Document, o WriteOptions) (*Written, error)
}

// Holds says what a format can hold, for the page that lists formats.
type Holds struct {
	// Passkeys: private keys of passkeys. PRF: also their PRF secrets.
	Passkeys, PRF bool
	// Passwords: user names and passwords with their sites, TOTP and notes.
	Passwords bool
	// Others: cards, identities and the like.
	Others bool
	// Files: attached files.
	Files bool
	// Folders: folders, vaults or groups.
	Folders bool
	// Encrypted: files of this format can be encrypted with a password. A [Writer] that says so always encrypts.
	Encrypted bool
}

// Confidence is how sure Detect is.
type Confidence int

// Only the order counts.
const (
	// No: this is something else.
	No Confidence = iota
	// Possible: nothing speaks against it, e.g. a CSV with a column called password.
	Possible
	// Likely: it has the shape, e.g. a JSON object with the members of the format.
	Likely
	// Certain: it says so itself, e.g. by a signature in its first bytes.
	Certain
)
