package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"

	"github.com/keyferry/keyferry/host/protocol"
)

// brought is a file as it was when it was handed to the agent.
type brought struct {
	path      string
	info      os.FileInfo
	sum       hash.Hash
	plaintext bool
	remarks   bool // something of it was said to be lost or changed
}

// offerDeletion offers to delete a file that is not encrypted, once a second reading shows what of it the vault has.
func (a *app) offerDeletion(b *brought, q protocol.TransferImport) error {
	if b == nil || !b.plaintext {
		return nil
	}
	fmt.Fprintf(os.Stderr, "%s is not encrypted: anyone who gets it can read what it holds.\n", shown(b.path))
	left, err := a.leftIn(b, q)
	if err != nil {
		fmt.Fprintf(os.Stderr, "It was not read again, so keep it until you have looked: %v\n", err)
		return nil // the import is done
	}
	switch {
	case left > 0:
		fmt.Fprintf(os.Stderr, "Read again: %d of its entries are not in the vault, or otherwise. They would be lost.\n", left)
	default:
		fmt.Fprintln(os.Stderr, "Read again: each entry of it is in the vault.")
	}
	if b.remarks {
		fmt.Fprintln(os.Stderr, "Parts that are named above as lost are in this file only.")
	}
	if a.build.spares(b.path) {
		fmt.Fprintln(os.Stderr, "It stays: a test build deletes files in temporary folders only.")
		return nil
	}
	if err := a.confirm("Overwrite and delete it now?"); errors.Is(err, errNotDone) {
		return nil
	} else if err != nil {
		return err
	}
	if err := b.shred(); err != nil {
		return fmt.Errorf("the import is done, but the file was not deleted: %w", err)
	}
	fmt.Fprintln(os.Stderr, "Deleted. Copies elsewhere (the trash, a backup, a synchronised folder) are not touched, and flash memory may keep remnants.")
	return nil
}

// leftIn reads the file again and counts the entries that the vault does not have as the file has them.
func (a *app) leftIn(b *brought, q protocol.TransferImport) (int, error) {
	file, err := os.Open(b.path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	m, err := a.openMover()
	if err != nil {
		return 0, err
	}
	defer m.close()
	sum := sha256.New()
	if err := m.upload(q, io.TeeReader(file, sum)); err != nil {
		return 0, err
	}
	if !bytes.Equal(sum.Sum(nil), b.sum.Sum(nil)) {
		return 0, errors.New("it has changed meanwhile")
	}
	n := 0
	for status, k := range m.now.Counts {
		if status != "duplicate" {
			n += k
		}
	}
	return n, nil
}

// shred overwrites the file with zeros, as far as the file system lets one, and removes it: the very file that was read,
// and nothing that took its place.
func (b *brought) shred() error {
	info, err := os.Lstat(b.path)
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return errors.New("it is a link or no ordinary file; delete it by hand, and what it leads to")
	case otherNames(info):
		return errors.New("it has another name elsewhere, in a backup perhaps, and would be overwritten there, too; delete it by hand")
	}
	f, err := os.OpenFile(b.path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	now, err := f.Stat()
	if err != nil {
		return err
	}
	if !os.SameFile(now, info) || !os.SameFile(now, b.info) {
		return errors.New("it is another file by now")
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return err
	}
	if !bytes.Equal(sum.Sum(nil), b.sum.Sum(nil)) {
		return errors.New("it has changed meanwhile")
	}
	zeros := make([]byte, 64<<10)
	for at := int64(0); at < now.Size(); at += int64(len(zeros)) {
		if _, err := f.WriteAt(zeros[:min(now.Size()-at, int64(len(zeros)))], at); err != nil {
			return err
		}
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Remove(b.path)
}
