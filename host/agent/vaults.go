package agent

import (
	"context"
	"errors"
	"time"

	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/vault"
)

// unlock answers "unlock". Whoever opens the vault by hand is verified by that.
func unlock(a *agent, ctx context.Context, r *request) (any, error) {
	var q protocol.Unlock
	if err := r.read(&q); err != nil {
		return nil, err
	}
	opened, err := a.unlock(ctx, dialog{
		where: r.conn.where(), purpose: "unlock your vault", asker: r.conn.asker(), typed: q.Secret, byHand: r.byHand(),
	})
	if err != nil {
		return nil, err
	}
	s := r.conn.session.Load()
	if s != nil {
		a.autoPair(r)
		a.keep.seen(s.id, r.sender.Private)
	}
	if opened {
		a.personVerified(s)
		a.audit(r.sender, "unlocked", "", a.who(r), "")
	}
	return a.status(r.conn, true), nil
}

// lock answers "lock", then forgets everything, a PIN too.
func lock(a *agent, _ context.Context, r *request) (any, error) {
	r.after = func() { a.lock("asked to", false) }
	return protocol.Empty{}, nil
}

// passphraseCheck answers "passphrase.check".
func passphraseCheck(_ *agent, _ context.Context, r *request) (any, error) {
	var q protocol.PassphraseCheck
	if err := r.read(&q); err != nil {
		return nil, err
	}
	if len(q.Passphrase) > consent.MaxSecret {
		return nil, badRequest("a passphrase has at most %d bytes", consent.MaxSecret)
	}
	typed := []byte(q.Passphrase)
	defer clear(typed)
	bits, accept, verdict := consent.Strength(typed)
	return protocol.PassphraseStrength{Bits: bits, Accept: accept, Verdict: verdict}, nil
}

// vaultCreate answers "vault.create". The dialog that sets the passphrase names the browser that is paired by it.
func vaultCreate(a *agent, ctx context.Context, r *request) (any, error) {
	var q protocol.VaultCreate
	if err := r.read(&q); err != nil {
		return nil, err
	}
	s := r.conn.session.Load()
	if s == nil && r.sender.Kind != protocol.SenderCLI {
		return nil, protocol.Errorf(protocol.CodeNotPaired, "sign the session first")
	}
	select { // one at a time, and not while somebody unlocks
	case a.keep.opening <- struct{}{}:
		defer func() { <-a.keep.opening }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if there, err := vault.Exists(a.cfg.Profile.VaultDir); err != nil {
		return nil, err
	} else if there {
		return nil, vault.ErrVaultExists
	}
	text, err := a.makingText(r)
	if err != nil {
		return nil, err
	}
	passphrase, err := a.newPassphrase(ctx, r, text, q.Secret)
	if err != nil {
		return nil, err
	}
	defer clear(passphrase)
	words, err := a.makeVault(ctx, passphrase)
	if err != nil {
		return nil, err
	}
	out := protocol.VaultCreated{RecoveryPhrase: words}
	if s != nil {
		p := pairing{Key: s.key, Label: a.pairLabel(r, consent.Clean(q.Label, 60)), Caller: r.conn.hello.Caller, PairedAt: time.Now(), SeenAt: time.Now()}
		if err := a.keep.pair(ctx, s.id, p); err != nil {
			return nil, err
		}
		b := p.browser(s.id, true)
		out.Browser = &b
	}
	a.personVerified(s)
	a.keep.passphraseGiven()
	a.log.Info().Msg("vault made")
	a.audit(r.sender, "made the vault", "", a.who(r), "")
	a.statusChanged()
	return out, nil
}

// makingText is what the dialog says that makes a vault. A browser is let in by it, and gets the recovery phrase to
// show, so it comes with a code as pairing does.
func (a *agent) makingText(r *request) (string, error) {
	text := "Choose a passphrase for your new vault.\nAsked for by: " + r.conn.asker()
	if r.conn.session.Load() == nil {
		return text, nil
	}
	if _, err := a.prompter(r.conn.where()); errors.Is(err, consent.ErrNoDialog) {
		return text, nil // nor is there anything to compare a code with
	} else if err != nil {
		return "", err
	}
	code, err := newCode()
	if err != nil {
		return "", err
	}
	r.conn.event("pair.code", protocol.PairCode{Code: code})
	return text + "\n\nIt may use your passkeys then. " + r.conn.codeNote(code), nil
}

// makeVault makes a vault with two ways in: the passphrase, and a recovery phrase, which it returns.
func (a *agent) makeVault(ctx context.Context, passphrase []byte) (words []string, err error) {
	secret := vault.Passphrase(passphrase)
	defer secret.Clear()
	v, err := vault.Create(ctx, a.cfg.Profile.VaultDir, secret, a.vaultOptions())
	if err != nil {
		return nil, err
	}
	words, recovery := vault.NewRecoveryPhrase()
	defer recovery.Clear()
	if _, err := v.AddSlot(ctx, recovery, ""); err != nil {
		return nil, errors.Join(err, v.Close())
	}
	if err := a.keep.take(ctx, v); err != nil {
		return nil, errors.Join(err, v.Close())
	}
	return words, nil
}

// newPassphrase lets the person choose one, in the agent's dialog where there is one, and refuses what is easily
// guessed. The caller erases it.
func (a *agent) newPassphrase(ctx context.Context, r *request, text string, typed protocol.Secret) ([]byte, error) {
	p, done, err := a.dialogAt(ctx, r.conn.where())
	if errors.Is(err, consent.ErrNoDialog) {
		return typedPassphrase(r, typed)
	}
	if err != nil {
		return nil, err
	}
	defer done()
	wrong := ""
	for n := 1; ; n++ {
		secret, err := p.Ask(ctx, consent.Prompt{
			Title: "Keyferry", Description: text, Label: "New passphrase:", Error: wrong, OK: "OK", Cancel: "Cancel",
			Repeat: true, Quality: consent.QualityPercent,
		})
		if errors.Is(err, consent.ErrNoDialog) && n == 1 {
			return typedPassphrase(r, typed)
		}
		if err != nil {
			return nil, err
		}
		_, accept, verdict := consent.Strength(secret)
		if accept {
			return secret, nil
		}
		clear(secret)
		wrong = verdict
		if n == maxTries {
			return nil, protocol.Errorf(protocol.CodeWeakPassphrase, "%s", verdict)
		}
	}
}

func typedPassphrase(r *request, typed protocol.Secret) ([]byte, error) {
	if !r.byHand() || typed.Passphrase == "" {
		return nil, consent.ErrNoDialog
	}
	if len(typed.Passphrase) > consent.MaxSecret {
		return nil, badRequest("a passphrase has at most %d bytes", consent.MaxSecret)
	}
	secret := []byte(typed.Passphrase)
	if _, accept, verdict := consent.Strength(secret); !accept {
		clear(secret)
		return nil, protocol.Errorf(protocol.CodeWeakPassphrase, "%s", verdict)
	}
	return secret, nil
}
