//go:build keyferrytest && linux

package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/host/paths"
)

// apps are password managers of one person on one machine, each in processes of its own: Keyferry's vaults with their
// agents, and the example provider. All run as a user that is not root.
type apps struct {
	t       *testing.T
	dir     string
	program string
	example string
	uid     int
}

// exchangeUser is a user of the test's own, who need have no name.
const exchangeUser = 54_321

func newApps(t *testing.T) *apps {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "kf-exchange-")
	if err != nil {
		t.Fatal(err)
	}
	s := &apps{t: t, dir: dir, program: filepath.Join(dir, "keyferry"), example: filepath.Join(dir, "example"), uid: os.Getuid()}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if s.uid == 0 {
		s.uid = exchangeUser
	}
	exe, err := os.Executable()
	s.must(err)
	raw, err := os.ReadFile(exe)
	s.must(err)
	s.must(os.WriteFile(s.program, raw, 0o755))
	if out, err := exec.Command("go", "build", "-o", s.example, "../../../cxp/localexchange/example").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	s.must(errors.Join(os.Chmod(dir, 0o755), os.Mkdir(s.path(""), 0o700)))
	s.must(s.own("home"))
	return s
}

func (s *apps) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *apps) path(name string) string { return filepath.Join(s.dir, "home", name) }

func (s *apps) own(name string) error { return os.Chown(filepath.Join(s.dir, name), s.uid, s.uid) }

// command runs a program as the person.
func (s *apps) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Dir = s.path("")
	cmd.Env = []string{"HOME=" + s.path(""), "PATH=" + os.Getenv("PATH"), "DBUS_SESSION_BUS_ADDRESS=disabled:"}
	if os.Getuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(s.uid), Gid: uint32(s.uid)}}
	}
	return cmd
}

func (s *apps) output(cmd *exec.Cmd) (string, error) {
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("%v: %w: %s", cmd.Args, err, complaint.String())
	}
	return out.String(), nil
}

// try runs a command of one of the vaults.
func (s *apps) try(who string, args ...string) (string, error) {
	return s.output(s.command(s.program, append([]string{"--testbed", s.bed(who)}, args...)...))
}

func (s *apps) run(who string, args ...string) string {
	s.t.Helper()
	out, err := s.try(who, args...)
	s.must(err)
	return out
}

func (s *apps) bed(who string) string { return filepath.Join(s.path(who), testbedFolder) }

// vault makes a vault with an agent, or starts the agent again and opens the vault.
func (s *apps) vault(who string) {
	s.t.Helper()
	_, err := s.output(s.command(s.program, "testbed", "--user-data-dir", s.path(who)))
	s.must(err)
	s.t.Cleanup(func() { _, _ = s.output(s.command(s.program, "testbed", "--user-data-dir", s.path(who), "--stop")) })
}

func (s *apps) profile(who string) paths.Profile {
	s.t.Helper()
	p, err := paths.ForTestbed(s.bed(who), "")
	s.must(err)
	return p
}

// agent is the process of a vault's agent; 0: there is none.
func (s *apps) agent(who string) int {
	s.t.Helper()
	conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: s.profile(who).SocketPath, Net: "unix"})
	if err != nil {
		return 0
	}
	defer conn.Close()
	pid, err := peerPID(conn)
	s.must(err)
	return pid
}

// register lets a vault's person see the example.
func (s *apps) registerExample(who string, words ...string) string {
	s.t.Helper()
	file := filepath.Join(s.bed(who), "providers", "example.invalid.json")
	raw, err := json.Marshal(map[string]any{
		"version": 1, "rpId": "example.invalid", "displayName": "Example", "roles": []string{"importer", "exporter"},
		"command": append([]string{s.example}, words...),
	})
	s.must(err)
	s.must(os.MkdirAll(filepath.Dir(file), 0o700))
	s.must(os.WriteFile(file, raw, 0o600))
	s.must(errors.Join(os.Chown(filepath.Dir(file), s.uid, s.uid), os.Chown(file, s.uid, s.uid)))
	return file
}

// exclude adds sites to a registration for which the app takes no logins.
func (s *apps) exclude(file string, sites ...string) {
	s.t.Helper()
	raw, err := os.ReadFile(file)
	s.must(err)
	var r map[string]any
	s.must(json.Unmarshal(raw, &r))
	r["excludedSites"] = sites
	raw, err = json.Marshal(r)
	s.must(err)
	s.must(os.WriteFile(file, raw, 0o600))
}

