//go:build unix

package localexchange

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/keyferry/keyferry/cxp"
	"github.com/keyferry/keyferry/cxp/cxf"
)

var ctx = context.Background()

// pair is both ends of an exchange in one process.
func pair(t *testing.T) (began, started *Conn, raw net.Conn) {
	t.Helper()
	a, b := net.Pipe()
	t.Cleanup(func() { _ = a.Close(); _ = b.Close() })
	l := Limits{Hello: 5 * time.Second, Person: 5 * time.Second, Piece: 5 * time.Second}
	return New(a, true, l), New(b, false, l), b
}

func passkeys(t testing.TB, n int) *cxf.Header {
	t.Helper()
	a := cxf.Account{ID: "YWNjb3VudA"}
	for i := range n {
		_, k, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		der, err := cxf.MarshalPrivateKey(k)
		if err != nil {
			t.Fatal(err)
		}
		a.Items = append(a.Items, cxf.Item{ID: cxf.NewID(), Title: fmt.Sprint("Site ", i), Credentials: []cxf.Credential{
			&cxf.Passkey{CredentialID: fmt.Appendf(nil, "c%d", i), RPID: "example.com", UserHandle: []byte("u"), Key: der},
		}})
	}
	return &cxf.Header{Version: cxf.Version{Major: 1}, ExporterRPID: "one.example", ExporterDisplayName: "One", Accounts: []cxf.Account{a}}
}

func exporting(doc *cxf.Header) ExportSide {
	return ExportSide{
		Offer: Offer{Counts: map[string]int{"passkey": 1}},
		Answer: func(_ context.Context, _ Hello, q *cxp.Request) (*cxp.Exporter, error) {
			return cxp.NewExporter(q, cxp.ExportOptions{Document: doc})
		},
	}
}

func importing(t testing.TB, name string, got **cxf.Header) ImportSide {
	t.Helper()
	p, err := cxp.NewRequest(cxp.RequestOptions{Mode: cxp.Direct, Importer: name})
	if err != nil {
		t.Fatal(err)
	}
	return ImportSide{Request: p, Take: func(ctx context.Context, envelope []byte, payload io.Reader) (*Result, error) {
		im, err := p.OpenParts(ctx, envelope, payload, cxp.OpenOptions{})
		if err != nil {
			return nil, err
		}
		if err := im.Drain(); err != nil {
			return nil, err
		}
		*got = im.Document()
		return &Result{Accepted: im.Report().Items}, p.Commit()
	}}
}

func TestBothWaysRound(t *testing.T) {
	for _, exporterBegan := range []bool{true, false} {
		a, b, _ := pair(t)
		out, in := a, b
		if !exporterBegan {
			out, in = b, a
		}
		doc := passkeys(t, 300)
		var got *cxf.Header
		done := make(chan error, 1)
		go func() {
			_, err := in.Hello(ctx, Hello{RPID: "two.example", DisplayName: "Two", Role: RoleImporter})
			if err == nil {
				_, err = in.Import(ctx, importing(t, "two.example", &got))
			}
			done <- err
		}()
		peer, err := out.Hello(ctx, Hello{RPID: "one.example", DisplayName: "One", Role: RoleExporter})
		if err != nil || peer.RPID != "two.example" {
			t.Fatalf("%+v %v", peer, err)
		}
		result, err := out.Export(ctx, exporting(doc))
		if err != nil || result.Accepted != 300 {
			t.Errorf("the exporter learns %+v, %v", result, err)
		}
		if err := <-done; err != nil || len(got.Accounts[0].Items) != 300 {
			t.Errorf("the importer: %v", err)
		}
	}
}

// misbehave plays an exporter's peer by hand: it says hello and then what play says.
func misbehave(t *testing.T, play func(w *wire)) error {
	t.Helper()
	a, _, raw := pair(t)
	a.limits = Limits{Hello: time.Second, Person: 300 * time.Millisecond, Piece: 300 * time.Millisecond}.withDefaults()
	w := newWire(raw)
	go func() {
		if _, err := w.read(time.Second); err != nil {
			return
		}
		_ = w.write(frame{Type: typeHello, Version: 1, RPID: "two.example", Role: RoleExporter})
		play(w)
		_, _ = io.Copy(io.Discard, raw)
	}()
	if _, err := a.Hello(ctx, Hello{RPID: "one.example", Role: RoleImporter}); err != nil {
		return err
	}
	var got *cxf.Header
	_, err := a.Import(ctx, importing(t, "one.example", &got))
	if got != nil {
		t.Error("something was taken")
	}
	return err
}

