package kdbx

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/keyferry/keyferry/cxp/formats"
)

const (
	signature1   = 0x9AA2D903 // every KeePass file
	signature2   = 0xB54BFB67 // KDBX
	signature1x  = 0xB54BFB65 // KeePass 1.x (KDB)
	signaturePre = 0xB54BFB66 // KeePass 2.x before its release

	maxHeader = 1 << 20  // bytes of the outer header, the public custom data included
	maxField  = 64 << 10 // bytes of a field that Keyferry understands
)

// Identifiers of the fields of the outer header.
const (
	fieldEnd          = 0
	fieldCipher       = 2
	fieldCompression  = 3
	fieldMasterSeed   = 4
	fieldSeed         = 5 // KDBX 3.1: of the key derivation
	fieldRounds       = 6 // KDBX 3.1: of the key derivation
	fieldIV           = 7
	fieldStreamKey    = 8  // KDBX 3.1
	fieldStartBytes   = 9  // KDBX 3.1
	fieldStreamID     = 10 // KDBX 3.1
	fieldKDF          = 11 // KDBX 4
	fieldPublicCustom = 12 // KDBX 4
)

// header is the outer header: everything that stands before the encryption.
type header struct {
	major, minor uint16
	fields       map[byte][]byte
	raw          []byte // all of it, for the hash and the HMAC of KDBX 4
	kdf          kdf
	gzip         bool
}

func (h *header) v4() bool { return h.major >= 4 }

// size is the offset behind the header.
func (h *header) size() int64 { return int64(len(h.raw)) }

// readHeader reads and judges the outer header; nothing in it has been authenticated yet. It takes no more memory than
// maxHeader whatever lengths the header claims.
func readHeader(r io.ReaderAt, size int64) (*header, error) {
	buf := make([]byte, min(size, maxHeader))
	if n, err := r.ReadAt(buf, 0); n < len(buf) {
		return nil, fmt.Errorf("reading the header: %w", err)
	}
	h := &header{fields: map[byte][]byte{}}
	if err := h.version(buf); err != nil {
		return nil, err
	}
	lengthSize := 2
	if h.v4() {
		lengthSize = 4
	}
	at := 12
	for {
		if len(buf)-at < 1+lengthSize {
			return nil, short(size)
		}
		id, length := buf[at], uint64(binary.LittleEndian.Uint16(buf[at+1:]))
		if h.v4() {
			length = uint64(binary.LittleEndian.Uint32(buf[at+1:]))
		}
		at += 1 + lengthSize
		if length > uint64(len(buf)-at) {
			if length > maxHeader {
				return nil, fmt.Errorf("a header field of %d bytes: %w", length, formats.ErrTooLarge)
			}
			return nil, short(size)
		}
		value := buf[at : at+int(length)]
		at += int(length)
		if id == fieldEnd {
			break
		}
		if _, twice := h.fields[id]; twice {
			return nil, formats.Damaged("header", fmt.Errorf("field %d occurs twice", id))
		}
		if len(value) > maxField && id != fieldPublicCustom {
			return nil, fmt.Errorf("a header field of %d bytes: %w", len(value), formats.ErrTooLarge)
		}
		h.fields[id] = value
	}
	h.raw = bytes.Clone(buf[:at])
	return h, h.check()
}

func short(size int64) error {
	if size > maxHeader {
		return fmt.Errorf("a header of more than %d bytes: %w", maxHeader, formats.ErrTooLarge)
	}
	return formats.Damaged("header", errors.New("it is cut short"))
}

func (h *header) version(buf []byte) error {
	if len(buf) < 12 || binary.LittleEndian.Uint32(buf) != signature1 {
		return fmt.Errorf("no KeePass database: %w", formats.ErrNotThis)
	}
	switch binary.LittleEndian.Uint32(buf[4:]) {
	case signature2:
	case signature1x:
		return &formats.VersionError{Format: "KeePass", Found: "1 (KDB)"}
	case signaturePre:
		return &formats.VersionError{Format: "KeePass", Found: "2 (before its release)"}
	default:
		return fmt.Errorf("no KeePass database: %w", formats.ErrNotThis)
	}
	h.minor, h.major = binary.LittleEndian.Uint16(buf[8:]), binary.LittleEndian.Uint16(buf[10:])
	found := fmt.Sprintf("%d.%d", h.major, h.minor)
	switch {
	case h.major < 3:
		return &formats.VersionError{Format: "KDBX", Found: found}
	case h.major > 4: // a new minor version only adds
		return &formats.VersionError{Format: "KDBX", Found: found, Newer: true}
	}
	return nil
}

// check judges the fields' lengths and values, the costs of the key derivation among them, before any is paid.
func (h *header) check() error {
	need := map[byte]int{fieldCipher: 16, fieldCompression: 4, fieldMasterSeed: 32}
	if h.v4() {
		need[fieldKDF] = -1
	} else {
		need[fieldSeed], need[fieldRounds], need[fieldStartBytes], need[fieldStreamID] = 32, 8, 32, 4
		need[fieldStreamKey] = -1
	}
	for id, length := range need {
		v, ok := h.fields[id]
		if !ok || length >= 0 && len(v) != length || length < 0 && len(v) == 0 {
			return formats.Damaged("header", fmt.Errorf("field %d is missing, or of a wrong length", id))
		}
	}
	if err := checkCipher(h.fields[fieldCipher], h.fields[fieldIV]); err != nil {
		return err
	}
	switch binary.LittleEndian.Uint32(h.fields[fieldCompression]) {
	case 0:
	case 1:
		h.gzip = true
	default:
		return &formats.VersionError{Format: "KDBX", Found: "with an unknown compression", Newer: true}
	}
	if !h.v4() {
		h.kdf = kdf{kind: kdfAES, salt: h.fields[fieldSeed], rounds: binary.LittleEndian.Uint64(h.fields[fieldRounds])}
		return h.kdf.check()
	}
	dict, err := parseDictionary(h.fields[fieldKDF])
	if err != nil {
		return err
	}
	h.kdf, err = newKDF(dict)
	return err
}
