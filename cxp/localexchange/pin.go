package localexchange

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Pin is what a provider was at one moment: what it registered, and the very files that its command runs. Keep it when a
// person has agreed to an exchange, and warn them when it is another one the next time. It is a hint and no proof: one
// user's processes can do a lot to each other.
type Pin struct {
	Registration string `json:"registration"` // Provider.Digest
	Program      File   `json:"program"`
	Script       File   `json:"script,omitzero"` // where the program is an interpreter and an argument names the script
}

// File is a file that a command runs.
type File struct {
	Path  string `json:"path,omitempty"`
	Stamp string `json:"stamp,omitempty"` // of the system's: where it is the same, so is the content
	Hash  string `json:"hash,omitempty"`  // SHA-256 of the content, in hexadecimal; "" where it was not asked for
}

// Change is how a provider stands to an earlier Pin of it.
type Change int

// The changes. A program that changed says more than a registration that did.
const (
	Unchanged Change = iota
	RegistrationChanged
	ProgramChanged
)

// maxProgram bounds what is hashed of a program.
const maxProgram = 1 << 30

// Look pins a provider by stamps alone, which is quick and enough to see that nothing has changed.
func (p Provider) Look() (Pin, error) {
	pin := Pin{Registration: p.Digest}
	var err error
	if pin.Program, err = look(p.Command[0]); err == nil && p.script() != "" {
		pin.Script, err = look(p.script())
	}
	return pin, err
}

func look(path string) (File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return File{}, err
	}
	return File{Path: path, Stamp: stamp(info)}, nil
}

// Pin reads the provider's program, and its script, and pins them by their content.
func (p Provider) Pin(ctx context.Context) (Pin, error) {
	pin := Pin{Registration: p.Digest}
	f, program, err := openHashed(ctx, p.Command[0], p.System)
	if err != nil {
		return Pin{}, err
	}
	pin.Program = program
	err = f.Close()
	if script := p.script(); err == nil && script != "" {
		if f, pin.Script, err = openHashed(ctx, script, p.System); err == nil {
			err = f.Close()
		}
	}
	return pin, err
}

// Against says what has changed since an earlier pin. One that was looked at without hashes counts as changed where the
// stamps differ.
func (p Pin) Against(earlier Pin) Change {
	switch {
	case !p.Program.same(earlier.Program), !p.Script.same(earlier.Script):
		return ProgramChanged
	case p.Registration != earlier.Registration:
		return RegistrationChanged
	}
	return Unchanged
}

func (f File) same(earlier File) bool {
	if f.Path != earlier.Path {
		return false
	}
	if f.Hash != "" && earlier.Hash != "" {
		return f.Hash == earlier.Hash
	}
	return f.Stamp == earlier.Stamp
}

// openHashed opens a file and hashes what was opened, which is what may be run by the descriptor.
func openHashed(ctx context.Context, path string, system bool) (*os.File, File, error) {
	f, err := openSafe(path, system)
	if err != nil {
		return nil, File{}, err
	}
	before, err := f.Stat()
	h := sha256.New()
	if err == nil {
		_, err = io.CopyN(h, stopping{ctx, f}, maxProgram+1)
	}
	switch {
	case err == nil:
		err = fmt.Errorf("%s is larger than a program may be", path)
	case errors.Is(err, io.EOF):
		err = nil
	}
	if err == nil {
		var after os.FileInfo
		if after, err = f.Stat(); err == nil && stamp(before) != stamp(after) {
			err = fmt.Errorf("%s was changed while it was looked at", path)
		}
	}
	if err != nil {
		return nil, File{}, errors.Join(err, f.Close())
	}
	return f, File{Path: path, Stamp: stamp(before), Hash: hex.EncodeToString(h.Sum(nil))}, nil
}

// stopping ends a long reading with its context.
type stopping struct {
	ctx context.Context
	r   io.Reader
}

func (s stopping) Read(b []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.r.Read(b)
}

// script is the file that an interpreter is to run: its first argument that is an absolute path to a file. A program
// that names its interpreter in its first line is a program like any other.
func (p Provider) script() string { return ScriptOf(p.Command) }

// ScriptOf is the script that a command line runs, where its program is an interpreter; else "".
func ScriptOf(command []string) string {
	if len(command) == 0 || !interpreter(command[0]) {
		return ""
	}
	for _, word := range command[1:] {
		if !filepath.IsAbs(word) {
			continue
		}
		if info, err := os.Stat(word); err == nil && info.Mode().IsRegular() {
			return word
		}
	}
	return ""
}

// interpreter tells by its name a program that runs others: python3.12 is python.
func interpreter(path string) bool {
	name := strings.TrimSuffix(strings.ToLower(filepath.Base(path)), ".exe")
	name = strings.TrimRight(name, "0123456789.-w")
	return slices.Contains([]string{
		"sh", "bash", "dash", "zsh", "fish", "ksh", "busybox", "env", "python", "pypy", "perl", "ruby", "node", "nodejs", "deno", "bun",
		"php", "lua", "luajit", "tclsh", "wish", "java", "mono", "dotnet", "rscript", "pwsh", "powershell", "osascript", "wine", "electron",
	}, name)
}
