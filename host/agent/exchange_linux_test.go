package agent

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/keyferry/keyferry/cxp"
	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/localexchange"
	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/protocol"
)

// visiting is an app that begins an exchange with a rig's vault; this test's own process plays it.
func (r *rig) visiting(self localexchange.Hello) (*localexchange.Conn, error) {
	r.t.Helper()
	exe, err := os.Executable()
	if err != nil {
		r.t.Fatal(err)
	}
	return r.visitingBy(exe, self)
}

// visitingBy uses another file as the `keyferry exchange`.
func (r *rig) visitingBy(relay string, self localexchange.Hello) (*localexchange.Conn, error) {
	r.t.Helper()
	folder := localexchange.Folder{Path: filepath.Join(r.cfg.Profile.RunDir, "visitors")}
	err := localexchange.Register(folder, localexchange.Registration{
		RPID: r.cfg.Exchange.RPID, DisplayName: "Keyferry", Roles: []localexchange.Role{localexchange.RoleImporter, localexchange.RoleExporter},
		Command: []string{relay, childMode, "relay", r.cfg.Profile.SocketPath},
	})
	if err != nil {
		r.t.Fatal(err)
	}
	found, ignored := localexchange.List([]localexchange.Folder{folder})
	if len(found) != 1 {
		r.t.Fatalf("%+v", ignored)
	}
	c, err := localexchange.Start(context.Background(), found[0], nil, localexchange.Limits{Hello: time.Minute})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = c.Close() })
	_, err = c.Hello(context.Background(), self)
	return c, err
}

// offers hands passkeys over, having said that they are so many.
func offers(c *localexchange.Conn, as string, doc *cxf.Header, say int) (*localexchange.Result, error) {
	return offersAs(c, as, doc, map[string]int{"passkey": say})
}

// offersAs is offers for something else than passkeys.
func offersAs(c *localexchange.Conn, as string, doc *cxf.Header, counts map[string]int) (*localexchange.Result, error) {
	doc.ExporterRPID = as
	return c.Export(context.Background(), localexchange.ExportSide{
		Offer: localexchange.Offer{CredentialTypes: []string{"passkey"}, Counts: counts},
		Answer: func(_ context.Context, _ localexchange.Hello, q *cxp.Request) (*cxp.Exporter, error) {
			return cxp.NewExporter(q, cxp.ExportOptions{Document: doc})
		},
	})
}

// fetches asks for everything.
func fetches(c *localexchange.Conn, as string) (*cxf.Header, error) {
	p, err := cxp.NewRequest(cxp.RequestOptions{Mode: cxp.Direct, Importer: as})
	if err != nil {
		return nil, err
	}
	var got *cxf.Header
	_, err = c.Import(context.Background(), localexchange.ImportSide{Request: p, Take: func(ctx context.Context, envelope []byte, payload io.Reader) (*localexchange.Result, error) {
		im, err := p.OpenParts(ctx, envelope, payload, cxp.OpenOptions{})
		if err != nil {
			return nil, err
		}
		got = im.Document()
		return &localexchange.Result{Accepted: im.Report().Items}, im.Drain()
	}})
	return got, err
}

func wantRefused(t *testing.T, what string, err error, code cxp.Code) {
	t.Helper()
	var refused *cxp.PeerError
	if !errors.As(err, &refused) || refused.Code != code {
		t.Errorf("%s: %v, want %s", what, err, code)
	}
}

