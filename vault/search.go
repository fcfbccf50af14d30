package vault

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// Match is one result of a search: a passkey or an item.
type Match struct {
	Passkey *PasskeyInfo
	Item    *ItemInfo
}

// Page is a part of a search's results. Next is empty at the end, else what to hand to Search as after.
type Page struct {
	Matches []Match
	Next    string
	Total   int
}

// Search finds passkeys and items by free text (title, site, user name, an item's terms; every word of the query must
// occur; case and accents don't matter), best first. An empty query lists everything, newest first. The trash is left
// out. limit is 1 to 500; 0 is 100. In a damaged vault what is left is returned along with a *DamagedError.
func (v *Vault) Search(ctx context.Context, query, after string, limit int) (Page, error) {
	return v.find(ctx, query, after, limit, false)
}

// ListTrash is Search in the trash, last trashed first.
func (v *Vault) ListTrash(ctx context.Context, query, after string, limit int) (Page, error) {
	return v.find(ctx, query, after, limit, true)
}

// searchIndex holds the summaries of everything visible, unsealed: made along with the verification after an open, and
// kept up to date by every commit. It dies with the process, as lock is a re-execution.
type searchIndex struct {
	mu     sync.Mutex
	loaded bool
	list   []summary // in no order; an entry never leaves before a rewrite drops all
	place  map[ID]int
}

type summary struct {
	id      ID
	passkey bool
	hidden  bool
	trashed int64  // Unix milliseconds; 0: not in the trash
	sort    int64  // Unix milliseconds: newest first
	title   string // folded
	text    string // folded: all that is searched
}

func (s *searchIndex) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loaded, s.list, s.place = false, nil, nil
}

func (s *searchIndex) load(list []summary) {
	place := make(map[ID]int, len(list))
	for i := range list {
		place[list[i].id] = i
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loaded, s.list, s.place = true, list, place
}

func (s *searchIndex) put(e summary) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.loaded {
		return
	}
	if i, ok := s.place[e.id]; ok {
		s.list[i] = e
		return
	}
	s.place[e.id] = len(s.list)
	s.list = append(s.list, e)
}

func (s *searchIndex) putPasskey(p *PasskeyInfo) { s.put(summaryOfPasskey(p)) }

func (s *searchIndex) putItem(i *ItemInfo) { s.put(summaryOfItem(i)) }

func summaryOfPasskey(p *PasskeyInfo) summary {
	title := p.Title
	if title == "" {
		title = p.RPName
	}
	if title == "" {
		title = p.RPID
	}
	text := fold(strings.Join([]string{p.Title, p.RPName, p.RPID, p.UserName, p.UserDisplayName}, "\n"))
	s := summary{id: p.ID, passkey: true, trashed: millis(p.TrashedAt), sort: millis(p.ModifiedAt), text: text}
	s.title = fold(title)
	return s
}

func summaryOfItem(i *ItemInfo) summary {
	return summary{id: i.ID, hidden: i.Hidden, trashed: millis(i.TrashedAt), sort: millis(i.ModifiedAt), title: fold(i.Title), text: fold(i.searchText())}
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return max(t.UnixMilli(), 1)
}

