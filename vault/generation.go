package vault

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// openGeneration opens the store that the header names and holds it against its anchor.
func (v *Vault) openGeneration(ctx context.Context) error {
	gen := v.hdr.gen
	if v.hdr.rewrite == nil {
		if err := v.removeOtherGenerations(gen); err != nil {
			return err
		}
	}
	whole, err := v.openFiles()
	if err != nil {
		return err
	}
	if whole {
		if err := v.holdAgainstAnchor(); err != nil {
			return err
		}
	}
	if v.openDamage != nil {
		if v.db != nil {
			err := v.db.Close()
			if v.db = nil; err != nil {
				v.opts.Log.Warn().Err(err).Msg("closing the damaged store")
			}
		}
		return v.rebuild(ctx)
	}
	return v.removeOpenStages(ctx)
}

// openFiles opens anchor and store, after a look at the store's files. It reports whether Badger has the store open;
// else something is wrong with it, and the caller is to read what is left.
func (v *Vault) openFiles() (whole bool, err error) {
	gen := v.hdr.gen
	v.anchor, err = openAnchor(v.genFile(fileAnchor, gen), v.keys.anchor, v.hdr.vault, gen)
	if err != nil {
		v.anchor = nil
		if err := v.suspect(damaged("anchor", err.Error())); err != nil {
			return false, err
		}
	}
	if v.anchor != nil {
		v.anchor.hooks = v.opts.hooks
	}
	clean, commit := v.anchor != nil && v.anchor.last.clean, uint64(0)
	if clean {
		commit = v.anchor.last.commit
	}
	i, err := v.inspect(clean, commit)
	if err != nil {
		return false, err
	}
	if !clean || len(i.findings) > 0 || len(i.repairs) > 0 {
		if err := v.copyAside(); err != nil {
			return false, err
		}
	}
	if len(i.findings) > 0 {
		return false, v.suspect(&DamagedError{Findings: i.findings})
	}
	if clean {
		a := v.anchor.last
		a.clean = false
		if err := v.anchor.write(a); err != nil {
			return false, err
		}
	}
	for _, repair := range i.repairs {
		if err := repair(); err != nil {
			return false, fmt.Errorf("repairing the store's files: %w", diskErr(err))
		}
	}
	if v.db, err = openStore(v.storeDir(), v.keys.store(gen), v.opts.Log); err != nil {
		var d *DamagedError
		if errors.As(err, &d) {
			return false, v.suspect(d)
		}
		return false, err
	}
	v.logs = &logSync{dir: v.storeDir(), hooks: v.opts.hooks}
	return true, nil
}

// suspect notes damage found while opening. Whether the open goes on is the caller's choice (ReadOnlyIfDamaged).
func (v *Vault) suspect(d *DamagedError) error {
	if _, err := os.Stat(v.genFile(dirAside, v.hdr.gen)); err == nil {
		if err := v.keepAside(); err != nil {
			return errors.Join(d, err)
		}
	}
	if !v.opts.ReadOnlyIfDamaged {
		return d
	}
	if v.openDamage == nil {
		v.openDamage = &DamagedError{}
	}
	v.openDamage.Findings = append(v.openDamage.Findings, d.Findings...)
	v.readOnly = true
	return nil
}

// holdAgainstAnchor compares the store's state record with what the anchor says it must be.
func (v *Vault) holdAgainstAnchor() error {
	b := v.db.NewTransaction(false)
	defer b.Discard()
	st, digest, err := readState(reader{v: v, b: b})
	if err != nil {
		if errors.Is(err, ErrNewer) {
			return err
		}
		return v.suspect(damaged("state", "it is missing or does not authenticate"))
	}
	v.st = st
	v.setStages()
	if d := v.olderHeader(); d != nil {
		if err := v.suspect(d); err != nil {
			return err
		}
	}
	if v.anchor == nil {
		return nil
	}
	a := v.anchor.last
	switch {
	case st.commit < a.commit:
		return v.suspect(damaged("store", fmt.Sprintf("it is at commit %d, but commit %d was acknowledged; a copy of its files as they were found is in %s",
			st.commit, a.commit, genName(dirAside, v.hdr.gen))))
	case st.commit == a.commit && (digest != a.state || st.sum != a.sum):
		return v.suspect(damaged("store", "it is not the one that the anchor was made for"))
	case st.commit > a.commit && !v.readOnly:
		// The last commit reached the store, but a crash kept it from being anchored and acknowledged.
		return v.anchor.write(anchor{vault: a.vault, gen: a.gen, commit: st.commit, sum: st.sum, state: digest})
	}
	return nil
}

// sealStore says in the anchor that the store was closed in good order.
func (v *Vault) sealStore() error {
	if err := v.writeSeal(); err != nil {
		return err
	}
	a := v.anchor.last
	a.clean = true
	if err := v.anchor.write(a); err != nil {
		return err
	}
	return os.RemoveAll(v.genFile(dirAside, v.hdr.gen))
}

// copyAside copies the store's files before Badger opens them after an unclean end: Badger cuts off its log at the
// first bad entry, and removes tables that its manifest does not name. Tables never change once written, so a hard link will
// do for them. A copy that is marked as needed is kept.
func (v *Vault) copyAside() error {
	from, to := v.storeDir(), v.genFile(dirAside, v.hdr.gen)
	if _, err := os.Stat(filepath.Join(to, fileKeep)); err == nil {
		return nil
	}
	tmp := to + ".tmp"
	if err := os.RemoveAll(tmp); err != nil {
		return err
	}
	if err := os.Mkdir(tmp, 0o700); err != nil {
		return diskErr(err)
	}
	list, err := os.ReadDir(from)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for _, f := range list {
		if !f.Type().IsRegular() || f.Name() == "LOCK" {
			continue
		}
		src, dst := filepath.Join(from, f.Name()), filepath.Join(tmp, f.Name())
		if strings.HasSuffix(f.Name(), ".sst") && os.Link(src, dst) == nil {
			continue
		}
		if err := copySparse(src, dst); err != nil {
			return fmt.Errorf("copying the store aside: %w", diskErr(err))
		}
	}
	if err := os.RemoveAll(to); err != nil {
		return err
	}
	if err := os.Rename(tmp, to); err != nil {
		return err
	}
	return syncDir(v.dir)
}

// copySparse copies a file and leaves out blocks of zeros: a log file is mostly room for later.
func copySparse(src, dst string) (err error) {
	in, err := os.Open(src)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(dst, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	buf := make([]byte, 64<<10)
	var off int64
	for {
		n, rerr := io.ReadFull(in, buf)
		if n > 0 && !isZero(buf[:n]) {
			if _, err := out.WriteAt(buf[:n], off); err != nil {
				return err
			}
		}
		off += int64(n)
		if rerr == io.EOF || rerr == io.ErrUnexpectedEOF {
			break
		}
		if rerr != nil {
			return rerr
		}
	}
	if err := out.Truncate(off); err != nil {
		return err
	}
	return out.Sync()
}

func isZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}
