package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// files looks at the program, the configuration and the log.
func (e *examination) files() {
	if writableByOthers(e.Installer.Program) {
		e.found("program", "program-writable", Problem, "other users can change this program, "+e.Installer.Program, "chmod go-w '"+e.Installer.Program+"'", nil)
	}
	conf := e.Profile.ConfigFile
	if writableByOthers(conf) {
		e.found("configuration", "config-writable", Problem, "other users can change "+conf+", which names the program that asks for your passphrase",
			"chmod go-w '"+conf+"'", func() error { return os.Chmod(conf, 0o600) })
	}
	e.log()
}

func (e *examination) log() {
	path := e.Profile.LogFile
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		for dir := filepath.Dir(path); ; dir = filepath.Dir(dir) {
			info, err := os.Stat(dir)
			if err == nil && !info.IsDir() || err != nil && !errors.Is(err, fs.ErrNotExist) {
				e.found("log", "log-folder", Problem, "the log can't be written: "+dir+" is no folder", "move that file away", nil)
				return
			}
			if err == nil || dir == filepath.Dir(dir) {
				return
			}
		}
	case err != nil:
		e.found("log", "log-folder", Problem, "the log can't be written: "+err.Error(), "make its folder yours", nil)
	case !info.Mode().IsRegular():
		e.found("log", "log-no-file", Problem, path+" is in the log's place and is no file; no agent starts like this", "move it away", nil)
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
		e.found("log", "log-open", Problem, fmt.Sprintf("others can read the log %s (mode %04o)", path, info.Mode().Perm()), "chmod 600 '"+path+"'",
			func() error { return os.Chmod(path, 0o600) })
	}
}
