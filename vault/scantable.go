package vault

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"

	"github.com/dgraph-io/badger/v4/fb"
	"github.com/dgraph-io/badger/v4/pb"
	"google.golang.org/protobuf/proto"
)

// Badger's tables (.sst), read without Badger.

// tableIndex is where a table's blocks lie.
type tableIndex struct {
	raw    []byte // encrypted; its checksum is right
	blocks int64  // where the blocks end
}

// readTableIndex checks a table's foot: … index | index length 4 | checksum | checksum length 4.
func readTableIndex(b []byte) (tableIndex, error) {
	bad := func(what string) (tableIndex, error) { return tableIndex{}, errors.New(what) }
	take := func(n uint64) ([]byte, bool) {
		if n > uint64(len(b)) {
			return nil, false
		}
		v := b[uint64(len(b))-n:]
		b = b[:uint64(len(b))-n]
		return v, true
	}
	l, ok := take(4)
	if !ok {
		return bad("cut short")
	}
	sum, ok := take(uint64(binary.BigEndian.Uint32(l)))
	if !ok || len(sum) > 64 {
		return bad("its foot is damaged")
	}
	var want pb.Checksum
	if proto.Unmarshal(sum, &want) != nil || want.Algo != pb.Checksum_CRC32C {
		return bad("its foot is damaged")
	}
	if l, ok = take(4); !ok {
		return bad("its foot is damaged")
	}
	index, ok := take(uint64(binary.BigEndian.Uint32(l)))
	if !ok || len(index) <= aes.BlockSize || uint64(crc32.Checksum(index, castagnoli)) != want.Sum {
		return bad("its index is damaged")
	}
	return tableIndex{raw: index, blocks: int64(len(b))}, nil
}

// scanTable reads what can be read of a table and returns how many of its blocks can't. An error: none can.
func scanTable(path string, keys dataKeys, emit func(rawEntry)) (bad int, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("its index is damaged: %v", p)
		}
	}()
	b, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	index, err := readTableIndex(b)
	if err != nil {
		if n := scanWithoutIndex(b, keys, emit); n > 0 {
			return 0, fmt.Errorf("%w; %d of its blocks were found without it", err, n)
		}
		return 0, err
	}
	err = errors.New("no data key fits")
	for _, key := range keys {
		n, good, kerr := scanBlocks(b, index, key, emit)
		if kerr == nil && good > 0 {
			return n, nil
		}
	}
	return 0, err
}

// scanWithoutIndex finds blocks where a table's index is lost: each begins where the one before ends, and its end is where the
// bytes before it, taken as an IV, make a plausible checksum length and then a right checksum.
func scanWithoutIndex(b []byte, keys dataKeys, emit func(rawEntry)) (found int) {
	for _, key := range keys {
		for start := 0; ; found++ {
			end := blockEnd(b, start, key, emit)
			if end == 0 {
				break
			}
			start = end
		}
		if found > 0 {
			return found
		}
	}
	return 0
}

func blockEnd(b []byte, start int, key cipher.Block, emit func(rawEntry)) int {
	var ctr, stream [aes.BlockSize]byte
	for end := start + 32; end <= min(len(b), start+maxLogEntry/2); end++ {
		size := end - start - aes.BlockSize
		copy(ctr[:], b[end-aes.BlockSize:])
		low := binary.BigEndian.Uint64(ctr[8:])
		sum := low + uint64((size-4)/aes.BlockSize)
		binary.BigEndian.PutUint64(ctr[8:], sum)
		if sum < low {
			binary.BigEndian.PutUint64(ctr[:], binary.BigEndian.Uint64(ctr[:])+1)
		}
		key.Encrypt(stream[:], ctr[:])
		// The high bytes of the checksum's length are zero; the first of them suffices to leave most candidates out.
		if at := (size - 4) % aes.BlockSize; b[end-aes.BlockSize-4] != stream[at] {
			continue
		}
		if scanBlock(decryptTail(b[start:end], key), emit) == nil {
			return end
		}
	}
	return 0
}

func scanBlocks(b []byte, index tableIndex, key cipher.Block, emit func(rawEntry)) (bad, good int, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("not the key of this table: %v", p)
		}
	}()
	t := fb.GetRootAsTableIndex(decryptTail(index.raw, key), 0)
	n := t.OffsetsLength()
	if int64(n) > index.blocks {
		return 0, 0, errors.New("not the key of this table")
	}
	var bo fb.BlockOffset
	for i := range n {
		if !t.Offsets(&bo, i) {
			return 0, 0, errors.New("not the key of this table")
		}
		from, size := int64(bo.Offset()), int64(bo.Len())
		if size <= aes.BlockSize || from+size > index.blocks || scanBlock(decryptTail(b[from:from+size], key), emit) != nil {
			bad++
			continue
		}
		good++
	}
	return bad, good, nil
}

// decryptTail decrypts what has its IV behind it.
func decryptTail(b []byte, key cipher.Block) []byte {
	iv := b[len(b)-aes.BlockSize:]
	out := make([]byte, len(b)-aes.BlockSize)
	cipher.NewCTR(key, iv).XORKeyStream(out, b[:len(out)])
	return out
}

var errBlock = errors.New("a block is damaged")

// scanBlock: entries | their offsets 4 each | their number 4 | checksum | checksum length 4. An entry is the length of what its key
// shares with the first key 2 | the rest's length 2 | the rest | meta | user meta | expiry | value.
func scanBlock(b []byte, emit func(rawEntry)) error {
	if len(b) < 8 {
		return errBlock
	}
	n := uint64(binary.BigEndian.Uint32(b[len(b)-4:]))
	if n > uint64(len(b)-8) || n > 64 {
		return errBlock
	}
	var want pb.Checksum
	sum := b[uint64(len(b))-4-n : len(b)-4]
	b = b[:uint64(len(b))-4-n]
	if proto.Unmarshal(sum, &want) != nil || uint64(crc32.Checksum(b, castagnoli)) != want.Sum {
		return errBlock
	}
	count := uint64(binary.BigEndian.Uint32(b[len(b)-4:]))
	if count*4 > uint64(len(b)-4) {
		return errBlock
	}
	offsets := b[uint64(len(b))-4-count*4 : len(b)-4]
	data := b[:uint64(len(b))-4-count*4]
	var base []byte
	for i := range count {
		from, to := binary.LittleEndian.Uint32(offsets[4*i:]), uint32(len(data))
		if i+1 < count {
			to = binary.LittleEndian.Uint32(offsets[4*i+4:])
		}
		if from > to || int64(to) > int64(len(data)) || to-from < 4 {
			return errBlock
		}
		e := data[from:to]
		overlap, diff := int(binary.LittleEndian.Uint16(e)), int(binary.LittleEndian.Uint16(e[2:]))
		if overlap > len(base) || len(e) < 4+diff+3 {
			return errBlock
		}
		k := append(bytes.Clone(base[:overlap]), e[4:4+diff]...)
		if base == nil {
			base = k
		}
		v := e[4+diff:]
		_, w := binary.Uvarint(v[2:])
		if w <= 0 {
			return errBlock
		}
		if r, ok := entryOf(k, v[0], bytes.Clone(v[2+w:])); ok {
			emit(r)
		}
	}
	return nil
}
