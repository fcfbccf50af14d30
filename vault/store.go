package vault

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
	"github.com/rs/zerolog"
)

const (
	memTableSize = 4 << 20
	// Room that must be left before anything is written: Badger writes through memory maps, where a full disk is not
	// an error but a signal that ends the process. The next log file, a flush and a compaction fit into this.
	spaceReserve = 16 << 20
	openReserve  = 12 << 20
	// Room that the vault itself takes while it is open, and gives back just before it closes: closing flushes, and
	// others may have filled the disk meanwhile.
	ballastSize = 12 << 20
)

// takeBallast is no must: without room for it, writes are refused anyway.
func (v *Vault) takeBallast() {
	f, err := os.OpenFile(filepath.Join(v.dir, fileBallast), os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		err = errors.Join(reserve(f, ballastSize), f.Close())
	}
	if err != nil {
		v.opts.Log.Warn().Err(err).Msg("reserving room for a close on a full disk")
	}
}

func (v *Vault) dropBallast() {
	if err := os.Remove(filepath.Join(v.dir, fileBallast)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		v.opts.Log.Warn().Err(err).Msg("giving reserved room back")
	}
}

// storeOptions are Badger's options, measured in the project's notes on libraries. What must not be changed lightly:
// both caches are needed with encryption (without an index cache the first flush panics), checksums are verified as
// blocks are read, and every commit is synced before it is acknowledged.
func storeOptions(dir string, key []byte, log zerolog.Logger) badger.Options {
	return badger.DefaultOptions(dir).
		WithLogger(storeLog{log}).WithMetricsEnabled(false).
		WithEncryptionKey(key).WithEncryptionKeyRotationDuration(10 * 24 * time.Hour).
		WithIndexCacheSize(2 << 20).WithBlockCacheSize(2 << 20).
		WithSyncWrites(true).
		WithMemTableSize(memTableSize).WithNumMemtables(2).
		WithValueThreshold(512 << 10).WithValueLogFileSize(8 << 20).
		WithCompression(options.None).
		WithChecksumVerificationMode(options.OnBlockRead).WithVerifyValueChecksum(true).
		WithNumCompactors(2).WithNumGoroutines(1).
		WithNumLevelZeroTables(2).WithNumLevelZeroTablesStall(6).
		WithCompactL0OnClose(true).WithDetectConflicts(true)
}

// openStore opens Badger. Damage that it finds, also by a panic, is a *DamagedError.
func openStore(dir string, key []byte, log zerolog.Logger) (db *badger.DB, err error) {
	free, err := freeSpace(dir)
	if err != nil {
		return nil, err
	}
	if free < openReserve {
		return nil, fmt.Errorf("opening the store: %w", ErrDiskFull)
	}
	defer func() {
		if p := recover(); p != nil {
			db, err = nil, damaged("store", fmt.Sprintf("the database can't read its files: %v", p))
		}
	}()
	db, err = badger.Open(storeOptions(dir, key, log))
	if err != nil {
		if e := diskErr(err); errors.Is(e, ErrDiskFull) {
			return nil, e
		}
		return nil, damaged("store", "the database can't read its files: "+err.Error())
	}
	return db, nil
}

// reserveLogs makes Badger's sparse log files real, so that writes to their memory maps find room.
func reserveLogs(dir string) error {
	logs, err := filepath.Glob(filepath.Join(dir, "*.mem"))
	if err != nil {
		return err
	}
	for _, name := range logs {
		f, err := os.OpenFile(name, os.O_RDWR, 0)
		if errors.Is(err, fs.ErrNotExist) {
			continue // flushed and removed meanwhile
		}
		if err != nil {
			return err
		}
		st, err := f.Stat()
		if err == nil {
			err = reserve(f, st.Size())
		}
		if err := errors.Join(err, f.Close()); err != nil {
			return fmt.Errorf("reserving room for the log: %w", err)
		}
	}
	return nil
}

// storeLog passes Badger's warnings and errors on. Its lines hold file names and keyed hashes, nothing of a record.
type storeLog struct{ log zerolog.Logger }

func (l storeLog) Errorf(f string, a ...any) {
	l.log.Error().Str("part", "badger").Msg(strings.TrimSpace(fmt.Sprintf(f, a...)))
}

func (l storeLog) Warningf(f string, a ...any) {
	l.log.Warn().Str("part", "badger").Msg(strings.TrimSpace(fmt.Sprintf(f, a...)))
}
func (l storeLog) Infof(string, ...any)  {}
func (l storeLog) Debugf(string, ...any) {}
