package transfer

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
	"github.com/keyferry/keyferry/vault"
)

// Status says how something that arrives stands to what is in the vault.
type Status string

// The statuses.
const (
	New        Status = "new"        // not in the vault
	Duplicate  Status = "duplicate"  // in the vault already, as it is
	Differs    Status = "differs"    // in the vault, with other names or blobs
	Conflict   Status = "conflict"   // the same identity with another private key or user handle
	Unreadable Status = "unreadable" // nobody could use it
)

// Choice is what the person wants done with an entry.
type Choice string

// The choices. What an entry allows is Entry.Choices.
const (
	Keep  Choice = "keep"  // mine stays as it is; what is new is left out
	Take  Choice = "take"  // theirs is stored; mine, where there is one, goes to the trash
	Both  Choice = "both"  // items only: theirs is stored beside mine
	Merge Choice = "merge" // passkeys only: what is empty in mine is filled
)

// Entry is one line of a plan: a passkey, or all of an item that is no passkey, or something that could not be read.
type Entry struct {
	N       int    // its number in the plan, from 0
	Kind    string // "passkey" or "item"
	Status  Status
	Title   string
	RPID    string   // passkeys
	User    string   // user name, where there is one
	Types   []string // the kinds of credentials, items
	Mine    vault.ID // what it is compared with
	MineAt  time.Time
	TheirAt time.Time
	Fields  []string // in which the two differ
	Reason  string   // why it could not be read, or is a conflict
	Choice  Choice
}

// Choices are those that the entry allows, the default first.
func (e *Entry) Choices() []Choice {
	switch {
	case e.Status == New:
		return []Choice{Take, Keep}
	case e.Status == Differs && e.Kind == "passkey":
		return []Choice{Keep, Take, Merge}
	case e.Status == Differs:
		return []Choice{Keep, Take, Both}
	case e.Status == Conflict && !e.Mine.IsZero():
		return []Choice{Keep, Take}
	}
	return []Choice{Keep}
}

// Choose sets the choice; ErrChoice where the entry does not allow it.
func (e *Entry) Choose(c Choice) error {
	if !slices.Contains(e.Choices(), c) {
		return fmt.Errorf("%q is not possible for something that is %s: %w", c, e.Status, ErrChoice)
	}
	e.Choice = c
	return nil
}

// ErrChoice: the entry does not allow this choice.
var ErrChoice = errors.New("no such choice")

// ErrTooMany: more items than one import may hold.
var ErrTooMany = errors.New("more entries than one import may have; split the document")

// MaxEntries bounds a plan.
const MaxEntries = 300_000

// Plan is what an import would do.
type Plan struct {
	Exporter string // what the document says of where it comes from; a claim
	Entries  []Entry
	Counts   map[Status]int
	// Remarks are what the reader had to say that is no entry: deviations that were put right, files that did not come.
	Remarks []string
	// Missing counts attached files that did not come.
	Missing int
	// Items is how many items of the document could be read at all, Credentials how many there were in them, readable or not.
	Items, Credentials int

	document *cxf.Header // without items
	keys     *Keys
}

// source names an account of the document, as it is kept.
func (p *Plan) source(account int) string {
	if account >= len(p.document.Accounts) {
		return ""
	}
	return accountKey(p.document.ExporterRPID, p.document.Accounts[account].ID)
}

// Progress is told how many items have been dealt with and how many there are (0: unknown).
type Progress func(done, total int)

// MakePlan reads the source and compares it with the vault. Nothing is written.
func MakePlan(ctx context.Context, v *vault.Vault, src Source, progress Progress) (*Plan, error) {
	known, err := readKnown(ctx, v)
	if err != nil {
		return nil, err
	}
	p := &planner{v: v, known: known, plan: &Plan{Counts: map[Status]int{}, keys: NewKeys()}, seen: map[[32]byte]string{}, broken: map[place]int{}}
	c := counter{}
	items := 0
	r, err := src.Read(ctx, Sink{Keys: p.plan.keys, Item: func(account int, it *cxf.Item) error {
		if items++; progress != nil {
			progress(items, 0)
		}
		return p.item(ctx, account, c.next(account), it)
	}})
	if err != nil {
		return nil, err
	}
	p.finish(r)
	return p.plan, nil
}

