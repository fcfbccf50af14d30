//go:build keyferrytest && linux

package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	rpprotocol "github.com/go-webauthn/webauthn/protocol"
	rp "github.com/go-webauthn/webauthn/webauthn"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/host/paths"
	"github.com/keyferry/keyferry/host/webauthn"
	"github.com/keyferry/keyferry/vault"
)

// strangers are people with a terminal each: every command is a process of its own.
type strangers struct {
	t       *testing.T
	dir     string
	program string
}

func newStrangers(t *testing.T) *strangers {
	t.Helper()
	t.Parallel() // each in a folder of its own
	dir, err := os.MkdirTemp("", "kf-move-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "keyferry") // TestMain is the command under this name
	if err := os.Symlink(exe, program); err != nil {
		t.Fatal(err)
	}
	return &strangers{t, dir, program}
}

func (s *strangers) path(name string) string { return filepath.Join(s.dir, name) }

func (s *strangers) command(who string, args ...string) *exec.Cmd {
	cmd := exec.Command(s.program, append([]string{"--vault", s.path(who)}, args...)...)
	cmd.Dir = s.dir
	cmd.Env = []string{"HOME=" + s.dir, "PATH=" + os.Getenv("PATH"), "DBUS_SESSION_BUS_ADDRESS=disabled:"}
	return cmd
}

// try runs a command and gives what it printed, or what it complained of.
func (s *strangers) try(who string, args ...string) (string, error) {
	s.t.Helper()
	cmd := s.command(who, args...)
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("%s: %w: %s", strings.Join(args, " "), err, complaint.String())
	}
	return out.String(), nil
}

func (s *strangers) run(who string, args ...string) string {
	s.t.Helper()
	out, err := s.try(who, args...)
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}

// took runs a command that takes something in.
func (s *strangers) took(who string, args ...string) tookIn {
	s.t.Helper()
	var in tookIn
	if err := json.Unmarshal([]byte(s.run(who, append(args, "--json")...)), &in); err != nil {
		s.t.Fatal(err)
	}
	return in
}

// testbed is a throwaway vault's place, and how its build answers for the person.
func (s *strangers) testbed(who string) (paths.Profile, paths.Testbed) {
	s.t.Helper()
	p, err := paths.ForTestbed(s.path(who), "")
	if err != nil {
		s.t.Fatal(err)
	}
	setting, err := p.ReadTestbed()
	if err != nil {
		s.t.Fatal(err)
	}
	return p, setting
}

// consents sets how a throwaway vault's build answers for the person from now on.
func (s *strangers) consents(who, consent string) (passphrase string) {
	s.t.Helper()
	p, setting := s.testbed(who)
	setting.Consent = consent
	if err := p.WriteTestbed(setting); err != nil {
		s.t.Fatal(err)
	}
	return setting.Passphrase
}

// open opens a vault that no command has at the moment.
func (s *strangers) open(who string) *vault.Vault {
	s.t.Helper()
	p, setting := s.testbed(who)
	v, err := vault.Open(context.Background(), p.VaultDir, vault.Passphrase([]byte(setting.Passphrase)), build{}.vaultOptions())
	if err != nil {
		s.t.Fatal(err)
	}
	return v
}

// has puts a passkey into a vault that no command has at the moment.
func (s *strangers) has(who string, p *vault.Passkey) {
	s.t.Helper()
	v := s.open(who)
	if err := v.AddPasskey(context.Background(), p); err != nil {
		s.t.Fatal(err)
	}
	if err := v.Close(); err != nil {
		s.t.Fatal(err)
	}
}

// site is go-webauthn, a relying party that we did not write, with one account.
type site struct {
	*rp.WebAuthn
	id   []byte
	keys []rp.Credential
}

func (u *site) WebAuthnID() []byte                   { return u.id }
func (u *site) WebAuthnName() string                 { return "ann" }
func (u *site) WebAuthnDisplayName() string          { return "Ann" }
func (u *site) WebAuthnCredentials() []rp.Credential { return u.keys }

