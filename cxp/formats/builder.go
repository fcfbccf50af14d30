package formats

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"github.com/keyferry/keyferry/cxp/cxf"
)

// Builder puts a [Result] together: it counts, reports, streams items, gives out identifiers, and builds the folders.
// Readers of formats make one per file.
type Builder struct {
	*Recorder
	ctx     context.Context // a builder's life is one call of Read
	in      *Input
	result  *Result
	account *cxf.Account
	ids     map[string]struct{} // kind and identifier
	items   int
	entries int // of the file, whatever became of them
	root    Folder
	folders int
	files   map[string]func() (io.ReadCloser, error)
	total   int64
}

// NewBuilder starts the result of reading in as f.
func NewBuilder(ctx context.Context, f Format, in *Input) *Builder {
	b := &Builder{
		Recorder: NewRecorder(), ctx: ctx, in: in,
		ids: make(map[string]struct{}), files: make(map[string]func() (io.ReadCloser, error)),
	}
	b.result = &Result{
		Format: f.ID(),
		Header: &cxf.Header{Version: cxf.Version{Major: 1}, ExporterDisplayName: f.Name(), Accounts: []cxf.Account{{}}},
		Report: b.report,
	}
	b.account = &b.result.Header.Accounts[0]
	return b
}

// Result is the result so far: for its Variant, Plaintext and NoPasskeys, and the Header's other members.
func (b *Builder) Result() *Result { return b.result }

// Account is the document's only account.
func (b *Builder) Account() *cxf.Account { return b.account }

// Note records something about the file as a whole.
func (b *Builder) Note(s cxf.Severity, code cxf.Code, message string, path ...string) {
	b.Add(cxf.Diagnostic{Severity: s, Code: code, Path: path, Message: message, Account: -1, Item: -1, Credential: -1})
}

// Finish completes the result.
func (b *Builder) Finish() (*Result, error) {
	if err := b.ctx.Err(); err != nil {
		return nil, err
	}
	if b.account.ID == "" {
		b.account.ID = cxf.NewID()
	}
	b.account.Collections = append(b.account.Collections, b.root.collections()...)
	b.report.Accounts, b.report.Collections, b.report.Items = 1, b.folders, b.items
	if len(b.files) > 0 {
		files := b.files
		b.result.Files = func(ctx context.Context, f cxf.File) (io.ReadCloser, error) {
			open, ok := files[f.ID]
			if !ok {
				return nil, ErrNoFile
			}
			r, err := open()
			if err != nil {
				return nil, err
			}
			return struct {
				io.Reader
				io.Closer
			}{WithContext(ctx, r), r}, nil
		}
	}
	return b.result, nil
}

// ID makes a CXF identifier out of a manager's own, the same each time where it can: a UUID becomes its 16 bytes, other
// text a hash. Without one, or for the second of two equal ones, it is random. kind keeps items, folders and so on apart.
func (b *Builder) ID(kind, foreign string) string {
	id := cxf.NewID()
	if raw := strings.ReplaceAll(foreign, "-", ""); foreign != "" {
		digest, err := hex.DecodeString(raw)
		if err != nil || len(digest) != 16 {
			sum := sha256.Sum256([]byte(foreign))
			digest = sum[:16]
		}
		if text := base64.RawURLEncoding.EncodeToString(digest); b.free(kind, text) {
			id = text
		}
	}
	b.ids[kind+"\x00"+id] = struct{}{}
	return id
}

func (b *Builder) free(kind, id string) bool {
	_, taken := b.ids[kind+"\x00"+id]
	return !taken
}

// Folder is a collection in the making.
type Folder struct {
	cxf.Collection
	sub     []*Folder
	byTitle map[string]*Folder // the newest of each title
}

// Folder finds the folder with this title in parent (nil = the outermost level), or makes it.
func (b *Builder) Folder(parent *Folder, title string) (*Folder, error) {
	if parent == nil {
		parent = &b.root
	}
	if f := parent.byTitle[title]; f != nil {
		return f, nil
	}
	return b.NewFolder(parent, "", title)
}

// NewFolder makes a folder in parent (nil = the outermost level) whatever others are called. foreign is the manager's own
// identifier of it, "" if it has none. The caller may set its other members, except for Items and SubCollections.
func (b *Builder) NewFolder(parent *Folder, foreign, title string) (*Folder, error) {
	if b.folders++; b.folders > MaxFolders {
		return nil, fmt.Errorf("more than %d folders: %w", MaxFolders, ErrTooLarge)
	}
	if parent == nil {
		parent = &b.root
	}
	f := &Folder{Collection: cxf.Collection{ID: b.ID("folder", foreign), Title: title}}
	parent.sub = append(parent.sub, f)
	if parent.byTitle == nil {
		parent.byTitle = map[string]*Folder{}
	}
	parent.byTitle[title] = f
	return f, nil
}

// Put puts an item into the folder.
func (f *Folder) Put(itemID string) { f.Items = append(f.Items, cxf.LinkedItem{Item: itemID}) }

func (f *Folder) collections() []cxf.Collection {
	var out []cxf.Collection
	for _, s := range f.sub {
		s.SubCollections = s.collections()
		out = append(out, s.Collection)
	}
	return out
}
