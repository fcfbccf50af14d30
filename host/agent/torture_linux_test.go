package agent

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/keyferry/keyferry/host/protocol"
)

// The torture of the vault's package kills a process that has nothing but a vault. Here it is a whole agent, driven over its
// socket as browsers drive it, whose process group is killed at random moments; the next one must have everything that was
// acknowledged, imports whole or not at all, and nothing that was destroyed.

// tortured is what the agents were asked for, and what they acknowledged.
type tortured struct {
	*process
	key     *ecdsa.PrivateKey
	next    int
	sites   map[string]fate
	imports map[string]bool // acknowledged?
	der     string          // a private key that imports carry
	acks    map[string]int  // by kind of change
}

// fate is what may have become of a site's one passkey.
type fate struct{ made, mayBeGone, gone bool }

const tortureImport = 40 // passkeys of one import

func TestKilledAgentLosesNothing(t *testing.T) {
	rounds := 12
	switch {
	case os.Getenv("KEYFERRY_SOAK") == "1":
		rounds = 500
	case testing.Short():
		t.Skip("opens a vault a dozen times")
	}
	p := startProcessAs(t, "unix:path=/nonexistent", agentUser, "--allow")
	c, _ := p.withVault()
	k := &tortured{process: p, key: c.key, sites: map[string]fate{}, imports: map[string]bool{}, acks: map[string]int{}}
	k.der = importedKey(t)
	for round := range rounds {
		k.kill()
		k.restart()
		unlocked := k.round(round%3 == 2)
		if unlocked && round%2 == 1 || round == rounds-1 {
			k.kill()
			k.restart()
			k.verify()
		}
	}
	t.Logf("acknowledged in %d rounds: %v", rounds, k.acks)
	if k.acks["create"] < rounds {
		t.Error("hardly anything was done: this run proves nothing")
	}
}

func importedKey(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(der)
}

// kill kills the agent and whatever it started.
func (k *tortured) kill() {
	_ = syscall.Kill(-k.cmd.Process.Pid, syscall.SIGKILL) // the first one has no group of its own
	_ = k.cmd.Process.Kill()
	_ = k.cmd.Wait()
}

