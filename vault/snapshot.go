package vault

import (
	"sync"
	"sync/atomic"

	"github.com/dgraph-io/badger/v4"
)

// snapshots lets all reads between two commits share one read transaction of Badger's. Beginning and ending one wakes a
// goroutine each, which costs more than the read itself and shows in every signature.
type snapshots struct {
	mu  sync.Mutex
	now *snapshot // nil: the next reader makes one
}

type snapshot struct {
	txn     *badger.Txn
	readers int
	pages   sync.Map     // recordKey to *page: index pages that were read, which nobody changes
	cached  atomic.Int32 // how many those are, at most about maxCachedPages
}

// A site's page is looked up once for the list of accounts and again for the signature.
const maxCachedPages = 256

func (s *snapshot) page(key recordKey) *page {
	if s == nil {
		return nil
	}
	p, ok := s.pages.Load(key)
	if !ok {
		return nil
	}
	return p.(*page)
}

func (s *snapshot) keep(key recordKey, p *page) {
	if s != nil && s.cached.Load() < maxCachedPages {
		s.cached.Add(1)
		s.pages.Store(key, p)
	}
}

// take is called with the store held open (Vault.mu).
func (s *snapshots) take(db *badger.DB) *snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.now == nil {
		s.now = &snapshot{txn: db.NewTransaction(false)}
	}
	s.now.readers++
	return s.now
}

func (s *snapshots) give(n *snapshot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n.readers--; n.readers == 0 && n != s.now {
		n.txn.Discard()
	}
}

// renew makes the next reader see what was committed. It comes after every commit, and before the store is closed.
func (s *snapshots) renew() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.now != nil && s.now.readers == 0 {
		s.now.txn.Discard()
	}
	s.now = nil
}
