package vault

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The vault against a plain map: whatever is done to both, they tell the same, also after a reopen.
type model struct {
	passkeys map[ID]*Passkey
	settings map[string]string
}

func TestVaultBehavesLikeAMap(t *testing.T) {
	ctx, base, n := context.Background(), fastDir(t), 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		dir := fmt.Sprint(base, "/", n)
		defer os.RemoveAll(dir) // base goes as well
		v, err := Create(ctx, dir, secret(), cheap())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { v.Close() }()
		m := model{map[ID]*Passkey{}, map[string]string{}}
		check := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		anyID := func(t *rapid.T) ID {
			ids := slices.SortedFunc(maps.Keys(m.passkeys), func(a, b ID) int { return slices.Compare(a[:], b[:]) })
			if len(ids) == 0 {
				t.Skip("empty")
			}
			return ids[rapid.IntRange(0, len(ids)-1).Draw(t, "which")]
		}
		// Few sites and credentials, so that they meet.
		draw := func(t *rapid.T) *Passkey {
			n := rapid.IntRange(0, 400).Draw(t, "credential")
			return torturePasskey(fmt.Sprintf("site%d.example", n%3), n)
		}
		twin := func(p *Passkey, set map[ID]*Passkey, trashToo bool) bool {
			for _, q := range set {
				if q.ID != p.ID && q.RPID == p.RPID && string(q.CredentialID) == string(p.CredentialID) && (trashToo || q.TrashedAt.IsZero()) {
					return true
				}
			}
			return false
		}
		// What lies in the trash is in a new passkey's way, but not in an import's.
		add := func(t *rapid.T, fn func(*Passkey) error, into map[ID]*Passkey, trashToo bool) {
			p := draw(t)
			taken := twin(p, m.passkeys, trashToo) || twin(p, into, true)
			if err := fn(p); errors.Is(err, ErrExists) != taken || err != nil && !taken {
				t.Fatalf("taken %v: %v", taken, err)
			} else if err == nil {
				into[p.ID] = p
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				add(t, func(p *Passkey) error { return v.AddPasskey(ctx, p) }, m.passkeys, true)
			},
			"import": func(t *rapid.T) {
				s, err := v.Stage(ctx)
				check(err)
				into := map[ID]*Passkey{}
				for range rapid.IntRange(0, 120).Draw(t, "size") {
					add(t, func(p *Passkey) error { return s.AddPasskey(ctx, p) }, into, false)
				}
				if rapid.Bool().Draw(t, "commit") {
					check(s.Commit(ctx))
					maps.Copy(m.passkeys, into)
				} else {
					check(s.Discard(ctx))
				}
			},
			"rename": func(t *rapid.T) {
				id, title := anyID(t), rapid.StringN(0, 20, 100).Draw(t, "title")
				check(v.UpdatePasskey(ctx, id, func(p *Passkey) error { p.Title = title; return nil }))
				m.passkeys[id].Title = title
			},
			"failing update": func(t *rapid.T) {
				if err := v.UpdatePasskey(ctx, anyID(t), func(p *Passkey) error { p.Title = "no"; return ErrInvalid }); !errors.Is(err, ErrInvalid) {
					t.Fatal(err)
				}
			},
			"trash": func(t *rapid.T) {
				id := anyID(t)
				check(v.Trash(ctx, id))
				m.passkeys[id].TrashedAt = time.Unix(1, 0)
			},
			"untrash": func(t *rapid.T) {
				p := m.passkeys[anyID(t)]
				back := p.TrashedAt.IsZero() || !twin(p, m.passkeys, false)
				if err := v.Untrash(ctx, p.ID); errors.Is(err, ErrExists) == back || err != nil && back {
					t.Fatalf("back %v: %v", back, err)
				} else if back {
					p.TrashedAt = time.Time{}
				}
			},
			"empty trash": func(t *rapid.T) {
				n, err := v.EmptyTrash(ctx, time.Time{})
				check(err)
				maps.DeleteFunc(m.passkeys, func(_ ID, p *Passkey) bool {
					if !p.TrashedAt.IsZero() {
						n--
						return true
					}
					return false
				})
				if n != 0 {
					t.Fatalf("%d more or fewer were shredded", n)
				}
			},
			"setting": func(t *rapid.T) {
				name, value := fmt.Sprint("s", rapid.IntRange(0, 9).Draw(t, "name")), rapid.String().Draw(t, "value")
				if rapid.IntRange(0, 3).Draw(t, "delete") == 0 {
					check(v.DeleteSetting(ctx, name))
					delete(m.settings, name)
				} else {
					check(v.SetSetting(ctx, name, []byte(value)))
					m.settings[name] = value
				}
			},
			"rekey": func(t *rapid.T) {
				if rapid.IntRange(0, 4).Draw(t, "seldom") != 0 {
					t.Skip("not now")
				}
				check(v.Rekey(ctx))
			},
			"reopen": func(t *rapid.T) {
				check(v.Close())
				w, err := Open(ctx, dir, secret(), cheap())
				check(err)
				v = w
				if h, err := v.AwaitHealth(ctx); err != nil || h.State != HealthWhole {
					t.Fatalf("%+v %v", h, err)
				}
			},
			"": func(t *rapid.T) { m.compare(t, v) },
		})
	})
}

