// Package aliasvault reads the .avux archives that AliasVault exports: a zip of manifest.json, attached files, and logos, which
// are pictures of sites and not taken. Nothing in them is encrypted; they are not written.
//
// Items hold values of fields, which are AliasVault's own ("login.username") or the person's, defined elsewhere in the manifest
// (fields.go). A passkey's keys are JSON Web Keys, and its credential ID is its GUID unless it has one of its own (passkey.go).
package aliasvault

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
)

// Format is the format of AliasVault's exports.
type Format struct{}

const name = "AliasVault"

// manifestName is the document in the archive.
const manifestName = "manifest.json"

// ID implements formats.Format.
func (Format) ID() string { return "aliasvault" }

// Name implements formats.Format.
func (Format) Name() string { return name }

// Holds implements formats.Format.
func (Format) Holds() formats.Holds {
	return formats.Holds{Passkeys: true, PRF: true, Passwords: true, Others: true, Files: true, Folders: true}
}

// Detect implements formats.Format.
func (Format) Detect(p *formats.Probe) formats.Confidence {
	if !p.IsZip() {
		return formats.No
	}
	names := 0
	for _, m := range p.ZipJSON(manifestName) {
		switch strings.ToLower(m.Name) {
		case "version", "exportedat", "items":
			names++
		}
	}
	if names < 3 {
		return formats.No
	}
	return formats.Likely
}

// Read implements formats.Format.
func (f Format) Read(ctx context.Context, in *formats.Input) (*formats.Result, error) {
	z, err := formats.OpenZip(in.ReaderAt, in.Size)
	if err != nil {
		return nil, err
	}
	if !z.Has(manifestName) {
		return nil, fmt.Errorf("there is no %s in the archive: %w", manifestName, formats.ErrNotThis)
	}
	if z.Size(manifestName) > formats.MaxDocument {
		return nil, fmt.Errorf("%s has %d MiB: %w", manifestName, z.Size(manifestName)>>20, formats.ErrTooLarge)
	}
	b := formats.NewBuilder(ctx, f, in)
	b.Result().Plaintext = true
	r := &reader{b: b, archive: z, definitions: map[text]definition{}, tags: map[text]string{}, tagsOf: map[text][]string{}}
	// What items refer to stands after them, so the manifest is read twice.
	if err := r.pass(ctx, r.around); err != nil {
		return nil, err
	}
	if err := r.makeFolders(); err != nil {
		return nil, err
	}
	if err := r.pass(ctx, r.items); err != nil {
		return nil, err
	}
	return b.Finish()
}

type text = formats.Loose

// folder, tag, itemTag and definition are what items refer to.
type folder struct {
	ID     text `json:"id"`
	Name   text `json:"name"`
	Parent text `json:"parentFolderId"`
}

type tag struct {
	ID   text `json:"id"`
	Name text `json:"name"`
}

type itemTag struct {
	Item text `json:"itemId"`
	Tag  text `json:"tagId"`
}

type definition struct {
	ID     text `json:"id"`
	Type   text `json:"fieldType"`
	Label  text `json:"label"`
	Hidden text `json:"isHidden"`
}

// reader reads one archive.
type reader struct {
	b           *formats.Builder
	archive     *formats.Zip
	list        []folder
	folders     map[text]*formats.Folder
	tags        map[text]string
	tagsOf      map[text][]string
	links       []itemTag
	definitions map[text]definition
}

// pass reads the manifest once; f is given each member, whose name is in lower case.
func (r *reader) pass(ctx context.Context, f func(d *jsontext.Decoder, name string) error) error {
	src, err := r.archive.Open(manifestName)
	if err != nil {
		return err
	}
	defer src.Close() // only read
	d := jsontext.NewDecoder(io.LimitReader(formats.WithContext(ctx, src), formats.MaxDocument))
	if err := formats.EachMember(d, func(name string) error { return f(d, strings.ToLower(name)) }); err != nil {
		return err
	}
	return formats.End(d)
}

// around reads everything but the items.
func (r *reader) around(d *jsontext.Decoder, member string) error {
	switch member {
	case "version":
		var v text
		if err := formats.Next(d, &v); err != nil {
			return err
		}
		if major, _, _ := strings.Cut(string(v), "."); major != "1" {
			return &formats.VersionError{Format: name, Found: formats.Plain(string(v)), Newer: major != "0"}
		}
		return nil
	case "folders":
		return each(r, d, "a folder", func(f folder) { r.list = append(r.list, f) })
	case "tags":
		return each(r, d, "a tag", func(t tag) { r.tags[t.ID] = string(t.Name) })
	case "itemtags":
		return each(r, d, "a tag", func(t itemTag) { r.links = append(r.links, t) })
	case "fielddefinitions":
		return each(r, d, "a field's definition", func(f definition) { r.definitions[f.ID] = f })
	}
	return formats.Skip(d)
}

// each decodes the elements of a list; a bad one is reported.
func each[T any](r *reader, d *jsontext.Decoder, what string, f func(T)) error {
	return formats.EachElement(d, func(v jsontext.Value) error {
		var e T
		if err := formats.Decode(v, &e); err != nil {
			r.b.Note(cxf.Warning, formats.CodeEntry, err.Error()+" and was left out", what)
			return nil
		}
		f(e)
		return nil
	})
}

// makeFolders builds the tree. A folder whose parent is missing, or which is its own ancestor, stands on the outermost level.
func (r *reader) makeFolders() error {
	for _, l := range r.links {
		if name := r.tags[l.Tag]; name != "" && !slices.Contains(r.tagsOf[l.Item], name) {
			r.tagsOf[l.Item] = append(r.tagsOf[l.Item], name)
		}
	}
	if len(r.list) > formats.MaxFolders {
		return fmt.Errorf("more than %d folders: %w", formats.MaxFolders, formats.ErrTooLarge)
	}
	byID := make(map[text]folder, len(r.list))
	for _, f := range r.list {
		byID[f.ID] = f
	}
	r.folders = make(map[text]*formats.Folder, len(byID))
	for _, f := range r.list {
		if err := r.makeFolder(f, byID); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) makeFolder(f folder, byID map[text]folder) error {
	chain := []folder{}
	for at := f; r.folders[at.ID] == nil; {
		chain = append(chain, at)
		if len(chain) > formats.MaxDepth {
			return formats.Damaged("folders", errors.New("they nest in a circle, or too deeply"))
		}
		parent, ok := byID[at.Parent]
		if at.Parent == "" || !ok {
			break
		}
		at = parent
	}
	for i := len(chain) - 1; i >= 0; i-- {
		made, err := r.b.NewFolder(r.folders[chain[i].Parent], string(chain[i].ID), string(chain[i].Name))
		if err != nil {
			return err
		}
		r.folders[chain[i].ID] = made
	}
	return nil
}
