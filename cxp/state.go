package cxp

import (
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
)

// stateJSON is a Pending written down: its private keys in the clear. Only sealed may it touch a disk.
type stateJSON struct {
	Format  int        `json:"format"`
	Created int64      `json:"created"` // UNIX seconds
	Request []byte     `json:"request"`
	Keys    []stateKey `json:"keys"`
}

type stateKey struct {
	Alg string `json:"alg"`
	Key []byte `json:"key"`
}

const stateFormat = 1

// State gives request and private keys as bytes for the caller to seal under a key of its own (Store
// does that and more), and to clear. It fails with ErrDirectKeys for a direct request and as Err does.
func (p *Pending) State() ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.request.mode == Direct {
		return nil, ErrDirectKeys
	}
	if err := p.checkLocked(); err != nil {
		return nil, err
	}
	s := stateJSON{Format: stateFormat, Created: p.created.Unix(), Request: p.request.raw}
	for _, suite := range Suites() {
		if key := p.keys[suite]; key != nil {
			s.Keys = append(s.Keys, stateKey{suite.Alg(), key})
		}
	}
	raw, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("encoding the request's keys: %w", err)
	}
	return raw, nil
}

// RestorePending is the inverse of State; now replaces time.Now in tests and may be nil. A request
// whose time is over is ErrRequestExpired, one from the future ErrClock.
func RestorePending(state []byte, now func() time.Time) (*Pending, error) {
	var s stateJSON
	if err := json.Unmarshal(state, &s, json.RejectUnknownMembers(true)); err != nil {
		return nil, fmt.Errorf("a stored request is damaged: %w", ErrSyntax)
	}
	if s.Format != stateFormat {
		return nil, fmt.Errorf("a stored request of format %d: %w", s.Format, ErrVersion)
	}
	q, err := ParseRequest(s.Request)
	if err != nil {
		return nil, err
	}
	if q.mode != Indirect {
		return nil, ErrDirectKeys
	}
	keys := make(map[Suite][]byte, len(s.Keys))
	for _, k := range s.Keys {
		for _, suite := range Suites() {
			if suite.Alg() == k.Alg {
				keys[suite] = k.Key
			}
		}
	}
	for _, o := range q.offers {
		if keys[o.suite] == nil {
			return nil, fmt.Errorf("a stored request lacks a key that it offers: %w", ErrSyntax)
		}
	}
	return newPending(q, keys, time.Unix(s.Created, 0), now)
}
