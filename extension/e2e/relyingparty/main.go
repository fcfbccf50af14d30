// Command relyingparty is a website that signs people in with passkeys, for the demo and the end-to-end tests: its
// verdicts come from go-webauthn, a library that we did not write. It keeps everything in memory and listens on
// loopback only.
//
// Its counterpart with @simplewebauthn/server (extension/e2e/lib/simple-relying-party.mjs) speaks the same small API:
//
//	POST /api/register/begin   {user, …RegisterOptions}        → {ceremony, options}
//	POST /api/register/finish  {ceremony, credential}          → {ok, error, …Seen}
//	POST /api/login/begin      {user?, …LoginOptions}          → {ceremony, options}
//	POST /api/login/finish     {ceremony, credential}          → {ok, error, user, …Seen}
//	GET  /api/credentials?user=U                               → {ids: [base64url]}
package main

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
	"github.com/go-webauthn/webauthn/webauthn"
)

func main() {
	port := flag.Int("port", 0, "loopback port; 0 takes a free one")
	site := flag.String("site", "extension/e2e/site", "folder of the pages to serve")
	flag.Parse()
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", *port))
	if err != nil {
		log.Fatalf("listen: %v", err)
	}
	fmt.Printf("http://localhost:%d\n", listener.Addr().(*net.TCPAddr).Port)
	server := &http.Server{Handler: newRelyingParty(os.DirFS(*site)), ReadHeaderTimeout: 10 * time.Second}
	log.Fatal(server.Serve(listener))
}

type account struct {
	id          []byte
	name        string
	displayName string
	credentials []webauthn.Credential
}

func (a *account) WebAuthnID() []byte                         { return a.id }
func (a *account) WebAuthnName() string                       { return a.name }
func (a *account) WebAuthnDisplayName() string                { return a.displayName }
func (a *account) WebAuthnCredentials() []webauthn.Credential { return a.credentials }

// ceremony is what has to be remembered between begin and finish.
type ceremony struct {
	rp      *webauthn.WebAuthn
	user    *account
	session *webauthn.SessionData
}

type relyingParty struct {
	mu         sync.Mutex
	accounts   map[string]*account
	ceremonies map[string]ceremony
}

func newRelyingParty(site fs.FS) http.Handler {
	rp := &relyingParty{accounts: map[string]*account{}, ceremonies: map[string]ceremony{}}
	mux := http.NewServeMux()
	mux.Handle("POST /api/register/begin", answer(rp.beginRegistration))
	mux.Handle("POST /api/register/finish", answer(rp.finishRegistration))
	mux.Handle("POST /api/login/begin", answer(rp.beginLogin))
	mux.Handle("POST /api/login/finish", answer(rp.finishLogin))
	mux.HandleFunc("GET /api/credentials", rp.credentials)
	files := http.FileServerFS(site)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		// Tests name the headers that they want; a real site sets its own.
		if p := r.URL.Query().Get("permissions-policy"); p != "" {
			w.Header().Set("Permissions-Policy", p)
		}
		if p := r.URL.Query().Get("csp"); p != "" {
			w.Header().Set("Content-Security-Policy", p)
		}
		w.Header().Set("Cache-Control", "no-store")
		files.ServeHTTP(w, r)
	})
	return mux
}

// RegisterOptions are what a test may ask of a registration.
type RegisterOptions struct {
	User             string `json:"user"`
	DisplayName      string `json:"displayName"`
	UserID           string `json:"userId"` // base64url; a random one otherwise
	Origin           string `json:"origin"`
	RPID             string `json:"rpId"`
	RPName           string `json:"rpName"`
	TopOrigin        string `json:"topOrigin"`
	Algorithms       []int  `json:"algorithms"`
	Attestation      string `json:"attestation"`
	ResidentKey      string `json:"residentKey"`
	UserVerification string `json:"userVerification"`
	Attachment       string `json:"attachment"`
	Exclude          bool   `json:"exclude"` // exclude what the account already has
	CredProps        bool   `json:"credProps"`
}

// LoginOptions are what a test may ask of a sign-in. Without User it is a discoverable one.
type LoginOptions struct {
	User             string   `json:"user"`
	Origin           string   `json:"origin"`
	RPID             string   `json:"rpId"`
	TopOrigin        string   `json:"topOrigin"`
	UserVerification string   `json:"userVerification"`
	Allow            []string `json:"allow"` // other credential IDs, base64url, instead of the account's
}

// Seen is what the library made of a credential.
type Seen struct {
	ID             string   `json:"id"`
	UserPresent    bool     `json:"up"`
	UserVerified   bool     `json:"uv"`
	BackupEligible bool     `json:"be"`
	BackupState    bool     `json:"bs"`
	SignCount      uint32   `json:"signCount"`
	Attestation    string   `json:"attestation"`
	Transports     []string `json:"transports"`
	AAGUID         string   `json:"aaguid"`
	Algorithm      int64    `json:"algorithm"`
}

