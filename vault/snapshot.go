package vault

import (
	"sync"

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