func TestPeersThatDoNotKeepToTheProtocol(t *testing.T) {
	var wrong *ProtocolError
	for name, play := range map[string]func(w *wire){
		"out of order":    func(w *wire) { _, _ = w.read(time.Second); _ = w.write(frame{Type: typeResult}) },
		"an unknown type": func(w *wire) { _, _ = w.read(time.Second); _ = w.write(frame{Type: "gift"}) },
		"a huge frame":    func(w *wire) { _, _ = w.read(time.Second); _, _ = w.rw.Write([]byte{0xff, 0xff, 0xff, 0x7f}) },
		"an empty one":    func(w *wire) { _, _ = w.read(time.Second); _, _ = w.rw.Write([]byte{0, 0, 0, 0}) },
		"no JSON":         func(w *wire) { _, _ = w.read(time.Second); _, _ = w.rw.Write([]byte{1, 0, 0, 0, 'x'}) },
	} {
		if err := misbehave(t, play); !errors.As(err, &wrong) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := misbehave(t, func(w *wire) {}); !errors.Is(err, ErrStalled) {
		t.Errorf("a peer that stalls: %v", err)
	}
	if err := misbehave(t, func(w *wire) { _, _ = w.read(time.Second); _ = w.rw.Close() }); !errors.Is(err, ErrClosed) {
		t.Errorf("a peer that goes: %v", err)
	}
	var refused *cxp.PeerError
	err := misbehave(t, func(w *wire) {
		_, _ = w.read(time.Second)
		_ = w.write(frame{Type: typeError, Error: "something of its own \u202e"})
	})
	if !errors.As(err, &refused) || refused.Code != cxp.CodeForbiddenAction {
		t.Errorf("a peer that refuses: %v", err)
	}
}

func TestARequestInAnotherNameIsRefused(t *testing.T) {
	a, b, _ := pair(t)
	done := make(chan error, 1)
	go func() {
		_, err := b.Hello(ctx, Hello{RPID: "two.example", Role: RoleImporter})
		if err == nil {
			var got *cxf.Header
			_, err = b.Import(ctx, importing(t, "bank.example", &got))
		}
		done <- err
	}()
	if _, err := a.Hello(ctx, Hello{RPID: "one.example", Role: RoleExporter}); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Export(ctx, exporting(passkeys(t, 1))); !errors.Is(err, ErrOtherName) {
		t.Errorf("it was answered: %v", err)
	}
	var refused *cxp.PeerError
	if err := <-done; !errors.As(err, &refused) {
		t.Errorf("the liar is told %v", err)
	}
}

func TestRegistrationsThatOthersCouldChangeAreIgnored(t *testing.T) {
	dir := t.TempDir()
	folder := filepath.Join(dir, "providers")
	program := filepath.Join(dir, "program")
	if err := os.WriteFile(program, []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	good := Registration{RPID: "one.example", DisplayName: "One", Roles: []Role{RoleImporter}, Command: []string{program}}
	if err := Register(Folder{Path: folder}, good); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, "one.example.json")
	list := func() int {
		found, ignored := List([]Folder{{Path: folder}, {Path: filepath.Join(dir, "none")}})
		if len(found)+len(ignored) != 1 {
			t.Errorf("%d found, %+v", len(found), ignored)
		}
		return len(found)
	}
	if list() != 1 {
		_, ignored := List([]Folder{{Path: folder}})
		t.Fatalf("a good one is ignored: %+v", ignored)
	}
	for name, change := range map[string]func() (back func()){
		"a file that others write":                func() func() { return chmod(t, file, 0o666) },
		"a folder that others write":              func() func() { return chmod(t, folder, 0o777) },
		"a program that others write":             func() func() { return chmod(t, program, 0o722) },
		"a file that is no program":               func() func() { return chmod(t, program, 0o600) },
		"a program in a folder that others write": func() func() { return chmod(t, dir, 0o777) },
		"a link out of the folder": func() func() {
			away := filepath.Join(dir, "one.example.json")
			if err := errors.Join(os.Rename(file, away), os.Symlink(away, file)); err != nil {
				t.Fatal(err)
			}
			return func() { _ = errors.Join(os.Remove(file), os.Rename(away, file)) }
		},
		"a program behind a link in a folder that others write": func() func() {
			shared := filepath.Join(dir, "shared")
			real, away := filepath.Join(dir, "real"), filepath.Join(shared, "away")
			err := errors.Join(os.Mkdir(shared, 0o700), os.Rename(program, real), os.Symlink(away, program), os.Symlink(real, away))
			if err != nil {
				t.Fatal(err)
			}
			if list() != 1 {
				t.Error("a program behind two links in private folders is ignored")
			}
			chmod(t, shared, 0o777)
			return func() {
				_ = errors.Join(os.RemoveAll(shared), os.Remove(program), os.Rename(real, program))
			}
		},
		"a program behind a link to itself": func() func() {
			real := filepath.Join(dir, "real")
			if err := errors.Join(os.Rename(program, real), os.Symlink(program, program)); err != nil {
				t.Fatal(err)
			}
			return func() { _ = errors.Join(os.Remove(program), os.Rename(real, program)) }
		},
		"a program that is gone": func() func() {
			if err := os.Rename(program, program+".away"); err != nil {
				t.Fatal(err)
			}
			return func() { _ = os.Rename(program+".away", program) }
		},
	} {
		back := change()
		if list() != 0 {
			t.Errorf("%s is taken", name)
		}
		back()
		if list() != 1 {
			t.Fatalf("%s: not put back", name)
		}
	}
	for name, r := range map[string]Registration{
		"a relative command": {RPID: "two.example", DisplayName: "Two", Roles: good.Roles, Command: []string{"program"}},
		"another role":       {RPID: "two.example", DisplayName: "Two", Roles: []Role{"thief"}, Command: good.Command},
		"a path for a name":  {RPID: "../two", DisplayName: "Two", Roles: good.Roles, Command: good.Command},
		"an icon from afar":  {RPID: "two.example", DisplayName: "Two", Roles: good.Roles, Command: good.Command, Icon: "https://x.example/i.png"},
	} {
		if Register(Folder{Path: folder}, r) == nil {
			t.Errorf("%s was registered", name)
		}
	}
}

func chmod(t *testing.T, path string, mode os.FileMode) (back func()) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return func() { _ = os.Chmod(path, info.Mode()) }
}