// counter numbers the items of each account.
type counter map[int]int

func (c counter) next(account int) int {
	n := c[account]
	c[account]++
	return n
}

type place struct{ account, item, credential int }

type planner struct {
	v      *vault.Vault
	known  *known
	plan   *Plan
	seen   map[[32]byte]string // credentials earlier in this document, with what key
	broken map[place]int       // entries by where they come from
}

func (p *planner) add(e Entry) (int, error) {
	if len(p.plan.Entries) >= MaxEntries {
		return 0, ErrTooMany
	}
	e.N = len(p.plan.Entries)
	e.Choice = e.Choices()[0]
	p.plan.Entries = append(p.plan.Entries, e)
	p.plan.Counts[e.Status]++
	return e.N, nil
}

// item adds the entries of one item: its passkeys, the rest, then what of it can't be read.
func (p *planner) item(ctx context.Context, account, order int, it *cxf.Item) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	parts := takeApart("", account, order, it)
	defer parts.forget(it)
	for n := range parts.passkeys {
		e, err := p.passkey(ctx, parts, n)
		if err != nil {
			return err
		}
		if _, err := p.add(e); err != nil {
			return err
		}
	}
	if parts.hasItem() {
		e, err := p.rest(parts)
		if err != nil {
			return err
		}
		if _, err := p.add(e); err != nil {
			return err
		}
	}
	for _, at := range parts.broken {
		n, err := p.add(Entry{Kind: "item", Status: Unreadable, Title: it.Title, Types: []string{string(it.Credentials[at].CredentialType())}, Reason: "it could not be read"})
		if err != nil {
			return err
		}
		p.broken[place{account, order, at}] = n
	}
	for _, at := range slices.Sorted(maps.Keys(parts.refused)) {
		if _, err := p.add(Entry{Kind: "passkey", Status: Unreadable, Title: it.Title, RPID: parts.rpAt(at), Reason: parts.refused[at]}); err != nil {
			return err
		}
	}
	return nil
}

func (p *parts) rpAt(at int) string {
	for i, n := range p.restAt {
		if k, ok := p.rest[i].(*cxf.Passkey); ok && n == at {
			return k.RPID
		}
	}
	return ""
}

func (p *planner) passkey(ctx context.Context, parts *parts, n int) (Entry, error) {
	k := parts.passkeys[n]
	e := Entry{Kind: "passkey", Status: New, Title: parts.shell.Title, RPID: k.RPID, User: k.Username, TheirAt: unix(parts.shell.ModifiedAt)}
	unreadable := func(err error) (Entry, error) {
		e.Status, e.Reason = Unreadable, "its private key can't be used"
		if errors.Is(err, vault.ErrTooLarge) {
			e.Reason = "what comes with it is too large"
		}
		return e, nil
	}
	parts.keys = p.plan.keys
	if _, err := parts.keys.algorithm(k.Key); err != nil {
		return unreadable(err)
	}
	if parts.bytes > vault.MaxExtra/2 { // else it fits in any case
		theirs, err := parts.passkey(n, "", vault.ID{})
		if err != nil {
			return unreadable(err)
		}
		clear(theirs.Extra)
	}
	id := sha256.Sum256([]byte(k.RPID + "\x00" + string(k.CredentialID)))
	key := sha256.Sum256(k.Key)
	if first, ok := p.seen[id]; ok {
		e.Status, e.Reason = Duplicate, "it occurs twice in this document"
		if first != string(key[:]) {
			e.Status, e.Reason = Conflict, "this document holds two private keys for it; the first one is meant"
		}
		return e, nil
	}
	p.seen[id] = string(key[:])
	mine, err := p.v.PasskeyByCredential(ctx, k.RPID, k.CredentialID)
	if errors.Is(err, vault.ErrNotFound) {
		return e, nil
	}
	if err != nil {
		return e, err
	}
	defer mine.Clear()
	theirs, err := parts.passkey(n, "", vault.ID{})
	if err != nil {
		return unreadable(err)
	}
	defer clear(theirs.Extra)
	compare(&e, mine, theirs)
	return e, nil
}

