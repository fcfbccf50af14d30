package vault

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dgraph-io/badger/v4/fb"
	"github.com/dgraph-io/badger/v4/pb"
	"google.golang.org/protobuf/proto"
)

// Badger's own files, read by ourselves and without believing anything: Badger ends the process, allocates by what a
// damaged length says, or deletes tables when its files are not what it expects. So they are looked at before it may
// open them, and what can still be read after damage is read here.
//
// Only what our options make is understood: AES-CTR encryption, no compression, values inside the tables and logs.

const (
	logHead      = 20 // key ID 8 | base IV 12
	maxLogEntry  = 1 << 20
	bitDelete    = 1 << 0
	bitPointer   = 1 << 1
	bitTxn       = 1 << 6
	bitFinTxn    = 1 << 7
	registryHead = 16 + 12 // IV | "Hello Badger", encrypted
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// rawEntry is one version of one record as a file holds it.
type rawEntry struct {
	key     recordKey
	ts      uint64 // Badger's version: the higher, the newer
	deleted bool
	value   []byte
}

// dataKeys are Badger's data keys by their number.
type dataKeys map[uint64]cipher.Block

// readRegistry reads a KEYREGISTRY file; an error when any of it is not whole.
func readRegistry(path string, storeKey []byte) (dataKeys, error) {
	b, err := readFile(path, 1<<20)
	if err != nil {
		return nil, err
	}
	master, err := aes.NewCipher(storeKey)
	if err != nil {
		return nil, err
	}
	if len(b) < registryHead {
		return nil, errors.New("cut short")
	}
	sanity := make([]byte, 12)
	cipher.NewCTR(master, b[:16]).XORKeyStream(sanity, b[16:registryHead])
	if string(sanity) != "Hello Badger" {
		return nil, errors.New("its key does not fit")
	}
	keys := dataKeys{}
	for b = b[registryHead:]; len(b) > 0; {
		if len(b) < 8 || uint64(binary.BigEndian.Uint32(b)) > uint64(len(b)-8) {
			return nil, errors.New("cut short")
		}
		n, sum := binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:])
		body := b[8 : 8+n]
		b = b[8+n:]
		var k pb.DataKey
		if crc32.Checksum(body, castagnoli) != sum || proto.Unmarshal(body, &k) != nil || len(k.Iv) != aes.BlockSize {
			return nil, errors.New("a data key is damaged")
		}
		plain := make([]byte, len(k.Data))
		cipher.NewCTR(master, k.Iv).XORKeyStream(plain, k.Data)
		block, err := aes.NewCipher(plain)
		clear(plain)
		if err != nil {
			return nil, errors.New("a data key is damaged")
		}
		keys[k.KeyId] = block
	}
	return keys, nil
}

// scanLog reads a .mem file: the log of what is not in a table yet. It returns where the last whole transaction ends,
// and whether anything but zeros follows. With past set it goes on behind a damaged entry where it can.
func scanLog(path string, keys dataKeys, past bool, emit func(rawEntry)) (end int64, rest bool, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return 0, false, err
	}
	if len(b) < logHead || isZero(b[:logHead]) {
		return 0, !isZero(b), nil // a log that a crash kept from being begun
	}
	key := keys[binary.BigEndian.Uint64(b)]
	if key == nil {
		return 0, true, errors.New("its data key is unknown")
	}
	iv := b[8:logHead]
	var txn []rawEntry
	var txnTS uint64
	off := logHead
	end = int64(off)
	for off < len(b) {
		e, meta, size, ok := logEntry(b, off, key, iv)
		if size == 0 {
			break
		}
		off += size
		switch {
		case !ok && past:
			txn = nil
		case !ok:
			return end, true, nil
		case meta&bitFinTxn != 0:
			for _, e := range txn {
				emit(e)
			}
			txn, txnTS, end = nil, 0, int64(off)
		case meta&bitTxn != 0:
			if txnTS != 0 && e.ts != txnTS && !past {
				return end, true, nil
			}
			txnTS = e.ts
			txn = append(txn, e)
		default:
			emit(e)
			end = int64(off)
		}
	}
	if past { // records of a transaction whose end is lost: each says itself whether it is genuine
		for _, e := range txn {
			emit(e)
		}
	}
	return end, !isZero(b[end:]), nil
}

// logEntry reads one entry: meta | user meta | key length | value length | expiry | key and value, encrypted | CRC-32C.
// size 0: there is none, or its lengths are impossible.
func logEntry(b []byte, off int, key cipher.Block, baseIV []byte) (e rawEntry, meta byte, size int, ok bool) {
	p := b[off:]
	if len(p) < 2 {
		return e, 0, 0, false
	}
	n := 2
	var lens [3]uint64
	for i := range lens {
		v, w := binary.Uvarint(p[n:])
		if w <= 0 {
			return e, 0, 0, false
		}
		lens[i] = v
		n += w
	}
	kl, vl := lens[0], lens[1]
	if kl == 0 || kl > 1024 || vl > maxLogEntry || uint64(len(p)-n) < kl+vl+4 {
		return e, 0, 0, false
	}
	body := n + int(kl+vl)
	size = body + 4
	if crc32.Checksum(p[:body], castagnoli) != binary.BigEndian.Uint32(p[body:]) {
		return e, 0, size, false
	}
	var iv [aes.BlockSize]byte
	copy(iv[:], baseIV)
	binary.BigEndian.PutUint32(iv[12:], uint32(off))
	plain := make([]byte, kl+vl)
	cipher.NewCTR(key, iv[:]).XORKeyStream(plain, p[n:body])
	meta = p[0]
	if meta&bitFinTxn != 0 {
		return e, meta, size, true
	}
	e, ok = entryOf(plain[:kl], meta, plain[kl:])
	return e, meta, size, ok
}

// entryOf takes Badger's timestamp off a key. Badger's own bookkeeping keys are no entries of ours.
func entryOf(k []byte, meta byte, value []byte) (rawEntry, bool) {
	var e rawEntry
	if len(k) != recordKeySize+8 || meta&bitPointer != 0 {
		return e, false
	}
	copy(e.key[:], k)
	e.ts = ^binary.BigEndian.Uint64(k[recordKeySize:])
	e.deleted, e.value = meta&bitDelete != 0, value
	return e, true
}

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

// storeFiles lists a store folder's files with that extension, oldest first.
func storeFiles(dir, ext string) ([]string, error) {
	list, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var out []string
	for _, f := range list {
		if strings.HasSuffix(f.Name(), ext) && f.Type().IsRegular() {
			out = append(out, filepath.Join(dir, f.Name()))
		}
	}
	slices.Sort(out)
	return out, err
}
