package kdbx

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
)

// Read implements formats.Format.
func (f Format) Read(ctx context.Context, in *formats.Input) (*formats.Result, error) {
	if err := in.CheckSize(maxFile); err != nil {
		return nil, err
	}
	h, err := readHeader(in, in.Size)
	if err != nil {
		return nil, err
	}
	secret, err := in.Ask(ctx, formats.Question{
		Text: "the password of the KeePass database, and its key file if it has one", KeyFile: true,
	})
	if err != nil {
		return nil, err
	}
	composite, err := compositeKey(&secret)
	secret.Clear()
	if err != nil {
		return nil, err
	}
	defer clear(composite)
	p, err := open(ctx, in, h, composite)
	if err != nil {
		return nil, err
	}
	r := &reader{b: formats.NewBuilder(ctx, f, in), x: newXML(p.r, p.stream), files: p.files}
	r.b.Result().Variant = fmt.Sprintf("KDBX %d, %s", h.major, h.kdf.kind)
	if !h.v4() {
		sum := sha256.Sum256(h.raw)
		r.header = sum[:]
	}
	if err := r.document(); err != nil {
		return nil, err
	}
	// What follows must still unpack, and end where it should.
	if _, err := io.Copy(io.Discard, r.x.guard.r); err != nil {
		return nil, err
	}
	r.summary()
	return r.b.Finish()
}

// reader turns one database into a document.
type reader struct {
	b      *formats.Builder
	x      *xmlReader
	files  *store
	bin    string // UUID of the recycle bin, "" where there is none
	root   bool   // the content was there
	header []byte // the outer header's hash, where only the XML vouches for it (KDBX 3.1)
	// Entries with something that is not taken.
	history, autotype int
}

func (r *reader) document() error {
	for {
		t, err := r.x.token()
		if err != nil {
			return err
		}
		s, ok := t.(xml.StartElement)
		if !ok {
			continue // white space
		}
		if s.Name.Local != "KeePassFile" {
			return formats.Damaged("content", errors.New("it is no KeePass document"))
		}
		break
	}
	err := r.x.children(func(s xml.StartElement) error {
		switch s.Name.Local {
		case "Meta":
			return r.meta()
		case "Root":
			return r.x.children(func(s xml.StartElement) error {
				if s.Name.Local != "Group" {
					return r.x.skip(s)
				}
				r.root = true
				return r.group(&place{top: true})
			})
		}
		return r.x.skip(s)
	})
	if err == nil && !r.root {
		err = formats.Damaged("content", errors.New("it has no groups"))
	}
	return err
}

// meta reads where the recycle bin is and, in KDBX 3.1, the attached files.
func (r *reader) meta() error {
	enabled := true
	err := r.x.children(func(s xml.StartElement) (err error) {
		switch s.Name.Local {
		case "DatabaseName":
			r.b.Account().Username, err = r.x.text(s)
		case "HeaderHash":
			var text string
			if text, err = r.x.text(s); err != nil {
				return err
			}
			sum, e := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
			if r.header != nil && text != "" && (e != nil || !hmac.Equal(sum, r.header)) {
				return formats.Damaged("header", errors.New("it was altered"))
			}
		case "RecycleBinEnabled":
			var text string
			text, err = r.x.text(s)
			enabled = isTrue(text)
		case "RecycleBinUUID":
			r.bin, err = r.x.uuid(s)
		case "Binaries":
			err = r.x.children(r.binary)
		default:
			err = r.x.skip(s)
		}
		return err
	})
	if !enabled {
		r.bin = ""
	}
	return err
}

func (r *reader) binary(s xml.StartElement) error {
	id := attribute(s, "ID")
	content, bad, err := r.x.binary(s)
	if err != nil {
		return err
	}
	if bad == nil && len(content) > formats.MaxFile {
		bad = errFileTooLarge
	}
	if bad != nil {
		r.files.files[id] = &held{err: bad}
		return nil
	}
	return r.files.addBytes(id, content)
}

// place is the group that is being read.
type place struct {
	top     bool // the outermost, which stands for the database
	parent  *formats.Folder
	folder  *formats.Folder
	uuid    string
	title   string
	trashed bool
	depth   int
}

// group reads a group and what is in it. Its folder is made when the first entry or group comes, since the name may stand
// behind, and nowhere for the outermost.
func (r *reader) group(g *place) error {
	if g.depth > formats.MaxDepth {
		return fmt.Errorf("groups within groups, more than %d: %w", formats.MaxDepth, formats.ErrTooLarge)
	}
	var notes string
	var t times
	made := false
	make := func() (err error) {
		if made || g.top || g.trashed {
			return nil
		}
		made = true
		if g.folder, err = r.b.NewFolder(g.parent, g.uuid, g.title); err == nil {
			g.folder.Subtitle, g.folder.CreationAt, g.folder.ModifiedAt = notes, t.created, t.modified
		}
		return err
	}
	err := r.x.children(func(s xml.StartElement) (err error) {
		switch s.Name.Local {
		case "UUID":
			g.uuid, err = r.x.uuid(s)
			g.trashed = g.trashed || g.uuid != "" && g.uuid == r.bin
		case "Name":
			g.title, err = r.x.text(s)
		case "Notes":
			notes, err = r.x.text(s)
		case "Times":
			err = r.x.times(&t)
		case "Entry":
			if err = make(); err != nil {
				return err
			}
			var e *entry
			if e, err = r.x.entry(); err == nil {
				err = r.entry(e, g)
			}
		case "Group":
			if err = make(); err == nil {
				err = r.group(&place{parent: g.folder, trashed: g.trashed, depth: g.depth + 1})
			}
		default:
			err = r.x.skip(s)
		}
		return err
	})
	if err != nil {
		return err
	}
	return make() // of an empty group
}

func (r *reader) summary() {
	if r.history > 0 {
		r.b.Note(cxf.Notice, formats.CodeNoPlace, fmt.Sprintf("older versions of %d entries are not taken", r.history), "history")
	}
	if r.autotype > 0 {
		r.b.Note(cxf.Notice, formats.CodeNoPlace, fmt.Sprintf("what %d entries have of their own for auto-type is not taken", r.autotype), "auto-type")
	}
}
