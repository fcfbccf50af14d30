package protocol

import "slices"

// Need is what a message takes besides the right sender.
type Need string

// The needs. A vault that must be open answers [CodeLocked] otherwise; consent is the person's yes in our approve
// window; fresh verification is asked for in the agent's own dialog, however recently the vault was unlocked.
const (
	NeedNothing  Need = "nothing"
	NeedSession  Need = "paired"   // a signed session; paired as soon as that can be known
	NeedUnlocked Need = "unlocked" // paired, and the vault open
	NeedConsent  Need = "consent"  // paired, and a yes in the approve window before anything is made or signed
	NeedFresh    Need = "fresh"    // a fresh verification of the person in the agent's dialog
)

// Rule says who may send a message and what it takes, by sender.
type Rule struct {
	Type  string
	Needs map[SenderKind]Need // a sender that is not named is refused with CodeNotAllowed
	Pages []string            // SenderPage: only these pages; empty means any of ours
}

// Table is message × sender × need, the one that PROTOCOL.md prints.
func Table() []Rule {
	type needs = map[SenderKind]Need
	const content, page, background, cli = SenderContent, SenderPage, SenderBackground, SenderCLI
	return []Rule{
		{Type: "session", Needs: needs{background: NeedNothing}},
		{Type: "ping", Needs: needs{content: NeedNothing, page: NeedNothing, background: NeedNothing, cli: NeedNothing}},
		{Type: "status", Needs: needs{page: NeedNothing, background: NeedNothing, cli: NeedNothing}},
		{Type: "profiles.list", Needs: needs{page: NeedNothing}, Pages: []string{"welcome", "settings"}},
		{Type: "pair", Needs: needs{page: NeedFresh}, Pages: []string{"welcome", "settings"}},
		{Type: "pair.confirm", Needs: needs{cli: NeedFresh}},
		{Type: "browsers.list", Needs: needs{page: NeedUnlocked, cli: NeedUnlocked}},
		// Revoking takes rights away and gives none, and has to be quick when a browser is lost: no verification.
		{Type: "browsers.revoke", Needs: needs{page: NeedUnlocked, cli: NeedUnlocked}, Pages: []string{"settings"}},

		{Type: "vault.create", Needs: needs{page: NeedNothing, cli: NeedNothing}, Pages: []string{"welcome"}},
		{Type: "passphrase.check", Needs: needs{page: NeedNothing, cli: NeedNothing}},
		{Type: "unlock", Needs: needs{page: NeedNothing, background: NeedNothing, cli: NeedNothing}},
		{Type: "lock", Needs: needs{page: NeedNothing, background: NeedNothing, cli: NeedNothing}},

		{Type: "webauthn.create", Needs: needs{content: NeedConsent}},
		{Type: "webauthn.get", Needs: needs{content: NeedConsent}},
		{Type: "webauthn.delivered", Needs: needs{content: NeedSession}},
		{Type: "webauthn.gone", Needs: needs{background: NeedSession}},
		{Type: "ceremony.describe", Needs: needs{page: NeedSession}, Pages: []string{"approve"}},
		{Type: "ceremony.unlock", Needs: needs{page: NeedSession}, Pages: []string{"approve"}},
		{Type: "ceremony.approve", Needs: needs{page: NeedUnlocked}, Pages: []string{"approve"}},
		{Type: "ceremony.refuse", Needs: needs{page: NeedSession}, Pages: []string{"approve"}},

		{Type: "site.get", Needs: needs{page: NeedUnlocked}},
		{Type: "site.set", Needs: needs{page: NeedUnlocked}, Pages: []string{"popup", "settings"}},
		{Type: "sites.off", Needs: needs{page: NeedUnlocked, background: NeedUnlocked}},

		{Type: "list", Needs: needs{page: NeedUnlocked, cli: NeedFresh}, Pages: []string{"vault", "popup", "transfer"}},
		{Type: "show", Needs: needs{page: NeedUnlocked, cli: NeedFresh}, Pages: []string{"vault"}},
		{Type: "rename", Needs: needs{page: NeedUnlocked, cli: NeedUnlocked}, Pages: []string{"vault"}},
		{Type: "trash", Needs: needs{page: NeedUnlocked, cli: NeedUnlocked}, Pages: []string{"vault"}},
		{Type: "untrash", Needs: needs{page: NeedUnlocked, cli: NeedUnlocked}, Pages: []string{"vault"}},
		{Type: "trash.empty", Needs: needs{page: NeedFresh, cli: NeedFresh}, Pages: []string{"vault"}},

		{Type: "slots.list", Needs: needs{page: NeedUnlocked, cli: NeedUnlocked}, Pages: []string{"settings"}},
		{Type: "slots.add", Needs: needs{page: NeedFresh, cli: NeedFresh}, Pages: []string{"settings"}},
		{Type: "slots.change", Needs: needs{page: NeedFresh, cli: NeedFresh}, Pages: []string{"settings"}},
		{Type: "slots.remove", Needs: needs{page: NeedFresh, cli: NeedFresh}, Pages: []string{"settings"}},
		{Type: "rekey", Needs: needs{page: NeedFresh, cli: NeedFresh}, Pages: []string{"settings"}},
		{Type: "pin.set", Needs: needs{page: NeedFresh, cli: NeedFresh}, Pages: []string{"settings"}},
		{Type: "settings.get", Needs: needs{page: NeedUnlocked, cli: NeedUnlocked}, Pages: []string{"settings"}},
		{Type: "settings.set", Needs: needs{page: NeedFresh, cli: NeedFresh}, Pages: []string{"settings"}},
		{Type: "audit", Needs: needs{page: NeedUnlocked, cli: NeedFresh}, Pages: []string{"vault", "settings"}},
		{Type: "vault.health", Needs: needs{page: NeedUnlocked, cli: NeedUnlocked}},

		{Type: "transfer.request", Needs: needs{page: NeedUnlocked, cli: NeedUnlocked}, Pages: []string{"transfer"}},
		{Type: "transfer.requests", Needs: needs{page: NeedUnlocked, cli: NeedUnlocked}, Pages: []string{"transfer"}},
		{Type: "transfer.forget", Needs: needs{page: NeedUnlocked, cli: NeedUnlocked}, Pages: []string{"transfer"}},
		{Type: "transfer.providers", Needs: needs{page: NeedUnlocked, cli: NeedUnlocked}, Pages: []string{"transfer"}},
		{Type: "transfer.export", Needs: needs{page: NeedUnlocked, cli: NeedUnlocked}, Pages: []string{"transfer"}},
		{Type: "transfer.import", Needs: needs{page: NeedUnlocked, cli: NeedFresh}, Pages: []string{"transfer"}},
		{Type: "transfer.put", Needs: needs{page: NeedUnlocked, cli: NeedUnlocked}, Pages: []string{"transfer"}},
		{Type: "transfer.answer", Needs: needs{page: NeedUnlocked, cli: NeedUnlocked}, Pages: []string{"transfer"}},
		{Type: "transfer.start", Needs: needs{page: NeedFresh, cli: NeedFresh}, Pages: []string{"transfer"}},
		{Type: "transfer.next", Needs: needs{page: NeedUnlocked, cli: NeedUnlocked}, Pages: []string{"transfer"}},
		{Type: "transfer.get", Needs: needs{page: NeedUnlocked, cli: NeedUnlocked}, Pages: []string{"transfer"}},
		{Type: "transfer.list", Needs: needs{page: NeedUnlocked, cli: NeedUnlocked}, Pages: []string{"transfer"}},
		{Type: "transfer.formats", Needs: needs{page: NeedNothing, cli: NeedNothing}, Pages: []string{"transfer"}},
		{Type: "transfer.entries", Needs: needs{page: NeedUnlocked, cli: NeedUnlocked}, Pages: []string{"transfer"}},
		{Type: "transfer.choose", Needs: needs{page: NeedUnlocked, cli: NeedUnlocked}, Pages: []string{"transfer"}},
		{Type: "transfer.commit", Needs: needs{page: NeedUnlocked, cli: NeedUnlocked}, Pages: []string{"transfer"}},
		{Type: "transfer.cancel", Needs: needs{page: NeedUnlocked, cli: NeedUnlocked}, Pages: []string{"transfer"}},
		{Type: "transfer.imports", Needs: needs{page: NeedUnlocked, cli: NeedUnlocked}, Pages: []string{"transfer"}},
		{Type: "transfer.originals", Needs: needs{page: NeedUnlocked}, Pages: []string{"transfer"}},
		{Type: "transfer.moved", Needs: needs{page: NeedUnlocked}, Pages: []string{"transfer"}},
		{Type: "transfer.settle", Needs: needs{page: NeedUnlocked}, Pages: []string{"transfer"}},
		{Type: "transfer.undo", Needs: needs{page: NeedUnlocked, cli: NeedFresh}, Pages: []string{"transfer"}},

		{Type: "open.put", Needs: needs{cli: NeedNothing}},
		{Type: "open.get", Needs: needs{cli: NeedNothing}},
		{Type: "open.take", Needs: needs{page: NeedUnlocked}, Pages: []string{"transfer"}},
	}
}

// Find returns the rule for a message type.
func Find(typ string) (Rule, bool) {
	for _, r := range Table() {
		if r.Type == typ {
			return r, true
		}
	}
	return Rule{}, false
}

// Allow returns what the rule asks of a sender, or an error with [CodeNotAllowed].
func (r Rule) Allow(s Sender) (Need, error) {
	need, ok := r.Needs[s.Kind]
	if !ok {
		return "", Errorf(CodeNotAllowed, "%q can't be asked for by %s", r.Type, s.Kind)
	}
	if s.Kind == SenderPage && len(r.Pages) > 0 && !slices.Contains(r.Pages, s.Page) {
		return "", Errorf(CodeNotAllowed, "%q can't be asked for by the %s page", r.Type, s.Page)
	}
	return need, nil
}
