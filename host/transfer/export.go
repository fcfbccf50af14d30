package transfer

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/keyferry/keyferry/cxp"
	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/localexchange"
	"github.com/keyferry/keyferry/vault"
)

// RPID is the name by which Keyferry calls itself in messages and documents.
const RPID = "keyferry.app"

// DisplayName is Keyferry's name for people.
const DisplayName = "Keyferry"

// Selection says what is to leave.
type Selection struct {
	Types []cxf.CredentialType // none: every type
	// Offered are the types that were up for choice where the other side takes fewer (Types): what it does not take is
	// in the review then, with the reason. None: every type.
	Offered []cxf.CredentialType
	// Excluded are the sites for which the other side takes no logins, and Receiver what it is called: what is for them stays.
	Excluded localexchange.Sites
	Receiver string
	Only     map[vault.ID]bool   // nil: everything; else these passkeys and items
	Now      time.Time           // of the document; zero: now
	Keep     bool                // for a backup: counters, and what could not be read, stay in
	Foreign  bool                // for another manager's format, which says itself what it can't take
	Left     func(reason string) // told of each record that could not be read
}

// Export is what is about to leave: a list of what is in the vault now, and a document that is made from it item by
// item. It holds no secrets itself. Records that vanish afterwards are left out.
type Export struct {
	v        *vault.Vault
	sel      Selection
	header   cxf.Header
	accounts [][]group
	names    []string                       // of the accounts, for people; "" is this vault's own
	files    map[string]attached            // by CXF file id
	renamed  map[vault.ID]map[string]string // by item: file ids that another item has for another file
	Passkeys int                            // that were selected
	Items    int
}

// attached is one file that belongs to an item.
type attached struct {
	blob vault.ID
	sum  string // SHA-256
}

// group is one CXF item: its rest, its passkeys, or both.
type group struct {
	order    int
	created  time.Time
	item     vault.ID
	passkeys []vault.ID
	at       []int
}

// NewExport lists what is in the vault.
func NewExport(ctx context.Context, v *vault.Vault, sel Selection) (*Export, error) {
	if sel.Now.IsZero() {
		sel.Now = time.Now()
	}
	e := &Export{v: v, sel: sel, files: map[string]attached{}, renamed: map[vault.ID]map[string]string{}}
	l := lister{groups: map[string]*group{}, source: map[string]string{}, docs: map[string]vault.ID{}}
	if err := l.items(ctx, v, e); err != nil {
		return nil, err
	}
	if err := l.passkeys(ctx, v, e); err != nil {
		return nil, err
	}
	return e, e.arrange(ctx, &l)
}

// lister gathers groups by their names.
type lister struct {
	groups map[string]*group
	source map[string]string   // of each group
	docs   map[string]vault.ID // kept accounts by source
	first  []string            // sources in the order in which they were kept
}

func (e *Export) wants(id vault.ID) bool { return e.sel.Only == nil || e.sel.Only[id] }

func (e *Export) leave(reason string) {
	if e.sel.Left != nil {
		e.sel.Left(reason)
	}
}

func (l *lister) items(ctx context.Context, v *vault.Vault, e *Export) error {
	type kept struct {
		source string
		at     time.Time
		order  int
	}
	var sources []kept
	err := v.EachItem(ctx, func(i *vault.Item) error {
		k, err := readKeptHead(i.Body)
		if err != nil {
			e.leave(fmt.Sprintf("%s: %v", i.Title, err))
			return nil
		}
		switch k.Kind {
		case kindAccount:
			l.docs[k.Source] = i.ID
			sources = append(sources, kept{k.Source, i.CreatedAt, k.Order})
		case kindItem:
			if !e.wants(i.ID) {
				return nil
			}
			e.Items++
			name := k.Group
			if g := l.groups[name]; g != nil && !g.item.IsZero() { // a copy that was kept beside the other
				name += "/" + i.ID.String()
			}
			g := l.group(name, k.Source)
			g.item, g.order, g.created = i.ID, k.Order, i.CreatedAt
		}
		return nil
	})
	slices.SortFunc(sources, func(a, b kept) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.order, b.order), cmp.Compare(a.source, b.source))
	})
	for _, s := range sources {
		l.first = append(l.first, s.source)
	}
	return err
}

