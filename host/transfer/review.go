package transfer

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
	"github.com/keyferry/keyferry/vault"
)

// LeaveStatus says how much of something can leave.
type LeaveStatus string

// The statuses of what may leave.
const (
	Goes  LeaveStatus = "goes"  // all of it
	Part  LeaveStatus = "part"  // not all of it, or not unchanged: Reasons say what is lost
	Stays LeaveStatus = "stays" // nothing of it
)

// Leaving is one line of a [Review]: a passkey, or all of an item that is no passkey.
type Leaving struct {
	N       int      // its number in the review, from 0
	ID      vault.ID // of the record
	Kind    string   // "passkey" or "item"
	Title   string
	RPID    string   // passkeys
	User    string   // user name, where there is one
	Types   []string // its credentials that were up for choice, with repetitions
	Places  []int    // in which of Review.Places it lies
	Reasons []string // what can't leave of it, and why
	Chosen  bool     // it leaves, as far as it can

	stays []bool   // for each of Types: it can't leave
	sites []bool   // for each of Types: the other side takes no logins for its site
	lost  []string // sentences that sum up what is lost of it
	item  place    // of which item of the document it is a part; credential says nothing
}

// Going are those of Types that can leave.
func (l *Leaving) Going() []string {
	var out []string
	for n, t := range l.Types {
		if !l.stays[n] {
			out = append(out, t)
		}
	}
	return out
}

// Status says how much of it can leave.
func (l *Leaving) Status() LeaveStatus {
	switch {
	case len(l.stays) > 0 && !slices.Contains(l.stays, false):
		return Stays
	case len(l.Reasons) > 0:
		return Part
	}
	return Goes
}

// Place is an account, or a collection in one, of what may leave.
type Place struct {
	N          int    // its number, from 1
	Account    string // "" is this vault's own
	Collection string // "Work / Servers"; "" is the account as a whole
	Count      int    // entries in it, those in collections within it included
}

// Review is what an export would take along, entry by entry, with what will stay behind and why.
type Review struct {
	Entries []Leaving
	Places  []Place
	// Remarks are about nothing in particular, and about each thing that stays behind.
	Remarks []string
	// Sound: every private key is usable.
	Sound bool

	at map[place]spot     // credentials by where they stand in the document
	id map[string][]place // items by their id in the document; credential is how many they have
}

// LeftOut is how many credentials can't leave.
func (r *Review) LeftOut() int {
	n := 0
	for i := range r.Entries {
		n += len(r.Entries[i].Types) - len(r.Entries[i].Going())
	}
	return n
}

// Excluded is how many credentials stay because the other side takes no logins for their sites.
func (r *Review) Excluded() int {
	n := 0
	for i := range r.Entries {
		n += r.Entries[i].Excluded()
	}
	return n
}

// Excluded is how many of Types stay because the other side takes no logins for their sites.
func (l *Leaving) Excluded() int {
	n := 0
	for _, is := range l.sites {
		if is {
			n++
		}
	}
	return n
}

// Counts is how many credentials of each type leave as chosen.
func (r *Review) Counts() map[string]int {
	out := map[string]int{}
	for i := range r.Entries {
		if e := &r.Entries[i]; e.Chosen {
			for _, t := range e.Going() {
				out[t]++
			}
		}
	}
	return out
}

// All reports whether everything that can leave was chosen.
func (r *Review) All() bool {
	return !slices.ContainsFunc(r.Entries, func(e Leaving) bool { return !e.Chosen && e.Status() != Stays })
}

// Chosen are the records that leave.
func (r *Review) Chosen() map[vault.ID]bool {
	out := map[vault.ID]bool{}
	for i := range r.Entries {
		if e := &r.Entries[i]; e.Chosen && e.Status() != Stays {
			out[e.ID] = true
		}
	}
	return out
}

// Losses sums up what the other side has no room for, of what was chosen.
func (r *Review) Losses() []string {
	var order []string
	of := map[string]map[place]bool{}
	for i := range r.Entries {
		if e := &r.Entries[i]; e.Chosen || e.Status() == Stays {
			for _, s := range e.lost {
				if of[s] == nil {
					order, of[s] = append(order, s), map[place]bool{}
				}
				of[s][e.item] = true
			}
		}
	}
	for i, s := range order {
		order[i] = formats.Loss{Text: s, Items: len(of[s])}.String()
	}
	return order
}

// Choose sets whether an entry leaves; ErrChoice for one that can't.
func (l *Leaving) Choose(c Choice) error {
	switch {
	case c == Keep:
		l.Chosen = false
	case c == Take && l.Status() != Stays:
		l.Chosen = true
	default:
		return fmt.Errorf("%q is not possible for something that %s: %w", c, l.Status(), ErrChoice)
	}
	return nil
}

