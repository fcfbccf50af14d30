package vault

import (
	"bytes"
	"context"
	"crypto/cipher"
	"crypto/sha256"
	"crypto/subtle"
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
// keyferrytest.
type hooks struct {
	floor Cost             // instead of costFloor
	now   func() time.Time // instead of time.Now
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
	readOnly   bool
	check      *check // the verification that runs after an open
	search     searchIndex
	audit      auditBuffer

	ctx  context.Context // ends with Close
	stop context.CancelFunc
	wg   sync.WaitGroup
}

// Create makes a vault in the folder (mode 0700, made if need be) with one key slot for the given secret, and opens
// it. ErrVaultExists when there is one.
func Create(ctx context.Context, dir string, first Secret, o Options) (*Vault, error) {
	if first.kind != SlotPassphrase && first.kind != SlotRecovery && first.kind != SlotKeyring {
		return nil, fmt.Errorf("a vault can't be made with this kind of secret: %w", ErrInvalid)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := privateDir(dir, true); err != nil {
		return nil, err
	}
	lock, err := takeLock(dir)
	if err != nil {
		return nil, err
	}
	v := newVault(dir, o, lock)
	if err := v.create(first); err != nil {
		v.abandon()
		return nil, err
	}
	return v, nil
}

func (v *Vault) create(first Secret) error {
	if there, err := Exists(v.dir); err != nil {
		return err
	} else if there {
		return ErrVaultExists
	}
	if err := v.removeOtherGenerations(0); err != nil { // a creation that a crash cut short
		return err
	}
	cost := Cost{}
	if first.kind == SlotPassphrase {
		var err error
		if cost, err = v.opts.cost(); err != nil {
			return err
		}
	}
	root := randomKey()
	v.useRoot(root)
	v.hdr = &header{vault: NewID(), revision: 1, created: v.opts.now(), gen: 1}
	v.newEpoch(1)
	s, err := newSlot(v.hdr.vault, root, first, cost, slot{id: NewID(), created: v.opts.now()})
	if err != nil {
		return err
	}
	v.hdr.slots = []slot{s}
	if err = v.newStore(1); err != nil {
		return err
	}
	// The header comes last: before it there is no vault.
	if err := v.writeHeader(v.hdr, v.keys); err != nil {
		return err
	}
	v.check = finishedCheck()
	v.start()
	return nil
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

// newStore makes an empty generation: Badger's folder with a first state record, and its anchor.
func (v *Vault) newStore(gen uint32) error {
	dir := v.genFile(dirStore, gen)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return diskErr(err)
	}
	db, err := openStore(dir, v.keys.store(gen), v.opts.Log)
	if err != nil {
		return err
	}
	v.db, v.logs, v.st = db, &logSync{dir: dir}, state{commit: 1}
	if err := reserveLogs(dir); err != nil {
		return err
	}
	value := v.epochs.seal(stateKey, 0, 1, v.st.encode(), nil)
	if err := db.Update(func(b *badger.Txn) error { return b.Set(stateKey[:], value) }); err != nil {
		return diskErr(err)
	}
	if err := v.logs.sync(); err != nil {
		return err
	}
	a := anchor{vault: v.hdr.vault, gen: gen, commit: 1, state: sha256.Sum256(value)}
	v.anchor, err = createAnchor(v.genFile(fileAnchor, gen), v.keys.anchor, a)
	return err
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

// Verify says whether the secret opens one of the vault's slots: a fresh proof of who is there, independent of the
// vault being open. ErrWrongSecret when not. The login keyring proves nothing about who is there: ErrInvalid.
func (v *Vault) Verify(ctx context.Context, s Secret) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.kind == SlotKeyring {
		return fmt.Errorf("the login keyring is no proof of a person: %w", ErrInvalid)
	}
	v.hmu.RLock()
	h := v.hdr.clone()
	own := bytes.Clone(v.keys.root)
	v.hmu.RUnlock()
	defer clear(own)
	root, err := h.open(s, v.opts.floor())
	if err != nil {
		return err
	}
	defer clear(root)
	if subtle.ConstantTimeCompare(root, own) != 1 {
		return ErrWrongSecret // a PIN blob from before the keys were changed
	}
	return nil
}

// ID names the vault for as long as it exists, whatever becomes of its keys.
func (v *Vault) ID() ID {
	v.hmu.RLock()
	defer v.hmu.RUnlock()
	return v.hdr.vault
}

// IDOf reads a vault's ID without opening it. It is not authenticated: good for finding something again, not for a
// decision. ErrNoVault.
func IDOf(dir string) (ID, error) {
	for _, name := range []string{fileHeader, fileBackup} {
		raw, err := readFile(filepath.Join(dir, name), maxHeader)
		if err != nil {
			continue
		}
		if h, err := decodeHeader(raw); err == nil {
			return h.vault, nil
		}
	}
	if there, err := Exists(dir); err != nil {
		return ID{}, err
	} else if !there {
		return ID{}, ErrNoVault
	}
	return ID{}, damaged("header", "neither copy can be read")
}