func (l *lister) passkeys(ctx context.Context, v *vault.Vault, e *Export) error {
	return v.EachPasskey(ctx, func(p *vault.Passkey) error {
		if !e.wants(p.ID) {
			return nil
		}
		k, err := readKeptPasskey(p.Extra)
		if err != nil {
			e.leave(fmt.Sprintf("passkey of %s: %v", p.RPID, err))
			return nil
		}
		e.Passkeys++
		if k == nil {
			g := l.group(p.ID.String(), "")
			g.passkeys, g.at, g.created = []vault.ID{p.ID}, []int{0}, p.CreatedAt
			return nil
		}
		g := l.group(k.Group, k.Source)
		g.passkeys, g.at = append(g.passkeys, p.ID), append(g.at, k.At)
		if g.item.IsZero() {
			g.order, g.created = k.Order, p.CreatedAt
		}
		return nil
	})
}

func (l *lister) group(name, source string) *group {
	g := l.groups[name]
	if g == nil {
		g = &group{}
		l.groups[name], l.source[name] = g, source
	}
	return g
}

// arrange makes the document's accounts: Keyferry's own first, then those that came with imports, as they came.
func (e *Export) arrange(ctx context.Context, l *lister) error {
	own := cxf.Account{ID: e.v.ID().String()}
	e.header = cxf.Header{
		Version: cxf.Version{Major: 1}, ExporterRPID: RPID, ExporterDisplayName: DisplayName, Timestamp: e.sel.Now.Unix(),
	}
	index := map[string]int{}
	add := func(source, name string, a cxf.Account) {
		index[source] = len(e.accounts)
		e.names = append(e.names, name)
		e.header.Accounts = append(e.header.Accounts, a)
		e.accounts = append(e.accounts, nil)
	}
	used := map[string]bool{}
	for name := range l.groups {
		used[l.source[name]] = true
	}
	if used[""] || len(used)+len(l.first) == 0 {
		add("", "", own)
	}
	for _, source := range l.first {
		if !used[source] && e.sel.Only != nil {
			continue
		}
		doc, err := keptAccount(ctx, e.v, l.docs[source])
		if err != nil {
			return err
		}
		if i, ok := index[""]; ok && doc.Accounts[0].ID == own.ID { // this vault's own, come back by an import
			e.header.Accounts[i] = doc.Accounts[0]
			index[source] = i
			continue
		}
		add(source, accountName(doc), doc.Accounts[0])
	}
	for name, g := range l.groups {
		source := l.source[name]
		i, ok := index[source]
		if !ok { // its account was lost: the items are not
			add(source, "An account without a name", cxf.Account{ID: source})
			i = index[source]
		}
		e.accounts[i] = append(e.accounts[i], *g)
	}
	for _, list := range e.accounts {
		slices.SortFunc(list, func(a, b group) int {
			return cmp.Or(cmp.Compare(a.order, b.order), a.created.Compare(b.created), slices.Compare(a.key(), b.key()))
		})
	}
	if err := e.listFiles(ctx); err != nil {
		return err
	}
	return e.prune(ctx)
}

// accountName is what a person knows an account by that came with an import: "Bitwarden, ann@example.com".
func accountName(h *cxf.Header) string {
	a := &h.Accounts[0]
	app := cmp.Or(h.ExporterDisplayName, h.ExporterRPID)
	who := cmp.Or(a.FullName, a.Username, a.Email)
	switch {
	case app == "" && who == "":
		return "An account without a name"
	case app == "" || who == "":
		return app + who
	}
	return app + ", " + who
}

func (g *group) key() []byte {
	if !g.item.IsZero() {
		return g.item[:]
	}
	return g.passkeys[0][:]
}

// listFiles finds the attached files of what was selected.
func (e *Export) listFiles(ctx context.Context) error {
	for _, list := range e.accounts {
		for _, g := range list {
			if g.item.IsZero() {
				continue
			}
			i, err := e.v.Item(ctx, g.item)
			if err != nil {
				return err
			}
			k, err := readKeptItem(ctx, e.v, i.Body)
			if err != nil {
				return err
			}
			if err := e.nameFiles(g.item, k); err != nil {
				return err
			}
		}
	}
	return nil
}

// nameFiles gives each of an item's files a name in the archive. Two imports may have brought the same id for different
// files: the later one gets an id of its own.
func (e *Export) nameFiles(item vault.ID, k *keptItem) error {
	if len(k.Files) == 0 {
		return nil
	}
	it, _, err := cxf.UnmarshalItem(k.Item, &cxf.ReadOptions{Archive: true})
	if err != nil {
		return fmt.Errorf("reading a kept item: %w", err)
	}
	for _, c := range it.Credentials {
		f, ok := c.(*cxf.File)
		if !ok || k.Files[f.ID] == "" {
			continue
		}
		blob, err := vault.ParseID(k.Files[f.ID])
		if err != nil {
			return errKept
		}
		a, name := attached{blob, string(f.IntegrityHash)}, f.ID
		if other, taken := e.files[name]; taken && other != a && (other.sum != a.sum || a.sum == "") {
			sum := sha256.Sum256(append(item[:], f.ID...))
			name = base64.RawURLEncoding.EncodeToString(sum[:16])
			if e.renamed[item] == nil {
				e.renamed[item] = map[string]string{}
			}
			e.renamed[item][f.ID] = name
		}
		e.files[name] = a
	}
	return nil
}

