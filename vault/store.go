package vault

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
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
// blocks are read, and every commit is synced before it is acknowledged: by logSync where that works, else by Badger.
func storeOptions(dir string, key []byte, log zerolog.Logger) badger.Options {
	return badger.DefaultOptions(dir).
		WithLogger(storeLog{log}).WithMetricsEnabled(false).
		WithEncryptionKey(key).WithEncryptionKeyRotationDuration(10 * 24 * time.Hour).
		WithIndexCacheSize(2 << 20).WithBlockCacheSize(2 << 20).
		WithSyncWrites(!syncsMaps).
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
		if err == nil && st.Size() > 0 { // Badger empties a log before it removes it
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

// logSync makes Badger's log durable with one fdatasync. Badger's own way syncs its value log with every commit too,
// which nothing of ours is ever written to, and costs a second flush of the disk.
type logSync struct {
	dir   string
	hooks hooks
	f     *os.File
	fid   int
}

// sync comes after a commit. A commit may have begun a new log; everything in the older ones was synced by its own commit.
func (l *logSync) sync() error {
	if !syncsMaps {
		return nil
	}
	for {
		next := filepath.Join(l.dir, fmt.Sprintf("%05d.mem", l.fid+1))
		if l.f == nil {
			if err := l.findLog(); err != nil {
				return err
			}
			continue
		}
		if _, err := os.Lstat(next); errors.Is(err, fs.ErrNotExist) {
			break
		} else if err != nil {
			return err
		}
		f, err := os.OpenFile(next, os.O_RDWR, 0)
		if err != nil {
			return err
		}
		l.f.Close() // read by nobody: Badger has its own
		l.f, l.fid = f, l.fid+1
		if err := syncDir(l.dir); err != nil {
			return err
		}
	}
	return diskErr(l.hooks.fdatasync(l.f))
}

// findLog opens the newest log.
func (l *logSync) findLog() error {
	logs, err := storeFiles(l.dir, ".mem")
	if err != nil || len(logs) == 0 {
		return errors.Join(err, errors.New("the store has no log"))
	}
	newest := logs[len(logs)-1]
	if l.fid, err = strconv.Atoi(strings.TrimSuffix(filepath.Base(newest), ".mem")); err != nil {
		return err
	}
	if l.f, err = os.OpenFile(newest, os.O_RDWR, 0); err != nil {
		return err
	}
	return syncDir(l.dir)
}

func (l *logSync) close() {
	if l != nil && l.f != nil {
		l.f.Close()
		l.f = nil
	}
}
