package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// disk looks for room where the vault is, or will be.
func (e *examination) disk() {
	dir := e.Profile.VaultDir
	for {
		if _, err := os.Stat(dir); err == nil || dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	free, err := freeSpace(dir)
	switch {
	case err != nil:
		e.found("disk", "disk-unknown", Note, "how much room is left in "+dir+" can't be found out: "+err.Error(), "look yourself", nil)
	case free < e.MinFree:
		e.found("disk", "disk-low", Problem, fmt.Sprintf("only %d MiB are left where the vault is (%s)", free>>20, dir),
			fmt.Sprintf("free some: the vault takes no changes when the disk is full; %d MiB are enough", e.MinFree>>20), nil)
	default:
		e.well("disk", "%d MiB are left where the vault is", free>>20)
	}
}

// Clock faults. Nothing in the vault depends on the clock but times that people read, the trash's 30 days and sorting; sites and
// certificates do.
const clockSlack = 10 * time.Minute

// earliest is before this version was made: a clock that says less is wrong.
var earliest = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func (e *examination) clock() {
	const do = "set the clock, or switch on that it is set over the network"
	if e.Now.Before(earliest) {
		e.found("clock", "clock-wrong", Problem, "the clock says "+e.Now.Format(time.DateOnly)+", which was before this version of Keyferry was made", do, nil)
		return
	}
	newest := e.newestVaultFile()
	if newest.After(e.Now.Add(clockSlack)) {
		e.found("clock", "clock-behind", Problem, fmt.Sprintf("the vault was written to at %s, and the clock says %s", newest.Format("2006-01-02 15:04"), e.Now.Format("2006-01-02 15:04")), do, nil)
		return
	}
	e.well("clock", "the clock says %s", e.Now.Format("2006-01-02 15:04 MST"))
}

func (e *examination) newestVaultFile() (newest time.Time) {
	_ = filepath.WalkDir(e.Profile.VaultDir, func(_ string, d fs.DirEntry, err error) error { // what can't be read is another check's
		if err != nil {
			return nil
		}
		if info, err := d.Info(); err == nil && info.ModTime().After(newest) {
			newest = info.ModTime()
		} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return nil
	})
	return newest
}
