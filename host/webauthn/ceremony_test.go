package webauthn

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"testing"
	"time"

	rpprotocol "github.com/go-webauthn/webauthn/protocol"
	rp "github.com/go-webauthn/webauthn/webauthn"
	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/vault"
	"github.com/keyferry/keyferry/vault/vaulttest"
)

func newVault(t testing.TB) *vault.Vault {
	t.Helper()
	v, err := vault.Create(context.Background(), filepath.Join(t.TempDir(), "vault"), vault.Passphrase([]byte("correct horse battery staple")),
		vaulttest.Options())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := v.Close(); err != nil {
			t.Error(err)
		}
	})
	return v
}

// Registration, exclude list, sign-in and trash over the vault that people have.
func TestWithARealVault(t *testing.T) {
	ctx, v, r := context.Background(), newVault(t), newRelyingParty(t)
	p, credential := r.register(t, topCaller(), true)
	if err := v.AddPasskey(ctx, p); err != nil {
		t.Fatal(err)
	}
	for _, discoverable := range []bool{true, false} {
		if _, err := r.login(t, topCaller(), true, v, discoverable); err != nil {
			t.Fatalf("discoverable %v: %v", discoverable, detail(err))
		}
	}
	again := func(exclude []byte) bool {
		creation, _, err := r.BeginRegistration(r.user, rp.WithExclusions([]rpprotocol.CredentialDescriptor{
			{Type: "public-key", CredentialID: []byte("somebody else's")}, {Type: "public-key", CredentialID: exclude, Transport: []rpprotocol.AuthenticatorTransport{"usb"}},
		}))
		if err != nil {
			t.Fatal(err)
		}
		options, err := json.Marshal(creation.Response)
		if err != nil {
			t.Fatal(err)
		}
		c, err := NewCreation(options, "", topCaller(), time.Now())
		if err != nil {
			t.Fatal(err)
		}
		excluded, err := c.Excluded(ctx, v)
		if err != nil {
			t.Fatal(err)
		}
		return excluded
	}
	if !again(credential.ID) || again([]byte("unknown")) {
		t.Error("the exclude list is not heeded")
	}
	if err := v.Trash(ctx, p.ID); err != nil {
		t.Fatal(err)
	}
	for _, discoverable := range []bool{true, false} {
		_, err := r.login(t, topCaller(), true, v, discoverable)
		wantReason(t, "a passkey in the trash", err, ReasonNoMatch)
	}
	if again(credential.ID) {
		t.Error("a passkey in the trash excludes")
	}
}

func TestMatches(t *testing.T) {
	at := func(minute int) time.Time { return now().Add(time.Duration(minute) * time.Minute) }
	passkey := func(id byte, change func(*Passkey)) *Passkey {
		p := &Passkey{RPID: "example.com", CredentialID: []byte{id}, Algorithm: AlgES256, Discoverable: true, CreatedAt: at(0)}
		change(p)
		return p
	}
	v := memory{
		passkey(1, func(p *Passkey) { p.CreatedAt = at(1) }),
		passkey(2, func(p *Passkey) { p.CreatedAt = at(2) }),
		passkey(3, func(p *Passkey) { p.UsedAt = at(5) }),
		passkey(4, func(p *Passkey) { p.UsedAt = at(9) }),
		passkey(5, func(p *Passkey) { p.UsedAt, p.Pending = at(20), true }),
		passkey(6, func(p *Passkey) { p.Discoverable = false }),
		passkey(7, func(p *Passkey) { p.RPID = "www.example.com" }),
		passkey(8, func(p *Passkey) { p.TrashedAt = at(3) }),
	}
	many := `{"type":"public-key","id":"Aw"}`
	for i := range 2 * fewCredentials {
		many += `,{"type":"public-key","id":"` + protocolBytes(i+2) + `"}`
	}
	for options, want := range map[string][]byte{
		`{}`: {4, 3, 2, 1, 5},
		`{"allowCredentials":[{"type":"public-key","id":"Aw"},{"type":"public-key","id":"Bg"},{"type":"public-key","id":"Aw"},{"type":"public-key","id":"YWJj"}]}`: {3, 6},
		`{"allowCredentials":[` + many + `]}`: {3},
		`{"rpId":"www.example.com"}`:          {7},
	} {
		matches, err := mustAssertion(t, options).Matches(context.Background(), v)
		if err != nil {
			t.Errorf("%.80s: %v", options, err)
		}
		var got []byte
		for _, m := range matches {
			got = append(got, m.CredentialID...)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%.80s: %v, want %v", options, got, want)
		}
	}
	for _, id := range []string{"CA", "Bw", "Cg"} { // in the trash, of another RP ID, unknown
		_, err := mustAssertion(t, `{"allowCredentials":[{"type":"public-key","id":"`+id+`"}]}`).Matches(context.Background(), v)
		wantReason(t, id, err, ReasonNoMatch)
	}
}

// failing is a vault with a fault.
type failing struct {
	memory
	err error
}

func (f failing) PasskeysByRP(ctx context.Context, rpID string) ([]PasskeyInfo, error) {
	list, _ := f.memory.PasskeysByRP(ctx, rpID) // never fails
	return list, f.err
}

