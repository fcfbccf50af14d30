package agent

import (
	"context"
	"slices"

	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/vault"
)

func slotOf(s vault.SlotInfo) protocol.Slot {
	return protocol.Slot{
		ID: s.ID.String(), Kind: s.Kind.String(), Label: consent.Clean(s.Label, 60), CreatedAt: millis(s.CreatedAt),
		MemoryKiB: int(s.Cost.MemoryKiB), Passes: int(s.Cost.Passes),
	}
}

// slotsList answers "slots.list".
func slotsList(a *agent, _ context.Context, _ *request) (any, error) {
	v, err := a.keep.open()
	if err != nil {
		return nil, err
	}
	out := protocol.SlotList{Slots: []protocol.Slot{}}
	for _, s := range v.Slots() {
		out.Slots = append(out.Slots, slotOf(s))
	}
	return out, nil
}

// slotsAdd answers "slots.add".
func slotsAdd(a *agent, ctx context.Context, r *request) (any, error) {
	var q protocol.SlotAdd
	if err := r.read(&q); err != nil {
		return nil, err
	}
	v, err := a.keep.open()
	if err != nil {
		return nil, err
	}
	label := consent.Clean(q.Label, 60)
	var secret vault.Secret
	var out protocol.SlotAdded
	var made vault.SlotInfo
	switch q.Kind {
	case "passphrase":
		typed, err := a.newPassphrase(ctx, r, "Choose another passphrase for your vault.", q.New)
		if err != nil {
			return nil, err
		}
		secret = vault.Passphrase(typed)
		clear(typed)
	case "recovery":
		out.RecoveryPhrase, secret = vault.NewRecoveryPhrase()
	case "keyring":
		made, err = a.addKeyring(ctx, v, label)
	default:
		return nil, badRequest("a slot's kind is passphrase, recovery or keyring")
	}
	if q.Kind != "keyring" {
		made, err = v.AddSlot(ctx, secret, label)
		secret.Clear()
	}
	if err != nil {
		return nil, err
	}
	a.keep.consented()
	a.audit(r.sender, "added a way to open the vault", q.Kind, a.who(r), "")
	out.Slot = slotOf(made)
	return out, nil
}

// slotsChange answers "slots.change".
func slotsChange(a *agent, ctx context.Context, r *request) (any, error) {
	var q protocol.SlotChange
	v, id, err := a.ref(r, &q, &q.ID)
	if err != nil {
		return nil, err
	}
	typed, err := a.newPassphrase(ctx, r, "Choose the new passphrase of your vault.", q.New)
	if err != nil {
		return nil, err
	}
	secret := vault.Passphrase(typed)
	clear(typed)
	defer secret.Clear()
	if err := v.ChangePassphrase(ctx, id, secret); err != nil {
		return nil, err
	}
	a.keep.consented()
	a.audit(r.sender, "changed a passphrase", "", a.who(r), "")
	return protocol.Empty{}, nil
}

// slotsRemove answers "slots.remove". The keys change with it, and a PIN's blob opens nothing any more.
func slotsRemove(a *agent, ctx context.Context, r *request) (any, error) {
	var q protocol.SlotRemove
	v, id, err := a.ref(r, &q, &q.ID)
	if err != nil {
		return nil, err
	}
	ofKeyring := slices.ContainsFunc(v.Slots(), func(s vault.SlotInfo) bool { return s.ID == id && s.Kind == vault.SlotKeyring })
	if err := v.RemoveSlot(ctx, id); err != nil {
		return nil, err
	}
	if ofKeyring {
		a.forgetKeyring(ctx)
	}
	a.rekeyed(r, "removed a way to open the vault")
	return protocol.Empty{}, nil
}

// rekey answers "rekey".
func rekey(a *agent, ctx context.Context, r *request) (any, error) {
	v, err := a.keep.open()
	if err != nil {
		return nil, err
	}
	if err := v.Rekey(ctx); err != nil {
		return nil, err
	}
	a.rekeyed(r, "made new keys")
	return protocol.Empty{}, nil
}

func (a *agent) rekeyed(r *request, action string) {
	a.keep.setPIN(nil)
	a.keep.consented()
	a.audit(r.sender, action, "", a.who(r), "")
	a.statusChanged()
}
