//go:build linux

// Command watcher looks for secrets where none may be: in every file below some folders, all the time, and in files that
// were deleted while somebody has them open. Its first line of input is {"needles": [base64…]}; then each line is a
// command, answered by a line of JSON ([Report]):
//
//	sweep        look at everything, and say all that was ever found
//	scan FILE    look at this file, wherever it is, and say what is found in it
//	memory PID   look at what this process has in its memory
//
// Between commands it looks at whatever is written, as the kernel tells of it (inotify(7)).
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
)

// Report is an answer.
type Report struct {
	Files int     `json:"files"` // that were looked at, each as often as it changed
	Bytes int64   `json:"bytes"`
	Found []Found `json:"found"`
}

// Found is a secret in a file.
type Found struct {
	File     string `json:"file"`
	Encoding string `json:"encoding"` // how it stands there
	Needle   int    `json:"needle"`   // its place in the list
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "watcher:", err)
		os.Exit(1)
	}
}

func run(roots []string) error {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	line, err := in.ReadBytes('\n')
	if err != nil {
		return err
	}
	var begin struct {
		Needles []string `json:"needles"`
	}
	if err := json.Unmarshal(line, &begin); err != nil {
		return err
	}
	var needles [][]byte
	for _, text := range begin.Needles {
		needle, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return err
		}
		needles = append(needles, needle)
	}
	w := &watch{search: newSearch(needles), roots: roots, seen: map[string]stamp{}, found: map[Found]bool{}}
	if err := w.listen(); err != nil {
		return err
	}
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return nil // whoever asked is gone
		}
		command, file, _ := strings.Cut(strings.TrimSpace(line), " ")
		var report Report
		switch command {
		case "sweep":
			w.sweep()
			report = w.report()
		case "scan":
			found, n, err := w.search.file(file)
			if err != nil {
				return err
			}
			report = Report{Files: 1, Bytes: n, Found: append([]Found{}, found...)}
		case "memory":
			found, n, err := w.search.memory(file)
			if err != nil {
				return err
			}
			report = Report{Bytes: n, Found: append([]Found{}, found...)}
		default:
			return fmt.Errorf("%q is no command", command)
		}
		if err := json.NewEncoder(os.Stdout).Encode(report); err != nil {
			return err
		}
	}
}

// stamp is how a file was when it was looked at.
type stamp struct {
	size, blocks int64
	changed      syscall.Timespec
}

// watch is what has been seen so far.
type watch struct {
	search *search
	roots  []string

	mu    sync.Mutex
	seen  map[string]stamp
	found map[Found]bool
	files int
	bytes int64
}

func (w *watch) report() Report {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := Report{Files: w.files, Bytes: w.bytes, Found: []Found{}}
	for f := range w.found {
		r.Found = append(r.Found, f)
	}
	return r
}

// sweep looks at every file below the roots, since one that is mapped changes without a word, and at files that are
// deleted but open.
func (w *watch) sweep() {
	for _, root := range w.roots {
		_ = filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() {
				w.look(path, true)
			}
			return nil // what is gone meanwhile was looked at when it was written
		})
	}
	open, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	for _, fd := range open {
		target, err := os.Readlink(fd)
		if err != nil || !strings.HasSuffix(target, " (deleted)") || !w.below(target) {
			continue
		}
		w.look(fd, true)
	}
}

func (w *watch) below(path string) bool {
	for _, root := range w.roots {
		if strings.HasPrefix(path, root+"/") {
			return true
		}
	}
	return false
}

// look searches a file, unless it seems as it was and need not be searched again. What can't be opened any more is left
// out.
func (w *watch) look(path string, again bool) {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return
	}
	raw, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return
	}
	now := stamp{raw.Size, raw.Blocks, raw.Ctim}
	w.mu.Lock()
	same := w.seen[path] == now
	w.seen[path] = now
	w.mu.Unlock()
	if same && !again {
		return
	}
	found, n, err := w.search.file(path)
	if err != nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.files++
	w.bytes += n
	for _, f := range found {
		w.found[f] = true
	}
}