// TestTheExampleProvider builds the example, registers it, sends passkeys to it and fetches them back.
func TestTheExampleProvider(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "example")
	if out, err := exec.Command("go", "build", "-o", program, "./example").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	register := exec.Command(program, "--yes", filepath.Join(dir, "vault.json"), "register")
	register.Env = append(os.Environ(), "XDG_DATA_HOME="+dir)
	if out, err := register.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	found, ignored := List([]Folder{{Path: filepath.Join(dir, "credential-exchange", "providers")}})
	if len(found) != 1 {
		t.Fatalf("%+v", ignored)
	}
	start := func(role Role) *Conn {
		c, err := Start(ctx, found[0], nil, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if peer, err := c.Hello(ctx, Hello{RPID: "one.example", DisplayName: "One", Role: role}); err != nil || peer.RPID != "example.invalid" {
			t.Fatalf("%+v %v", peer, err)
		}
		return c
	}
	doc := passkeys(t, 50)
	if result, err := start(RoleExporter).Export(ctx, exporting(doc)); err != nil || result.Accepted != 50 {
		t.Fatalf("sent: %+v %v", result, err)
	}
	var got *cxf.Header
	if _, err := start(RoleImporter).Import(ctx, importing(t, "one.example", &got)); err != nil {
		t.Fatal(err)
	}
	want := doc.Accounts[0].Items[49].Credentials[0].(*cxf.Passkey)
	if !bytes.Equal(got.Accounts[0].Items[49].Credentials[0].(*cxf.Passkey).Key, want.Key) {
		t.Error("the passkeys are others")
	}
	// Without its person's yes it gives nothing.
	no := found[0]
	no.Command = []string{program, filepath.Join(dir, "vault.json")}
	c, err := Start(ctx, no, nil, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Hello(ctx, Hello{RPID: "one.example", Role: RoleImporter}); err != nil {
		t.Fatal(err)
	}
	var refused *cxp.PeerError
	if _, err := c.Import(ctx, importing(t, "one.example", &got)); !errors.As(err, &refused) || refused.Code != cxp.CodeUserCanceled {
		t.Errorf("it gives without asking: %v", err)
	}
	source, err := os.ReadFile(filepath.Join("example", "main.go"))
	if err != nil || strings.Count(string(source), "\n") >= 150 {
		t.Errorf("the example is too long to be read: %d lines, %v", strings.Count(string(source), "\n"), err)
	}
}

func FuzzReadFrame(f *testing.F) {
	f.Add([]byte("\x12\x00\x00\x00{\"type\":\"request\"}"))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, b []byte) {
		if fr, err := readFrame(bytes.NewReader(b)); err == nil && len(fr.Type) > MaxFrame {
			t.Error("longer than its frame")
		}
	})
}
