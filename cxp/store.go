package cxp

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// Sealer encrypts under a key that this package never sees, e.g. a vault's. Open must fail if sealed
// or aad is not what Seal returned and was given.
type Sealer interface {
	Seal(plaintext, aad []byte) (sealed []byte, err error)
	Open(sealed, aad []byte) (plaintext []byte, err error)
}

// Store keeps the keys of indirect requests until their responses come: one sealed file per request,
// mode 0600, named by the request's digest so that a response finds its request by itself. A file says
// in the clear only when it expires, so that Sweep works while nothing is unlocked.
type Store struct {
	dir  string
	seal Sealer
	now  func() time.Time
}

// OpenStore uses a folder of its own, which it makes with mode 0700. now replaces time.Now in tests
// and may be nil.
func OpenStore(dir string, s Sealer, now func() time.Time) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder for requests: %w", err)
	}
	if err := os.Chmod(dir, 0o700); err != nil { // it may have been there before
		return nil, fmt.Errorf("closing the folder for requests to others: %w", err)
	}
	return &Store{dir: dir, seal: s, now: clock(now)}, nil
}

const (
	storeSuffix = ".cxpkeys"
	storeMagic  = "cxp-0/kf1 keys\n"
	storeHeader = len(storeMagic) + 8 // magic, expiry in UNIX seconds
	maxStored   = 4 * MaxRequestSize
)

// Save seals the keys into a new file, which Commit, Cancel and expiry of p remove from then on.
func (s *Store) Save(p *Pending) error {
	state, err := p.State()
	if err != nil {
		return err
	}
	defer clear(state)
	header := binary.BigEndian.AppendUint64([]byte(storeMagic), uint64(p.Expires().Unix()))
	sealed, err := s.seal.Seal(state, storeAAD(header, p.request.digest))
	if err != nil {
		return fmt.Errorf("sealing the request's keys: %w", err)
	}
	path := s.path(p.request.digest)
	if err := writeNew(path, append(header, sealed...)); err != nil {
		return fmt.Errorf("storing the request's keys: %w", err)
	}
	s.attach(p, path)
	return nil
}

// Load finds the request that a response answers (Response.RequestDigest). Without one it is
// ErrNoRequest; one whose time is over is removed and ErrRequestExpired.
func (s *Store) Load(digest [32]byte) (*Pending, error) {
	path := s.path(digest)
	raw, err := readStored(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoRequest
	}
	if err != nil {
		return nil, fmt.Errorf("reading the request's keys: %w", err)
	}
	header, ok := storedExpiry(raw)
	if !ok {
		return nil, fmt.Errorf("the file with the request's keys is damaged; make a new request: %w", ErrSyntax)
	}
	if !s.now().Before(header) {
		return nil, errors.Join(ErrRequestExpired, shred(path))
	}
	state, err := s.seal.Open(raw[storeHeader:], storeAAD(raw[:storeHeader], digest))
	if err != nil {
		return nil, fmt.Errorf("unsealing the request's keys: %w", err)
	}
	defer clear(state)
	p, err := RestorePending(state, s.now)
	if errors.Is(err, ErrRequestExpired) {
		return nil, errors.Join(err, shred(path))
	}
	if err != nil {
		return nil, err
	}
	if p.request.digest != digest {
		return nil, errors.Join(fmt.Errorf("the file with the request's keys is another's: %w", ErrSyntax), p.Cancel())
	}
	s.attach(p, path)
	return p, nil
}

// StoredRequest is what a store's file says in the clear.
type StoredRequest struct {
	Digest  [32]byte
	Expires time.Time
}

// List names the stored requests, expired ones too.
func (s *Store) List() ([]StoredRequest, error) {
	var out []StoredRequest
	err := s.each(func(path string, digest [32]byte, expires time.Time, ok bool) error {
		if ok {
			out = append(out, StoredRequest{digest, expires})
		}
		return nil
	})
	return out, err
}

// Sweep removes what has expired, and what a crash left half-written a lifetime ago. It needs no key:
// run it at every start.
func (s *Store) Sweep() error {
	return s.each(func(path string, _ [32]byte, expires time.Time, ok bool) error {
		if !ok {
			info, err := os.Stat(path)
			if err != nil {
				return fmt.Errorf("sweeping requests: %w", err)
			}
			expires = info.ModTime().Add(IndirectLifetime)
		}
		// An expiry far ahead was forged or written under a wrong clock.
		if now := s.now(); now.Before(expires) && expires.Before(now.Add(IndirectLifetime+clockSkew)) {
			return nil
		}
		return shred(path)
	})
}

func (s *Store) each(do func(path string, digest [32]byte, expires time.Time, ok bool) error) error {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return fmt.Errorf("listing requests: %w", err)
	}
	var errs []error
	for _, e := range entries {
		name, isOurs := strings.CutSuffix(e.Name(), storeSuffix)
		digest, err := decodeSized(name, 32)
		if !isOurs || err != nil || !e.Type().IsRegular() {
			continue
		}
		path := filepath.Join(s.dir, e.Name())
		raw, err := readStored(path)
		if err != nil {
			errs = append(errs, fmt.Errorf("reading a stored request: %w", err))
			continue
		}
		expires, ok := storedExpiry(raw)
		errs = append(errs, do(path, [32]byte(digest), expires, ok))
	}
	return errors.Join(errs...)
}

func (s *Store) path(digest [32]byte) string {
	return filepath.Join(s.dir, base64.RawURLEncoding.EncodeToString(digest[:])+storeSuffix)
}

// attach makes erasing the keys in memory erase the file too.
func (s *Store) attach(p *Pending, path string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.onErase = func() error { return shred(path) }
}

func storeAAD(header []byte, digest [32]byte) []byte {
	return append(bytes.Clone(header), digest[:]...)
}

func storedExpiry(raw []byte) (time.Time, bool) {
	if len(raw) < storeHeader || string(raw[:len(storeMagic)]) != storeMagic {
		return time.Time{}, false
	}
	seconds := binary.BigEndian.Uint64(raw[len(storeMagic):])
	if seconds > 1<<40 {
		return time.Time{}, false
	}
	return time.Unix(int64(seconds), 0), true
}

func readStored(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() // only read: nothing is lost
	return readAll(f, 8<<10, maxStored)
}

func writeNew(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return syncDir(filepath.Dir(path))
}

// shred overwrites a file before removing it. On a file system that writes elsewhere the old blocks
// may survive; what they hold is sealed.
func shred(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil {
		_, err = io.CopyN(f, rand.Reader, min(info.Size(), maxStored))
	}
	return errors.Join(err, f.Sync(), f.Close(), os.Remove(path), syncDir(filepath.Dir(path)))
}

// syncDir makes a new or removed name last through a power failure, where a system can.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // directories can't be synced there
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