// Review writes the document to nobody and says what became of each entry. The checking of every private key is part of
// it.
func (e *Export) Review(ctx context.Context, progress Progress) (*Review, error) {
	r := &Review{at: map[place]spot{}, id: map[string][]place{}}
	index, lies := counter{}, e.places(r)
	o := e.options(ctx, e.sel.Foreign, progress, func(account int, g group, it *cxf.Item, from []placed) {
		at := place{account, index.next(account), len(from)}
		r.id[it.ID] = append(r.id[it.ID], at)
		first := len(r.Entries)
		r.add(&e.sel, at, g, it, from)
		for i := first; i < len(r.Entries); i++ {
			r.Entries[i].Places = lies.of(account, it.ID)
			for _, n := range r.Entries[i].Places {
				r.Places[n-1].Count++
			}
		}
	})
	o.MaxDiagnostics, o.Archive = MaxEntries, e.sel.Keep || e.sel.Foreign
	report, err := cxf.Write(io.Discard, e.Header(), o)
	if err != nil {
		return nil, err
	}
	if len(r.Entries) > MaxEntries {
		return nil, ErrTooMany
	}
	r.Sound = !report.Has(cxf.CodeKey) && !o.Archive
	for i := range report.Diagnostics {
		if d := &report.Diagnostics[i]; d.Severity >= cxf.Warning {
			r.Remarks = append(r.Remarks, d.String())
			r.blame("", d)
		}
	}
	for i := range r.Entries {
		r.Entries[i].Chosen = r.Entries[i].Status() != Stays
	}
	return r, nil
}

// spot is one credential of an entry.
type spot struct{ entry, n int }

// add makes the entries of one item, all of which would leave as far as anybody knows yet.
func (r *Review) add(sel *Selection, at place, g group, it *cxf.Item, from []placed) {
	mine := map[vault.ID]int{}
	entry := func(id vault.ID) *Leaving {
		i, ok := mine[id]
		if !ok {
			i = len(r.Entries)
			mine[id] = i
			r.Entries = append(r.Entries, Leaving{N: i, ID: id, Kind: "item", Title: it.Title, User: userName(it), item: at})
		}
		return &r.Entries[i]
	}
	if len(from) == 0 && len(sel.Types) == 0 {
		entry(g.item)
	}
	for n, p := range from {
		t := p.cred.CredentialType()
		if len(sel.Offered) > 0 && !slices.Contains(sel.Offered, t) {
			continue
		}
		l := entry(p.of)
		if k, is := p.cred.(*cxf.Passkey); is && p.passkey {
			l.Kind, l.RPID, l.User = "passkey", k.RPID, k.Username
		}
		r.at[place{at.account, at.item, n}] = spot{l.N, len(l.Types)}
		l.Types, l.stays = append(l.Types, string(t)), append(l.stays, false)
		l.sites = append(l.sites, sel.Excluded.Exclude(it, p.cred))
		if l.sites[len(l.sites)-1] {
			l.lose(len(l.stays)-1, cxf.Problem, "", sel.excludes())
		}
		if len(sel.Types) > 0 && !slices.Contains(sel.Types, t) {
			l.lose(len(l.stays)-1, cxf.Problem, notTaken, notTaken)
		}
	}
}

const notTaken = "the other side takes nothing of this kind"

// Blame notes what another manager's format can't take of an entry; it is for [formats.Document].OnLoss. What only changes
// its form there is summed up by Losses, and is no reason to call the entry less than whole.
func (r *Review) Blame(sentence string, d cxf.Diagnostic) {
	if !r.blame(sentence, &d) && d.Severity >= cxf.Warning {
		r.Remarks = append(r.Remarks, d.String())
	}
}

func (r *Review) blame(sentence string, d *cxf.Diagnostic) (found bool) {
	for _, at := range r.id[d.ItemID] {
		if d.Account >= 0 && (at.account != d.Account || d.Credential >= 0 && at.item != d.Item) {
			continue
		}
		only := d.Credential
		if only < 0 {
			only = r.nth(at, d.Path)
		}
		for n := range at.credential {
			if s, ok := r.at[place{at.account, at.item, n}]; ok && (only < 0 || only == n) {
				found = true
				r.Entries[s.entry].lose(s.n, d.Severity, sentence, d.Message)
			}
		}
	}
	return found
}

// nth finds the credential that a path leads to: "GitHub", "passkey 2". -1 is the item as a whole.
func (r *Review) nth(at place, path []string) int {
	if len(path) < 2 {
		return -1
	}
	name, number, ok := strings.Cut(path[1], " ")
	want, err := strconv.Atoi(number)
	if !ok || err != nil {
		return -1
	}
	for n := range at.credential {
		if s, ok := r.at[place{at.account, at.item, n}]; ok && r.Entries[s.entry].Types[s.n] == name {
			if want--; want == 0 {
				return n
			}
		}
	}
	return -1
}

// lose notes that credential n does not leave, or not as it is.
func (l *Leaving) lose(n int, s cxf.Severity, sentence, message string) {
	if s == cxf.Problem && !l.stays[n] {
		l.stays[n] = true
		if l.Status() == Stays {
			l.Chosen = false
		}
	}
	if s >= cxf.Warning && !slices.Contains(l.Reasons, message) {
		l.Reasons = append(l.Reasons, message)
	}
	if sentence != "" && sentence != notTaken && !slices.Contains(l.lost, sentence) {
		l.lost = append(l.lost, sentence)
	}
}
