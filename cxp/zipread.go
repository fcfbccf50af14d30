package cxp

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
)

// zipReader reads a payload's zip front to back. A general reader would begin at the directory at the
// end, which means holding the archive, and where directory and entries disagree different readers
// see different archives. This one needs no memory for the archive and accepts a directory only if it
// says exactly what the entries said: stored entries without gaps, prefix, comment or trailer.
type zipReader struct {
	r       *bufio.Reader
	at      int64 // bytes consumed
	entries []zipEntry
	names   map[string]struct{}
	body    *zipBody // of the entry being read
	done    bool
}

// zipEntry is what one local header said, to be held against the directory.
type zipEntry struct {
	name   string
	offset int64
	size   int64
	crc    uint32
	flags  uint16
}

const (
	sigLocal      = 0x04034b50
	sigDescriptor = 0x08074b50
	sigDirectory  = 0x02014b50
	sigEnd64      = 0x06064b50
	sigLocator64  = 0x07064b50
	sigEnd        = 0x06054b50

	flagDescriptor = 0x8
	flagUTF8       = 0x800

	// The longest file entry: its id is 64 bytes, 86 characters of base64url.
	maxEntryName = len(filePrefix) + 86 + len(entrySuffix)
	// The longest stored entry: base64url of the largest plaintext with room for header and keys.
	maxEntrySize = MaxIndexSize/3*4 + 1<<20
)

func newZipReader(r io.Reader) *zipReader {
	return &zipReader{r: bufio.NewReaderSize(r, 32<<10), names: make(map[string]struct{})}
}

func zipError(format string, args ...any) error {
	return fmt.Errorf("zip: %w: "+format, append([]any{ErrPayload}, args...)...)
}

// next moves to the next entry. The body must be read to its end before next is called again; io.EOF
// means that the directory was read and is right.
func (z *zipReader) next() (*zipEntry, *zipBody, error) {
	if z.done {
		return nil, nil, io.EOF
	}
	if z.body != nil && !z.body.ended {
		if _, err := io.Copy(io.Discard, z.body); err != nil {
			return nil, nil, err
		}
	}
	sig, err := z.uint32()
	if err != nil {
		return nil, nil, err
	}
	switch sig {
	case sigLocal:
		return z.local()
	case sigDirectory, sigEnd:
		if err := z.directory(sig); err != nil {
			return nil, nil, err
		}
		z.done = true
		return nil, nil, io.EOF
	}
	return nil, nil, zipError("unexpected record at byte %d", z.at-4)
}

// local reads a local file header after its signature (APPNOTE 4.3.7).
func (z *zipReader) local() (*zipEntry, *zipBody, error) {
	if len(z.entries) >= MaxEntries {
		return nil, nil, fmt.Errorf("zip: more than %d entries: %w", MaxEntries, ErrTooLarge)
	}
	offset := z.at - 4
	var h [26]byte
	if err := z.full(h[:]); err != nil {
		return nil, nil, err
	}
	le := binary.LittleEndian
	e := zipEntry{
		offset: offset, flags: le.Uint16(h[2:]), crc: le.Uint32(h[10:]), size: int64(le.Uint32(h[18:])),
	}
	packed, nameLen, extraLen := int64(le.Uint32(h[14:])), int(le.Uint16(h[22:])), int(le.Uint16(h[24:]))
	switch {
	case e.flags&^(flagDescriptor|flagUTF8) != 0:
		return nil, nil, zipError("entry with unsupported flags %#x", e.flags)
	case le.Uint16(h[4:]) != 0:
		return nil, nil, zipError("entry that is not stored")
	case nameLen == 0 || nameLen > maxEntryName:
		return nil, nil, zipError("entry name of %d bytes", nameLen)
	case packed != e.size:
		return nil, nil, zipError("stored entry with two sizes")
	case e.size > maxEntrySize:
		return nil, nil, fmt.Errorf("zip: entry of %d bytes: %w", e.size, ErrTooLarge)
	}
	name := make([]byte, nameLen)
	if err := z.full(name); err != nil {
		return nil, nil, err
	}
	if err := z.skip(extraLen); err != nil {
		return nil, nil, err
	}
	e.name = string(name)
	if err := z.checkName(e.name); err != nil {
		return nil, nil, err
	}
	z.names[e.name] = struct{}{}
	z.entries = append(z.entries, e)
	z.body = &zipBody{z: z, e: &z.entries[len(z.entries)-1], left: e.size, crc: crc32.NewIEEE()}
	return z.body.e, z.body, nil
}

