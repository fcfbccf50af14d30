package cxp

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"hash"
	"io"

	"github.com/keyferry/keyferry/cxp/cxf"
)

// wantedFile is a file that the document's credentials refer to.
type wantedFile struct {
	refs   []cxf.FileRef // all with one id; none if the credentials are unreadable
	hashes [][]byte
	seen   bool
}

// File is one attached file, to be read to its end.
type File struct {
	// Refs are the credentials that name this file: usually one.
	Refs    []cxf.FileRef
	content *inflater
	hash    hash.Hash
	hashes  [][]byte
	name    string
	packed  []byte
	err     error
}

// Read gives the file's content. io.EOF comes only after its SHA-256 was found to be integrityHash;
// what was read before an error must be thrown away.
func (f *File) Read(p []byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	n, err := f.content.Read(p)
	f.hash.Write(p[:n])
	if err == nil {
		return n, nil
	}
	clear(f.packed)
	f.packed = nil
	f.err = io.EOF
	if !errors.Is(err, io.EOF) {
		f.err = &EntryError{f.name, err}
		return 0, f.err
	}
	sum := f.hash.Sum(nil)
	for _, want := range f.hashes {
		if subtle.ConstantTimeCompare(sum, want) != 1 {
			f.err = &EntryError{f.name, ErrIntegrity}
			return 0, f.err
		}
	}
	return n, f.err
}

// NextFile moves to the next attached file; a file not read to its end is read and checked first. At
// the end it checks what is left of the response and returns io.EOF: only then is Verified true. Any
// other error refuses the whole response.
func (im *Import) NextFile() (*File, error) {
	if im.err == nil {
		im.current, im.err = im.nextFile()
	}
	if im.err != nil {
		return nil, im.err
	}
	return im.current, nil
}

func (im *Import) nextFile() (*File, error) {
	if im.current != nil {
		if _, err := io.Copy(io.Discard, im.current); err != nil {
			return nil, err
		}
	}
	for {
		e, body, err := im.zip.next()
		if errors.Is(err, io.EOF) {
			if err := im.finish(); err != nil {
				return nil, err
			}
			im.verified = true
			return nil, io.EOF
		}
		if err != nil {
			return nil, err
		}
		f, err := im.file(e, body)
		if err != nil {
			return nil, &EntryError{e.name, err}
		}
		if len(f.Refs) > 0 {
			return f, nil
		}
		// Of a credential that could not be read: verified like any other, then dropped.
		if _, err := io.Copy(io.Discard, f); err != nil {
			return nil, err
		}
	}
}

func (im *Import) file(e *zipEntry, body io.Reader) (*File, error) {
	id, err := fileID(e.name)
	if err != nil {
		return nil, err
	}
	w := im.wanted[string(id)]
	if w == nil {
		return nil, zipError("no file credential names this entry")
	}
	w.seen = true
	packed, err := im.entry(e, body, MaxFileSize)
	if err != nil {
		return nil, err
	}
	return &File{
		Refs: w.refs, hashes: w.hashes, name: e.name, packed: packed, hash: sha256.New(),
		content: newInflater(packed, MaxFileSize, &im.total),
	}, nil
}

// Drain reads and checks every file that is left without keeping any: for a dry run, or to verify a
// backup just written. It returns nil when the response is Verified.
func (im *Import) Drain() error {
	for {
		if _, err := im.NextFile(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}
