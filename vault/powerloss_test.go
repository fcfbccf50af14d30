package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// When the power goes, what was synced is there. What was not is there or is not, in any mixture: a file's data, or a half of
// it; a name in the folder, or the one before. These tests build every such mixture of each moment and open it.

// inode is a file's content: what was synced, and what was written.
type inode struct {
	synced  bool
	content []byte
}

func (n *inode) after() [][]byte {
	if n.synced {
		return [][]byte{n.content}
	}
	return [][]byte{nil, n.content[:len(n.content)/2], n.content}
}

// folderModel is a folder as a disk has it: names that are on the disk, and changes of names that are not yet.
type folderModel struct {
	names   map[string]*inode
	pending []func(map[string]*inode)
	now     map[string]*inode
}

func modelOf(t *testing.T, dir string, names ...string) *folderModel {
	t.Helper()
	m := &folderModel{names: map[string]*inode{}, now: map[string]*inode{}}
	for _, name := range names {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		m.names[name] = &inode{true, raw}
	}
	m.now = maps.Clone(m.names)
	return m
}

func (m *folderModel) rename(f func(map[string]*inode)) {
	f(m.now)
	m.pending = append(m.pending, f)
}

func (m *folderModel) step(s diskStep) {
	name := filepath.Base(s.path)
	switch s.op {
	case "create":
		n := &inode{}
		m.rename(func(names map[string]*inode) { names[name] = n })
	case "write":
		m.now[name].content = bytes.Clone(s.data)
	case "sync":
		m.now[name].synced = true
	case "rename":
		n, to := m.now[name], filepath.Base(s.to)
		m.rename(func(names map[string]*inode) {
			delete(names, name)
			names[to] = n
		})
	case "sync folder":
		m.names, m.pending = maps.Clone(m.now), nil
	}
}

// outcomes are the folders that the power's end may leave.
func (m *folderModel) outcomes() []map[string][]byte {
	var all []map[string][]byte
	for mask := range 1 << len(m.pending) {
		names := maps.Clone(m.names)
		for i, f := range m.pending {
			if mask>>i&1 == 1 {
				f(names)
			}
		}
		list := []map[string][]byte{{}}
		for _, name := range slices.Sorted(maps.Keys(names)) {
			var next []map[string][]byte
			for _, content := range names[name].after() {
				for _, o := range list {
					o = maps.Clone(o)
					o[name] = content
					next = append(next, o)
				}
			}
			list = next
		}
		all = append(all, list...)
	}
	return all
}

// A passphrase is changed, or all keys are, and the power goes at any moment: the vault opens with what it had before or
// with what it has now, and once the change was acknowledged with nothing else.
func TestPowerLossWhileTheHeaderChanges(t *testing.T) {
	ctx := context.Background()
	changed := Passphrase([]byte("the next one"))
	if raceShare > 1 {
		t.Skip("opens dozens of vaults, one after another: there is no race to find")
	}
	for what, change := range map[string]func(v *Vault) error{
		"a new passphrase": func(v *Vault) error { return v.ChangePassphrase(ctx, v.Slots()[0].ID, changed) },
		"new keys":         func(v *Vault) error { return v.Rekey(ctx) },
	} {
		t.Run(what, func(t *testing.T) {
			dir := fastDir(t)
			var m *folderModel
			var lost []powerLoss
			snapshot := filepath.Join(dir, "snapshot")
			o := cheap()
			o.hooks.disk = func(s diskStep) {
				if m == nil || !strings.HasPrefix(filepath.Base(s.path), fileHeader) && s.op != "sync folder" {
					return // the store's and the anchor's are in the other test
				}
				if len(lost) == 0 && s.op == "create" { // both generations are there, where there are two
					copyTree(t, snapshot, filepath.Join(dir, "v"))
				}
				m.step(s)
				if len(lost) > 0 || s.op == "create" {
					lost = append(lost, powerLoss{fmt.Sprint(len(lost), " ", s.op, " ", filepath.Base(s.path)), m.outcomes()})
				}
			}
			v, err := Create(ctx, filepath.Join(dir, "v"), secret(), o)
			if err != nil {
				t.Fatal(err)
			}
			p := samplePasskey(1, "example.com", p256Key(t))
			if err := v.AddPasskey(ctx, p); err != nil {
				t.Fatal(err)
			}
			m = modelOf(t, v.dir, fileHeader, fileBackup)
			if err := change(v); err != nil {
				t.Fatal(err)
			}
			if len(lost) < 10 { // two files of five steps each
				t.Fatalf("only %d steps were seen", len(lost))
			}
			last := len(lost) - 1
			m = nil
			if err := v.Close(); err != nil {
				t.Fatal(err)
			}
			tried := map[string]bool{}
			for i, l := range lost {
				for _, files := range l.outcomes {
					key := fmt.Sprint(i == last, files)
					if tried[key] {
						continue
					}
					tried[key] = true
					openAfterPowerLoss(t, l.at, snapshot, files, changed, what == "a new passphrase" && i == last, p)
				}
			}
			t.Logf("%d moments, %d different folders", len(lost), len(tried))
		})
	}
}

type powerLoss struct {
	at       string
	outcomes []map[string][]byte
}