// summaries makes sure that the index is loaded. It runs under the writer's lock, so that no commit is missed.
func (v *Vault) summaries(ctx context.Context) error {
	v.search.mu.Lock()
	loaded := v.search.loaded
	v.search.mu.Unlock()
	if loaded {
		return nil
	}
	if err := v.check.await(ctx); err != nil {
		return err
	}
	v.wmu.Lock()
	defer v.wmu.Unlock()
	var list []summary
	err := v.view(ctx, func(r reader) error {
		for _, kind := range []byte{kindPasskey, kindItem} {
			err := r.eachRaw(ctx, kind, func(key recordKey, value []byte) error {
				if s, ok := r.summary(key, value); ok {
					list = append(list, s)
				}
				return nil
			})
			if err != nil && v.damage() == nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return v.readErr(err)
	}
	v.search.load(list)
	return nil
}

// summary unseals what a search needs of a record, if it is a passkey or an item and visible. What does not
// authenticate is damage's business, not a list's.
func (r reader) summary(key recordKey, value []byte) (s summary, ok bool) {
	if key[0] != kindPasskey && key[0] != kindItem {
		return s, false
	}
	e, err := parseEnvelope(value)
	if err != nil || !r.visible(e.stage) {
		return s, false
	}
	plain, err := r.v.epochs.open(nil, key, e, 0)
	if err != nil {
		return s, false
	}
	if key[0] == kindPasskey {
		p, err := decodePasskeyInfo(idOf(key), plain)
		r.settle(&p.TrashedAt, p.by)
		return summaryOfPasskey(&p), err == nil
	}
	i, err := decodeItem(idOf(key), plain)
	if err != nil {
		return s, false
	}
	r.settle(&i.TrashedAt, i.by)
	info := i.Info()
	return summaryOfItem(&info), true
}

type hit struct {
	id      ID
	passkey bool
	rank    int64
	sort    int64
}

// order puts the better rank first, then the newer, then the smaller ID, so that pages never overlap.
func (h hit) order(o hit) int {
	return cmp.Or(cmp.Compare(h.rank, o.rank), cmp.Compare(o.sort, h.sort), bytes.Compare(h.id[:], o.id[:]))
}

// find looks through the summaries and reads what it finds. What was destroyed between the two is looked for again, when
// the writer is through and the summaries know.
func (v *Vault) find(ctx context.Context, query, after string, limit int, trash bool) (Page, error) {
	for tries := 1; ; tries++ {
		p, err := v.findOnce(ctx, query, after, limit, trash)
		if tries == 4 || !errors.Is(err, ErrNotFound) {
			return p, err
		}
		v.awaitWriter()
	}
}

// awaitWriter waits for the change that is being made.
func (v *Vault) awaitWriter() {
	v.wmu.Lock()
	defer v.wmu.Unlock()
}

func (v *Vault) findOnce(ctx context.Context, query, after string, limit int, trash bool) (Page, error) {
	if limit == 0 {
		limit = 100
	}
	if limit < 1 || limit > 500 || len(query) > 1024 {
		return Page{}, fmt.Errorf("a search has at most 1024 bytes and 1 to 500 results: %w", ErrInvalid)
	}
	from, err := parseAfter(after)
	if err != nil {
		return Page{}, err
	}
	if err := v.summaries(ctx); err != nil {
		return Page{}, err
	}
	hits := v.search.match(strings.Fields(fold(query)), trash)
	p := Page{Total: len(hits)}
	slices.SortFunc(hits, hit.order)
	if after != "" {
		n, _ := slices.BinarySearchFunc(hits, from, hit.order)
		if n < len(hits) && hits[n].order(from) == 0 {
			n++
		}
		hits = hits[n:]
	}
	rest := len(hits) > limit
	hits = hits[:min(limit, len(hits))]
	err = v.view(ctx, func(r reader) error {
		for _, h := range hits {
			m, err := r.match(h)
			if err != nil {
				if v.damage() != nil {
					continue
				}
				return v.readErr(err)
			}
			p.Matches = append(p.Matches, m)
		}
		return nil
	})
	if err != nil {
		return Page{}, err
	}
	if rest {
		p.Next = hits[len(hits)-1].after()
	}
	if d := v.damage(); d != nil {
		return p, d
	}
	return p, nil
}

func (s *searchIndex) match(words []string, trash bool) []hit {
	s.mu.Lock()
	defer s.mu.Unlock()
	var hits []hit
next:
	for i := range s.list {
		e := &s.list[i]
		if e.hidden || (e.trashed != 0) != trash {
			continue
		}
		rank := int64(0)
		for _, w := range words {
			if !strings.Contains(e.text, w) {
				continue next
			}
			switch {
			case strings.HasPrefix(e.title, w):
			case strings.Contains(e.title, w):
				rank++
			default:
				rank += 2
			}
		}
		h := hit{id: e.id, passkey: e.passkey, rank: rank, sort: e.sort}
		if trash {
			h.sort = e.trashed
		}
		hits = append(hits, h)
	}
	return hits
}

func (r reader) match(h hit) (Match, error) {
	if h.passkey {
		p, err := r.passkeyInfo(h.id)
		return Match{Passkey: &p}, err
	}
	i, _, err := r.item(h.id, false)
	if err != nil {
		return Match{}, err
	}
	info := i.Info()
	return Match{Item: &info}, nil
}

// after names the place behind a hit. It holds no text: a caller may keep it.
func (h hit) after() string {
	b := binary.BigEndian.AppendUint64(nil, uint64(h.rank))
	b = binary.BigEndian.AppendUint64(b, uint64(h.sort))
	return base64.RawURLEncoding.EncodeToString(append(b, h.id[:]...))
}

func parseAfter(s string) (hit, error) {
	var h hit
	if s == "" {
		return h, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(b) != 32 {
		return h, fmt.Errorf("not a place in a list: %w", ErrInvalid)
	}
	h.rank, h.sort = int64(binary.BigEndian.Uint64(b)), int64(binary.BigEndian.Uint64(b[8:]))
	copy(h.id[:], b[16:])
	return h, nil
}
