package cxp

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"io"
	"strings"
)

// directory holds the zip's directory, whose first signature was read, against the entries that came
// before it, to the very last byte (APPNOTE 4.3.12 to 4.3.16).
func (z *zipReader) directory(sig uint32) error {
	start := z.at - 4
	for i := range z.entries {
		if sig != sigDirectory {
			return zipError("directory lists %d of %d entries", i, len(z.entries))
		}
		if err := z.directoryEntry(&z.entries[i]); err != nil {
			return err
		}
		var err error
		if sig, err = z.uint32(); err != nil {
			return err
		}
	}
	size := z.at - 4 - start
	long := sig == sigEnd64
	if long {
		if err := z.end64(start, size); err != nil {
			return err
		}
		var err error
		if sig, err = z.uint32(); err != nil {
			return err
		}
	}
	if sig != sigEnd {
		return zipError("directory has no end record where it should")
	}
	return z.end(start, size, long)
}

func (z *zipReader) directoryEntry(e *zipEntry) error {
	var h [42]byte
	if err := z.full(h[:]); err != nil {
		return err
	}
	le := binary.LittleEndian
	nameLen, extraLen, commentLen := int(le.Uint16(h[24:])), int(le.Uint16(h[26:])), int(le.Uint16(h[28:]))
	if nameLen != len(e.name) {
		return zipError("directory and entry disagree on a name")
	}
	name := make([]byte, nameLen)
	if err := z.full(name); err != nil {
		return err
	}
	if err := z.skip(extraLen + commentLen); err != nil {
		return err
	}
	switch {
	case !bytes.Equal(name, []byte(e.name)):
		return zipError("directory and entry disagree on a name")
	case le.Uint16(h[4:])&^flagDescriptor != e.flags&^flagDescriptor, le.Uint16(h[6:]) != 0, le.Uint32(h[12:]) != e.crc,
		int64(le.Uint32(h[16:])) != e.size, int64(le.Uint32(h[20:])) != e.size,
		le.Uint16(h[30:]) != 0, int64(le.Uint32(h[38:])) != e.offset:
		return zipError("directory and entry disagree")
	}
	return nil
}

// end64 reads the zip64 end record and its locator. They are needed from 65,535 entries on; sizes and
// offsets always fit the 32-bit fields, since a payload has at most some 1.4 GiB.
func (z *zipReader) end64(start, size int64) error {
	at := z.at - 4
	var h [72]byte // record after its signature (52 bytes) and locator (20 bytes)
	if err := z.full(h[:]); err != nil {
		return err
	}
	le := binary.LittleEndian
	n := uint64(len(z.entries))
	switch {
	case le.Uint64(h[0:]) != 44, le.Uint32(h[12:]) != 0, le.Uint32(h[16:]) != 0,
		le.Uint64(h[20:]) != n, le.Uint64(h[28:]) != n,
		le.Uint64(h[36:]) != uint64(size), le.Uint64(h[44:]) != uint64(start):
		return zipError("zip64 end record disagrees with the directory")
	case le.Uint32(h[52:]) != sigLocator64, le.Uint32(h[56:]) != 0, le.Uint64(h[60:]) != uint64(at), le.Uint32(h[68:]) != 1:
		return zipError("zip64 locator is wrong")
	}
	return nil
}

func (z *zipReader) end(start, size int64, long bool) error {
	var h [18]byte
	if err := z.full(h[:]); err != nil {
		return err
	}
	le := binary.LittleEndian
	// All ones say "see the zip64 record", which a writer may put in any field once there is one.
	fits := func(got, want, ones int64) bool { return got == want || long && got == ones }
	n := int64(len(z.entries))
	switch {
	case le.Uint32(h[0:]) != 0, !fits(int64(le.Uint16(h[4:])), n, 0xffff), !fits(int64(le.Uint16(h[6:])), n, 0xffff),
		!fits(int64(le.Uint32(h[8:])), size, 0xffffffff), !fits(int64(le.Uint32(h[12:])), start, 0xffffffff):
		return zipError("end record disagrees with the directory")
	case le.Uint16(h[16:]) != 0:
		return zipError("archive comment")
	}
	if _, err := z.r.ReadByte(); err == nil {
		return zipError("data behind the archive")
	} else if !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

// fileID gives the decoded id in an attached file's entry name.
func fileID(name string) ([]byte, error) {
	text, ok := strings.CutPrefix(name, filePrefix)
	if ok {
		text, ok = strings.CutSuffix(text, entrySuffix)
	}
	if !ok || text == "" {
		return nil, zipError("an entry that the profile does not know")
	}
	id, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(id) > MaxFileIDSize || strings.ContainsAny(text, "\r\n") {
		return nil, zipError("a file entry whose name is no id")
	}
	return id, nil
}

// fileName is the entry name for a decoded id.
func fileName(id []byte) string {
	return filePrefix + base64.RawURLEncoding.EncodeToString(id) + entrySuffix
}
