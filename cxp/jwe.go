package cxp

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// jweHeader is the protected header of an entry. An HPKE entry has exactly alg, typ, zip, cty, path
// and crq; a backup's entry exactly alg, enc, kdf, typ, zip, cty, path and bid (PROFILE.md §2, §4).
type jweHeader struct {
	Alg  string         `json:"alg"`
	Enc  *string        `json:"enc,omitzero"`
	KDF  jsontext.Value `json:"kdf,omitzero"`
	Typ  string         `json:"typ"`
	Zip  string         `json:"zip"`
	Cty  string         `json:"cty"`
	Path string         `json:"path"`
	CRQ  *string        `json:"crq,omitzero"`
	BID  *string        `json:"bid,omitzero"`
}

const (
	algDirect  = "dir"
	encA256GCM = "A256GCM"
	tagSize    = 16
	ivSize     = 12
)

func (h *jweHeader) encode() (string, error) {
	raw, err := json.Marshal(h)
	if err != nil {
		return "", fmt.Errorf("encoding a header: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(raw), nil
}

// jwe is an entry as it was read: everything decoded but the header, whose text is the AAD.
type jwe struct {
	header     jweHeader
	aad        []byte
	key        []byte // encapsulated key, empty in backups
	iv         []byte // empty under HPKE
	ciphertext []byte // under HPKE with its tag
	tag        []byte // empty under HPKE
}

// jweReader reads one compact serialisation (RFC 7516 §7.1) part by part, so that what the header
// says is judged before anything is kept of the rest.
type jweReader struct {
	r *bufio.Reader
}

func newJWEReader(r io.Reader) *jweReader { return &jweReader{bufio.NewReaderSize(r, 16<<10)} }

// part reads the characters up to the next dot, which the part must have unless it is the last.
type partReader struct {
	r    *bufio.Reader
	last bool
	done bool
}

func (p *partReader) Read(buf []byte) (int, error) {
	if p.done {
		return 0, io.EOF
	}
	if _, err := p.r.Peek(1); err != nil {
		if errors.Is(err, io.EOF) && p.last {
			return 0, io.EOF
		}
		if errors.Is(err, io.EOF) {
			return 0, fmt.Errorf("%w: JWE is cut short", ErrPayload)
		}
		return 0, err
	}
	chunk, _ := p.r.Peek(min(len(buf), p.r.Buffered())) // what is buffered can always be peeked at
	dot := bytes.IndexByte(chunk, '.')
	switch {
	case dot >= 0 && p.last:
		return 0, fmt.Errorf("%w: JWE of more than five parts", ErrPayload)
	case dot == 0:
		p.done = true
		_, _ = p.r.Discard(1)
		return 0, io.EOF
	case dot > 0:
		chunk = chunk[:dot]
	}
	n := copy(buf, chunk)
	_, _ = p.r.Discard(n)
	return n, nil
}

// bytes decodes the next part, of at most limit bytes; hint is the size to make room for at once.
func (j *jweReader) bytes(last bool, hint, limit int64) ([]byte, error) {
	b := newB64Reader(&partReader{r: j.r, last: last}, false)
	return readAll(b, hint, limit)
}

// readAll reads to the end, refusing more than limit bytes and growing only as data really comes.
func readAll(r io.Reader, hint, limit int64) ([]byte, error) {
	buf := make([]byte, 0, min(hint, limit)+1)
	for {
		if len(buf) == cap(buf) {
			grown := make([]byte, len(buf), 2*cap(buf)+512)
			copy(grown, buf)
			clear(buf)
			buf = grown
		}
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if int64(len(buf)) > limit {
			clear(buf)
			return nil, fmt.Errorf("over %d bytes: %w", limit, ErrTooLarge)
		}
		if errors.Is(err, io.EOF) {
			return buf, nil
		}
		if err != nil {
			clear(buf)
			return nil, err
		}
	}
}

// readHeader reads the protected header and checks what holds for every entry: its exact members,
// and that path is the entry's own name, so that entries can't trade places.
func (j *jweReader) readHeader(name string) (*jwe, error) {
	text, err := readAll(&partReader{r: j.r}, 512, maxHeaderText)
	if err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	raw, err := decodeUnpadded(text)
	if err != nil {
		return nil, err
	}
	e := &jwe{aad: text}
	if err := json.Unmarshal(raw, &e.header, json.RejectUnknownMembers(true)); err != nil {
		return nil, fmt.Errorf("%w: header: %w", ErrPayload, syntaxError("JWE", err))
	}
	h := &e.header
	cty := typeFile
	if name == indexName {
		cty = typeIndex
	}
	switch {
	case h.Path != name:
		return nil, fmt.Errorf("%w: the entry was sealed under another name", ErrPayload)
	case h.Typ != typeJWE, h.Zip != zipDeflate, h.Cty != cty:
		return nil, fmt.Errorf("%w: header with wrong typ, zip or cty", ErrPayload)
	case h.Alg == algDirect && (h.Enc == nil || h.KDF == nil || h.BID == nil || h.CRQ != nil),
		h.Alg != algDirect && (h.Enc != nil || h.KDF != nil || h.BID != nil || h.CRQ == nil):
		return nil, fmt.Errorf("%w: header without exactly the members of its alg", ErrPayload)
	}
	return e, nil
}

// readRest reads the other four parts. keySize is the exact size of the encapsulated key, ivSize and
// tagSize those of the others; hint is what the ciphertext probably needs.
func (j *jweReader) readRest(e *jwe, keySize, ivSize, tagSize int, hint, limit int64) error {
	sized := func(what string, last bool, size int) ([]byte, error) {
		b, err := j.bytes(last, int64(size), int64(size))
		if err == nil && len(b) != size || errors.Is(err, ErrTooLarge) {
			return nil, fmt.Errorf("%w: %s of the wrong size", ErrPayload, what)
		}
		return b, err
	}
	var err error
	if e.key, err = sized("encapsulated key", false, keySize); err != nil {
		return err
	}
	if e.iv, err = sized("initialisation vector", false, ivSize); err != nil {
		return err
	}
	if e.ciphertext, err = j.bytes(false, hint, limit); err != nil {
		return err
	}
	e.tag, err = sized("tag", true, tagSize)
	return err
}

func decodeUnpadded(text []byte) ([]byte, error) {
	if bytes.ContainsAny(text, "\r\n") {
		return nil, errB64
	}
	out := make([]byte, base64.RawURLEncoding.DecodedLen(len(text)))
	n, err := base64.RawURLEncoding.Strict().Decode(out, text)
	if err != nil {
		return nil, errB64
	}
	return out[:n], nil
}

// jweText is an entry to be written: prefix, then base64url of ciphertext, then suffix.
type jweText struct {
	prefix     string // header, encapsulated key, iv and their dots
	ciphertext []byte
	suffix     string // the last dot and the tag
}

// writeTo writes the compact serialisation. It is called twice per entry, for the checksum and for
// the archive, which costs less than holding the encoded text would.
func (t *jweText) writeTo(w io.Writer) error {
	if _, err := io.WriteString(w, t.prefix); err != nil {
		return err
	}
	enc := newB64Writer(w)
	if _, err := enc.Write(t.ciphertext); err != nil {
		return err
	}
	if err := enc.Close(); err != nil {
		return err
	}
	_, err := io.WriteString(w, t.suffix)
	return err
}

func (t *jweText) size() uint64 {
	return uint64(len(t.prefix) + base64.RawURLEncoding.EncodedLen(len(t.ciphertext)) + len(t.suffix))
}
