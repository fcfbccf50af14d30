package kdbx

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/keyferry/keyferry/cxp/formats"
)

// maxHeld bounds the memory for attached files, in bytes.
const maxHeld = 256 << 20

var (
	errFileTooLarge = fmt.Errorf("it has more than %d MiB", formats.MaxFile>>20)
	errFileMissing  = errors.New("the database does not contain it")
)

// store holds attached files in memory, since they stand before the entries they belong to. They are kept compressed, so that
// a small database that unpacks to a large one stays small here.
type store struct {
	files map[string]*held
	size  int64
	w     *flate.Writer
}

type held struct {
	chunks [][]byte
	err    error // why there is no content
}

func newStore() *store { return &store{files: map[string]*held{}} }

// addNext adds the next file of the inner header; its name is its number. size bytes of r are read.
func (s *store) addNext(r io.Reader, size int64) error {
	id := strconv.Itoa(len(s.files))
	if size > formats.MaxFile {
		n, err := io.Copy(io.Discard, r)
		if err == nil && n < size {
			err = io.ErrUnexpectedEOF
		}
		s.files[id] = &held{err: errFileTooLarge}
		return err
	}
	n, err := s.add(id, r)
	if err == nil && n < size {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// add adds a file; what fails on the way is returned, and ends the reading. It returns the size.
func (s *store) add(id string, r io.Reader) (int64, error) {
	if len(s.files) >= formats.MaxEntries {
		return 0, fmt.Errorf("more than %d attached files: %w", formats.MaxEntries, formats.ErrTooLarge)
	}
	h := &held{}
	sink := &chunks{s: s, h: h}
	if s.w == nil {
		w, err := flate.NewWriter(sink, flate.BestSpeed)
		if err != nil {
			return 0, err
		}
		s.w = w
	} else {
		s.w.Reset(sink)
	}
	n, err := io.Copy(s.w, r)
	if err != nil {
		return n, err
	}
	s.files[id] = h
	return n, s.w.Close()
}

// open opens a file that was added.
func (s *store) open(id string) (io.ReadCloser, error) {
	h := s.files[id]
	switch {
	case h == nil:
		return nil, errFileMissing
	case h.err != nil:
		return nil, h.err
	}
	readers := make([]io.Reader, len(h.chunks))
	for i, c := range h.chunks {
		readers[i] = bytes.NewReader(c)
	}
	return flate.NewReader(io.MultiReader(readers...)), nil
}

// chunks collects what a held file compresses to.
type chunks struct {
	s *store
	h *held
}

const chunkSize = 64 << 10

func (c *chunks) Write(p []byte) (int, error) {
	if c.s.size += int64(len(p)); c.s.size > maxHeld {
		return 0, fmt.Errorf("attached files of more than %d MiB together: %w", maxHeld>>20, formats.ErrTooLarge)
	}
	last := len(c.h.chunks) - 1
	if last < 0 || len(c.h.chunks[last])+len(p) > chunkSize {
		c.h.chunks = append(c.h.chunks, bytes.Clone(p))
		return len(p), nil
	}
	c.h.chunks[last] = append(c.h.chunks[last], p...)
	return len(p), nil
}

// addBytes is add for a file that is in memory.
func (s *store) addBytes(id string, content []byte) error {
	_, err := s.add(id, bytes.NewReader(content))
	return err
}
