package agent

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"sync"
	"time"

	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/protocol"
)

const (
	pairWithin = 10 * time.Minute
	maxPending = 4
)

// pairing is a browser profile that the person let in, as the vault keeps it.
type pairing struct {
	Key      []byte    `json:"key"` // SubjectPublicKeyInfo, DER
	Label    string    `json:"label"`
	Caller   string    `json:"caller"`
	PairedAt time.Time `json:"pairedAt"`
	SeenAt   time.Time `json:"seenAt,omitzero"`
}

func (p pairing) browser(id string, current bool) protocol.Browser {
	b := protocol.Browser{ID: id, Label: p.Label, Caller: p.Caller, PairedAt: millis(p.PairedAt), SeenAt: millis(p.SeenAt), Current: current}
	return b
}

// pending are the pairings that wait for `keyferry pair CODE`.
type pending struct {
	mu   sync.Mutex
	wait map[string]*waiting // by code, digits only
}

type waiting struct {
	browser, note string // for the command line's dialog
	done          chan struct{}
}

// pairBrowser answers "pair". The dialog that lets a browser in verifies the person too: it takes the passphrase, so that
// neither a stray Enter nor a program that presses keys in an unlocked session can let anyone in.
func pairBrowser(a *agent, ctx context.Context, r *request) (any, error) {
	var q protocol.PairRequest
	if err := r.read(&q); err != nil {
		return nil, err
	}
	s := r.conn.session.Load()
	if a.keep.paired(s.id, r.conn.hello.Caller) == yes {
		return a.pairResult(s.id)
	}
	ctx, cancel := context.WithTimeout(ctx, pairWithin)
	defer cancel()
	code, err := newCode()
	if err != nil {
		return nil, err
	}
	label := consent.Clean(q.Label, 60)
	switch a.decide("pair") {
	case Allow:
		if _, err := a.keep.open(); err != nil {
			return nil, err
		}
	case Deny:
		return nil, protocol.Errorf(protocol.CodeDenied, "the test build denies every pairing")
	case Ask:
		if err := a.letIn(ctx, r, code, label, q.Secret); err != nil {
			return nil, err
		}
	}
	p := pairing{Key: s.key, Label: a.pairLabel(r, label), Caller: r.conn.hello.Caller, PairedAt: time.Now()}
	if err := a.keep.pair(ctx, s.id, p); err != nil {
		return nil, err
	}
	a.log.Info().Str("browser", s.id).Str("program", r.conn.peer.Executable).Msg("browser paired")
	a.audit(r.sender, "paired", p.Label, a.who(r), "")
	r.after = a.openings.look
	return a.pairResult(s.id)
}

// letIn asks the person, or waits for the command line where no dialog can be shown.
// A recovery phrase is proof of its own: it opens the vault anyway, and comes where the passphrase is forgotten.
func (a *agent) letIn(ctx context.Context, r *request, code, label string, typed protocol.Secret) error {
	if typed.Recovery != "" {
		return a.verifyFresh(ctx, r, protocol.Secret{Recovery: typed.Recovery}, "let a browser use your passkeys")
	}
	if _, err := a.prompter(r.conn.where()); errors.Is(err, consent.ErrNoDialog) {
		return a.awaitTerminal(ctx, r, code)
	} else if err != nil {
		return err
	}
	r.conn.event("pair.code", protocol.PairCode{Code: code})
	name := r.conn.browserName()
	if label != "" {
		name += " (" + label + ")"
	}
	return a.verify(ctx, r.conn.session.Load(), dialog{
		where: r.conn.where(), purpose: "let a browser use your passkeys", asker: name, note: r.conn.codeNote(code),
	})
}

// codeNote is what every dialog says that lets a browser in: any program can call itself a browser, and can ask at the
// moment when the person expects to be asked. The code tells theirs from it.
func (c *conn) codeNote(code string) string {
	note := "It shows the code " + code + ". If yours shows another one, or you did not ask for this, cancel."
	if c.peer.Executable != "" {
		note += "\nProgram: " + consent.Clean(c.peer.Executable, 120)
	}
	return note
}

