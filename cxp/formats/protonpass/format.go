package protonpass

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/keyferry/keyferry/cxp/formats"
)

// Format is the format of Proton Pass's exports.
type Format struct{}

const name = "Proton Pass"

// ID implements formats.Format.
func (Format) ID() string { return "protonpass" }

// Name implements formats.Format.
func (Format) Name() string { return name }

// Holds implements formats.Format.
func (Format) Holds() formats.Holds {
	return formats.Holds{Passkeys: true, PRF: true, Passwords: true, Others: true, Files: true, Folders: true, Encrypted: true}
}

// Names in the archive.
const (
	dataName   = "Proton Pass/data.json"
	sealedName = "Proton Pass/data.pgp"
	filesName  = "Proton Pass/files/"
)

func isExport(members []formats.ProbeMember) bool {
	return formats.Has(members, "vaults", '{') && formats.Has(members, "version", 0)
}

// Detect implements formats.Format. A message of OpenPGP with a passphrase may be anything; that it is an export shows inside.
func (Format) Detect(p *formats.Probe) formats.Confidence {
	switch {
	case p.IsZip():
		if z := p.Zip(); z == nil || !z.Has(dataName) && !z.Has(sealedName) {
			return formats.No
		}
		return formats.Certain
	case isExport(p.JSON()):
		return formats.Likely
	case isMessage(p.Head):
		return formats.Possible
	}
	return formats.No
}

// Read implements formats.Format.
func (f Format) Read(ctx context.Context, in *formats.Input) (*formats.Result, error) {
	b := formats.NewBuilder(ctx, f, in)
	b.Result().Plaintext = true
	r := &reader{b: b}
	if err := r.layer(ctx, in); err != nil {
		return nil, err
	}
	return b.Finish()
}

// layer reads a file of any kind: a message, an archive, or the document itself. A message may hold either of the others, and
// an archive a message of the document.
func (r *reader) layer(ctx context.Context, in *formats.Input) error {
	p, err := formats.NewProbe(in)
	if err != nil {
		return err
	}
	switch {
	case isMessage(p.Head):
		r.b.Result().Plaintext, r.b.Result().Variant = false, "sealed with OpenPGP"
		plain, err := open(ctx, in, in.Reader(ctx, false), in.Size)
		if err != nil {
			return err
		}
		inside := &formats.Input{ReaderAt: bytes.NewReader(plain), Size: int64(len(plain))}
		if isMessage(plain) {
			return fmt.Errorf("it holds yet another OpenPGP message: %w", formats.ErrNotThis)
		}
		return r.layer(ctx, inside)
	case p.IsZip():
		return r.zip(ctx, in)
	case isExport(p.JSON()):
		if err := in.CheckSize(formats.MaxDocument); err != nil {
			return err
		}
		return r.document(jsontext.NewDecoder(in.Reader(ctx, true)))
	}
	return fmt.Errorf("it has not the members of a Proton Pass export: %w", formats.ErrNotThis)
}

func (r *reader) zip(ctx context.Context, in *formats.Input) error {
	z, err := formats.OpenZip(in.ReaderAt, in.Size)
	if err != nil {
		return err
	}
	r.attach(z)
	entry := dataName
	if !z.Has(entry) {
		entry = sealedName
	}
	if !z.Has(entry) {
		return fmt.Errorf("there is no %s in the archive: %w", dataName, formats.ErrNotThis)
	}
	if z.Size(entry) > formats.MaxDocument {
		return fmt.Errorf("%s has %d MiB: %w", entry, z.Size(entry)>>20, formats.ErrTooLarge)
	}
	src, err := z.Open(entry)
	if err != nil {
		return err
	}
	defer src.Close() // only read
	text := io.LimitReader(formats.WithContext(ctx, src), formats.MaxDocument)
	if entry == sealedName {
		plain, err := open(ctx, in, text, z.Size(entry))
		if err != nil {
			return err
		}
		// The attached files lie beside the message, in the open.
		r.b.Result().Plaintext = len(r.files) > 0
		r.b.Result().Variant = "zip, sealed with OpenPGP"
		text = bytes.NewReader(plain)
	}
	if err := r.document(jsontext.NewDecoder(text)); err != nil {
		return err
	}
	r.orphans()
	return nil
}

var _ formats.Writer = Format{}
