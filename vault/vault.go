package vault

import (
	"context"
	"crypto/cipher"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/rs/zerolog"
)

// Options are what an opener may choose. The zero value is right for most.
type Options struct {
	Log zerolog.Logger // what the vault and its database have to say; never a secret

	// Cost is the Argon2id work of a new passphrase slot; zero: Calibrate decides. Below 64 MiB and 3 passes is
	// refused with ErrWeakCost.
	Cost Cost

	// ReadOnlyIfDamaged opens a damaged vault for reading what still authenticates, instead of returning a
	// *DamagedError. Damage then tells what was found.
	ReadOnlyIfDamaged bool

	salvaging bool // Salvage is reading: nothing in the folder is changed

	hooks hooks // for this package's tests
}

// hooks reach what a release never changes. They are set by tests inside this package, and by a build with the tag
// keyferrytest or cheapkdf.
type hooks struct {
	floor Cost             // instead of costFloor
	now   func() time.Time // instead of time.Now
	disk  func(diskStep)   // told of each step that makes a change durable
}

func (o *Options) floor() Cost {
	if o.hooks.floor != (Cost{}) {
		return o.hooks.floor
	}
	return costFloor
}

func (o *Options) cost() (Cost, error) {
	if o.Cost == (Cost{}) {
		return Calibrate(), nil
	}
	return o.Cost, o.Cost.check(o.floor())
}

func (o *Options) now() time.Time {
	if o.hooks.now != nil {
		return o.hooks.now()
	}
	return time.Now()
}

// Vault is an open vault. Its methods may be called from any goroutine; changes are made one after another.
type Vault struct {
	dir  string
	opts Options
	lock *lockFile

	mu sync.RWMutex // held for reading while db is used; for writing to replace or close it
	db *badger.DB

	snaps snapshots

	wmu     sync.Mutex // one writer; guards what follows
	st      state
	anchor  *anchorFile
	logs    *logSync
	summer  *summer
	written int64 // bytes since the log files were last looked at
	failed  error // a commit whose outcome is unknown

	hmu    sync.RWMutex // guards hdr's slots; hdr is changed under wmu too
	hdr    *header
	keys   *keys
	epochs *epochs

	stages     atomic.Pointer[[]uint32] // st.open, for readers
	openDamage *DamagedError            // what opening found
	newer      uint64                   // revision of a newer header than the one that opened; 0: there is none
	readOnly   bool
	check      *check // the verification that runs after an open
	search     searchIndex
	audit      auditBuffer

	ctx  context.Context // ends with Close
	stop context.CancelFunc
	wg   sync.WaitGroup
}

// Open opens the vault with a secret that one of its slots knows. Errors a caller decides on: ErrNoVault,
// ErrWrongSecret, *InUseError, *DamagedError (see Options.ReadOnlyIfDamaged), ErrDiskFull, ErrNewer.
//
// The records are verified in the background from here on; see Health.
func Open(ctx context.Context, dir string, s Secret, o Options) (*Vault, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if there, err := Exists(dir); err != nil {
		return nil, err
	} else if !there {
		return nil, ErrNoVault
	}
	if err := privateDir(dir, false); err != nil {
		return nil, err
	}
	lock, err := takeLock(dir)
	if err != nil {
		return nil, err
	}
	v := newVault(dir, o, lock)
	if err := v.open(ctx, s); err != nil {
		v.abandon()
		return nil, err
	}
	return v, nil
}

func newVault(dir string, o Options, lock *lockFile) *Vault {
	v := &Vault{dir: dir, opts: o, lock: lock}
	v.ctx, v.stop = context.WithCancel(context.Background())
	return v
}

func (v *Vault) useRoot(root []byte) {
	v.keys = newKeys(root)
	v.summer = newSummer(v.keys.sum)
	v.epochs = &epochs{aeads: map[uint32]cipher.AEAD{}}
}

// newEpoch makes a record key, current from now on, and puts it into the header's list.
func (v *Vault) newEpoch(n uint32) {
	key := randomKey()
	v.hdr.epochs = append(v.hdr.epochs, epochKey{n, v.keys.wrapEpoch(v.hdr.vault, n, key)})
	v.epochs.aeads[n] = newAEAD(key)
	v.epochs.current = n
	clear(key)
}

func (v *Vault) open(ctx context.Context, s Secret) error {
	if err := v.openHeader(s); err != nil {
		return err
	}
	if err := v.openGeneration(ctx); err != nil {
		return err
	}
	v.startCheck()
	v.start()
	return nil
}

func (v *Vault) storeDir() string { return filepath.Join(v.dir, genName(dirStore, v.hdr.gen)) }

func (v *Vault) genFile(prefix string, gen uint32) string {
	return filepath.Join(v.dir, genName(prefix, gen))
}

// removeOtherGenerations removes what a crash left of generations other than keep.
func (v *Vault) removeOtherGenerations(keep uint32) error {
	list, err := os.ReadDir(v.dir)
	if err != nil {
		return err
	}
	for _, f := range list {
		_, gen, ok := genOf(strings.TrimSuffix(f.Name(), ".tmp"))
		if half := strings.HasSuffix(f.Name(), ".tmp"); ok && (half || gen != keep) {
			if err := os.RemoveAll(filepath.Join(v.dir, f.Name())); err != nil {
				return fmt.Errorf("removing what an interrupted change left: %w", err)
			}
		}
	}
	return nil
}

// start begins the work that goes on while the vault is open.
func (v *Vault) start() {
	if !v.readOnly {
		v.takeBallast()
	}
	v.wg.Go(v.flushLoop)
	if v.hdr.rewrite != nil && !v.readOnly {
		v.wg.Go(v.resumeRewrite)
	}
}

// abandon gives everything back after a failed Create or Open.
func (v *Vault) abandon() {
	v.stop()
	if v.check != nil {
		v.check.wait()
	}
	v.wg.Wait()
	v.dropBallast()
	v.snaps.renew()
	if v.db != nil {
		if err := v.db.Close(); err != nil {
			v.opts.Log.Warn().Err(err).Msg("closing the store after a failed open")
		}
	}
	v.forget()
}

// forget drops keys and locks; errors are of no use to anyone here but worth a line in the log.
func (v *Vault) forget() {
	v.logs.close()
	if err := errors.Join(v.anchor.close(), v.lock.release()); err != nil && !errors.Is(err, fs.ErrClosed) {
		v.opts.Log.Warn().Err(err).Msg("giving the vault's files back")
	}
	if v.keys != nil {
		v.keys.clear()
	}
}

// Close writes what is pending, closes the store in good order and gives the lock back. After an error the vault is
// closed all the same; the next open repairs.
func (v *Vault) Close() error {
	flushErr := v.Flush(context.Background())
	if errors.Is(flushErr, ErrClosed) {
		return nil
	}
	if errors.Is(flushErr, ErrReadOnly) {
		flushErr = nil
	}
	v.stop()
	v.check.wait()
	v.wg.Wait()
	v.wmu.Lock()
	defer v.wmu.Unlock()
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.db == nil {
		return nil
	}
	v.dropBallast()
	v.snaps.renew()
	err := v.db.Close()
	v.db = nil
	if err == nil && !v.readOnly && v.failed == nil {
		err = v.sealStore()
	}
	v.forget()
	if err = errors.Join(flushErr, err); err != nil {
		return fmt.Errorf("closing the vault: %w", diskErr(err))
	}
	return nil
}
