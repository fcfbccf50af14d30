package formats

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// probeHead is how many bytes are looked at without asking.
const probeHead = 64 << 10

// Probe is a file to be recognised. It looks as far as it must, once for all formats.
type Probe struct {
	// Head are the first bytes, up to 64 KiB, without a byte order mark of UTF-8.
	Head []byte
	// Size is the file's size in bytes.
	Size int64

	in      *Input
	archive *Zip
	zipErr  error
	members []ProbeMember
	scanned bool
}

// ProbeMember is an outer member of a JSON object.
type ProbeMember struct {
	Name string
	Kind jsontext.Kind
	// Text is the value of a short string, number or literal, "" for everything else.
	Text string
}

// NewProbe looks at the beginning of a file.
func NewProbe(in *Input) (*Probe, error) {
	head := make([]byte, min(probeHead, max(in.Size, 0)))
	n, err := in.ReadAt(head, 0)
	if err != nil && (!errors.Is(err, io.EOF) || int64(n) < in.Size && n < probeHead) {
		return nil, fmt.Errorf("looking at the file: %w", err)
	}
	return &Probe{Head: bytes.TrimPrefix(head[:n], utf8Mark), Size: in.Size, in: in}, nil
}

// Zip is the archive that the file is, nil where it is none that can be opened.
func (p *Probe) Zip() *Zip {
	if p.archive == nil && p.zipErr == nil && p.IsZip() {
		p.archive, p.zipErr = OpenZip(p.in.ReaderAt, p.in.Size)
	}
	return p.archive
}

// IsZip says that the file begins like a zip archive; it may be damaged all the same.
func (p *Probe) IsZip() bool {
	return bytes.HasPrefix(p.Head, []byte("PK\x03\x04")) || bytes.HasPrefix(p.Head, []byte("PK\x05\x06"))
}

// JSON lists the outer members of the JSON object that the file is, nil where it is none. It lists those up to the first
// damage, or the first long list or object.
func (p *Probe) JSON() []ProbeMember {
	if !p.scanned {
		p.scanned = true
		if text := bytes.TrimLeft(p.Head, " \t\r\n"); len(text) > 0 && text[0] == '{' {
			skip := int64(0)
			if n := int64(len(p.Head)); n < min(p.Size, probeHead) {
				skip = min(p.Size, probeHead) - n // a byte order mark
			}
			p.members = scanMembers(io.NewSectionReader(p.in.ReaderAt, skip, min(p.Size-skip, MaxDocument)))
		}
	}
	return p.members
}

// ZipJSON is like JSON, for an entry of the archive that the file is.
func (p *Probe) ZipJSON(name string) []ProbeMember {
	z := p.Zip()
	if z == nil {
		return nil
	}
	r, err := z.Open(name)
	if err != nil {
		return nil
	}
	defer r.Close() // only read
	return scanMembers(io.LimitReader(r, MaxDocument))
}

// Has reports whether one of the members has the name and is of the kind; kind 0 is any.
func Has(members []ProbeMember, name string, kind jsontext.Kind) bool {
	for _, m := range members {
		if m.Name == name && (kind == 0 || m.Kind == kind) {
			return true
		}
	}
	return false
}

// Text is the value of the named member where it is short text, a number or a literal.
func Text(members []ProbeMember, name string) string {
	for _, m := range members {
		if m.Name == name {
			return m.Text
		}
	}
	return ""
}
