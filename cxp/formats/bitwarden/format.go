package bitwarden

import (
	"context"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/keyferry/keyferry/cxp/formats"
)

// Format is the format of Bitwarden's exports.
type Format struct{}

const name = "Bitwarden"

// ID implements formats.Format.
func (Format) ID() string { return "bitwarden" }

// Name implements formats.Format.
func (Format) Name() string { return name }

// Holds implements formats.Format.
func (Format) Holds() formats.Holds {
	return formats.Holds{Passkeys: true, Passwords: true, Others: true, Files: true, Folders: true, Encrypted: true}
}

// kind tells the kinds of documents apart.
type kind int

const (
	none kind = iota
	plain
	sealed
	restricted
)

// classify judges a document by its outer members.
func classify(members []formats.ProbeMember) kind {
	switch {
	case formats.Has(members, "encKeyValidation_DO_NOT_EDIT", 0) || formats.Text(members, "encrypted") == "true" && formats.Has(members, "data", '"'):
		if formats.Text(members, "passwordProtected") == "true" {
			return sealed
		}
		return restricted
	case formats.Has(members, "encrypted", 0) && formats.Has(members, "items", '['):
		if formats.Text(members, "encrypted") == "true" {
			return restricted
		}
		return plain
	case formats.Has(members, "items", '[') && (formats.Has(members, "folders", '[') || formats.Has(members, "collections", '[')) &&
		!formats.Has(members, "id", 0) && !formats.Has(members, "version", 0): // some third parties write no "encrypted"
		return plain
	}
	return none
}

// Detect implements formats.Format.
func (Format) Detect(p *formats.Probe) formats.Confidence {
	members := p.JSON()
	if p.IsZip() {
		members = p.ZipJSON(dataName)
	}
	switch classify(members) {
	case none:
		return formats.No
	case plain:
		return formats.Likely
	}
	return formats.Certain
}

// dataName is the document in a zip.
const dataName = "data.json"

// Read implements formats.Format.
func (f Format) Read(ctx context.Context, in *formats.Input) (*formats.Result, error) {
	p, err := formats.NewProbe(in)
	if err != nil {
		return nil, err
	}
	b := formats.NewBuilder(ctx, f, in)
	r := &reader{b: b, folders: map[string]string{}}
	if !p.IsZip() {
		if err := in.CheckSize(formats.MaxDocument); err != nil {
			return nil, err
		}
		if err := r.document(ctx, in, classify(p.JSON()), in.Reader(ctx, true), in.Size); err != nil {
			return nil, err
		}
		return b.Finish()
	}
	z, err := formats.OpenZip(in.ReaderAt, in.Size)
	if err != nil {
		return nil, err
	}
	if !z.Has(dataName) {
		return nil, fmt.Errorf("there is no %s in the archive: %w", dataName, formats.ErrNotThis)
	}
	if z.Size(dataName) > formats.MaxDocument {
		return nil, fmt.Errorf("%s has %d MiB: %w", dataName, z.Size(dataName)>>20, formats.ErrTooLarge)
	}
	data, err := z.Open(dataName)
	if err != nil {
		return nil, err
	}
	defer data.Close() // only read
	r.attach(z)
	b.Result().Variant = "zip with attachments"
	if err := r.document(ctx, in, classify(p.ZipJSON(dataName)), formats.WithContext(ctx, data), z.Size(dataName)); err != nil {
		return nil, err
	}
	r.orphans()
	return b.Finish()
}

// document reads a document of any kind, of size bytes at most.
func (r *reader) document(ctx context.Context, in *formats.Input, k kind, text io.Reader, size int64) error {
	switch k {
	case plain:
		r.b.Result().Plaintext = true
		return r.plain(jsontext.NewDecoder(text))
	case sealed:
		return r.sealed(ctx, in, text, size)
	case restricted:
		return &formats.RestrictedError{Format: name, WayOut: "in Bitwarden, export again with the file format “.json (Encrypted)” and the export type “Password protected”, or with “.json”"}
	}
	return fmt.Errorf("it has not the members of a Bitwarden export: %w", formats.ErrNotThis)
}

var _ formats.Writer = Format{}