// document is everything that a vault holds, in the open.
func (s *apps) document(who string) *cxf.Header {
	s.t.Helper()
	file := s.path(who + ".json")
	s.run(who, "cxf", "export", "--force", file)
	raw, err := os.ReadFile(file)
	s.must(err)
	doc, _, err := cxf.Read(bytes.NewReader(raw), nil)
	s.must(err)
	return doc
}

// passkeysOf are a document's passkeys by credential ID; all that is known of each.
func passkeysOf(t *testing.T, doc *cxf.Header) map[string]*cxf.Passkey {
	t.Helper()
	out := map[string]*cxf.Passkey{}
	for _, a := range doc.Accounts {
		for _, it := range a.Items {
			for _, c := range it.Credentials {
				if p, ok := c.(*cxf.Passkey); ok {
					out[p.RPID+" "+string(p.CredentialID)] = p
				}
			}
		}
	}
	return out
}

func sameVaults(t *testing.T, what string, a, b *cxf.Header) {
	t.Helper()
	ours, theirs := passkeysOf(t, a), passkeysOf(t, b)
	if len(ours) != len(theirs) || len(ours) == 0 {
		t.Errorf("%s: %d passkeys here, %d there", what, len(ours), len(theirs))
	}
	blobs, secrets, unknown := 0, 0, 0
	for id, p := range ours {
		q := theirs[id]
		if q == nil || !reflect.DeepEqual(p, q) {
			t.Errorf("%s: %q is %+v there, %+v here", what, id, q, p)
			continue
		}
		if f := q.Fido2Extensions; f != nil && f.HMACCredentials != nil {
			secrets++
			if f.LargeBlob != nil {
				blobs++
			}
		}
		if len(q.Extra) > 0 {
			unknown++
		}
	}
	if secrets < 50 || blobs < 50 || unknown < 50 {
		t.Errorf("%s: only %d with PRF secrets, %d with large blobs, %d with unknown members", what, secrets, blobs, unknown)
	}
}

// richPasskeys is a document of passkeys with everything that a passkey can have.
func (s *apps) richPasskeys(n int) string {
	s.t.Helper()
	var items []map[string]any
	for i := range n {
		_, key, err := ed25519.GenerateKey(rand.Reader)
		s.must(err)
		der, err := cxf.MarshalPrivateKey(key)
		s.must(err)
		id := fmt.Appendf(nil, "credential-%d", i)
		p := &cxf.Passkey{
			CredentialID: id, RPID: fmt.Sprintf("site%d.example", i), Username: "ann", UserHandle: []byte("user"), Key: der,
			Fido2Extensions: &cxf.Fido2Extensions{
				HMACCredentials: &cxf.Fido2HMACCredentials{Algorithm: cxf.HMACSHA256, CredWithUV: random(32), CredWithoutUV: random(32)},
				CredBlob:        random(20),
			},
		}
		raw, err := cxf.MarshalCredential(p)
		s.must(err)
		var credential map[string]any
		s.must(json.Unmarshal(raw, &credential))
		credential["x-of-another-app"] = map[string]any{"n": i}
		extensions := credential["fido2Extensions"].(map[string]any)
		extensions["largeBlob"] = map[string]any{"uncompressedSize": 5, "alg": "deflate", "data": "AQUA-v9oZWxsbw"}
		items = append(items, map[string]any{"id": cxf.NewID(), "title": fmt.Sprint("Site ", i), "credentials": []any{credential}})
	}
	doc := map[string]any{
		"version": map[string]any{"major": 1, "minor": 0}, "exporterRpId": "other.example", "exporterDisplayName": "Other", "timestamp": 1_700_000_000,
		"accounts": []any{map[string]any{"id": "YWNjb3VudA", "username": "ann", "email": "ann@example.com", "collections": []any{}, "items": items}},
	}
	raw, err := json.Marshal(doc)
	s.must(err)
	file := s.path("rich.json")
	s.must(os.WriteFile(file, raw, 0o600))
	s.must(s.own("home/rich.json"))
	return file
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails
	return b
}