// rename puts the names of nameFiles into an item.
func (e *Export) rename(item vault.ID, all []placed) {
	for _, p := range all {
		if f, ok := p.cred.(*cxf.File); ok && e.renamed[item][f.ID] != "" {
			f.ID = e.renamed[item][f.ID]
		}
	}
}

// Groups is how many CXF items there are.
func (e *Export) Groups() int {
	n := 0
	for _, list := range e.accounts {
		n += len(list)
	}
	return n
}

// Header is the document without its items, for cxp.ExportOptions.
func (e *Export) Header() *cxf.Header {
	h := e.header
	return &h
}

// Options write the items as they are yielded; checked says that Survey has found every key sound. progress may be nil.
func (e *Export) Options(ctx context.Context, checked bool, progress Progress) *cxf.WriteOptions {
	return e.options(ctx, checked, progress, nil)
}

// options also tells saw, before each item is written, what of it comes from which record.
func (e *Export) options(ctx context.Context, checked bool, progress Progress, saw func(int, group, *cxf.Item, []placed)) *cxf.WriteOptions {
	total := e.Groups()
	return &cxf.WriteOptions{
		Now: e.sel.Now, Types: e.sel.Types, Archive: e.sel.Keep, SkipKeyCheck: checked,
		Items: func(account int) func(yield func(*cxf.Item, error) bool) {
			return func(yield func(*cxf.Item, error) bool) {
				before := 0
				for i := range account {
					before += len(e.accounts[i])
				}
				made, stop := e.ahead(ctx, e.accounts[account])
				defer stop()
				for n, g := range e.accounts[account] {
					it, from, err := made()
					if err == nil && it == nil {
						continue
					}
					nothing := false
					if err == nil && saw != nil { // a review tells of what stays, too
						saw(account, g, it, from)
					} else if err == nil {
						nothing = !e.sel.leaveExcluded(it)
					}
					ok := nothing || yield(it, err)
					forget(it)
					if progress != nil {
						progress(before+n+1, total)
					}
					if !ok || err != nil {
						return
					}
				}
			}
		},
	}
}

// forget erases the private keys of an item that was written.
func forget(it *cxf.Item) {
	if it == nil {
		return
	}
	for _, c := range it.Credentials {
		if p, ok := c.(*cxf.Passkey); ok {
			clear(p.Key)
		}
	}
}

// item makes one CXF item, nil where nothing of it is left, and says what of it comes from where.
func (e *Export) item(ctx context.Context, g group) (it *cxf.Item, all []placed, err error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	if !g.item.IsZero() {
		i, err := e.v.Item(ctx, g.item)
		if err != nil && !errors.Is(err, vault.ErrNotFound) {
			return nil, nil, err
		}
		if err == nil {
			k, err := readKeptItem(ctx, e.v, i.Body)
			if err != nil {
				return nil, nil, err
			}
			if it, all, err = restItem(i, k); err != nil {
				return nil, nil, err
			}
			e.rename(g.item, all)
			clear(i.Body)
		}
	}
	for n, id := range g.passkeys {
		p, err := e.v.Passkey(ctx, id)
		if errors.Is(err, vault.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		k, err := readKeptPasskey(p.Extra)
		if err != nil {
			return nil, nil, err
		}
		if it == nil {
			if it, err = keptShell(p, k); err != nil {
				return nil, nil, err
			}
		}
		c, err := cxfPasskey(p, k)
		if err != nil {
			return nil, nil, err
		}
		p.Clear()
		all = append(all, placed{g.at[n], c, id, true})
	}
	if it != nil {
		putTogether(it, all)
	}
	return it, all, nil
}

// Files opens attached files, for cxp.ExportOptions.
func (e *Export) Files(ctx context.Context, f cxf.File) (io.ReadCloser, error) {
	file, ok := e.files[f.ID]
	if !ok {
		return nil, cxp.ErrNoFile
	}
	b, err := e.v.Blob(ctx, file.blob)
	if errors.Is(err, vault.ErrNotFound) {
		return nil, cxp.ErrNoFile
	}
	if err != nil {
		return nil, err
	}
	return io.NopCloser(b), nil
}
