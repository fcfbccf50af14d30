package onepux

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
)

const (
	dataName       = "export.data"
	attributesName = "export.attributes"
	maxAttributes  = 64 << 10 // bytes
	newestVersion  = 3
)

const noPasskeys = "1Password's exports never hold passkeys. They leave its apps for iPhone, iPad and Android only, from app to app: move them " +
	"there into a manager whose files hold passkeys (Bitwarden or Proton Pass, say), and bring that one's export; or sign in at each " +
	"site with the old passkey once more and add a new one with Keyferry"

// Format is the format of 1PUX files.
type Format struct{}

// ID implements formats.Format.
func (Format) ID() string { return "1pux" }

// Name implements formats.Format.
func (Format) Name() string { return "1Password (1PUX)" }

// Holds implements formats.Format.
func (Format) Holds() formats.Holds {
	return formats.Holds{Passwords: true, Others: true, Files: true, Folders: true}
}

// Detect implements formats.Format.
func (Format) Detect(p *formats.Probe) formats.Confidence {
	if p.IsZip() {
		switch z := p.Zip(); {
		case z == nil || !z.Has(dataName):
			return formats.No
		case z.Has(attributesName):
			return formats.Certain
		}
		return formats.Likely
	}
	// A CXF document has accounts, too, but no vaults.
	if m := p.JSON(); formats.Has(m, "accounts", '[') && !formats.Has(m, "exporterRpId", 0) && bytes.Contains(p.Head, []byte(`"vaults"`)) {
		return formats.Likely
	}
	return formats.No
}

// Read implements formats.Format.
func (f Format) Read(ctx context.Context, in *formats.Input) (*formats.Result, error) {
	b := formats.NewBuilder(ctx, f, in)
	b.Result().Plaintext, b.Result().NoPasskeys = true, noPasskeys
	r := &reader{b: b}
	p, err := formats.NewProbe(in)
	if err != nil {
		return nil, err
	}
	src := io.Reader(nil)
	if p.IsZip() {
		if r.zip, err = formats.OpenZip(in.ReaderAt, in.Size); err != nil {
			return nil, err
		}
		if !r.zip.Has(dataName) {
			return nil, fmt.Errorf("an archive without %s: %w", dataName, formats.ErrNotThis)
		}
		if err := r.version(); err != nil {
			return nil, err
		}
		data, err := r.zip.Open(dataName)
		if err != nil {
			return nil, err
		}
		defer data.Close() // only read
		src = formats.WithContext(ctx, data)
		r.index()
	} else {
		if f.Detect(p) == formats.No {
			return nil, fmt.Errorf("neither an archive nor %s: %w", dataName, formats.ErrNotThis)
		}
		src = in.Reader(ctx, true)
	}
	d := jsontext.NewDecoder(&bound{src, formats.MaxDocument})
	if err := r.document(d); err != nil {
		return nil, err
	}
	if err := formats.End(d); err != nil {
		return nil, err
	}
	return b.Finish()
}

// version refuses exports of a version that is not known.
func (r *reader) version() error {
	if !r.zip.Has(attributesName) {
		r.b.Note(cxf.Notice, formats.CodeEntry, "the archive does not say its version")
		return nil
	}
	f, err := r.zip.Open(attributesName)
	if err != nil {
		return err
	}
	defer f.Close() // only read
	raw, err := io.ReadAll(io.LimitReader(f, maxAttributes+1))
	switch {
	case err != nil:
		return err
	case len(raw) > maxAttributes:
		return fmt.Errorf("%s: %w", attributesName, formats.ErrTooLarge)
	}
	var a struct{ Version formats.Seconds }
	if err := formats.Decode(raw, &a); err != nil {
		return formats.Damaged(attributesName, errors.New("it is no JSON"))
	}
	if a.Version > newestVersion {
		return &formats.VersionError{Format: "1PUX", Found: strconv.FormatInt(int64(a.Version), 10), Newer: true}
	}
	return nil
}

// bound is an error where the document is longer than left, whatever the archive says.
type bound struct {
	r    io.Reader
	left int64
}

func (b *bound) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, fmt.Errorf("%s of more than %d MiB: %w", dataName, formats.MaxDocument>>20, formats.ErrTooLarge)
	}
	return n, err
}