// compare says how theirs stands to mine, which is the same credential.
func compare(e *Entry, mine, theirs *vault.Passkey) {
	e.Mine, e.MineAt = mine.ID, mine.ModifiedAt
	switch fields := differences(mine, theirs); {
	case !sameKey(mine.PrivateKey, theirs.PrivateKey):
		e.Status, e.Reason = Conflict, "the private keys differ; one of the two does not work"
	case string(mine.UserHandle) != string(theirs.UserHandle):
		e.Status, e.Reason = Conflict, "the user handles differ; one of the two does not work"
	case len(fields) > 0:
		e.Status, e.Fields = Differs, fields
	default:
		e.Status = Duplicate
	}
}

func (p *planner) rest(parts *parts) (Entry, error) {
	it, k, err := parts.item()
	if err != nil {
		return Entry{}, err
	}
	e := Entry{Kind: "item", Status: New, Title: it.Title, TheirAt: unix(parts.shell.ModifiedAt)}
	for _, c := range parts.rest {
		if t := string(c.CredentialType()); !slices.Contains(e.Types, t) {
			e.Types = append(e.Types, t)
		}
	}
	whole := parts.shell
	whole.Credentials = parts.rest
	e.User = userName(&whole)
	if mine, ok := p.known.same[k.Digest]; ok {
		e.Status, e.Mine, e.MineAt = Duplicate, mine.id, mine.at
	} else if mine, ok := p.known.alike[k.Like]; ok {
		e.Status, e.Mine, e.MineAt = Differs, mine.id, mine.at
	}
	if e.Status == New { // twice in one document: once is enough
		p.known.same[k.Digest] = knownItem{}
	}
	return e, nil
}

// finish joins what the reader said to the entries it is about.
func (p *planner) finish(r *Reading) {
	p.plan.Exporter, p.plan.document = r.Document.ExporterRPID, r.Document
	p.plan.Missing = len(r.Missing)
	if r.Report == nil {
		return
	}
	p.plan.Items, p.plan.Credentials = r.Report.Items, r.Report.Unreadable
	for _, n := range r.Report.Credentials {
		p.plan.Credentials += n
	}
	trashed := 0
	for _, d := range r.Report.Diagnostics {
		n, ok := p.broken[place{d.Account, d.Item, d.Credential}]
		if ok && d.Severity == cxf.Problem {
			p.plan.Entries[n].Reason = d.String()
			continue
		}
		aside := d.Item < 0 && (d.Code == formats.CodeWeak || d.Code == formats.CodeNoPlace) // of the file as a whole
		if (d.Severity >= cxf.Warning || aside) && len(p.plan.Remarks) < 1000 {
			p.plan.Remarks = append(p.plan.Remarks, d.String())
		}
		if d.Code == formats.CodeTrashed {
			trashed++
		}
	}
	if trashed > 0 {
		p.plan.Remarks = append(p.plan.Remarks, fmt.Sprintf("what lies in the other manager's trash stays there: %d", trashed))
	}
	for _, m := range r.Missing {
		if len(p.plan.Remarks) < 1000 {
			p.plan.Remarks = append(p.plan.Remarks, fmt.Sprintf("the attached file %q did not come", m.File.Name))
		}
	}
}

// known is what the vault holds besides passkeys, by content and by likeness.
type known struct {
	same, alike map[string]knownItem
	accounts    map[string]knownItem
}

type knownItem struct {
	id    vault.ID
	group string
	at    time.Time
}

func readKnown(ctx context.Context, v *vault.Vault) (*known, error) {
	k := &known{same: map[string]knownItem{}, alike: map[string]knownItem{}, accounts: map[string]knownItem{}}
	err := v.EachItem(ctx, func(i *vault.Item) error {
		head, err := readKeptHead(i.Body)
		if err != nil {
			return nil // somebody else's item: nothing to compare with
		}
		it := knownItem{i.ID, head.Group, i.ModifiedAt}
		switch head.Kind {
		case kindItem:
			k.same[head.Digest], k.alike[head.Like] = it, it
		case kindAccount:
			k.accounts[head.Source] = it
		}
		return nil
	})
	return k, err
}