type began struct {
	Ceremony string `json:"ceremony"`
	Options  any    `json:"options"`
}

type finish struct {
	Ceremony   string          `json:"ceremony"`
	Credential json.RawMessage `json:"credential"`
}

type finished struct {
	OK   bool   `json:"ok"`
	User string `json:"user"`
	Seen
}

func (rp *relyingParty) webauthn(id, name, origin, top string) (*webauthn.WebAuthn, error) {
	if name == "" {
		name = "Pier Nine"
	}
	config := &webauthn.Config{RPID: id, RPDisplayName: name, RPOrigins: []string{origin}}
	if top != "" {
		config.RPAllowCrossOrigin = true
		config.RPTopOrigins = []string{top}
		config.RPTopOriginVerificationMode = protocol.TopOriginExplicitVerificationMode
	}
	return webauthn.New(config)
}

func (rp *relyingParty) beginRegistration(o RegisterOptions) (*began, error) {
	if o.User == "" {
		return nil, errors.New("a user name is needed")
	}
	lib, err := rp.webauthn(o.RPID, o.RPName, o.Origin, o.TopOrigin)
	if err != nil {
		return nil, err
	}
	user, err := rp.account(o)
	if err != nil {
		return nil, err
	}
	selection := protocol.AuthenticatorSelection{
		AuthenticatorAttachment: protocol.AuthenticatorAttachment(o.Attachment),
		ResidentKey:             protocol.ResidentKeyRequirement(o.ResidentKey),
		UserVerification:        protocol.UserVerificationRequirement(o.UserVerification),
	}
	options := []webauthn.RegistrationOption{webauthn.WithAuthenticatorSelection(selection)}
	if o.Attestation != "" {
		options = append(options, webauthn.WithConveyancePreference(protocol.ConveyancePreference(o.Attestation)))
	}
	if len(o.Algorithms) > 0 {
		var parameters []protocol.CredentialParameter
		for _, a := range o.Algorithms {
			parameters = append(parameters, protocol.CredentialParameter{
				Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.COSEAlgorithmIdentifier(a),
			})
		}
		options = append(options, webauthn.WithCredentialParameters(parameters))
	}
	if o.Exclude {
		options = append(options, webauthn.WithExclusions(webauthn.Credentials(user.credentials).CredentialDescriptors()))
	}
	if o.CredProps {
		options = append(options, webauthn.WithExtensions(webauthn.WithExtensionCredProps()))
	}
	creation, session, err := lib.BeginRegistration(user, options...)
	if err != nil {
		return nil, err
	}
	return &began{rp.remember(ceremony{lib, user, session}), creation.Response}, nil
}

