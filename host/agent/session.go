package agent

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"math/big"
	"sync/atomic"
	"time"

	"github.com/keyferry/keyferry/host/protocol"
)

// session is what a connection has proved: that its extension holds a pairing key. Whether the person let that key in
// is another question (see keeper.paired).
type session struct {
	id  string // the key's name, as in protocol.Browser.ID
	key []byte // SubjectPublicKeyInfo, DER
	// verifiedAt is the boot time in nanoseconds at which the person was last verified in this session; 0 is never.
	verifiedAt atomic.Int64
}

// verified remembers that the person was verified just now.
func (s *session) verified(now time.Duration) {
	if s != nil {
		s.verifiedAt.Store(int64(now))
	}
}

// holds reports whether a verification still counts.
func (s *session) holds(now, window time.Duration) bool {
	if s == nil || window <= 0 {
		return false
	}
	at := time.Duration(s.verifiedAt.Load())
	return at != 0 && now >= at && now-at < window
}

// sessionSigned answers "session".
func sessionSigned(a *agent, _ context.Context, r *request) (any, error) {
	var q protocol.SessionRequest
	if err := r.read(&q); err != nil {
		return nil, err
	}
	if q.ProtocolMin > protocol.Version {
		return nil, protocol.Errorf(protocol.CodeVersion, "the extension is too new for Keyferry on this machine; update that (it is version %s)", a.cfg.Version)
	}
	if q.ProtocolMax < protocol.Version {
		return nil, protocol.Errorf(protocol.CodeVersion, "the extension is too old for Keyferry on this machine; update the extension")
	}
	key, err := signedBy(q.PublicKey, q.Signature, r.conn.nonce, r.conn.hello.Caller)
	if err != nil {
		return nil, err
	}
	s := &session{id: keyID(key), key: key}
	if old := r.conn.session.Load(); old != nil && old.id != s.id {
		return nil, protocol.Errorf(protocol.CodeNotAllowed, "this connection belongs to another key; reconnect")
	} else if old == nil && !r.conn.session.CompareAndSwap(nil, s) {
		return nil, protocol.Errorf(protocol.CodeConflict, "the session is being signed already")
	}
	a.autoPair(r)
	a.keep.seen(s.id, r.sender.Private)
	paired := a.keep.paired(s.id, r.conn.hello.Caller)
	if paired != no {
		a.ceremonies.reattach(r.conn, s.id)
		r.after = a.openings.look
	}
	return protocol.SessionResult{Protocol: protocol.Version, Paired: string(paired), Status: a.status(r.conn, paired == yes)}, nil
}

// signedBy checks a signature over a connection's nonce and returns the key in its one DER form.
func signedBy(spki, signature, nonce []byte, caller string) ([]byte, error) {
	refused := protocol.Errorf(protocol.CodeNotPaired, "the session's signature is not right for this connection")
	if len(spki) > 256 || len(signature) != 64 {
		return nil, refused
	}
	parsed, err := x509.ParsePKIXPublicKey(spki)
	if err != nil {
		return nil, refused
	}
	key, ok := parsed.(*ecdsa.PublicKey)
	if !ok || key.Curve != elliptic.P256() {
		return nil, refused
	}
	message := append([]byte("keyferry session 1\x00"), nonce...)
	digest := sha256.Sum256(append(message, caller...))
	r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
	if !ecdsa.Verify(key, digest[:], r, s) {
		return nil, refused
	}
	return x509.MarshalPKIXPublicKey(key)
}

// keyID names a pairing key.
func keyID(spki []byte) string {
	sum := sha256.Sum256(spki)
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}
