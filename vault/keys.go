package vault

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"sync"

	"golang.org/x/crypto/chacha20poly1305"
)

const keySize = 32

// keys are what the root key gives. Each has one use.
type keys struct {
	root   []byte
	mac    []byte      // HMAC key of the header file
	anchor []byte      // HMAC key of the anchor file
	sum    []byte      // HMAC key of the multiset hash
	wrap   cipher.AEAD // wraps the epochs' record keys and the slots' binders in the header
	index  sync.Pool   // of hash.Hash: HMAC under the index key, ready to use
}

func newKeys(root []byte) *keys {
	k := &keys{root: root, mac: subkey(root, "header"), anchor: subkey(root, "anchor"), sum: subkey(root, "sum")}
	k.wrap = newAEAD(subkey(root, "wrap"))
	index := subkey(root, "index")
	k.index.New = func() any { return hmac.New(sha256.New, index) }
	return k
}

// store is Badger's own key for one generation of the store.
func (k *keys) store(gen uint32) []byte { return subkey(k.root, fmt.Sprintf("badger %d", gen)) }

// subkey derives one use's key from the root (HKDF, RFC 5869; the root is uniform already).
func subkey(root []byte, use string) []byte {
	b, err := hkdf.Expand(sha256.New, root, "keyferry vault 1 "+use, keySize)
	if err != nil {
		panic("vault: hkdf: " + err.Error()) // only for lengths over 8 kB
	}
	return b
}

func newAEAD(key []byte) cipher.AEAD {
	a, err := chacha20poly1305.NewX(key)
	if err != nil {
		panic("vault: xchacha20-poly1305: " + err.Error()) // only for keys of another length
	}
	return a
}

func randomKey() []byte {
	b := make([]byte, keySize)
	rand.Read(b) // never fails
	return b
}

// indexKey is the store key of an index entry: a keyed hash of what it stands for, so that the files tell neither
// sites nor names, nor let two vaults be compared.
func (k *keys) indexKey(kind byte, space byte, value string, page uint32) [recordKeySize]byte {
	h := k.index.Get().(hash.Hash)
	h.Reset()
	var head [6]byte
	head[0], head[1] = kind, space
	binary.BigEndian.PutUint32(head[2:], page)
	h.Write(head[:])
	h.Write([]byte(value))
	var sum [sha256.Size]byte
	h.Sum(sum[:0])
	k.index.Put(h)
	var key [recordKeySize]byte
	key[0] = kind
	copy(key[1:], sum[:])
	return key
}

// wrapEpoch seals an epoch's record key for the header.
func (k *keys) wrapEpoch(vault ID, epoch uint32, key []byte) []byte {
	return k.wrapKey(epochAAD(vault, epoch), key)
}

func (k *keys) unwrapEpoch(vault ID, epoch uint32, wrapped []byte) ([]byte, error) {
	return k.unwrapKey(epochAAD(vault, epoch), wrapped)
}

// wrappedKey is the length of a key that stands in the header under the root: nonce | ciphertext | tag.
const wrappedKey = chacha20poly1305.NonceSizeX + keySize + chacha20poly1305.Overhead

// wrapKey seals a key for the header; aad says which one it is.
func (k *keys) wrapKey(aad, key []byte) []byte {
	nonce := make([]byte, chacha20poly1305.NonceSizeX, wrappedKey)
	rand.Read(nonce)
	return k.wrap.Seal(nonce, nonce, key, aad)
}

func (k *keys) unwrapKey(aad, wrapped []byte) ([]byte, error) {
	if len(wrapped) != wrappedKey {
		return nil, errors.New("a wrapped key has the wrong length")
	}
	n := wrapped[:chacha20poly1305.NonceSizeX]
	return k.wrap.Open(nil, n, wrapped[len(n):], aad)
}

func epochAAD(vault ID, epoch uint32) []byte {
	return binary.BigEndian.AppendUint32(append([]byte("epoch"), vault[:]...), epoch)
}

func (k *keys) clear() {
	clear(k.root)
	clear(k.mac)
	clear(k.anchor)
	clear(k.sum)
}