// TestAppsOfOneMachineExchange moves passkeys with everything that belongs to them from vault to vault, and through an app
// that uses only the published package, all by real processes.
func TestAppsOfOneMachineExchange(t *testing.T) {
	s := newApps(t)
	for _, who := range []string{"ann", "ben", "cid"} {
		s.vault(who)
	}
	s.run("ann", "cxf", "import", "--yes", s.richPasskeys(60))
	if out := s.run("ann", "providers"); !strings.Contains(out, "No other app") {
		t.Errorf("nobody is there: %s", out)
	}
	s.run("ben", "provide", s.bed("ann"))
	s.run("ann", "provide", s.bed("ben"))
	out := s.run("ann", "export", "--to", "Keyferry", "--json")
	var handed handedOver
	s.must(json.Unmarshal([]byte(out), &handed))
	if handed.Accepted != 60 || handed.To != "keyferry.app" || handed.Program != s.program {
		t.Errorf("handed over: %+v", handed)
	}
	sameVaults(t, "vault to vault", s.document("ann"), s.document("ben"))
	// An agent lets nobody read what it runs: it is known by the socket on which it listens.
	if out := s.run("ben", "audit", "--json"); strings.Contains(out, "unknown program") || !strings.Contains(out, "“Keyferry” (keyferry.app)") {
		t.Errorf("who sent it: %s", out)
	}
	var again tookIn
	s.must(json.Unmarshal([]byte(s.run("ben", "import", "--from", "keyferry.app", "--yes", "--json")), &again))
	if again.Outcome == nil || !again.Outcome.Unchanged || again.Counts["duplicate"] == 0 {
		t.Errorf("the same again: %+v %+v", again.Counts, again.Outcome)
	}

	// One in 64 IDs begins like a flag.
	if _, err := s.try("ben", "imports", "--undo", "-AAAAAAAAAAAAAAAAAAAAA"); err == nil || !strings.Contains(err.Error(), "import") {
		t.Errorf("an import that is not there: %v", err)
	}

	s.registerExample("ann", "--yes", s.path("example.json"))
	s.run("ann", "export", "--to", "example.invalid")
	s.registerExample("cid", "--yes", s.path("example.json"))
	s.run("cid", "import", "--from", "Example", "--yes")
	sameVaults(t, "through a foreign app", s.document("ann"), s.document("cid"))

	s.exclude(s.registerExample("cid", "--yes", s.path("example.json")), "site7.example", "bank.example")
	if out := s.run("cid", "providers"); !strings.Contains(out, "excludes: 2 sites, for which it does not take logins: site7.example, bank.example") {
		t.Errorf("what it excludes is not shown: %s", out)
	}
	out = s.run("cid", "export", "--to", "example.invalid", "--json")
	handed = handedOver{}
	s.must(json.Unmarshal([]byte(out), &handed))
	if handed.Accepted != 59 || handed.LeftOut != 1 || len(handed.Excluded) != 1 || handed.Excluded[0].RPID != "site7.example" ||
		handed.Excluded[0].Reason != "Example does not take logins for this site" {
		t.Errorf("handed over without what it excludes: %+v", handed)
	}
	left, err := filepath.Glob(filepath.Join(s.path("*"), testbedFolder, "profiles", "*", "vault-transfers", "keyferry-spool-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// TestWhoMayExchange: each of these is refused, in words that say why.
func TestWhoMayExchange(t *testing.T) {
	s := newApps(t)
	s.vault("ann")
	file := s.registerExample("ann", "--yes", s.path("example.json"))
	ignored := func(what, why string) {
		t.Helper()
		out := s.run("ann", "providers")
		if !strings.Contains(out, "Ignored: "+file) || !strings.Contains(out, why) {
			t.Errorf("%s: %s", what, out)
		}
		if _, err := s.try("ann", "export", "--to", "example.invalid"); err == nil {
			t.Errorf("%s: it was exchanged with", what)
		}
	}
	s.must(os.Chmod(file, 0o666))
	ignored("a registration that others can write", "can be written by others")
	s.must(os.Chmod(file, 0o600))
	s.must(os.Chmod(s.example, 0o777))
	ignored("a program that others can write", "can be replaced")
	s.must(os.Chmod(s.example, 0o755|os.ModeSetuid))
	ignored("a program that runs as another user", "another user")
	s.must(os.Chmod(s.example, 0o755))
	if os.Getuid() == 0 {
		s.must(errors.Join(os.Chown(file, 12_345, 12_345), os.Chmod(file, 0o644)))
		ignored("a registration of another user", "somebody else")
		s.must(s.own("home/ann/" + testbedFolder + "/providers/example.invalid.json"))
		s.otherUser()
	}
	s.run("ann", "export", "--to", "example.invalid")
	// Without its person's yes the other app gives nothing.
	s.registerExample("ann", s.path("example.json"))
	if _, err := s.try("ann", "import", "--from", "example.invalid"); err == nil || !strings.Contains(err.Error(), "cancelled in the other app") {
		t.Errorf("the other person said no: %v", err)
	}
	// Nor does this side without a yes of its own.
	setting, err := s.profile("ann").ReadTestbed()
	s.must(err)
	setting.Consent = "deny"
	s.must(s.profile("ann").WriteTestbed(setting))
	s.must(s.own("home/ann/" + testbedFolder + "/testbed.json"))
	if _, err := s.try("ann", "export", "--to", "example.invalid"); err == nil {
		t.Error("it was handed over all the same")
	}
	// By hand the command does nothing.
	if _, err := s.try("ann", "exchange"); err == nil || !strings.Contains(err.Error(), "for other apps to start") {
		t.Errorf("started by hand: %v", err)
	}
}

// otherUser begins an exchange as somebody else.
func (s *apps) otherUser() {
	s.t.Helper()
	pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0) // made by root
	s.must(err)
	mine, theirs := os.NewFile(uintptr(pair[0]), "mine"), os.NewFile(uintptr(pair[1]), "theirs")
	defer mine.Close()
	cmd := s.command(s.program, "--testbed", s.bed("ann"), "exchange")
	cmd.Env = append(cmd.Env, "CREDENTIAL_EXCHANGE=1")
	var complaint bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = theirs, theirs, &complaint
	err = cmd.Run()
	_ = theirs.Close()
	if err == nil || !strings.Contains(complaint.String(), "belongs to another user") {
		s.t.Errorf("a peer of another user: %v %s", err, complaint.String())
	}
}

// TestKilledInAnExchangeMeansNothingOrAll kills one process after the other, at points all over their way.
func TestKilledInAnExchangeMeansNothingOrAll(t *testing.T) {
	s := newApps(t)
	s.vault("ann")
	s.vault("ben")
	const n = 300
	s.must(os.WriteFile(s.path("many.json"), manyPasskeys(t, n), 0o600))
	s.must(s.own("home/many.json"))
	s.run("ann", "cxf", "import", "--yes", s.path("many.json"))
	s.run("ben", "provide", s.bed("ann"))
	begin := time.Now()
	s.run("ann", "export", "--to", "keyferry.app")
	took := time.Since(begin)
	rounds := 8
	if os.Getenv("KEYFERRY_SOAK") != "" {
		rounds = 100
	}
	whole := 0
	for i := range rounds {
		s.vault("ann") // again, if it was killed
		s.vault("ben")
		s.takeBack("ben", n)
		cmd := s.command(s.program, "--testbed", s.bed("ann"), "export", "--to", "keyferry.app")
		s.must(cmd.Start())
		time.Sleep(took * time.Duration(i) / time.Duration(rounds))
		victim := [](func() int){
			func() int { return s.agent("ben") }, func() int { return s.agent("ann") }, s.relay, func() int { return cmd.Process.Pid },
		}[i%4]()
		if victim != 0 {
			if err := syscall.Kill(victim, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
				t.Fatal(err)
			}
		}
		_ = cmd.Wait() // done or not: the vaults tell
		s.vault("ann")
		s.vault("ben")
		eventually(t, "the end of the exchange", func() bool { return s.relay() == 0 })
		if got := s.count("ben"); got != 0 && got != n {
			t.Errorf("round %d: %d of %d passkeys", i, got, n)
		} else if got == n {
			whole++
		}
		if got := s.count("ann"); got != n {
			t.Errorf("round %d: the exporter has %d", i, got)
		}
	}
	t.Logf("%d of %d rounds went through before the process was killed", whole, rounds)
}

// relay is the process of a `keyferry exchange` of this test; 0: there is none.
func (s *apps) relay() int {
	s.t.Helper()
	all, err := filepath.Glob("/proc/[0-9]*/cmdline")
	s.must(err)
	for _, path := range all {
		line, err := os.ReadFile(path)
		if err == nil && bytes.HasPrefix(line, []byte(s.program)) && bytes.HasSuffix(line, []byte("\x00exchange\x00")) {
			pid := 0
			_, err := fmt.Sscanf(path, "/proc/%d/cmdline", &pid)
			s.must(err)
			return pid
		}
	}
	return 0
}

// count is how many passkeys a vault holds.
func (s *apps) count(who string) int {
	s.t.Helper()
	var status statusOutput
	s.must(json.Unmarshal([]byte(s.run(who, "status", "--json")), &status))
	if status.Vault != "unlocked" {
		s.t.Fatalf("%s is %s", who, status.Vault)
	}
	return status.Passkeys
}

// takeBack undoes what came in.
func (s *apps) takeBack(who string, n int) {
	s.t.Helper()
	if s.count(who) == 0 {
		return
	}
	var list struct {
		Imports []struct{ ID string }
	}
	s.must(json.Unmarshal([]byte(s.run(who, "imports", "--json")), &list))
	for _, i := range list.Imports {
		s.run(who, "imports", "--undo", i.ID)
	}
	if got := s.count(who); got != 0 {
		s.t.Fatalf("%d passkeys after everything was undone", got)
	}
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(60 * time.Second); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s did not come", what)
		}
	}
}
