package webauthn

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	rpprotocol "github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
	rp "github.com/go-webauthn/webauthn/webauthn"
	"github.com/keyferry/keyferry/vault"
)

// relyingParty is go-webauthn, a relying party that we did not write, in this process.
type relyingParty struct {
	*rp.WebAuthn
	user *rpUser
}

type rpUser struct {
	id          []byte
	credentials []rp.Credential
}

func (u *rpUser) WebAuthnID() []byte                   { return u.id }
func (u *rpUser) WebAuthnName() string                 { return "zoë" }
func (u *rpUser) WebAuthnDisplayName() string          { return "Zoë \"Z\" \u2028 <&>" }
func (u *rpUser) WebAuthnCredentials() []rp.Credential { return u.credentials }

func newRelyingParty(t testing.TB) *relyingParty {
	t.Helper()
	w, err := rp.New(&rp.Config{
		RPID: "example.com", RPDisplayName: "Example", RPOrigins: []string{"https://login.example.com:8443"},
		RPTopOrigins: []string{"https://top.test"}, RPAllowCrossOrigin: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	return &relyingParty{WebAuthn: w, user: &rpUser{id: []byte("user-1")}}
}

func topCaller() Caller { return Caller{Origin: "https://login.example.com:8443", Delegated: true} }

// register runs a whole registration and returns the stored passkey.
func (r *relyingParty) register(t testing.TB, c Caller, verified bool, opts ...rp.RegistrationOption) (*Passkey, *rp.Credential) {
	t.Helper()
	creation, session, err := r.BeginRegistration(r.user, opts...)
	if err != nil {
		t.Fatal(err)
	}
	options, err := json.Marshal(creation.Response)
	if err != nil {
		t.Fatal(err)
	}
	ours, err := NewCreation(options, "", c, time.Now())
	if err != nil {
		t.Fatalf("NewCreation(%s): %v", options, err)
	}
	p, response, err := ours.Make(context.Background(), rand.Reader, verified)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := rpprotocol.ParseCredentialCreationResponseBytes(response)
	if err != nil {
		t.Fatalf("go-webauthn can't parse %s: %v", response, err)
	}
	credential, err := r.CreateCredential(r.user, *session, parsed)
	if err != nil {
		t.Fatalf("go-webauthn refuses %s: %v", response, detail(err))
	}
	r.user.credentials = append(r.user.credentials, *credential)
	return p, credential
}

// login runs a whole sign-in with a copy of p, whose private key Sign erases.
func (r *relyingParty) login(t testing.TB, c Caller, verified bool, v Vault, discoverable bool, opts ...rp.LoginOption) (*rp.Credential, error) {
	t.Helper()
	var assertion *rpprotocol.CredentialAssertion
	var session *rp.SessionData
	var err error
	if discoverable {
		assertion, session, err = r.BeginDiscoverableLogin(opts...)
	} else {
		assertion, session, err = r.BeginLogin(r.user, opts...)
	}
	if err != nil {
		t.Fatal(err)
	}
	options, err := json.Marshal(assertion.Response)
	if err != nil {
		t.Fatal(err)
	}
	ours, err := NewAssertion(options, "", c, time.Now())
	if err != nil {
		t.Fatalf("NewAssertion(%s): %v", options, err)
	}
	matches, err := ours.Matches(context.Background(), v)
	if err != nil {
		return nil, err
	}
	p, err := v.PasskeyByCredential(context.Background(), matches[0].RPID, matches[0].CredentialID)
	if err != nil {
		t.Fatal(err)
	}
	response, err := ours.Sign(context.Background(), p, verified)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(p.PrivateKey, make([]byte, len(p.PrivateKey))) {
		t.Error("the private key was left in memory")
	}
	parsed, err := rpprotocol.ParseCredentialRequestResponseBytes(response)
	if err != nil {
		t.Fatalf("go-webauthn can't parse %s: %v", response, err)
	}
	if discoverable {
		return r.ValidateDiscoverableLogin(func(_, handle []byte) (rp.User, error) {
			if !bytes.Equal(handle, r.user.id) {
				return nil, errors.New("another user's handle")
			}
			return r.user, nil
		}, *session, parsed)
	}
	return r.ValidateLogin(r.user, *session, parsed)
}

// memory is a vault in memory, for tests that are not about the vault; see TestWithARealVault.
type memory []*Passkey

func (m memory) PasskeysByRP(_ context.Context, rpID string) ([]PasskeyInfo, error) {
	var infos []PasskeyInfo
	for _, p := range m {
		if p.RPID == rpID && p.TrashedAt.IsZero() {
			infos = append(infos, p.Info())
		}
	}
	return infos, nil
}

func (m memory) PasskeyByCredential(_ context.Context, rpID string, id []byte) (*Passkey, error) {
	i := slices.IndexFunc(m, func(p *Passkey) bool {
		return p.RPID == rpID && bytes.Equal(p.CredentialID, id) && p.TrashedAt.IsZero()
	})
	if i < 0 {
		return nil, fmt.Errorf("memory: %w", vault.ErrNotFound)
	}
	p := *m[i]
	p.PrivateKey = slices.Clone(p.PrivateKey)
	return &p, nil
}

func detail(err error) string {
	var e *rpprotocol.Error
	if errors.As(err, &e) {
		return e.Type + ": " + e.Details + ": " + e.DevInfo
	}
	return err.Error()
}

func parameters(algs ...int64) []rpprotocol.CredentialParameter {
	var params []rpprotocol.CredentialParameter
	for _, a := range algs {
		params = append(params, rpprotocol.CredentialParameter{Type: rpprotocol.PublicKeyCredentialType, Algorithm: webauthncose.COSEAlgorithmIdentifier(a)})
	}
	return params
}

// Every algorithm with every attestation, with and without verification, from a top document and a delegated frame.
func TestGoWebAuthnAcceptsEveryAlgorithm(t *testing.T) {
	frame := Caller{Origin: "https://login.example.com:8443", Ancestors: []string{"https://middle.test", "https://top.test"}, Delegated: true}
	for _, alg := range creatable() {
		for attestation, format := range map[rpprotocol.ConveyancePreference]string{
			rpprotocol.PreferNoAttestation: "none", rpprotocol.PreferIndirectAttestation: "none",
			rpprotocol.PreferDirectAttestation: "packed", rpprotocol.PreferEnterpriseAttestation: "packed",
		} {
			for _, verified := range []bool{false, true} {
				t.Run(AlgorithmName(alg)+"/"+string(attestation), func(t *testing.T) {
					c := topCaller()
					if verified {
						c = frame
					}
					r := newRelyingParty(t)
					p, credential := r.register(t, c, verified, rp.WithCredentialParameters(parameters(alg)), rp.WithConveyancePreference(attestation))
					checkRegistered(t, p, credential, alg, format, verified)
					v := memory{p}
					for _, discoverable := range []bool{true, false} {
						got, err := r.login(t, c, verified, v, discoverable)
						if err != nil {
							t.Fatalf("login (discoverable %v): %v", discoverable, detail(err))
						}
						if got.Flags.UserVerified != verified || !got.Flags.UserPresent || !got.Flags.BackupEligible || !got.Flags.BackupState {
							t.Errorf("flags %+v", got.Flags)
						}
					}
				})
			}
		}
	}
}

func checkRegistered(t *testing.T, p *Passkey, credential *rp.Credential, alg int64, format string, verified bool) {
	t.Helper()
	if p.Algorithm != alg || p.RPID != "example.com" || !p.Pending || !p.Discoverable || !p.BackupEligible || !p.BackupState || p.SignCount != 0 {
		t.Errorf("passkey %+v", p.Info())
	}
	if !bytes.Equal(p.UserHandle, []byte("user-1")) || p.UserName != "zoë" || p.UserDisplayName != "Zoë \"Z\" \u2028 <&>" {
		t.Errorf("user %q %q %q", p.UserHandle, p.UserName, p.UserDisplayName)
	}
	if err := CheckKey(alg, p.PrivateKey); err != nil {
		t.Error(err)
	}
	if !bytes.Equal(credential.ID, p.CredentialID) || len(credential.ID) != credentialIDSize {
		t.Errorf("credential ID %x, stored %x", credential.ID, p.CredentialID)
	}
	if credential.AttestationFormat != format {
		t.Errorf("attestation %q, want %q", credential.AttestationFormat, format)
	}
	if string(credential.Authenticator.AAGUID) != AAGUID {
		t.Errorf("AAGUID %x", credential.Authenticator.AAGUID)
	}
	if credential.Flags.UserVerified != verified || !credential.Flags.UserPresent || !credential.Flags.BackupEligible || !credential.Flags.BackupState {
		t.Errorf("flags %+v", credential.Flags)
	}
	if !slices.Equal(credential.Transport, []rpprotocol.AuthenticatorTransport{"hybrid", "internal"}) {
		t.Errorf("transports %v", credential.Transport)
	}
}

// What the relying party must refuse, lest its yes above mean nothing.
func TestGoWebAuthnRefusesWhatIsWrong(t *testing.T) {
	r := newRelyingParty(t)
	p, _ := r.register(t, topCaller(), true)
	other, _ := newRelyingParty(t).register(t, topCaller(), true)
	other.CredentialID = p.CredentialID // another key under the registered name
	for name, c := range map[string]Caller{
		"another origin of the domain": {Origin: "https://evil.example.com", Delegated: true},
		"a frame in a page unknown":    {Origin: topCaller().Origin, Ancestors: []string{""}, Delegated: true},
		"a frame in another page":      {Origin: topCaller().Origin, Ancestors: []string{"https://evil.test"}, Delegated: true},
	} {
		if _, err := r.login(t, c, true, memory{p}, true); err == nil && name != "a frame in a page unknown" {
			t.Errorf("%s was let in", name)
		}
	}
	if _, err := r.login(t, topCaller(), true, memory{other}, false); err == nil {
		t.Error("another key's signature was accepted")
	}
	if _, err := r.login(t, topCaller(), false, memory{p}, true, rp.WithUserVerification(rpprotocol.VerificationRequired)); err == nil {
		t.Error("signed without the verification that was required")
	}
	if _, err := r.login(t, topCaller(), true, memory{p}, true, rp.WithUserVerification(rpprotocol.VerificationRequired)); err != nil {
		t.Error(detail(err))
	}
}

// Keys that an import brings: every curve, RSA of other sizes, in every form that PKCS#8 writers give them.
func TestGoWebAuthnAcceptsImportedKeys(t *testing.T) {
	for name, k := range importedKeys(t) {
		t.Run(name, func(t *testing.T) {
			alg, err := KeyAlgorithm(k.pkcs8)
			if err != nil || alg != k.alg {
				t.Fatalf("KeyAlgorithm = %d, %v; want %d", alg, err, k.alg)
			}
			if err := CheckKey(k.alg, k.pkcs8); err != nil {
				t.Fatal(err)
			}
			if k.alg == AlgMLDSA44 || k.alg == AlgMLDSA65 {
				return // go-webauthn has ML-DSA from Go 1.27 on; TestMLDSA judges these
			}
			private, err := parseKey(k.alg, k.pkcs8)
			if err != nil {
				t.Fatal(err)
			}
			public, err := private.public()
			if err != nil {
				t.Fatal(err)
			}
			cose, err := coseKey(k.alg, public)
			if err != nil {
				t.Fatal(err)
			}
			r := newRelyingParty(t)
			p := &Passkey{RPID: "example.com", CredentialID: []byte{1}, UserHandle: r.user.id, Algorithm: k.alg, PrivateKey: k.pkcs8, Discoverable: true, SignCount: 7}
			r.user.credentials = []rp.Credential{{ID: p.CredentialID, PublicKey: cose, Authenticator: rp.Authenticator{SignCount: 6}}}
			got, err := r.login(t, topCaller(), false, memory{p}, true)
			if err != nil {
				t.Fatal(detail(err))
			}
			if got.Authenticator.SignCount != 7 || got.Flags.BackupEligible || got.Flags.BackupState || got.Flags.UserVerified {
				t.Errorf("not as it was imported: %+v %+v", got.Authenticator, got.Flags)
			}
		})
	}
}