func (k *tortured) restart() {
	k.t.Helper()
	if err := os.Remove(k.cfg.Profile.SocketPath); err != nil && !os.IsNotExist(err) {
		k.t.Fatal(err)
	}
	k.cmd = asUser(exec.Command(k.exe, childMode, "agent", k.dir, "unix:path=/nonexistent", "--allow"), uint32(k.uid))
	if k.cmd.SysProcAttr == nil {
		k.cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	k.cmd.SysProcAttr.Setpgid = true
	k.cmd.Stderr = os.Stderr
	k.cmd.Env = []string{"HOME=" + k.dir}
	if err := k.cmd.Start(); err != nil {
		k.t.Fatal(err)
	}
	cmd := k.cmd
	k.t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	waitUntil(k.t, "the agent's socket", k.listens)
}

// try makes a call; io.EOF where the agent is gone.
func (k *tortured) try(c *client, s *protocol.Sender, typ string, body, out any) error {
	p, err := c.trySend(s, typ, body)
	if err != nil {
		return io.EOF
	}
	return p.answer(out)
}

var unlockBody = protocol.Unlock{Secret: protocol.Secret{Passphrase: goodPhrase}}

// round unlocks and changes things until the agent is killed: at a random moment after the unlock, or from its start on.
func (k *tortured) round(early bool) (unlocked bool) {
	k.t.Helper()
	c := k.browser(k.key)
	pid := k.cmd.Process.Pid
	arm := func() {
		time.AfterFunc(time.Duration(mathrand.IntN(500))*time.Millisecond, func() { _ = syscall.Kill(-pid, syscall.SIGKILL) })
	}
	if early {
		arm()
	}
	if err := k.try(c, page("unlock"), "unlock", unlockBody, nil); err == io.EOF && early {
		return false
	} else if err != nil {
		k.t.Fatalf("unlock: %v", err)
	}
	for done := 0; ; done++ {
		if done == 3 && !early { // however slow the machine is, every round does something
			arm()
		}
		kind, err := k.change(c)
		if err == io.EOF {
			return true
		}
		if err != nil {
			k.t.Fatalf("%s: %v", kind, err)
		}
		k.acks[kind]++
	}
}

// change does one thing, and notes it before and after.
func (k *tortured) change(c *client) (kind string, err error) {
	k.next++
	switch mathrand.IntN(12) {
	case 0:
		return "import", k.doImport(c, fmt.Sprintf("import-%d.example", k.next))
	case 1:
		return "delete", k.doDelete(c)
	case 2:
		return "slots", k.doSlots(c)
	case 3:
		return "rekey", k.try(c, page("settings"), "rekey", protocol.Rekey{}, nil)
	}
	site := fmt.Sprintf("site-%d.example", k.next)
	k.sites[site] = fate{}
	var out protocol.WebAuthnResult
	if err := k.try(c, tab(1, "https://"+site), "webauthn.create", create(site, nil), &out); err != nil {
		return "create", err
	}
	if out.Outcome != "credential" {
		return "create", fmt.Errorf("%+v", out)
	}
	k.sites[site] = fate{made: true}
	return "create", nil
}

// doDelete destroys one passkey: into the trash, and the trash emptied, which rewrites the store.
func (k *tortured) doDelete(c *client) error {
	for site, f := range k.sites {
		if !f.made || f.mayBeGone {
			continue
		}
		var found protocol.ListResult
		if err := k.try(c, page("vault"), "list", protocol.ListRequest{Query: site}, &found); err != nil {
			return err
		}
		for _, e := range found.Entries {
			if e.RPID != site {
				continue
			}
			k.sites[site] = fate{made: true, mayBeGone: true}
			if err := k.try(c, page("vault"), "trash", protocol.Ref{ID: e.ID}, nil); err != nil {
				return err
			}
			if err := k.try(c, page("vault"), "trash.empty", protocol.EmptyTrash{}, nil); err != nil {
				return err
			}
			k.sites[site] = fate{made: true, mayBeGone: true, gone: true}
			return nil
		}
		return fmt.Errorf("%s was acknowledged and is not listed", site)
	}
	return nil
}

func (k *tortured) doSlots(c *client) error {
	var list protocol.SlotList
	if err := k.try(c, page("settings"), "slots.list", protocol.Empty{}, &list); err != nil {
		return err
	}
	if n := len(list.Slots); n > 4 { // of rounds that were killed between the two
		return k.try(c, page("settings"), "slots.remove", protocol.SlotRemove{ID: list.Slots[n-1].ID}, nil)
	}
	var made protocol.SlotAdded
	if err := k.try(c, page("settings"), "slots.add", protocol.SlotAdd{Kind: "recovery"}, &made); err != nil {
		return err
	}
	return k.try(c, page("settings"), "slots.remove", protocol.SlotRemove{ID: made.Slot.ID}, nil)
}

// doImport brings passkeys of one site in, by a file, as the transfer page does.
func (k *tortured) doImport(c *client, site string) error {
	var t protocol.Transfer
	from := page("transfer")
	if err := k.try(c, from, "transfer.import", protocol.TransferImport{Kind: protocol.TransferPlain}, &t); err != nil {
		return err
	}
	if err := k.try(c, from, "transfer.put", protocol.TransferPut{ID: t.ID, Data: k.document(site), Last: true}, &t); err != nil {
		return err
	}
	wait := func() error {
		for t.State == protocol.StateReceiving || t.State == protocol.StateReading || t.State == protocol.StateStoring {
			if err := k.try(c, from, "transfer.get", protocol.TransferGet{ID: t.ID, Not: t.State, WaitMs: 2000}, &t); err != nil {
				return err
			}
		}
		return nil
	}
	if err := wait(); err != nil {
		return err
	}
	if t.State != protocol.StateReview {
		return fmt.Errorf("in state %s: %+v", t.State, t.Error)
	}
	k.imports[site] = false
	if err := k.try(c, from, "transfer.commit", protocol.TransferRef{ID: t.ID}, &t); err != nil {
		return err
	}
	if err := wait(); err != nil {
		return err
	}
	if t.State != protocol.StateDone {
		return fmt.Errorf("in state %s: %+v", t.State, t.Error)
	}
	k.imports[site] = true
	return nil
}

// document is a CXF document of as many passkeys of one site as an import has.
func (k *tortured) document(site string) []byte {
	var items []any
	for i := range tortureImport {
		id := sha256.Sum256([]byte(fmt.Sprint(site, i)))
		b64 := base64.RawURLEncoding.EncodeToString
		items = append(items, map[string]any{
			"id": b64(id[:16]), "title": site, "credentials": []any{map[string]any{
				"type": "passkey", "credentialId": b64(id[:]), "rpId": site, "username": fmt.Sprint("user ", i), "userDisplayName": "Ann",
				"userHandle": b64(id[8:24]), "key": k.der,
			}},
		})
	}
	return raw(map[string]any{
		"version": map[string]any{"major": 1, "minor": 0}, "exporterRpId": "example.com", "exporterDisplayName": "Another", "timestamp": 1_790_000_000,
		"accounts": []any{map[string]any{"id": "YWNjb3VudA", "username": "ann", "email": "ann@example.com", "collections": []any{}, "items": items}},
	})
}

// verify holds what is there against what was acknowledged.
func (k *tortured) verify() {
	k.t.Helper()
	c := k.browser(k.key)
	c.must(page("unlock"), "unlock", unlockBody, nil)
	var h protocol.Health
	waitUntil(k.t, "the verification", func() bool {
		c.must(page("vault"), "vault.health", protocol.Empty{}, &h)
		return h.State != "checking"
	})
	if h.State != "whole" {
		k.t.Fatalf("%+v", h)
	}
	there := map[string]int{}
	for after := ""; ; {
		var list protocol.ListResult
		c.must(page("vault"), "list", protocol.ListRequest{After: after, Limit: 500}, &list)
		for _, e := range list.Entries {
			there[e.RPID]++
		}
		if after = list.Next; after == "" {
			break
		}
	}
	for site, f := range k.sites {
		switch n := there[site]; {
		case f.made && !f.mayBeGone && n != 1:
			k.t.Fatalf("acknowledged %s is there %d times", site, n)
		case f.gone && n != 0:
			k.t.Fatalf("destroyed %s is there", site)
		case n > 1:
			k.t.Fatalf("%s is there %d times", site, n)
		}
	}
	for site, acknowledged := range k.imports {
		if n := there[site]; n != tortureImport && (n != 0 || acknowledged) {
			k.t.Fatalf("import %s (acknowledged: %v): %d of %d", site, acknowledged, n, tortureImport)
		}
	}
}
