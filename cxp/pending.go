package cxp

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// How long a request's private keys live at most (PROFILE.md §3).
const (
	DirectLifetime   = 15 * time.Minute
	IndirectLifetime = 24 * time.Hour

	clockSkew = 2 * time.Minute
)

// RequestOptions describe the request to make.
type RequestOptions struct {
	// Mode is Direct or Indirect.
	Mode Mode
	// Importer is our name in RP-ID style, e.g. "keyferry.app". Required.
	Importer string
	// DisplayName is shown to the person exporting; optional.
	DisplayName string
	// CredentialTypes restricts what is asked for; nil asks for everything.
	CredentialTypes []string
	// KnownExtensions are CXF extensions we understand.
	KnownExtensions []string
	// Suites to offer, most preferred first; nil offers all.
	Suites []Suite
	// Now replaces time.Now in tests.
	Now func() time.Time

	rand io.Reader // tests make vectors with it
}

// Pending is a request of ours that waits for its response: it holds the private keys. They are
// erased by Commit, by Cancel, or when their time is over, and by nothing else: a response that fails
// to open, or that nobody accepts, burns nothing. Safe for concurrent use.
type Pending struct {
	request *Request
	created time.Time
	now     func() time.Time

	mu      sync.Mutex
	keys    map[Suite][]byte // nil once erased
	expired bool
	timer   *time.Timer
	onErase func() error // the store's: removes the file
}

// NewRequest makes a request with fresh keys. Give Request().Bytes() to the exporter and keep the
// Pending, in memory (Direct) or in a Store (Indirect).
func NewRequest(o RequestOptions) (*Pending, error) {
	if o.Mode != Direct && o.Mode != Indirect {
		return nil, fmt.Errorf("a request is direct or indirect: %w", ErrMode)
	}
	if o.Importer == "" || len(o.Importer) > maxNameSize {
		return nil, fmt.Errorf("the importer's name must have 1 to %d bytes: %w", maxNameSize, ErrSyntax)
	}
	if o.rand == nil {
		o.rand = rand.Reader
	}
	if len(o.Suites) == 0 {
		o.Suites = Suites()
	}
	version, profile := int64(Version), ProfileLabel
	challenge := make([]byte, 32)
	if _, err := io.ReadFull(o.rand, challenge); err != nil {
		return nil, fmt.Errorf("reading randomness: %w", err)
	}
	m := requestJSON{
		Version: &version, Archive: []string{archiveValue}, Mode: o.Mode, Importer: o.Importer,
		KnownExtensions: o.KnownExtensions, Profile: &profile,
		Challenge: base64.RawURLEncoding.EncodeToString(challenge), DisplayName: o.DisplayName,
	}
	if o.CredentialTypes != nil {
		m.CredentialTypes = &o.CredentialTypes
	}
	keys := make(map[Suite][]byte, len(o.Suites))
	for _, s := range o.Suites {
		if keys[s] != nil {
			return nil, fmt.Errorf("%s is offered twice: %w", s, ErrSyntax)
		}
		private, public, err := s.generateKey(o.rand)
		if err != nil {
			return nil, err
		}
		keys[s] = private
		kem, kdf, aead := s.IDs()
		key := s.encodeKey(public)
		v, err := json.Marshal(offerJSON{modeBase, int64(kem), int64(kdf), int64(aead), &key})
		if err != nil {
			return nil, fmt.Errorf("encoding an offer: %w", err)
		}
		m.HPKE = append(m.HPKE, jsontext.Value(v))
	}
	raw, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("encoding the request: %w", err)
	}
	request, err := ParseRequest(raw) // what we send must be what a peer accepts
	if err != nil {
		return nil, err
	}
	return newPending(request, keys, clock(o.Now)(), o.Now)
}

func clock(now func() time.Time) func() time.Time {
	if now == nil {
		return time.Now
	}
	return now
}

func newPending(q *Request, keys map[Suite][]byte, created time.Time, now func() time.Time) (*Pending, error) {
	// Without its monotonic reading, which stands still while the machine sleeps. The timer below keeps
	// that other clock, so the keys go by whichever is first.
	created = created.Round(0)
	p := &Pending{request: q, created: created, now: clock(now), keys: keys}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.checkLocked(); err != nil {
		return nil, err
	}
	// Keys must go in time even if nobody ever touches this Pending again.
	p.timer = time.AfterFunc(p.Expires().Sub(p.now()), func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.expired = true
		_ = p.eraseLocked() // nobody is left to tell; Store.Sweep tries the file again
	})
	return p, nil
}

// Request is the public half.
func (p *Pending) Request() *Request { return p.request }

// Created is when the request was made.
func (p *Pending) Created() time.Time { return p.created }

// Expires is when the keys are erased at the latest.
func (p *Pending) Expires() time.Time {
	if p.request.mode == Direct {
		return p.created.Add(DirectLifetime)
	}
	return p.created.Add(IndirectLifetime)
}

// Err says whether a response can still be opened: nil, ErrRequestClosed, ErrRequestExpired or ErrClock.
func (p *Pending) Err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.checkLocked()
}

func (p *Pending) checkLocked() error {
	now := p.now()
	switch {
	case p.expired:
		return ErrRequestExpired
	case p.keys == nil:
		return ErrRequestClosed
	case now.Before(p.created.Add(-clockSkew)):
		return ErrClock
	case !now.Before(p.Expires()):
		p.expired = true
		return errors.Join(ErrRequestExpired, p.eraseLocked())
	}
	return nil
}

// Commit erases the keys because an import was committed: this request can't be answered again. An
// error means that the keys in memory are gone but the store's file is not.
func (p *Pending) Commit() error { return p.erase() }

// Cancel erases the keys because the person gave up. Errors are as for Commit.
func (p *Pending) Cancel() error { return p.erase() }

// Close forgets the keys in memory but leaves a store's file as it is, so that the request can be
// loaded again: after a dry run, or when a vault is locked. Later use is ErrRequestClosed.
func (p *Pending) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.onErase = nil
	_ = p.eraseLocked() // can't fail without a file to remove
}

func (p *Pending) erase() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.eraseLocked()
}

func (p *Pending) eraseLocked() error {
	for _, k := range p.keys {
		clear(k)
	}
	p.keys = nil
	if p.timer != nil {
		p.timer.Stop()
	}
	if p.onErase == nil {
		return nil
	}
	if err := p.onErase(); err != nil {
		return fmt.Errorf("removing the request's keys: %w", err)
	}
	p.onErase = nil
	return nil
}

// decrypt opens one entry with the key of the response's suite, as long as the request is open.
func (p *Pending) decrypt(suite Suite, enc, aad, ciphertext []byte) ([]byte, error) {
	p.mu.Lock()
	if err := p.checkLocked(); err != nil {
		p.mu.Unlock()
		return nil, err
	}
	private, ok := p.keys[suite]
	if !ok {
		p.mu.Unlock()
		return nil, ErrSuiteNotOffered
	}
	private = append([]byte(nil), private...)
	p.mu.Unlock()
	defer clear(private)
	return suite.open(private, enc, hpkeInfo(p.request.digest), aad, ciphertext)
}

// withContext makes r fail once ctx is done, so that every loop that reads can be cancelled.
func withContext(ctx context.Context, r io.Reader) io.Reader { return &contextReader{ctx, r} }

type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

type contextWriter struct {
	ctx context.Context
	w   io.Writer
}

func (c *contextWriter) Write(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.w.Write(p)
}
