//go:build linux

package vault

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The torture: a child process changes a vault as fast as it can and says before and after each change what it is; it is killed
// at a random moment; then everything that it said was done must be there, and every import whole or not at all.

const tortureEnv = "KEYFERRY_TORTURE"

func TestMain(m *testing.M) {
	if dir := os.Getenv(tortureEnv); dir != "" {
		child := tortureChild
		if os.Getenv("KEYFERRY_TORTURE_FROM") == "memory" {
			child = memoryChild
		}
		if role := os.Getenv(roleEnv); role != "" {
			child = func(dir string) error { return roleChild(role, dir) }
		}
		if err := child(dir); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		return
	}
	if !soak() {
		if err := flag.Set("rapid.checks", strconv.Itoa(30/min(raceShare, 3))); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

const importSize = 130 // several batches

func tortureChild(dir string) error {
	ctx := context.Background()
	v, err := Open(ctx, dir, secret(), cheap())
	if err != nil {
		return err
	}
	next, err := strconv.Atoi(os.Getenv("KEYFERRY_TORTURE_FROM"))
	if err != nil {
		return err
	}
	ids := map[int]ID{}
	fmt.Println("open")
	for n := next; ; n++ {
		do := func(name string, arg int, fn func() error) error {
			fmt.Println("try", name, n, arg)
			if err := fn(); err != nil {
				return fmt.Errorf("%s %d: %w", name, n, err)
			}
			fmt.Println("ok", name, n, arg)
			return nil
		}
		old := next
		if n > next {
			old = next + rand.IntN(n-next)
		}
		switch k := rand.IntN(40); {
		case k == 0:
			err = do("import", 0, func() error { return tortureImport(ctx, v, n) })
		case k == 1 && !ids[old].IsZero():
			err = do("delete", old, func() error {
				if err := v.Trash(ctx, ids[old]); err != nil {
					return err
				}
				_, err := v.EmptyTrash(ctx, time.Time{})
				return err
			})
			delete(ids, old)
		case k == 2:
			err = do("slot", 0, func() error { return tortureSlots(ctx, v) })
		case k == 3:
			err = do("rekey", 0, func() error { return v.Rekey(ctx) })
		case k < 12 && !ids[old].IsZero():
			err = do("rename", old, func() error {
				return v.UpdatePasskey(ctx, ids[old], func(p *Passkey) error { p.Title = fmt.Sprint(n); return nil })
			})
		default:
			p := torturePasskey(tortureSite(n), n)
			err = do("add", 0, func() error { return v.AddPasskey(ctx, p) })
			ids[n] = p.ID
			v.Log(AuditEvent{Action: "created"})
			v.Touch(p.ID, time.Now())
		}
		if err == nil && rand.IntN(30) == 0 {
			err = v.Flush(ctx)
		}
		if err != nil {
			return err
		}
	}
}

func tortureImport(ctx context.Context, v *Vault, n int) error {
	s, err := v.Stage(ctx)
	if err != nil {
		return err
	}
	for i := range importSize {
		if err := s.AddPasskey(ctx, torturePasskey(fmt.Sprintf("import%d.example", n), i)); err != nil {
			return err
		}
	}
	return s.Commit(ctx)
}

func tortureSlots(ctx context.Context, v *Vault) error {
	ring, err := KeyringSecret(make([]byte, KeyringSecretSize))
	if err != nil {
		return err
	}
	if left := v.Slots()[1:]; len(left) > 8 { // by rounds that were killed between the two
		if err := v.RemoveSlot(ctx, left[0].ID); err != nil {
			return err
		}
	}
	s, err := v.AddSlot(ctx, ring, "")
	if err != nil {
		return err
	}
	return v.RemoveSlot(ctx, s.ID)
}

// tortureModel is what the child said.
type tortureModel struct {
	next    int
	tried   map[int]string // the op of each number
	acked   map[int]bool
	title   map[int][]string // what may be there: the last one done, and any tried since
	gone    map[int]bool     // deletion done
	maybe   map[int]bool     // deletion tried
	acks    int
	childOK bool
}

func TestKilledVaultLosesNothing(t *testing.T) {
	rounds := 40
	if soak() {
		rounds = 500
	}
	rounds /= raceShare
	dir := fastDir(t) + "/v"
	ctx := context.Background()
	v, err := Create(ctx, dir, secret(), cheap())
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	m := &tortureModel{tried: map[int]string{}, acked: map[int]bool{}, title: map[int][]string{}, gone: map[int]bool{}, maybe: map[int]bool{}}
	for round := range rounds {
		m.childOK = false
		m.round(t, dir, round%3 == 0)
		if !m.childOK {
			t.Fatalf("round %d: the child could not open the vault", round)
		}
		if round%2 == 1 || round == rounds-1 { // every other time the child itself opens what was left
			m.verify(t, dir)
		}
	}
	t.Logf("%d changes acknowledged in %d rounds", m.acks, rounds)
	if m.acks < rounds/2 {
		t.Fatal("hardly anything was done: this run proves nothing")
	}
}

func (m *tortureModel) round(t *testing.T, dir string, early bool) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), tortureEnv+"="+dir, fmt.Sprint("KEYFERRY_TORTURE_FROM=", m.next))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill := time.AfterFunc(time.Hour, func() {})
	armed := false
	arm := func() {
		armed = true
		kill.Stop()
		kill = time.AfterFunc(time.Duration(rand.IntN(150))*time.Millisecond, func() {
			syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // the group: gone already is fine
		})
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		switch f[0] {
		case "open":
			m.childOK = true
			if early {
				arm()
			}
		case "error":
			syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
			t.Errorf("child: %s", lines.Text())
		default:
			m.note(f)
			if f[0] == "ok" && !armed { // however slow the machine is, these rounds do something
				arm()
			}
		}
	}
	kill.Stop()
	var exit *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
}