func (rp *relyingParty) finishRegistration(f finish) (*finished, error) {
	c, err := rp.recall(f.Ceremony)
	if err != nil {
		return nil, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(f.Credential)
	if err != nil {
		return nil, err
	}
	credential, err := c.rp.CreateCredential(c.user, *c.session, parsed)
	if err != nil {
		return nil, err
	}
	rp.mu.Lock()
	c.user.credentials = append(c.user.credentials, *credential)
	rp.mu.Unlock()
	return &finished{OK: true, User: c.user.name, Seen: see(credential)}, nil
}

func (rp *relyingParty) beginLogin(o LoginOptions) (*began, error) {
	lib, err := rp.webauthn(o.RPID, "", o.Origin, o.TopOrigin)
	if err != nil {
		return nil, err
	}
	options := []webauthn.LoginOption{}
	if o.UserVerification != "" {
		options = append(options, webauthn.WithUserVerification(protocol.UserVerificationRequirement(o.UserVerification)))
	}
	if o.User == "" {
		assertion, session, err := lib.BeginDiscoverableLogin(options...)
		if err != nil {
			return nil, err
		}
		return &began{rp.remember(ceremony{lib, nil, session}), assertion.Response}, nil
	}
	rp.mu.Lock()
	user := rp.accounts[o.User]
	rp.mu.Unlock()
	if user == nil {
		return nil, fmt.Errorf("nobody here is called %q", o.User)
	}
	if len(o.Allow) > 0 {
		var allow []protocol.CredentialDescriptor
		for _, id := range o.Allow {
			raw, err := base64.RawURLEncoding.DecodeString(id)
			if err != nil {
				return nil, err
			}
			allow = append(allow, protocol.CredentialDescriptor{Type: protocol.PublicKeyCredentialType, CredentialID: raw})
		}
		options = append(options, webauthn.WithAllowedCredentials(allow))
	}
	assertion, session, err := lib.BeginLogin(user, options...)
	if err != nil {
		return nil, err
	}
	return &began{rp.remember(ceremony{lib, user, session}), assertion.Response}, nil
}

func (rp *relyingParty) finishLogin(f finish) (*finished, error) {
	c, err := rp.recall(f.Ceremony)
	if err != nil {
		return nil, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(f.Credential)
	if err != nil {
		return nil, err
	}
	user := c.user
	var credential *webauthn.Credential
	if user != nil {
		credential, err = c.rp.ValidateLogin(user, *c.session, parsed)
	} else {
		var found webauthn.User
		found, credential, err = c.rp.ValidatePasskeyLogin(rp.byHandle, *c.session, parsed)
		user, _ = found.(*account)
	}
	if err != nil {
		return nil, err
	}
	seen := see(credential)
	// The library keeps the registration's flags; what this answer said is what tests ask about.
	flags := parsed.Response.AuthenticatorData.Flags
	seen.UserPresent, seen.UserVerified = flags.HasUserPresent(), flags.HasUserVerified()
	seen.BackupEligible, seen.BackupState = flags.HasBackupEligible(), flags.HasBackupState()
	return &finished{OK: true, User: user.name, Seen: seen}, nil
}

func (rp *relyingParty) byHandle(_, handle []byte) (webauthn.User, error) {
	rp.mu.Lock()
	defer rp.mu.Unlock()
	for _, a := range rp.accounts {
		if string(a.id) == string(handle) {
			return a, nil
		}
	}
	return nil, errors.New("nobody here has that user handle")
}

func (rp *relyingParty) account(o RegisterOptions) (*account, error) {
	rp.mu.Lock()
	defer rp.mu.Unlock()
	if a := rp.accounts[o.User]; a != nil {
		return a, nil
	}
	id := make([]byte, 16)
	rand.Read(id)
	if o.UserID != "" {
		var err error
		if id, err = base64.RawURLEncoding.DecodeString(o.UserID); err != nil {
			return nil, err
		}
	}
	a := &account{id: id, name: o.User, displayName: o.DisplayName}
	if a.displayName == "" {
		a.displayName = o.User
	}
	rp.accounts[o.User] = a
	return a, nil
}

func (rp *relyingParty) remember(c ceremony) string {
	id := rand.Text()
	rp.mu.Lock()
	defer rp.mu.Unlock()
	rp.ceremonies[id] = c
	return id
}

func (rp *relyingParty) recall(id string) (ceremony, error) {
	rp.mu.Lock()
	defer rp.mu.Unlock()
	c, ok := rp.ceremonies[id]
	delete(rp.ceremonies, id)
	if !ok {
		return c, errors.New("no such ceremony, or it was finished already")
	}
	return c, nil
}

func (rp *relyingParty) credentials(w http.ResponseWriter, r *http.Request) {
	rp.mu.Lock()
	defer rp.mu.Unlock()
	ids := []string{}
	if a := rp.accounts[r.URL.Query().Get("user")]; a != nil {
		for _, c := range a.credentials {
			ids = append(ids, base64.RawURLEncoding.EncodeToString(c.ID))
		}
	}
	writeJSON(w, http.StatusOK, map[string]any{"ids": ids})
}

func see(c *webauthn.Credential) Seen {
	s := Seen{
		ID: base64.RawURLEncoding.EncodeToString(c.ID), UserPresent: c.Flags.UserPresent, UserVerified: c.Flags.UserVerified,
		BackupEligible: c.Flags.BackupEligible, BackupState: c.Flags.BackupState, SignCount: c.Authenticator.SignCount,
		Attestation: c.AttestationFormat, AAGUID: fmt.Sprintf("%x", c.Authenticator.AAGUID),
	}
	for _, t := range c.Transport {
		s.Transports = append(s.Transports, string(t))
	}
	if key, err := webauthncose.ParsePublicKey(c.PublicKey); err == nil {
		switch k := key.(type) {
		case webauthncose.EC2PublicKeyData:
			s.Algorithm = k.Algorithm
		case webauthncose.OKPPublicKeyData:
			s.Algorithm = k.Algorithm
		case webauthncose.RSAPublicKeyData:
			s.Algorithm = k.Algorithm
		}
	}
	return s
}

func answer[In, Out any](handle func(In) (Out, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in In
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&in); err != nil {
			writeJSON(w, http.StatusBadRequest, map[string]any{"ok": false, "error": err.Error()})
			return
		}
		out, err := handle(in)
		if err != nil {
			text := err.Error()
			var detailed *protocol.Error
			if errors.As(err, &detailed) {
				text = strings.TrimSpace(detailed.Details + " " + detailed.DevInfo)
			}
			writeJSON(w, http.StatusOK, map[string]any{"ok": false, "error": text})
			return
		}
		writeJSON(w, http.StatusOK, out)
	})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(v); err != nil {
		log.Printf("answer: %v", err)
	}
}
