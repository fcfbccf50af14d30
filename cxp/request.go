package cxp

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Mode is how a response travels back (CXP §3.2.2).
type Mode string

// The three modes.
const (
	// Direct returns the response over the transport that brought the request.
	Direct Mode = "direct"
	// Indirect writes the response to a file that the person carries.
	Indirect Mode = "indirect"
	// Self is backup and restore by one provider; it has no request (PROFILE.md §4).
	Self Mode = "self"
)

// Request is an ExportRequest: an importer asking for credentials and offering keys. It is immutable.
type Request struct {
	raw       []byte
	digest    [32]byte
	mode      Mode
	importer  string
	display   string
	types     []string
	allTypes  bool
	knownExts []string
	offers    []offer
}

type offer struct {
	suite  Suite
	public []byte
	err    error // why the key can't be used; it decides when this offer is the first we support
}

// requestJSON is the wire form. Members are pointers where absence and emptiness differ.
type requestJSON struct {
	Version         *int64           `json:"version"`
	HPKE            []jsontext.Value `json:"hpke"`
	Archive         []string         `json:"archive"`
	Mode            Mode             `json:"mode"`
	Importer        string           `json:"importer"`
	CredentialTypes *[]string        `json:"credentialTypes,omitzero"`
	KnownExtensions []string         `json:"knownExtensions,omitzero"`
	Profile         *string          `json:"profile,omitzero"`
	Challenge       string           `json:"challenge,omitzero"`
	DisplayName     string           `json:"importerDisplayName,omitzero"`
}

type offerJSON struct {
	Mode string `json:"mode"`
	KEM  int64  `json:"kem"`
	KDF  int64  `json:"kdf"`
	AEAD int64  `json:"aead"`
	Key  *jwk   `json:"key,omitzero"`
}

// ReadRequest reads one request of at most MaxRequestSize bytes to r's end. Errors are ErrTooLarge,
// ErrSyntax and ErrVersion; what the offers are worth is decided by Suite.
func ReadRequest(ctx context.Context, r io.Reader) (*Request, error) {
	raw, err := io.ReadAll(io.LimitReader(withContext(ctx, r), MaxRequestSize+1))
	if err != nil {
		return nil, fmt.Errorf("reading the request: %w", err)
	}
	return ParseRequest(raw)
}

// ParseRequest is ReadRequest for bytes at hand; it keeps a copy of them.
func ParseRequest(raw []byte) (*Request, error) {
	if len(raw) > MaxRequestSize {
		return nil, fmt.Errorf("request of more than %d bytes: %w", MaxRequestSize, ErrTooLarge)
	}
	var m requestJSON
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, syntaxError("request", err)
	}
	if err := m.check(); err != nil {
		return nil, err
	}
	q := &Request{
		raw: bytes.Clone(raw), digest: sha256.Sum256(raw), mode: m.Mode,
		importer: m.Importer, display: m.DisplayName, knownExts: m.KnownExtensions, allTypes: true,
	}
	if m.CredentialTypes != nil {
		q.types, q.allTypes = *m.CredentialTypes, false
	}
	for _, v := range m.HPKE {
		if o, ok := readOffer(v); ok {
			q.offers = append(q.offers, o)
		}
	}
	return q, nil
}

func (m *requestJSON) check() error {
	switch {
	case m.Version == nil:
		return fmt.Errorf("request without version: %w", ErrSyntax)
	case *m.Version != Version:
		return fmt.Errorf("request of version %d: %w", *m.Version, ErrVersion)
	case m.Profile == nil:
		return fmt.Errorf("request names no profile, so its sender could not read our answer: %w", ErrVersion)
	case *m.Profile != ProfileLabel:
		return fmt.Errorf("request of another profile: %w", ErrVersion)
	case m.Mode != Direct && m.Mode != Indirect && m.Mode != Self:
		return fmt.Errorf("request of unknown mode: %w", ErrSyntax)
	case m.Importer == "" || len(m.Importer) > maxNameSize:
		return fmt.Errorf("request whose importer is empty or over %d bytes: %w", maxNameSize, ErrSyntax)
	case !slices.Contains(m.Archive, archiveValue):
		return fmt.Errorf("request that does not accept deflate: %w", ErrNoSuite)
	case len(m.HPKE) == 0:
		return fmt.Errorf("request without offers: %w", ErrNoSuite)
	}
	if _, err := decodeSized(m.Challenge, 32); err != nil {
		return fmt.Errorf("request's challenge: %w: %w", ErrSyntax, err)
	}
	return nil
}

