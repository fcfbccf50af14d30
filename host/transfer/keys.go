package transfer

import (
	"crypto/sha256"
	"sync"

	"github.com/keyferry/keyferry/cxp/cxf"
)

// Keys remembers of which algorithm private keys are that were found sound, by the digest of the key: to look at one is
// most of the work of an import, and a document is read twice. It holds no keys. A nil Keys remembers nothing.
type Keys struct {
	mu    sync.Mutex
	sound map[[sha256.Size]byte]cxf.COSEAlgorithm
}

// NewKeys remembers nothing yet.
func NewKeys() *Keys { return &Keys{sound: map[[sha256.Size]byte]cxf.COSEAlgorithm{}} }

// algorithm parses a private key, once; the errors are those of [cxf.ParsePrivateKey].
func (k *Keys) algorithm(der []byte) (cxf.COSEAlgorithm, error) {
	if k == nil {
		return algorithm(der)
	}
	sum := sha256.Sum256(der)
	k.mu.Lock()
	a, ok := k.sound[sum]
	k.mu.Unlock()
	if ok {
		return a, nil
	}
	a, err := algorithm(der)
	if err == nil {
		k.mu.Lock()
		k.sound[sum] = a
		k.mu.Unlock()
	}
	return a, err
}

func algorithm(der []byte) (cxf.COSEAlgorithm, error) {
	key, err := cxf.ParsePrivateKey(der)
	if err != nil {
		return 0, err
	}
	return key.Algorithm, nil
}

// check is algorithm for [cxf.ReadOptions].
func (k *Keys) check(der []byte) error {
	_, err := k.algorithm(der)
	return err
}
