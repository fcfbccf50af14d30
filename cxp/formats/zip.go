package formats

import (
	"archive/zip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Zip is an archive with bounds: on its directory, before it is read, and on what comes out of its entries.
type Zip struct {
	entries map[string]*zip.File
	names   []string
	left    int64 // bytes that may still be unpacked, over all entries and openings
}

// OpenZip reads an archive's directory. Errors wrap [ErrDamaged], [ErrTooLarge], or are those of r.
func OpenZip(r io.ReaderAt, size int64) (*Zip, error) {
	if err := checkDirectory(r, size); err != nil {
		return nil, err
	}
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return nil, Damaged("zip", err)
	}
	if len(archive.File) > MaxEntries {
		return nil, fmt.Errorf("zip with %d entries: %w", len(archive.File), ErrTooLarge)
	}
	z := &Zip{entries: make(map[string]*zip.File, len(archive.File)), left: 4 * MaxTotal}
	for _, f := range archive.File {
		name := strings.ReplaceAll(f.Name, `\`, "/") // some programs on Windows
		if strings.HasSuffix(name, "/") {
			continue
		}
		if _, twice := z.entries[name]; twice {
			return nil, Damaged("zip", errors.New("two entries have one name"))
		}
		z.entries[name] = f
		z.names = append(z.names, name)
	}
	return z, nil
}

// Names lists the entries, without folders, in the archive's order, as the archive has them: never use one as a path.
func (z *Zip) Names() []string { return z.names }

// Has reports whether there is an entry of that name.
func (z *Zip) Has(name string) bool { return z.entries[name] != nil }

// Find returns the only entry whose name is base, or ends in "/"+base; "" where there is none or more than one.
func (z *Zip) Find(base string) string {
	if z.Has(base) {
		return base
	}
	found := ""
	for _, name := range z.names {
		if strings.HasSuffix(name, "/"+base) {
			if found != "" {
				return ""
			}
			found = name
		}
	}
	return found
}

// Size is how large an entry says it is, unpacked, in bytes; 0 for one that does not exist.
func (z *Zip) Size(name string) int64 {
	if f := z.entries[name]; f != nil {
		return int64(min(f.UncompressedSize64, 1<<62)) // bounded
	}
	return 0
}

// Open opens an entry: [ErrNoFile] where there is none, [ErrDamaged] for one that cannot be unpacked.
func (z *Zip) Open(name string) (io.ReadCloser, error) {
	f := z.entries[name]
	if f == nil {
		return nil, ErrNoFile
	}
	if f.Flags&1 != 0 {
		return nil, fmt.Errorf("zip: an entry is encrypted; unpack the archive first: %w", ErrNotThis)
	}
	if f.Method != zip.Store && f.Method != zip.Deflate {
		return nil, Damaged("zip", fmt.Errorf("an entry is compressed by method %d, which is not read", f.Method))
	}
	r, err := f.Open()
	if err != nil {
		return nil, Damaged("zip", err)
	}
	return &zipEntry{r, z}, nil
}

// zipEntry draws on what may still be unpacked, and gives damage its error.
type zipEntry struct {
	r io.ReadCloser
	z *Zip
}

func (e *zipEntry) Read(p []byte) (int, error) {
	n, err := e.r.Read(p)
	if e.z.left -= int64(n); e.z.left < 0 {
		return n, fmt.Errorf("zip: unpacks to more than can be meant: %w", ErrTooLarge)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return n, Damaged("zip", err)
	}
	return n, err
}

func (e *zipEntry) Close() error { return e.r.Close() }

const (
	zipEnd        = 0x06054b50
	zipEnd64      = 0x06064b50
	zipLocator64  = 0x07064b50
	zipEndSize    = 22
	zipEnd64Size  = 56
	zipLocator    = 20
	maxZipComment = 64 << 10
	// maxDirectory holds MaxEntries entries with names of 200 bytes. archive/zip holds all of the directory in memory.
	maxDirectory = MaxEntries * (46 + 200)
)

// checkDirectory bounds the directory before archive/zip reads it. That one reads entries for as long as they look like
// some, whatever the end record says, and looks for the directory in two places; so it must be exactly where the end record
// is, and as long as that says.
func checkDirectory(r io.ReaderAt, size int64) error {
	tail := make([]byte, min(size, maxZipComment+zipEndSize))
	if n, err := r.ReadAt(tail, size-int64(len(tail))); n < len(tail) {
		return fmt.Errorf("reading the end of the archive: %w", err)
	}
	at := -1
	for i := len(tail) - zipEndSize; i >= 0; i-- {
		if binary.LittleEndian.Uint32(tail[i:]) == zipEnd && i+zipEndSize+int(binary.LittleEndian.Uint16(tail[i+20:])) <= len(tail) {
			at = i
			break
		}
	}
	if at < 0 {
		return Damaged("zip", errors.New("it has no end; it may have been cut short"))
	}
	end := size - int64(len(tail)) + int64(at)
	length := int64(binary.LittleEndian.Uint32(tail[at+12:]))
	start := int64(binary.LittleEndian.Uint32(tail[at+16:]))
	if length == 1<<32-1 || start == 1<<32-1 || binary.LittleEndian.Uint16(tail[at+10:]) == 1<<16-1 {
		var err error
		if start, length, end, err = directory64(r, start, length, end); err != nil {
			return err
		}
	}
	if length > maxDirectory {
		return fmt.Errorf("zip with a directory of %d MiB: %w", length>>20, ErrTooLarge)
	}
	if start < 0 || length < 0 || start+length != end {
		return Damaged("zip", errors.New("its directory is not where it should be"))
	}
	return nil
}

// directory64 finds the directory by the records of Zip64, where there are any: a small archive may have 65,535 entries.
func directory64(r io.ReaderAt, start, length, end int64) (int64, int64, int64, error) {
	var l [zipLocator]byte
	if n, _ := r.ReadAt(l[:], end-zipLocator); n < len(l) || binary.LittleEndian.Uint32(l[:]) != zipLocator64 { // n says it
		return start, length, end, nil
	}
	var e [zipEnd64Size]byte
	at := binary.LittleEndian.Uint64(l[8:])
	if at > uint64(end) {
		return 0, 0, 0, Damaged("zip", errors.New("its directory is not where it should be"))
	}
	if n, _ := r.ReadAt(e[:], int64(at)); n < len(e) || binary.LittleEndian.Uint32(e[:]) != zipEnd64 { // n says it
		return 0, 0, 0, Damaged("zip", errors.New("its directory is not where it should be"))
	}
	clamp := func(v uint64) int64 { return int64(min(v, 1<<60)) } // bounded
	return clamp(binary.LittleEndian.Uint64(e[48:])), clamp(binary.LittleEndian.Uint64(e[40:])), int64(at), nil
}
