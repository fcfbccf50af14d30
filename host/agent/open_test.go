package agent

import (
	"io"
	"testing"
	"time"

	"github.com/keyferry/keyferry/host/protocol"
)

// open hands a file over as `keyferry open` does, in pieces.
func (c *client) open(name string, text []byte) (protocol.OpenFile, error) {
	c.t.Helper()
	var now protocol.OpenFile
	for offset := 0; ; {
		n := min(len(text)-offset, 1000)
		put := protocol.OpenPut{ID: now.ID, Name: name, Offset: int64(offset), Data: text[offset : offset+n], Last: offset+n == len(text)}
		if err := c.call(nil, "open.put", put, &now); err != nil || put.Last {
			return now, err
		}
		offset += n
	}
}

func (c *client) mustOpen(text []byte) protocol.OpenFile {
	c.t.Helper()
	now, err := c.open("a file", text)
	if err != nil {
		c.t.Fatal(err)
	}
	return now
}

func (c *client) take(id string) protocol.Transfer {
	c.t.Helper()
	var t protocol.Transfer
	c.must(transferPage, "open.take", protocol.OpenTake{ID: id}, &t)
	return c.settled(t)
}

// A request that is opened becomes a move out, its answer a move in: the browser is told, and its page takes it.
func TestOpenRequestAndAnswer(t *testing.T) {
	from, to := newRig(t, everVerified), newRig(t, everVerified)
	a, _ := from.withVault()
	b, _ := to.withVault()
	from.fill(2)
	made := b.request()

	now := from.cli().mustOpen(made.Request)
	if now.State != protocol.OpenShown || now.Kind != openedRequest {
		t.Fatalf("%+v", now)
	}
	var show protocol.OpenShow
	a.event("open.show", &show)
	out := a.take(show.ID)
	if !out.Out || out.Kind != protocol.TransferSealed || out.State != protocol.StateAsking || out.Counts["passkey"] != 2 {
		t.Fatalf("%+v", out)
	}
	start := protocol.TransferStart{ID: out.ID, Groups: groupsOf(made.Fingerprint, out.Ask), Secret: protocol.Secret{Passphrase: goodPhrase}}
	a.must(transferPage, "transfer.start", start, &out)
	out = a.settled(out)
	sealed := a.fetch(out)

	if now = to.cli().mustOpen(sealed); now.Kind != protocol.TransferSealed {
		t.Fatalf("%+v", now)
	}
	b.event("open.show", &show)
	in := b.take(show.ID)
	if in.Out || in.State != protocol.StateAsking || in.Size != int64(len(sealed)) {
		t.Fatalf("%+v", in)
	}
	if in = b.store(b.answer(in, out.Fingerprint)); in.State != protocol.StateDone || to.passkeys() != 2 {
		t.Fatalf("%+v", in)
	}
	wantCode(t, "taken twice", b.call(transferPage, "open.take", protocol.OpenTake(show), nil), protocol.CodeNotFound)
}

// With no browser there the file waits for one; one that goes before its page took the file leaves it to the next.
func TestOpenWaitsForBrowser(t *testing.T) {
	r := newRig(t)
	first, _ := r.withVault()
	made := first.request()
	key := first.key
	_ = first.c.Close()
	<-first.closed
	cli := r.cli()
	now := cli.mustOpen(made.Request)
	for now.State == protocol.OpenShown { // the agent has not noticed yet that the browser is gone
		cli.must(nil, "open.get", protocol.OpenGet{ID: now.ID, Not: protocol.OpenShown, WaitMs: 20_000}, &now)
	}
	if now.State != protocol.OpenWaiting {
		t.Fatalf("%+v", now)
	}
	var show protocol.OpenShow
	second := r.browser(key)
	second.event("open.show", &show)
	cli.must(nil, "open.get", protocol.OpenGet{ID: now.ID, Not: protocol.OpenWaiting, WaitMs: 20_000}, &now)
	if show.ID != now.ID || now.State != protocol.OpenShown {
		t.Fatalf("%+v, shown %s", now, show.ID)
	}
	_ = second.c.Close()
	third := r.browser(key)
	third.event("open.show", &show)
	if got := third.take(show.ID); got.State != protocol.StateAsking {
		t.Fatalf("%+v", got)
	}
	cli.must(nil, "open.get", protocol.OpenGet{ID: now.ID}, &now)
	if now.State != protocol.OpenTaken {
		t.Fatalf("%+v", now)
	}
}

