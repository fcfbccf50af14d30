package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

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