// readOffer reports whether the offer is for a suite of ours. Offers of shapes or numbers we don't
// know are skipped, never fatal; a bad key under a suite we do know is kept as that offer's error,
// since going on to a weaker offer would be a downgrade.
func readOffer(v jsontext.Value) (offer, bool) {
	var p struct {
		Mode string         `json:"mode"`
		KEM  int64          `json:"kem"`
		KDF  int64          `json:"kdf"`
		AEAD int64          `json:"aead"`
		Key  jsontext.Value `json:"key"`
	}
	if err := json.Unmarshal(v, &p); err != nil {
		return offer{}, false
	}
	suite, ok := suiteByParams(p.Mode, p.KEM, p.KDF, p.AEAD)
	if !ok {
		return offer{}, false
	}
	o := offer{suite: suite}
	if len(p.Key) == 0 || p.Key.Kind() == 'n' {
		o.err = ErrMissingKey
		return o, true
	}
	var k jwk
	if err := json.Unmarshal(p.Key, &k); err != nil {
		o.err = fmt.Errorf("%w: not a JWK", ErrBadKey)
		return o, true
	}
	o.public, o.err = suite.decodeKey(k)
	return o, true
}

// Bytes are the request's exact bytes, to be written or sent without change. The caller must not
// modify them.
func (q *Request) Bytes() []byte { return q.raw }

// Digest is the SHA-256 of Bytes, to which every entry of a response is bound.
func (q *Request) Digest() [32]byte { return q.digest }

// Fingerprint is what the importer's screen shows for this request.
func (q *Request) Fingerprint() Fingerprint { return fingerprintOf(q.digest) }

// Mode says how the response is to travel.
func (q *Request) Mode() Mode { return q.mode }

// Importer is the name the importer claims, an RP ID by convention.
func (q *Request) Importer() Claim { return Claim{raw: q.importer, domain: true} }

// DisplayName is the importer's claimed display name, possibly empty.
func (q *Request) DisplayName() Claim { return Claim{raw: q.display} }

// CredentialTypes are the CXF types asked for; all means that the request did not restrict them. An
// empty list with all false asks for account data only (CXP §3.2).
func (q *Request) CredentialTypes() (types []string, all bool) {
	return slices.Clone(q.types), q.allTypes
}

// KnownExtensions are the CXF extensions that the importer says it understands.
func (q *Request) KnownExtensions() []string { return slices.Clone(q.knownExts) }

// Suites are the suites of ours that the request offers, in its order.
func (q *Request) Suites() []Suite {
	out := make([]Suite, 0, len(q.offers))
	for _, o := range q.offers {
		out = append(out, o.suite)
	}
	return out
}

// Suite is the suite an answer uses: the first offered one that we support. The error is ErrNoSuite,
// ErrMissingKey or ErrBadKey.
func (q *Request) Suite() (Suite, error) {
	o, err := q.choose()
	return o.suite, err
}

func (q *Request) choose() (offer, error) {
	if len(q.offers) == 0 {
		return offer{}, ErrNoSuite
	}
	o := q.offers[0]
	if o.err != nil {
		return offer{}, fmt.Errorf("offer of %s: %w", o.suite, o.err)
	}
	return o, nil
}

// syntaxError says what is wrong with a message without quoting it: a parser's text may carry the
// values it tripped over.
func syntaxError(what string, err error) error {
	var syn *jsontext.SyntacticError
	if errors.As(err, &syn) {
		return fmt.Errorf("%s: %w at byte %d", what, ErrSyntax, syn.ByteOffset)
	}
	var sem *json.SemanticError
	if errors.As(err, &sem) {
		return fmt.Errorf("%s: %w: unexpected type at byte %d", what, ErrSyntax, sem.ByteOffset)
	}
	return fmt.Errorf("%s: %w", what, ErrSyntax)
}
