package vault

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"
	"unicode/utf8"
)

// MaxSetting is the largest value of a setting, in bytes.
const MaxSetting = 64 << 10

const maxSettingName = 512

// Setting reads a small sealed value by its name (pairings, sites switched off, choices). ErrNotFound.
func (v *Vault) Setting(ctx context.Context, name string) ([]byte, error) {
	var value []byte
	err := v.lookup(ctx, func(r reader) error {
		key := v.settingKey(name)
		return r.raw(key, func(e envelope) error {
			n, val, err := r.setting(key, e)
			if err != nil {
				return err
			}
			if n != name {
				return &recordError{key: key, problem: "does not authenticate", cause: errCodec}
			}
			value = val
			return nil
		})
	})
	return value, err
}

// SetSetting stores a value durably under a name of at most 512 bytes; an empty value is a value.
func (v *Vault) SetSetting(ctx context.Context, name string, value []byte) error {
	if name == "" || len(name) > maxSettingName || !utf8.ValidString(name) {
		return fmt.Errorf("a setting's name has 1 to %d bytes of UTF-8: %w", maxSettingName, ErrInvalid)
	}
	if len(value) > MaxSetting {
		return fmt.Errorf("a setting of %d bytes: %w", len(value), ErrTooLarge)
	}
	var e encoder
	e.str(1, name)
	e.bytes(2, value)
	return v.write(ctx, func(t *tx) error {
		key := v.settingKey(name)
		err := t.changeEntry(spaceSetting, settingBucket(key), idIn(key), func(e *entry) bool {
			e.version = t.new
			return true
		})
		if errors.Is(err, errNoRecord) {
			err = t.addEntry(spaceSetting, settingBucket(key), entry{id: idIn(key), version: t.new})
		}
		if err != nil {
			return v.readErr(err)
		}
		return t.replace(key, 0, e.b, nil)
	})
}

// settingBucket spreads settings over 16 chains of the index, which make a missing or rolled-back one noticeable.
func settingBucket(key recordKey) string { return string(rune(key[1] >> 4)) }

// DeleteSetting removes a setting. One that is not there is no error.
func (v *Vault) DeleteSetting(ctx context.Context, name string) error {
	return v.write(ctx, func(t *tx) error {
		key := v.settingKey(name)
		err := t.remove(key)
		if errors.Is(err, errNoRecord) {
			return nil
		}
		if err != nil {
			return v.readErr(err)
		}
		return v.readErr(t.changeEntry(spaceSetting, settingBucket(key), idIn(key), func(*entry) bool { return false }))
	})
}

// Settings reads all settings whose names begin with prefix. In a damaged vault what is left is returned along with a
// *DamagedError.
func (v *Vault) Settings(ctx context.Context, prefix string) (map[string][]byte, error) {
	if err := v.check.await(ctx); err != nil {
		return nil, err
	}
	m := map[string][]byte{}
	err := v.view(ctx, func(r reader) error {
		return r.each(ctx, kindSetting, func(key recordKey, e envelope) error {
			n, val, err := r.setting(key, e)
			if err != nil && v.damage() != nil {
				return nil // known already, and returned below
			}
			if err == nil && strings.HasPrefix(n, prefix) {
				m[n] = val
			}
			return err
		})
	})
	if err != nil {
		return nil, v.readErr(err)
	}
	if d := v.damage(); d != nil {
		return m, d
	}
	return m, nil
}

// SettingNames lists the names that begin with prefix, sorted.
func (v *Vault) SettingNames(ctx context.Context, prefix string) ([]string, error) {
	m, err := v.Settings(ctx, prefix)
	names := make([]string, 0, len(m))
	for n := range m {
		names = append(names, n)
	}
	sort.Strings(names)
	return names, err
}

func (v *Vault) settingKey(name string) recordKey { return v.keys.indexKey(kindSetting, 0, name, 0) }

func (r reader) setting(key recordKey, e envelope) (name string, value []byte, err error) {
	plain, err := r.v.epochs.open(nil, key, e, 0)
	if err == nil {
		name, value, err = decodeSetting(plain)
	}
	if err != nil {
		return "", nil, &recordError{key: key, problem: "does not authenticate", cause: err}
	}
	return name, value, nil
}

func decodeSetting(plain []byte) (name string, value []byte, err error) {
	value = []byte{}
	d := newDecoder(plain)
	for tag, ok := d.next(); ok; tag, ok = d.next() {
		switch tag {
		case 1:
			name = d.str()
		case 2:
			value = d.bytes()
		default:
			d.fail()
		}
	}
	return name, value, d.err
}
