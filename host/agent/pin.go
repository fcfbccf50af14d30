package agent

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/vault"
)

const (
	pinTries  = 5
	pinFor    = 12 * time.Hour // since the passphrase was last given
	pinDigits = 6
	maxPIN    = 12 // digits; that many and no more are too weak for a passphrase, so the two can't be taken for each other
	maxBlob   = 4096
)

// pin is a PIN for this agent's lifetime: the vault's key, sealed by it. Locks by time and by the screen keep the blob,
// every other lock erases it.
type pin struct {
	blob  []byte
	tries int           // left
	since time.Duration // boot time at which the passphrase was last given
}

func (k *keeper) hasPIN() bool {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.pin != nil
}

func (k *keeper) pinExpired() bool {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.pin != nil && k.a.clock()-k.pin.since > pinFor
}

// setPIN replaces the PIN; nil takes it away.
func (k *keeper) setPIN(p *pin) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.pin != nil {
		clear(k.pin.blob)
	}
	k.pin = p
}

// renewPIN sets a PIN. Its hours count from the passphrase: who knows the old PIN could renew it for ever otherwise.
func (k *keeper) renewPIN(blob []byte) {
	k.mu.RLock()
	since := k.proved
	k.mu.RUnlock()
	if since == 0 { // a test build's decider answered instead
		since = k.a.clock()
	}
	k.setPIN(&pin{blob: blob, tries: pinTries, since: since})
}

// openPIN tries a PIN. The try is counted before it is made, so that many at once are no way round the limit.
func (k *keeper) openPIN(_ context.Context, typed []byte) (vault.Secret, error) {
	defer clear(typed)
	k.mu.Lock()
	p := k.pin
	if p == nil || k.a.clock()-p.since > pinFor || p.tries == 0 {
		k.mu.Unlock()
		return vault.Secret{}, protocol.Errorf(protocol.CodeWrongSecret, "no PIN is set; enter the passphrase")
	}
	p.tries--
	blob := append([]byte(nil), p.blob...)
	k.mu.Unlock()
	defer clear(blob)
	secret, err := vault.OpenPIN(blob, typed)
	if err == nil {
		k.mu.Lock()
		p.tries = pinTries
		k.mu.Unlock()
		return secret, nil
	}
	k.mu.Lock()
	left := p.tries
	k.mu.Unlock()
	if left > 0 {
		return vault.Secret{}, protocol.Errorf(protocol.CodeWrongSecret, "wrong PIN; %s", triesLeft(left))
	}
	k.setPIN(nil)
	k.a.log.Warn().Msg("five wrong PINs; it is erased")
	if _, err := k.open(); err != nil {
		k.a.dropPIN("five wrong tries")
	}
	k.a.statusChanged()
	return vault.Secret{}, protocol.Errorf(protocol.CodeVerification, "five wrong PINs: the PIN is erased; enter the passphrase")
}

// isPIN reports whether a text can be a PIN.
func isPIN(typed []byte) bool {
	if len(typed) == 0 || len(typed) > maxPIN {
		return false
	}
	for _, c := range typed {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// takePIN gives the blob up for handing over, or erases it.
func (k *keeper) takePIN(keep bool) []byte {
	k.mu.Lock()
	p := k.pin
	k.pin = nil
	k.mu.Unlock()
	if p == nil {
		return nil
	}
	defer clear(p.blob)
	if !keep {
		return nil
	}
	out := []byte{byte(p.tries)}
	out = binary.BigEndian.AppendUint64(out, uint64(p.since))
	return append(out, p.blob...)
}

// inherit takes over what the process before this one left.
func (k *keeper) inherit(h Handover) error {
	if h.PINFD <= 2 {
		return nil
	}
	raw, err := readHandedOver(h.PINFD, maxBlob)
	if err != nil {
		return err
	}
	if len(raw) < 10 || raw[0] > pinTries {
		return fmt.Errorf("what was handed over is no PIN (%d bytes)", len(raw))
	}
	p := &pin{tries: int(raw[0]), since: time.Duration(binary.BigEndian.Uint64(raw[1:])), blob: raw[9:]}
	k.setPIN(p)
	k.proved = p.since
	return nil
}

// pinSet answers "pin.set".
func pinSet(a *agent, ctx context.Context, r *request) (any, error) {
	var q protocol.PinSet
	if err := r.read(&q); err != nil {
		return nil, err
	}
	if q.Remove {
		a.keep.setPIN(nil)
		a.keep.consented()
		a.audit(r.sender, "removed the PIN", "", a.who(r), "")
		a.statusChanged()
		return protocol.Empty{}, nil
	}
	v, err := a.keep.open()
	if err != nil {
		return nil, err
	}
	typed, err := a.newPIN(ctx, r, q.New)
	if err != nil {
		return nil, err
	}
	defer clear(typed)
	blob, err := v.SealPIN(typed)
	if err != nil {
		return nil, err
	}
	a.keep.renewPIN(blob)
	a.keep.consented()
	a.audit(r.sender, "set a PIN", "", a.who(r), "")
	a.statusChanged()
	return protocol.Empty{}, nil
}

// newPIN lets the person choose one.
func (a *agent) newPIN(ctx context.Context, r *request, typed protocol.Secret) ([]byte, error) {
	var out []byte
	p, err := a.prompter(r.conn.where())
	if err != nil {
		if typed.Pin == "" {
			return nil, consent.ErrNoDialog
		}
		out = []byte(typed.Pin)
	} else {
		done, err := a.oneDialog(ctx)
		if err != nil {
			return nil, err
		}
		defer done()
		out, err = p.Ask(ctx, consent.Prompt{
			Title: "Keyferry", Description: "Choose a PIN of 6 to 12 digits. It opens the vault until you log out, for 12 hours at most, after a lock by time or screen.",
			Label: "New PIN:", OK: "OK", Cancel: "Cancel", Repeat: true,
		})
		if err != nil {
			return nil, err
		}
	}
	if len(out) < pinDigits || !isPIN(out) || easyPIN(out) {
		clear(out)
		return nil, protocol.Errorf(protocol.CodeWeakPassphrase, "a PIN has 6 to 12 digits, not all the same and not in a row")
	}
	return out, nil
}

// easyPIN: all digits the same, or counting up or down.
func easyPIN(p []byte) bool {
	for step := -1; step <= 1; step++ {
		n := 1
		for n < len(p) && int(p[n])-int(p[n-1]) == step {
			n++
		}
		if n == len(p) {
			return true
		}
	}
	return false
}