func TestWhoBeganIsNamedAsWhatItIs(t *testing.T) {
	r := newRig(t, exchanging("keyferry.app"))
	c, _ := r.withVault()
	r.fill(4)
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// Without a dialog nobody can be asked, and nothing happens.
	conn, err := r.visiting(localexchange.Hello{RPID: "app.example", DisplayName: "App", Role: localexchange.RoleImporter})
	if err == nil {
		_, err = fetches(conn, "app.example")
	}
	wantRefused(t, "without a dialog", err, cxp.CodeForbiddenAction)

	refuse := func(consent.Prompt) ([]byte, error) { return nil, consent.ErrRefused }
	r.person.answer(refuse)
	// Malware that claims to be an app whose registration names another program.
	r.registerAs("vault.example", []string{"/bin/sh", "/nowhere"})
	conn, err = r.visiting(localexchange.Hello{RPID: "vault.example", DisplayName: "The Vault", Role: localexchange.RoleImporter})
	if err == nil {
		_, err = fetches(conn, "vault.example")
	}
	wantRefused(t, "the person said no", err, cxp.CodeUserCanceled)
	if !r.person.saying("hand over 4 passkeys", "to an unknown program", "WATCH OUT: an unknown program", "“The Vault” (vault.example)", "Program: "+exe) {
		t.Errorf("the dialog: %+v", r.person.seen())
	}
	// It is the same when it wants to store something, and when it claims nothing that is registered.
	r.person.forget()
	conn, err = r.visiting(localexchange.Hello{RPID: "nobody.example", DisplayName: "Nob\u202eody", Role: localexchange.RoleExporter})
	if err == nil {
		_, err = offers(conn, "nobody.example", someDocument(2), 2)
	}
	wantRefused(t, "the person said no", err, cxp.CodeUserCanceled)
	if !r.person.saying("store 2 passkeys", "unknown program", "“Nobody” (nobody.example)", "stays as it is") {
		t.Errorf("the dialog: %+v", r.person.seen())
	}
	// The one that is registered under the name is known by its program.
	r.registerAs("app.example", []string{exe, "begin"})
	r.person.forget()
	conn, err = r.visiting(localexchange.Hello{RPID: "app.example", DisplayName: "App", Role: localexchange.RoleImporter})
	if err == nil {
		_, err = fetches(conn, "app.example")
	}
	wantRefused(t, "the person said no", err, cxp.CodeUserCanceled)
	if !r.person.saying("to “App” (app.example)", "Program: "+exe, "your own files only", "WATCH OUT: this app has never begun") || r.person.saying("unknown") {
		t.Errorf("the dialog: %+v", r.person.seen())
	}
	// Who connects to the agent past `keyferry exchange` can't name somebody else as its starter.
	malware := filepath.Join(r.cfg.Profile.RunDir, "malware")
	if err := copyProgram(exe, malware); err != nil {
		t.Fatal(err)
	}
	r.person.forget()
	conn, err = r.visitingBy(malware, localexchange.Hello{RPID: "app.example", DisplayName: "App", Role: localexchange.RoleImporter})
	if err == nil {
		_, err = fetches(conn, "app.example")
	}
	wantRefused(t, "the person said no", err, cxp.CodeUserCanceled)
	if !r.person.saying("unknown program", "Program: "+malware) {
		t.Errorf("the dialog: %+v", r.person.seen())
	}
	if n := r.passkeys(); n != 4 {
		t.Errorf("%d passkeys", n)
	}
	var log protocol.AuditLog
	c.must(page("vault"), "audit", protocol.AuditQuery{Query: "refused"}, &log)
	if len(log.Lines) < 3 {
		t.Errorf("the log has %+v", log.Lines)
	}
}

func copyProgram(from, to string) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, b, 0o700)
}

func TestAnAppThatBeganStoresOnlyWhatWasAgreedTo(t *testing.T) {
	r := newRig(t, exchanging("keyferry.app"))
	c, _ := r.withVault()
	r.person.says(goodPhrase) // and no to everything that takes only a yes
	send := func(doc *cxf.Header, say int) (*localexchange.Result, error) {
		t.Helper()
		conn, err := r.visiting(localexchange.Hello{RPID: "app.example", DisplayName: "App", Role: localexchange.RoleExporter})
		if err != nil {
			return nil, err
		}
		return offers(conn, "app.example", doc, say)
	}
	_, err := send(someDocument(3), 1)
	wantRefused(t, "more than was offered", err, cxp.CodeUserCanceled)
	if !r.person.saying("more than it had said", "3 passkeys and 0 other entries instead of 1 passkey and 0 other entries", "stays as it is") {
		t.Errorf("the dialogs: %+v", r.person.seen())
	}
	conn, err := r.visiting(localexchange.Hello{RPID: "app.example", DisplayName: "App", Role: localexchange.RoleExporter})
	if err != nil {
		t.Fatal(err)
	}
	r.person.forget()
	_, err = offersAs(conn, "app.example", someDocument(3), map[string]int{"note": 3})
	wantRefused(t, "passkeys in the place of notes", err, cxp.CodeUserCanceled)
	if !r.person.saying("more than it had said", "3 passkeys and 0 other entries instead of 0 passkeys and 3 other entries") {
		t.Errorf("the dialogs: %+v", r.person.seen())
	}
	_, err = send(someDocument(1), -1)
	wantRefused(t, "an impossible offer", err, cxp.CodeForbiddenAction)
	if n := r.passkeys(); n != 0 {
		t.Fatalf("%d passkeys were stored", n)
	}
	doc := someDocument(3)
	result, err := send(doc, 3)
	if err != nil || result.Accepted != 3 || r.passkeys() != 3 {
		t.Fatalf("%+v %v, %d passkeys", result, err, r.passkeys())
	}
	// The same identities with other keys: mine stay, and the other side does not learn that I have them.
	before := r.keys()
	result, err = send(someDocument(3), 3)
	if err != nil || result.Accepted != 3 || len(result.Skipped) != 0 {
		t.Errorf("the other side learns %+v %v", result, err)
	}
	if after := r.keys(); strings.Join(before, " ") != strings.Join(after, " ") {
		t.Error("something of mine was replaced")
	}
	var imports protocol.ImportList
	c.must(transferPage, "transfer.imports", nil, &imports)
	if len(imports.Imports) != 1 || imports.Imports[0].Added != 3 {
		t.Errorf("to be undone: %+v", imports)
	}
	// An app that answers by another name than it greeted with.
	conn, err = r.visiting(localexchange.Hello{RPID: "app.example", DisplayName: "App", Role: localexchange.RoleExporter})
	if err == nil {
		_, err = offers(conn, "other.example", someDocument(5), 5)
	}
	wantRefused(t, "two names", err, cxp.CodeForbiddenAction)
	if n := r.passkeys(); n != 3 {
		t.Errorf("%d passkeys", n)
	}
}

