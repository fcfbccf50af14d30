package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// outFile is a file that is there whole or not at all, readable by its owner alone, and that takes nobody's place.
type outFile struct {
	path  string
	temp  *os.File
	sum   hash.Hash
	head  []byte
	force bool
}

// createOut begins a file. One that exists already is an error, unless force is set.
func createOut(path string, force bool) (*outFile, error) {
	if _, err := os.Lstat(path); err == nil && !force {
		return nil, fmt.Errorf("%s exists already; choose another name, or add --force to replace it", path)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	temp, err := os.CreateTemp(filepath.Dir(path), ".keyferry-*") // mode 0600
	if err != nil {
		return nil, fmt.Errorf("can't write there: %w", err)
	}
	return &outFile{path: path, temp: temp, sum: sha256.New(), force: force}, nil
}

// Write implements io.Writer.
func (o *outFile) Write(p []byte) (int, error) {
	n, err := o.temp.Write(p)
	o.sum.Write(p[:n])
	o.head = append(o.head, p[:min(n, 4-len(o.head))]...)
	return n, err
}

// nameAsZip gives a file that came out as an archive the ending of one. The person has not named that, so nothing is
// replaced there.
func (o *outFile) nameAsZip() {
	ext := filepath.Ext(o.path)
	if string(o.head) != "PK\x03\x04" || strings.EqualFold(ext, ".zip") {
		return
	}
	if strings.EqualFold(ext, ".json") || strings.EqualFold(ext, ".cxf") {
		o.path = strings.TrimSuffix(o.path, ext)
	}
	o.path, o.force = o.path+".zip", false
}

// commit puts the file in its place and reads it back.
func (o *outFile) commit() error {
	if err := o.temp.Sync(); err != nil {
		return err
	}
	if err := o.readBack(); err != nil {
		return err
	}
	if err := o.temp.Close(); err != nil {
		return err
	}
	if o.force {
		return os.Rename(o.temp.Name(), o.path)
	}
	err := os.Link(o.temp.Name(), o.path) // fails where something is there meanwhile
	if err == nil {
		return os.Remove(o.temp.Name())
	}
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s exists by now; nothing was replaced", o.path)
	}
	if _, there := os.Lstat(o.path); there == nil { // a file system without links
		return fmt.Errorf("%s exists by now; nothing was replaced", o.path)
	}
	return os.Rename(o.temp.Name(), o.path)
}

func (o *outFile) readBack() error {
	if _, err := o.temp.Seek(0, io.SeekStart); err != nil {
		return err
	}
	h := sha256.New()
	if _, err := io.Copy(h, o.temp); err != nil {
		return fmt.Errorf("the file does not read back: %w", err)
	}
	if string(h.Sum(nil)) != string(o.sum.Sum(nil)) {
		return errors.New("the file does not read back as it was written; is the disk all right?")
	}
	return nil
}

// abort removes what was begun; after commit it does nothing.
func (o *outFile) abort() {
	o.temp.Close()
	os.Remove(o.temp.Name())
}