// checkName refuses everything but the index first and then attached files, each once. Names are
// compared as text and never become paths.
func (z *zipReader) checkName(name string) error {
	if len(z.entries) == 0 {
		if name != indexName {
			return zipError("the first entry is not %s", indexName)
		}
		return nil
	}
	if _, twice := z.names[name]; twice {
		return zipError("an entry occurs twice")
	}
	if _, err := fileID(name); err != nil {
		return err
	}
	return nil
}

// zipBody is the content of one entry.
type zipBody struct {
	z     *zipReader
	e     *zipEntry
	left  int64 // of a known size
	seen  int64
	crc   hash.Hash32
	ended bool
}

// Read gives the content; io.EOF comes only after size and checksum were found right.
func (b *zipBody) Read(p []byte) (int, error) {
	if b.ended {
		return 0, io.EOF
	}
	var n int
	var err error
	if b.e.flags&flagDescriptor != 0 {
		n, err = b.readToDescriptor(p)
	} else {
		n, err = b.readSized(p)
	}
	b.crc.Write(p[:n])
	b.seen += int64(n)
	if errors.Is(err, io.EOF) {
		return n, b.finish()
	}
	return n, err
}

func (b *zipBody) readSized(p []byte) (int, error) {
	if b.left == 0 {
		return 0, io.EOF
	}
	n, err := b.z.r.Read(p[:min(int64(len(p)), b.left)])
	b.z.at += int64(n)
	b.left -= int64(n)
	if err != nil {
		return n, fmt.Errorf("%w: zip ends within an entry: %w", ErrPayload, unexpected(err))
	}
	return n, nil
}

// readToDescriptor reads an entry whose size follows it. Stored entries of unknown length are
// ambiguous in general, but a compact JWE has no byte 0x07, so the first such byte can only belong to
// the descriptor's signature, "PK\x07\x08".
func (b *zipBody) readToDescriptor(p []byte) (int, error) {
	if _, err := b.z.r.Peek(4); err != nil {
		return 0, fmt.Errorf("%w: zip ends within an entry: %w", ErrPayload, unexpected(err))
	}
	chunk, _ := b.z.r.Peek(b.z.r.Buffered())
	n := len(chunk) - 2 // "PK" at the end may be a signature cut in two
	if at := bytes.IndexByte(chunk, 7); at >= 0 {
		if n = at - 2; n < 0 || !bytes.Equal(chunk[n:at], []byte("PK")) {
			return 0, zipError("entry is no JWE")
		}
		if n == 0 {
			return 0, io.EOF
		}
	}
	n = copy(p, chunk[:n])
	_, _ = b.z.r.Discard(n)
	b.z.at += int64(n)
	if b.seen+int64(n) > maxEntrySize {
		return 0, fmt.Errorf("zip: entry of over %d bytes: %w", maxEntrySize, ErrTooLarge)
	}
	return n, nil
}

// finish checks the entry's size and checksum, from its header or the descriptor behind it.
func (b *zipBody) finish() error {
	b.ended = true
	if b.e.flags&flagDescriptor != 0 {
		var d [16]byte
		if err := b.z.full(d[:]); err != nil {
			return err
		}
		le := binary.LittleEndian
		if le.Uint32(d[:]) != sigDescriptor || le.Uint32(d[8:]) != le.Uint32(d[12:]) {
			return zipError("broken data descriptor")
		}
		if (b.e.size != 0 && b.e.size != int64(le.Uint32(d[12:]))) || (b.e.crc != 0 && b.e.crc != le.Uint32(d[4:])) {
			return zipError("header and data descriptor disagree")
		}
		b.e.crc, b.e.size = le.Uint32(d[4:]), int64(le.Uint32(d[12:]))
	}
	if b.e.size != b.seen || b.e.crc != b.crc.Sum32() {
		return zipError("an entry's size or checksum is wrong")
	}
	return io.EOF
}

func (z *zipReader) full(p []byte) error {
	n, err := io.ReadFull(z.r, p)
	z.at += int64(n)
	if err != nil {
		return fmt.Errorf("%w: zip is cut short: %w", ErrPayload, unexpected(err))
	}
	return nil
}

func (z *zipReader) skip(n int) error {
	got, err := z.r.Discard(n)
	z.at += int64(got)
	if err != nil {
		return fmt.Errorf("%w: zip is cut short: %w", ErrPayload, unexpected(err))
	}
	return nil
}

func (z *zipReader) uint32() (uint32, error) {
	var b [4]byte
	err := z.full(b[:])
	return binary.LittleEndian.Uint32(b[:]), err
}
