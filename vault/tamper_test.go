package vault

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/dgraph-io/badger/v4"
)

// Somebody who gets around Badger's encryption (it is not authenticated) removes, exchanges or rolls back single records.
// Each is noticed and named, the record is not given out, and the others stay readable.
func TestTamperedRecordsAreNamed(t *testing.T) {
	ctx := context.Background()
	for _, how := range []string{"removed", "exchanged", "rolled back", "changed", "setting rolled back", "setting removed", "index page removed", "index page rolled back"} {
		for _, sealed := range []bool{true, false} {
			t.Run(how, func(t *testing.T) {
				v := newVaultIn(t, fastDir(t)+"/v")
				var list []*Passkey
				for n := range 30 {
					p := torturePasskey(tortureSite(n%10), n)
					if err := v.AddPasskey(ctx, p); err != nil {
						t.Fatal(err)
					}
					list = append(list, p)
				}
				if err := v.SetSetting(ctx, "off/a", []byte("old")); err != nil {
					t.Fatal(err)
				}
				victim, other := list[4], list[7]
				victimKey, otherKey := keyOf(kindPasskey, victim.ID), keyOf(kindPasskey, other.ID)
				setting, index := v.settingKey("off/a"), v.pageKey(spaceRP, victim.RPID, 0)
				old := map[recordKey][]byte{}
				for _, k := range []recordKey{victimKey, setting, index} {
					old[k] = rawValue(t, v, k)
				}
				if err := v.UpdatePasskey(ctx, victim.ID, func(p *Passkey) error { p.Title = "new"; return nil }); err != nil {
					t.Fatal(err)
				}
				if err := v.SetSetting(ctx, "off/a", []byte("new")); err != nil {
					t.Fatal(err)
				}
				values := map[recordKey][]byte{victimKey: rawValue(t, v, victimKey), otherKey: rawValue(t, v, otherKey)}
				key := v.keys.store(1)
				if err := v.Close(); err != nil {
					t.Fatal(err)
				}
				tamper(t, v, key, func(b *badger.Txn) error {
					switch how {
					case "removed":
						return b.Delete(victimKey[:])
					case "exchanged":
						return errors.Join(b.Set(victimKey[:], values[otherKey]), b.Set(otherKey[:], values[victimKey]))
					case "rolled back":
						return b.Set(victimKey[:], old[victimKey])
					case "changed":
						c := slices.Clone(values[victimKey])
						c[len(c)-1] ^= 1
						return b.Set(victimKey[:], c)
					case "setting rolled back":
						return b.Set(setting[:], old[setting])
					case "setting removed":
						return b.Delete(setting[:])
					case "index page removed":
						return b.Delete(index[:])
					}
					return b.Set(index[:], old[index])
				})
				if !sealed {
					if err := os.Remove(v.genFile(fileSeal, 1)); err != nil {
						t.Fatal(err)
					}
				}
				if how == "exchanged" {
					list = slices.DeleteFunc(list, func(p *Passkey) bool { return p == other })
				}
				// With the seal the open does not trust the files, gathers what authenticates, and so finds the true
				// version below the false one.
				recovered := sealed && (how == "exchanged" || how == "changed")
				checkTampered(t, v.dir, how, recovered, victim, list)
			})
		}
	}
}

func checkTampered(t *testing.T, dir, how string, recovered bool, victim *Passkey, list []*Passkey) {
	t.Helper()
	ctx := context.Background()
	o := cheap()
	o.ReadOnlyIfDamaged = true
	v, err := Open(ctx, dir, secret(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	h, err := v.AwaitHealth(ctx)
	if err != nil || h.State != HealthDamaged {
		t.Fatalf("not noticed: %+v %v", h, err)
	}
	named := slices.ContainsFunc(h.Findings, func(f Finding) bool {
		if strings.HasPrefix(how, "setting") {
			return f.Place == "setting"
		}
		return f.ID == victim.ID && f.RPID == victim.RPID || f.Place == "passkey" && f.ID == victim.ID
	})
	if !named && !recovered {
		t.Fatalf("not named: %v", h.Findings)
	}
	if strings.HasPrefix(how, "setting") {
		if _, err := v.Setting(ctx, "off/a"); !typedDamage(err) {
			t.Fatalf("setting: %v", err)
		}
	}
	for _, p := range list {
		got, err := v.PasskeyByCredential(ctx, p.RPID, p.CredentialID)
		hit := p == victim && !recovered && !strings.HasPrefix(how, "setting") && !strings.HasPrefix(how, "index")
		switch {
		case hit && !typedDamage(err):
			t.Fatalf("the record is given out: %+v %v", got, err)
		case !hit && err != nil:
			t.Fatalf("an intact one is not: %v", err)
		case !hit && string(got.PrivateKey) != string(p.PrivateKey):
			t.Fatal("another key")
		}
	}
	if got, err := v.PasskeysByRP(ctx, victim.RPID); !recovered && !typedDamage(err) && !strings.HasPrefix(how, "setting") {
		t.Fatalf("list: %v %v", got, err)
	}
}

func rawValue(t *testing.T, v *Vault, key recordKey) (value []byte) {
	t.Helper()
	err := v.view(context.Background(), func(r reader) error {
		return r.raw(key, func(e envelope) error {
			value = slices.Clone(e.raw)
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func tamper(t *testing.T, v *Vault, key []byte, fn func(*badger.Txn) error) {
	t.Helper()
	db, err := badger.Open(storeOptions(v.storeDir(), key, v.opts.Log))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Update(fn), db.Close()); err != nil {
		t.Fatal(err)
	}
}