func (m *tortureModel) note(f []string) {
	n, _ := strconv.Atoi(f[2])
	arg, _ := strconv.Atoi(f[3])
	m.next = max(m.next, n+1)
	done := f[0] == "ok"
	if done {
		m.acks++
	}
	switch f[1] {
	case "add", "import":
		m.tried[n] = f[1]
		m.acked[n] = done
	case "rename":
		if done {
			m.title[arg] = nil
		} else if len(m.title[arg]) == 0 {
			m.title[arg] = []string{""}
		}
		m.title[arg] = append(m.title[arg], fmt.Sprint(n))
	case "delete":
		if m.maybe[arg] = true; done {
			m.gone[arg] = true
		}
	}
}

func (m *tortureModel) verify(t *testing.T, dir string) {
	t.Helper()
	ctx := context.Background()
	v, err := Open(ctx, dir, secret(), cheap())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := v.Close(); err != nil {
			t.Fatal(err)
		}
	}()
	if h, err := v.AwaitHealth(ctx); err != nil || h.State != HealthWhole {
		t.Fatalf("%+v %v", h, err)
	}
	if len(v.st.open) != 0 {
		t.Fatal("an import is still open")
	}
	for n, op := range m.tried {
		if op == "import" {
			list, err := v.PasskeysByRP(ctx, fmt.Sprintf("import%d.example", n))
			if err != nil || len(list) != 0 && len(list) != importSize || m.acked[n] && len(list) == 0 {
				t.Fatalf("import %d (acknowledged %v): %d of %d, %v", n, m.acked[n], len(list), importSize, err)
			}
			continue
		}
		want := torturePasskey(tortureSite(n), n)
		got, err := v.PasskeyByCredential(ctx, want.RPID, want.CredentialID)
		switch {
		case errors.Is(err, ErrNotFound):
			if m.acked[n] && !m.maybe[n] {
				t.Fatalf("acknowledged passkey %d is lost", n)
			}
			continue
		case err != nil:
			t.Fatal(err)
		case m.gone[n]:
			t.Fatalf("deleted passkey %d is there", n)
		case string(got.PrivateKey) != string(want.PrivateKey):
			t.Fatalf("passkey %d has another key", n)
		}
		if ok := m.title[n]; len(ok) > 0 && !slices.Contains(ok, got.Title) {
			t.Fatalf("passkey %d is called %q, want one of %q", n, got.Title, ok)
		}
	}
}