func (a *agent) awaitTerminal(ctx context.Context, r *request, code string) error {
	w := &waiting{browser: r.conn.browserName(), note: r.conn.codeNote(code), done: make(chan struct{})}
	key := digits(code)
	a.pairs.mu.Lock()
	if a.pairs.wait == nil {
		a.pairs.wait = map[string]*waiting{}
	}
	full := len(a.pairs.wait) >= maxPending
	if !full {
		a.pairs.wait[key] = w
	}
	a.pairs.mu.Unlock()
	if full {
		return protocol.Errorf(protocol.CodeRateLimited, "too many browsers wait to be paired")
	}
	defer func() {
		a.pairs.mu.Lock()
		delete(a.pairs.wait, key)
		a.pairs.mu.Unlock()
	}()
	r.conn.event("pair.code", protocol.PairCode{Code: code, Terminal: true})
	select {
	case <-w.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// pairConfirm answers "pair.confirm" from the command line.
func pairConfirm(a *agent, ctx context.Context, r *request) (any, error) {
	var q protocol.PairConfirm
	if err := r.read(&q); err != nil {
		return nil, err
	}
	key := digits(q.Code)
	a.pairs.mu.Lock()
	w := a.pairs.wait[key]
	a.pairs.mu.Unlock()
	if w == nil {
		return nil, protocol.Errorf(protocol.CodeNotFound, "no browser waits with this code; open the welcome page again")
	}
	err := a.verify(ctx, nil, dialog{
		where: r.conn.where(), purpose: "let " + w.browser + " use your passkeys", asker: r.conn.asker(), note: w.note,
		typed: q.Secret, byHand: r.byHand(),
	})
	if err != nil {
		return nil, err
	}
	a.pairs.mu.Lock()
	defer a.pairs.mu.Unlock()
	if a.pairs.wait[key] != w {
		return nil, protocol.Errorf(protocol.CodeNotFound, "the browser does not wait any more")
	}
	delete(a.pairs.wait, key)
	close(w.done)
	return protocol.Empty{}, nil
}

// autoPair lets a test build's browsers in when they sign their session, so that a throwaway profile needs nobody.
func (a *agent) autoPair(r *request) {
	s := r.conn.session.Load()
	if a.decide("pair") != Allow || a.keep.paired(s.id, r.conn.hello.Caller) != no {
		return
	}
	p := pairing{Key: s.key, Label: a.pairLabel(r, ""), Caller: r.conn.hello.Caller, PairedAt: time.Now()}
	if err := a.keep.pair(context.Background(), s.id, p); err != nil {
		a.log.Error().Err(err).Msg("could not pair a test browser")
	}
}

func (a *agent) pairLabel(r *request, label string) string {
	if label == "" {
		return r.conn.browserName()
	}
	return label
}

func (a *agent) pairResult(id string) (any, error) {
	a.keep.mu.RLock()
	defer a.keep.mu.RUnlock()
	return protocol.PairResult{Browser: a.keep.pairs[id].browser(id, true)}, nil
}

// newCode makes eight digits in two groups.
func newCode() (string, error) {
	n, err := rand.Int(rand.Reader, big.NewInt(100_000_000))
	if err != nil {
		return "", fmt.Errorf("could not make a code: %w", err)
	}
	return fmt.Sprintf("%04d %04d", n.Int64()/10_000, n.Int64()%10_000), nil
}

func digits(s string) string {
	out := make([]byte, 0, 8)
	for i := 0; i < len(s) && len(out) <= 8; i++ {
		if s[i] >= '0' && s[i] <= '9' {
			out = append(out, s[i])
		}
	}
	return string(out)
}

func millis(t time.Time) protocol.Millis {
	if t.IsZero() {
		return 0
	}
	return protocol.Millis(t.UnixMilli())
}