func newSite(t *testing.T) *site {
	t.Helper()
	w, err := rp.New(&rp.Config{RPID: "example.com", RPDisplayName: "Example", RPOrigins: []string{"https://example.com"}})
	if err != nil {
		t.Fatal(err)
	}
	return &site{WebAuthn: w, id: []byte("user-1")}
}

var caller = webauthn.Caller{Origin: "https://example.com", Delegated: true}

func (u *site) register(t *testing.T) *vault.Passkey {
	t.Helper()
	creation, session, err := u.BeginRegistration(u)
	if err != nil {
		t.Fatal(err)
	}
	options, err := json.Marshal(creation.Response)
	if err != nil {
		t.Fatal(err)
	}
	ours, err := webauthn.NewCreation(options, "", caller, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	p, response, err := ours.Make(context.Background(), rand.Reader, true)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := rpprotocol.ParseCredentialCreationResponseBytes(response)
	if err != nil {
		t.Fatal(err)
	}
	credential, err := u.CreateCredential(u, *session, parsed)
	if err != nil {
		t.Fatal(err)
	}
	u.keys = append(u.keys, *credential)
	return p
}

// signIn signs in with what a vault holds for the site.
func (u *site) signIn(t *testing.T, v *vault.Vault) {
	t.Helper()
	assertion, session, err := u.BeginLogin(u)
	if err != nil {
		t.Fatal(err)
	}
	options, err := json.Marshal(assertion.Response)
	if err != nil {
		t.Fatal(err)
	}
	ours, err := webauthn.NewAssertion(options, "", caller, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	found, err := ours.Matches(context.Background(), v)
	if err != nil || len(found) != 1 {
		t.Fatalf("%d passkeys fit, %v", len(found), err)
	}
	p, err := v.Passkey(context.Background(), found[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	response, err := ours.Sign(context.Background(), p, true)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := rpprotocol.ParseCredentialRequestResponseBytes(response)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := u.ValidateLogin(u, *session, parsed); err != nil {
		t.Errorf("the site refuses the moved passkey: %v", err)
	}
}

// TestTwoStrangersMoveAVault moves a passkey that a site knows, and a document full of other things, from one vault to
// a second by sealed file and to a third by backup.
func TestTwoStrangersMoveAVault(t *testing.T) {
	s := newStrangers(t)
	s.run("ann", "list")
	u := newSite(t)
	p := u.register(t)
	s.has("ann", p)
	everything, err := filepath.Abs("../../../cxp/cxf/testdata/everything.json")
	if err != nil {
		t.Fatal(err)
	}
	s.run("ann", "cxf", "import", "--yes", everything)

	s.run("ben", "cxp", "request", "--out", "request.json")
	out := s.run("ann", "cxp", "export", "--request", "request.json", "--out", "sealed.json", "--json")
	if !strings.Contains(out, `"fingerprint"`) {
		t.Errorf("no fingerprint is shown: %s", out)
	}
	info, err := os.Stat(s.path("sealed.json"))
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("the sealed file: %v %v", info, err)
	}
	if dry := s.took("ben", "cxp", "import", "--response", "sealed.json", "--dry-run"); dry.Outcome != nil || dry.Counts["new"] != 11 {
		t.Errorf("the dry run: %+v", dry.Counts)
	}
	in := s.took("ben", "cxp", "import", "--response", "sealed.json")
	if in.Outcome == nil || in.Outcome.Added != 11 {
		t.Fatalf("what came in: %+v", in.Outcome)
	}
	if _, err := s.try("ben", "cxp", "import", "--response", "sealed.json"); err == nil || !strings.Contains(err.Error(), "no open request") {
		t.Errorf("a second time: %v", err)
	}

	s.run("ann", "backup", "backup.json")
	if in := s.took("cid", "restore", "backup.json"); in.Outcome == nil || in.Outcome.Added != 11 {
		t.Fatalf("what was restored: %+v", in.Outcome)
	}
	if in := s.took("cid", "restore", "backup.json"); in.Outcome == nil || !in.Outcome.Unchanged {
		t.Errorf("restored twice: %+v", in.Outcome)
	}
	if _, err := s.try("ann", "backup", "backup.json"); err == nil || !strings.Contains(err.Error(), "exists already") {
		t.Errorf("a file was replaced in silence: %v", err)
	}

	for _, who := range []string{"ben", "cid"} {
		v := s.open(who)
		u.signIn(t, v)
		q, err := v.PasskeyByCredential(context.Background(), p.RPID, p.CredentialID)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(q.CredWithUV, p.CredWithUV) || !bytes.Equal(q.CredWithoutUV, p.CredWithoutUV) {
			t.Errorf("%s has other prf secrets", who)
		}
		if err := v.Close(); err != nil {
			t.Error(err)
		}
	}
	for _, who := range []string{"ann", "ben", "cid"} {
		left, err := filepath.Glob(filepath.Join(s.path(who), "vault-transfers", "keyferry-spool-*"))
		if err != nil || len(left) > 0 {
			t.Errorf("%s: %v %v", who, left, err)
		}
	}
}

func TestASettingThatDeniesLetsNothingLeave(t *testing.T) {
	s := newStrangers(t)
	s.run("ann", "cxp", "request", "--out", "request.json")
	s.consents("ann", "deny")
	for _, args := range [][]string{
		{"cxp", "export", "--request", "request.json", "--out", "out.json"}, {"backup", "out.json"}, {"cxf", "export", "out.json"},
	} {
		if _, err := s.try("ann", args...); err == nil {
			t.Errorf("%v went through", args)
		}
		if _, err := os.Stat(s.path("out.json")); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%v left a file: %v", args, err)
		}
	}
	left, err := filepath.Glob(s.path(".keyferry-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// TestKilledInBetweenMeansNothingOrAll kills importing processes at points all over their way.
func TestKilledInBetweenMeansNothingOrAll(t *testing.T) {
	s := newStrangers(t)
	const n = 400
	if err := os.WriteFile(s.path("many.json"), manyPasskeys(t, n), 0o600); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	s.run("whole", "cxf", "import", "--yes", "many.json")
	took := time.Since(begin)
	rounds := 8
	if testing.Short() {
		rounds = 2
	}
	for i := range rounds {
		who := fmt.Sprintf("killed%d", i)
		s.run(who, "list")
		cmd := s.command(who, "cxf", "import", "--yes", "many.json")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(took * time.Duration(i+1) / time.Duration(rounds))
		if err := cmd.Process.Signal(syscall.SIGKILL); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Fatal(err)
		}
		_ = cmd.Wait() // killed or done: the vault tells
		v := s.open(who)
		got := 0
		if err := v.EachPasskeyInfo(context.Background(), func(*vault.PasskeyInfo) error { got++; return nil }); err != nil {
			t.Fatal(err)
		}
		if got != 0 && got != n {
			t.Errorf("killed after %d/%d of the way: %d of %d passkeys", i+1, rounds, got, n)
		}
		if err := v.Close(); err != nil {
			t.Error(err)
		}
		if in := s.took(who, "cxf", "import", "--yes", "many.json"); in.Counts["new"]+in.Counts["duplicate"] != n {
			t.Errorf("the next import finds %+v", in.Counts)
		}
	}
}

func manyPasskeys(t *testing.T, n int) []byte {
	t.Helper()
	account := cxf.Account{ID: "YWNjb3VudA"}
	for i := range n {
		_, key, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		der, err := cxf.MarshalPrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		account.Items = append(account.Items, cxf.Item{ID: cxf.NewID(), Title: fmt.Sprintf("Site %d", i), Credentials: []cxf.Credential{
			&cxf.Passkey{CredentialID: fmt.Appendf(nil, "c%d", i), RPID: fmt.Sprintf("site%d.example", i), UserHandle: []byte("u"), Username: "ann", Key: der},
		}})
	}
	var b bytes.Buffer
	h := &cxf.Header{Version: cxf.Version{Major: 1}, ExporterRPID: "other.example", ExporterDisplayName: "Other", Accounts: []cxf.Account{account}}
	if _, err := cxf.Write(&b, h, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
