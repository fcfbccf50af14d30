//go:build linux

package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// search finds any of many patterns in one pass: a filter of bits over eight bytes, then a table, then the comparison.
type search struct {
	bits    [1 << 18]uint64
	table   map[uint64][]pattern
	longest int
}

type pattern struct {
	bytes    []byte
	encoding string
	needle   int
}

func newSearch(needles [][]byte) *search {
	s := &search{table: map[uint64][]pattern{}}
	for n, needle := range needles {
		for encoding, b := range encodings(needle) {
			if len(b) < 12 { // it would be found by chance
				continue
			}
			first := binary.LittleEndian.Uint64(b)
			s.table[first] = append(s.table[first], pattern{b, encoding, n})
			at := spot(first)
			s.bits[at>>6] |= 1 << (at & 63)
			s.longest = max(s.longest, len(b))
		}
	}
	return s
}

func spot(v uint64) uint64 { return v * 0x9e3779b97f4a7c15 >> 40 }

// encodings are the ways in which bytes are written down, wherever they stand within something longer.
func encodings(needle []byte) map[string][]byte {
	all := map[string][]byte{"raw": needle}
	text := map[string]string{
		"hex": hex.EncodeToString(needle),
		"HEX": strings.ToUpper(hex.EncodeToString(needle)),
	}
	for shift := range 3 {
		std := base64.RawStdEncoding.EncodeToString(append(make([]byte, shift), needle...))
		// Characters that hold bits of a neighbour too are left out.
		std = std[(shift*8+5)/6 : (shift+len(needle))*8/6]
		text["base64+"+strconv.Itoa(shift)] = std
		text["base64url+"+strconv.Itoa(shift)] = strings.NewReplacer("+", "-", "/", "_").Replace(std)
	}
	var decimals []string
	for _, b := range needle[:min(16, len(needle))] {
		decimals = append(decimals, strconv.Itoa(int(b)))
	}
	text["decimal"] = strings.Join(decimals, ",")
	for name, t := range text {
		all[name] = []byte(t)
		all[name+" utf-16"] = utf16(t)
	}
	return all
}

func utf16(s string) []byte {
	out := make([]byte, 0, 2*len(s))
	for i := range len(s) {
		out = append(out, s[i], 0)
	}
	return out
}

// file searches a file, holes left out. It returns how many bytes it looked at.
func (s *search) file(path string) (found []Found, looked int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	seen := map[Found]bool{}
	buf := make([]byte, 1<<20)
	for at := int64(0); ; {
		begin, err := unix.Seek(int(f.Fd()), at, unix.SEEK_DATA)
		if errors.Is(err, unix.ENXIO) {
			break // nothing but a hole is left
		}
		if err != nil {
			begin = at // a file system without holes
		}
		end, err := unix.Seek(int(f.Fd()), begin, unix.SEEK_HOLE)
		if err != nil || end <= begin {
			end = 1<<63 - 1
		}
		for at = begin; at < end; {
			n, err := f.ReadAt(buf[:min(int64(len(buf)), end-at)], at)
			for _, p := range s.in(buf[:n]) {
				seen[Found{path, p.encoding, p.needle}] = true
			}
			looked += int64(n)
			if err != nil || n <= s.longest {
				if errors.Is(err, io.EOF) || n == 0 {
					end = -1
				}
				at += int64(n)
				break
			}
			at += int64(n - s.longest) // what lies on the seam is looked at again
		}
		if end < 0 || at == begin {
			break
		}
	}
	for p := range seen {
		found = append(found, p)
	}
	return found, looked, nil
}

func (s *search) in(b []byte) (found []pattern) {
	var v uint64
	for i, c := range b {
		v = v>>8 | uint64(c)<<56
		at := spot(v)
		if i < 7 || s.bits[at>>6]&(1<<(at&63)) == 0 {
			continue
		}
		for _, p := range s.table[v] {
			if bytes.HasPrefix(b[i-7:], p.bytes) {
				found = append(found, p)
			}
		}
	}
	return found
}