func (f failing) PasskeyByCredential(ctx context.Context, rpID string, id []byte) (*Passkey, error) {
	if p, err := f.memory.PasskeyByCredential(ctx, rpID, id); err == nil {
		return p, nil
	}
	return nil, f.err
}

// Damage elsewhere does not keep a person out, but "no such passkey" is not said when it may be the damage speaking.
func TestVaultFaults(t *testing.T) {
	ctx := context.Background()
	whole := memory{{RPID: "example.com", CredentialID: []byte{3}, Discoverable: true}}
	listed := `{"allowCredentials":[{"type":"public-key","id":"Aw"},{"type":"public-key","id":"BA"}]}`
	damage := &vault.DamagedError{}
	for _, options := range []string{`{}`, listed} {
		if m, err := mustAssertion(t, options).Matches(ctx, failing{whole, damage}); err != nil || len(m) != 1 {
			t.Errorf("%s: %v, %v", options, m, err)
		}
		if _, err := mustAssertion(t, options).Matches(ctx, failing{nil, damage}); !errors.Is(err, damage) {
			t.Errorf("%s: %v, want the damage", options, err)
		}
		if _, err := mustAssertion(t, options).Matches(ctx, failing{nil, vault.ErrClosed}); !errors.Is(err, vault.ErrClosed) {
			t.Errorf("%s: %v, want ErrClosed", options, err)
		}
	}
	if _, err := mustCreation(t, `{"excludeCredentials":[{"type":"public-key","id":"Aw"}]}`).Excluded(ctx, failing{nil, vault.ErrClosed}); !errors.Is(err, vault.ErrClosed) {
		t.Errorf("Excluded: %v, want ErrClosed", err)
	}
}

func TestMakeRefuses(t *testing.T) {
	c := mustCreation(t, `{"authenticatorSelection":{"userVerification":"required"}}`)
	var de *protocol.DOMError
	if p, r, err := c.Make(context.Background(), rand.Reader, false); !errors.As(err, &de) || de.Name != "NotAllowedError" || p != nil || r != nil {
		t.Errorf("unverified: %v", err)
	}
	if _, _, err := c.Make(context.Background(), bytes.NewReader(make([]byte, 31)), true); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a dry source of randomness: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := c.Make(ctx, rand.Reader, true); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestMadePasskeysDiffer(t *testing.T) {
	c := mustCreation(t, `{}`)
	a, _, errA := c.Make(context.Background(), rand.Reader, false)
	b, _, errB := c.Make(context.Background(), rand.Reader, false)
	if errA != nil || errB != nil || bytes.Equal(a.CredentialID, b.CredentialID) || bytes.Equal(a.PrivateKey, b.PrivateKey) {
		t.Errorf("two creations, one passkey: %v %v", errA, errB)
	}
}

func TestSignRefusesAndErases(t *testing.T) {
	key := importedKeys(t)["ES256"].pkcs8
	good := Passkey{RPID: "example.com", CredentialID: []byte{3}, Algorithm: AlgES256, Discoverable: true}
	canceled, cancel := context.WithCancel(context.Background())
	cancel()
	listed := `{"allowCredentials":[{"type":"public-key","id":"Aw"}]}`
	for name, c := range map[string]struct {
		options  string
		ctx      context.Context
		verified bool
		change   func(*Passkey)
		want     error
	}{
		"another RP ID":            {`{}`, context.Background(), true, func(p *Passkey) { p.RPID = "www.example.com" }, ErrWrongPasskey},
		"not in the list":          {listed, context.Background(), true, func(p *Passkey) { p.CredentialID = []byte{4} }, ErrWrongPasskey},
		"not discoverable":         {`{}`, context.Background(), true, func(p *Passkey) { p.Discoverable = false }, ErrWrongPasskey},
		"in the trash":             {`{}`, context.Background(), true, func(p *Passkey) { p.TrashedAt = now() }, ErrWrongPasskey},
		"another algorithm's key":  {`{}`, context.Background(), true, func(p *Passkey) { p.Algorithm = AlgEdDSA }, ErrKey},
		"unverified":               {`{"userVerification":"required"}`, context.Background(), false, func(*Passkey) {}, NotAllowedError()},
		"cancelled":                {`{}`, canceled, true, func(*Passkey) {}, context.Canceled},
		"listed, not discoverable": {listed, context.Background(), false, func(p *Passkey) { p.Discoverable = false }, nil},
	} {
		p := good
		p.PrivateKey, p.CredWithUV = slices.Clone(key), []byte{1, 2, 3}
		c.change(&p)
		_, err := mustAssertion(t, c.options).Sign(c.ctx, &p, c.verified)
		var de *protocol.DOMError
		if errors.As(c.want, &de) {
			if !errors.As(err, &de) || de.Name != "NotAllowedError" {
				t.Errorf("%s: %v", name, err)
			}
		} else if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if !bytes.Equal(p.PrivateKey, make([]byte, len(key))) || !bytes.Equal(p.CredWithUV, make([]byte, 3)) {
			t.Errorf("%s: secrets were left in memory", name)
		}
	}
}