func (m model) compare(t *rapid.T, v *Vault) {
	ctx := context.Background()
	sites, trashed := map[string]int{}, 0
	for id, want := range m.passkeys {
		got, err := v.Passkey(ctx, id)
		if err != nil || got.Title != want.Title || got.TrashedAt.IsZero() != want.TrashedAt.IsZero() || string(got.PrivateKey) != string(want.PrivateKey) {
			t.Fatalf("%+v %v, want %+v", got, err, want)
		}
		if want.TrashedAt.IsZero() {
			sites[want.RPID]++
		} else {
			trashed++
		}
	}
	for n := range 3 {
		rp := fmt.Sprintf("site%d.example", n)
		list, err := v.PasskeysByRP(ctx, rp)
		if err != nil || len(list) != sites[rp] {
			t.Fatalf("%s: %d, want %d: %v", rp, len(list), sites[rp], err)
		}
	}
	all, err := v.Search(ctx, "", "", 1)
	if err != nil || all.Total != len(m.passkeys)-trashed {
		t.Fatalf("search: %d, want %d: %v", all.Total, len(m.passkeys)-trashed, err)
	}
	settings, err := v.Settings(ctx, "s")
	if err != nil || len(settings) != len(m.settings) {
		t.Fatalf("%d settings, want %d: %v", len(settings), len(m.settings), err)
	}
	for name, want := range m.settings {
		if string(settings[name]) != want {
			t.Fatalf("setting %s: %q, want %q", name, settings[name], want)
		}
	}
}

func TestSearch(t *testing.T) {
	ctx := context.Background()
	v := newVaultIn(t, t.TempDir())
	for n := range 25 {
		p := torturePasskey(fmt.Sprintf("shop%d.example", n), n)
		p.UserDisplayName, p.ModifiedAt = "José Müller", time.UnixMilli(int64(1_700_000_000_000+n))
		if n == 7 {
			p.Title = "Große Straße"
		}
		if err := v.AddPasskey(ctx, p); err != nil {
			t.Fatal(err)
		}
	}
	if err := v.AddItem(ctx, &Item{Title: "Wi-Fi", Terms: []string{"Café Łódź"}}); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]int{"": 26, "jose": 25, "MULLER josé": 25, "shop3.": 1, "grosse STRASSE": 1, "cafe lodz": 1, "shop nothing": 0} {
		if p, err := v.Search(ctx, query, "", 0); err != nil || p.Total != want || len(p.Matches) != want {
			t.Fatalf("%q: %d, want %d, %v", query, p.Total, want, err)
		}
	}
	seen, after := map[ID]bool{}, ""
	var last time.Time
	for {
		p, err := v.Search(ctx, "jose", after, 4)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range p.Matches {
			if seen[m.Passkey.ID] || !last.IsZero() && m.Passkey.ModifiedAt.After(last) {
				t.Fatal("a page repeats or is out of order")
			}
			seen[m.Passkey.ID], last = true, m.Passkey.ModifiedAt
		}
		if after = p.Next; after == "" {
			break
		}
	}
	if len(seen) != 25 {
		t.Fatalf("%d of 25", len(seen))
	}
	if _, err := v.Search(ctx, "", "nonsense", 4); !errors.Is(err, ErrInvalid) {
		t.Fatal(err)
	}
}