func openAfterPowerLoss(t *testing.T, at, snapshot string, files map[string][]byte, changed Secret, done bool, p *Passkey) {
	t.Helper()
	ctx := context.Background()
	dir := filepath.Join(fastDir(t), "v")
	copyTree(t, dir, snapshot)
	for _, name := range []string{fileHeader, fileBackup, fileHeader + ".tmp", fileBackup + ".tmp"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	v, err := Open(ctx, dir, secret(), cheap())
	if errors.Is(err, ErrWrongSecret) {
		v, err = Open(ctx, dir, changed, cheap())
	} else if done {
		t.Errorf("%s: the old passphrase still opens it (%v)", at, err)
	}
	if err != nil {
		t.Errorf("%s: %v", at, err)
		return
	}
	if got, err := v.PasskeyByCredential(ctx, p.RPID, p.CredentialID); err != nil {
		t.Errorf("%s: %v", at, err)
	} else {
		samePasskey(t, got, p)
	}
	if h, err := v.AwaitHealth(ctx); err != nil || h.State != HealthWhole {
		t.Errorf("%s: %+v %v", at, h, err)
	}
	if err := v.Close(); err != nil {
		t.Errorf("%s: %v", at, err)
	}
}

// Passkeys are made and the power goes around each sync of log and anchor: what was acknowledged is there. Pages of the log
// that were not synced are there or not, each by itself.
func TestPowerLossLosesNothingAcknowledged(t *testing.T) {
	if raceShare > 1 {
		t.Skip("opens dozens of vaults, one after another: there is no race to find")
	}
	ctx := context.Background()
	dir := fastDir(t)
	synced := map[string][]byte{}
	var acked []*Passkey
	cut := 0
	watching := false
	o := cheap()
	o.hooks.disk = func(s diskStep) {
		if !watching || s.op != "syncing" && s.op != "synced" {
			return
		}
		if s.op == "synced" {
			synced[s.path] = mustRead(t, s.path)
		}
		for _, mixed := range []bool{false, true} {
			image := filepath.Join(dir, fmt.Sprint("cut-", cut))
			cut++
			copyTree(t, image, filepath.Join(dir, "v"))
			for path, content := range synced {
				if mixed {
					content = mixPages(content, mustRead(t, path))
				}
				rel, err := filepath.Rel(filepath.Join(dir, "v"), path)
				if err == nil {
					err = os.WriteFile(filepath.Join(image, rel), content, 0o600)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			allThere(t, fmt.Sprintf("%s %s, pages mixed %v, %d acknowledged", s.op, filepath.Base(s.path), mixed, len(acked)), image, acked)
			if err := os.RemoveAll(image); err != nil {
				t.Fatal(err)
			}
		}
	}
	v, err := Create(ctx, filepath.Join(dir, "v"), secret(), o)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 8 {
		p := samplePasskey(n, fmt.Sprintf("site%d.example", n%2), p256Key(t))
		p.LargeBlob = bytes.Repeat([]byte{byte(n)}, 3000*n) // over several pages
		if err := v.AddPasskey(ctx, p); err != nil {
			t.Fatal(err)
		}
		acked = append(acked, p)
		if n > 0 {
			continue
		}
		for _, path := range append(globbed(t, filepath.Join(v.storeDir(), "*.mem")), v.genFile(fileAnchor, 1)) {
			synced[path] = mustRead(t, path)
		}
		v.wmu.Lock()
		watching = true
		v.wmu.Unlock()
	}
	v.wmu.Lock()
	watching = false
	v.wmu.Unlock()
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	if cut < 7*8 { // two files, before and after, whole and mixed
		t.Errorf("the power went only %d times", cut)
	}
}

func allThere(t *testing.T, at, dir string, acked []*Passkey) {
	t.Helper()
	ctx := context.Background()
	v, err := Open(ctx, dir, secret(), cheap())
	if err != nil {
		t.Errorf("%s: %v", at, err)
		return
	}
	for n, p := range acked {
		got, err := v.PasskeyByCredential(ctx, p.RPID, p.CredentialID)
		if err != nil {
			t.Errorf("%s: passkey %d: %v", at, n, err)
			continue
		}
		samePasskey(t, got, p)
	}
	if h, err := v.AwaitHealth(ctx); err != nil || h.State != HealthWhole {
		t.Errorf("%s: %+v %v", at, h, err)
	}
	if err := v.Close(); err != nil {
		t.Errorf("%s: %v", at, err)
	}
}

// mixPages takes each page from what was synced or from what was written since.
func mixPages(synced, now []byte) []byte {
	const page = 4096
	out := bytes.Clone(now)
	for at := 0; at < len(out); at += page {
		if rand.IntN(2) == 0 {
			continue
		}
		end := min(at+page, len(out))
		clear(out[at:end])
		if at < len(synced) {
			copy(out[at:end], synced[at:])
		}
	}
	return out
}

func mustRead(t *testing.T, path string) []byte {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func globbed(t *testing.T, pattern string) []string {
	t.Helper()
	list, err := filepath.Glob(pattern)
	if err != nil || len(list) == 0 {
		t.Fatal(pattern, err)
	}
	return list
}