// A file that no browser was told of goes with the command that handed it over.
func TestOpenGoesWithCommand(t *testing.T) {
	r := newRig(t)
	browser, _ := r.withVault()
	made := browser.request()
	_ = browser.c.Close()
	cli := r.cli()
	now := cli.mustOpen(made.Request)
	for now.State == protocol.OpenShown { // the agent has not noticed yet that the browser is gone
		cli.must(nil, "open.get", protocol.OpenGet{ID: now.ID, Not: protocol.OpenShown, WaitMs: 20_000}, &now)
	}
	_ = cli.c.Close()
	for end := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		r.a.openings.mu.Lock()
		n := len(r.a.openings.all)
		r.a.openings.mu.Unlock()
		if n == 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%d files still wait", n)
		}
	}
}

// The browser in which the person did something last is told, and no browser that was not let in.
func TestOpenChoosesBrowser(t *testing.T) {
	r := newRig(t)
	first, _ := r.withVault()
	made := first.request()
	second := r.browser(first.key)
	stranger := r.browser(nil)
	stranger.must(page("popup"), "status", nil, nil)
	second.must(page("popup"), "status", nil, nil)
	cli := r.cli()
	var show protocol.OpenShow
	cli.mustOpen(made.Request)
	second.event("open.show", &show)
	first.must(page("popup"), "status", nil, nil)
	cli.mustOpen(made.Request)
	first.event("open.show", &show)
	for len(stranger.events) > 0 {
		if f := <-stranger.events; f.Event == "open.show" {
			t.Error("a browser that was not let in was told")
		}
	}
	wantCode(t, "taken by a stranger", stranger.call(transferPage, "open.take", protocol.OpenTake(show), nil), protocol.CodeNotPaired)
	wantCode(t, "taken by another page", first.call(page("popup"), "open.take", protocol.OpenTake(show), nil), protocol.CodeNotAllowed)
}

func TestOpenRefuses(t *testing.T) {
	r := newRig(t)
	cli := r.cli()
	_, err := cli.open("x", []byte("{}"))
	wantCode(t, "without a vault", err, protocol.CodeNoVault)
	browser, _ := r.withVault()
	_, err = cli.open("x.txt", []byte("just words"))
	wantCode(t, "no file of ours", err, protocol.CodeBadFile)
	_, err = cli.open("x", nil)
	wantCode(t, "an empty file", err, protocol.CodeBadFile)

	var now protocol.OpenFile
	cli.must(nil, "open.put", protocol.OpenPut{Name: "x", Data: []byte("ab")}, &now)
	wantCode(t, "a gap", cli.call(nil, "open.put", protocol.OpenPut{ID: now.ID, Offset: 3, Data: []byte("c")}, nil), protocol.CodeStale)
	wantCode(t, "another's", r.cli().call(nil, "open.put", protocol.OpenPut{ID: now.ID, Offset: 2, Data: []byte("c")}, nil), protocol.CodeNotFound)
	wantCode(t, "not whole", browser.call(transferPage, "open.take", protocol.OpenTake{ID: now.ID}, nil), protocol.CodeNotFound)
	wantCode(t, "from a page", browser.call(transferPage, "open.put", protocol.OpenPut{Name: "x"}, nil), protocol.CodeNotAllowed)

	for range openingTries {
		_, err = cli.open("x", []byte("just words"))
	}
	wantCode(t, "again and again", err, protocol.CodeRateLimited)
}

// A file that has to make room for others while it is looked at, or taken, stays with whoever does so.
func TestAFileThatIsInUseMakesRoom(t *testing.T) {
	r := newRig(t)
	r.withVault()
	s, c := &r.a.openings, r.cli()
	crowd := func() {
		for range maxOpenings {
			c.must(nil, "open.put", protocol.OpenPut{Name: "another", Data: []byte("x")}, nil)
		}
		s.mu.Lock()
		s.begins = nil // the limit has a test of its own
		s.mu.Unlock()
	}
	text := []byte("name,url,username,password\nBank,https://bank.example,ann,secret\n")
	now := c.mustOpen(text)
	o, file, err := s.take(now.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.take(now.ID); err == nil {
		t.Error("it was taken twice")
	}
	crowd()
	if got, err := io.ReadAll(file.Reader()); err != nil || string(got) != string(text) {
		t.Errorf("taken, it holds %q %v", got, err)
	}
	s.giveBack(o, file)
	if _, err := file.At(0, 1); err == nil {
		t.Error("a file that nobody can take any more is kept")
	}
	s.finish(o, protocol.TransferFile, file)
	if _, _, err := s.take(now.ID); err == nil {
		t.Error("a file that made room can be taken")
	}
}