// keys are the private keys, to see whether one was exchanged for another.
func (r *rig) keys() []string {
	r.t.Helper()
	v, err := r.a.keep.open()
	if err != nil {
		r.t.Fatal(err)
	}
	var out []string
	for i := range 3 {
		p, err := v.PasskeyByCredential(context.Background(), "example.com", []byte("c"+strconv.Itoa(i)))
		if err != nil {
			r.t.Fatal(err)
		}
		out = append(out, string(p.PrivateKey))
	}
	return out
}

func TestAnAppThatBeganWithALockedVault(t *testing.T) {
	r := newRig(t, exchanging("keyferry.app"))
	r.withVault()
	r.fill(4)
	r.stop()
	r.start()
	r.person.says(goodPhrase)
	conn, err := r.visiting(localexchange.Hello{RPID: "app.example", DisplayName: "App", Role: localexchange.RoleImporter})
	if err != nil {
		t.Fatal(err)
	}
	got, err := fetches(conn, "app.example")
	if err != nil || len(got.Accounts[0].Items) != 4 {
		t.Fatalf("%+v %v", got, err)
	}
	// Opening the vault is one thing, letting everything go another: the second dialog says how much.
	if n := len(r.person.seen()); n != 2 || !r.person.saying("asked again") || !r.person.saying("hand over 4 passkeys") {
		t.Errorf("%d dialogs: %+v", n, r.person.seen())
	}
}

func TestAppsThatBeginAgainAndAgain(t *testing.T) {
	r := newRig(t, exchanging("keyferry.app"))
	c, _ := r.withVault()
	r.fill(1)
	asked := make(chan struct{}, 1)
	answer := make(chan struct{})
	r.person.answer(func(consent.Prompt) ([]byte, error) {
		asked <- struct{}{}
		<-answer
		return nil, consent.ErrRefused
	})
	begin := func() error {
		conn, err := r.visiting(localexchange.Hello{RPID: "app.example", DisplayName: "App", Role: localexchange.RoleImporter})
		if err == nil {
			_, err = fetches(conn, "app.example")
		}
		return err
	}
	first := make(chan error, 1)
	go func() { first <- begin() }()
	<-asked
	wantRefused(t, "a second one meanwhile", begin(), cxp.CodeForbiddenAction)
	// One that gives up takes its dialog with it: the next one is asked about.
	close(answer)
	wantRefused(t, "the first one", <-first, cxp.CodeUserCanceled)
	for range visitTries - 2 {
		wantRefused(t, "refused", begin(), cxp.CodeUserCanceled)
		<-asked
	}
	before := len(r.person.seen())
	wantRefused(t, "once too often", begin(), cxp.CodeForbiddenAction)
	if len(r.person.seen()) != before {
		t.Error("the person was asked all the same")
	}
	// An app that is known is asked about all the same.
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	r.registerAs("app.example", []string{exe, "begin"})
	wantRefused(t, "one that is known", begin(), cxp.CodeUserCanceled)
	<-asked
	// The person's own exchanges are not held up by that.
	r.register("app.example", "app", "takes", "app.example")
	r.person.agrees()
	if tr := c.handOver(); tr.State != protocol.StateDone {
		t.Errorf("%+v %v", tr, tr.Error)
	}
}

// An app that goes away takes its dialog with it.
func TestAnAppThatGivesUpWhileThePersonIsAsked(t *testing.T) {
	r := newRig(t, exchanging("keyferry.app"))
	r.withVault()
	r.fill(1)
	asked := make(chan struct{}, 1)
	r.person.answer(func(consent.Prompt) ([]byte, error) {
		asked <- struct{}{}
		select {} // for ever: the dialog is taken away
	})
	conn, err := r.visiting(localexchange.Hello{RPID: "app.example", DisplayName: "App", Role: localexchange.RoleImporter})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { _, err := fetches(conn, "app.example"); ended <- err }()
	<-asked
	_ = conn.Refuse(cxp.CodeUserCanceled)
	<-ended
	waitUntil(t, "the end of the dialog", func() bool { return len(r.a.visits) == 0 && len(r.a.dialogs) == 0 })
}

// No message of the agent's protocol goes over the connection of an exchange, and nothing is told there.
func TestTheConnectionOfAnExchangeIsNoOther(t *testing.T) {
	r := newRig(t, exchanging("keyferry.app"))
	r.withVault()
	c, err := r.tryDial(protocol.ClientHello{Role: roleExchange, Starter: os.Getpid()})
	if err != nil {
		t.Fatal(err)
	}
	pending := c.send(nil, "list", protocol.ListRequest{})
	if err := pending.answer(nil); !errors.Is(err, io.EOF) {
		t.Errorf("a message was answered: %v", err)
	}
	if _, err := r.tryDial(protocol.ClientHello{Role: roleExchange, Caller: chromeCaller}); err == nil {
		t.Error("an exchange with a caller")
	}
}
