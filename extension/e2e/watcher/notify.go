//go:build linux

package main

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// listen looks at files as they are written, so that one which is deleted soon is seen too.
func (w *watch) listen() error {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC)
	if err != nil {
		return err
	}
	n := &notifier{w: w, fd: fd, dirs: map[int32]string{}}
	for _, root := range w.roots {
		n.add(root)
	}
	go n.read()
	return nil
}

// notifier follows the folders; only its reader touches it after the start.
type notifier struct {
	w    *watch
	fd   int
	dirs map[int32]string // by watch descriptor
}

const interesting = unix.IN_CREATE | unix.IN_MODIFY | unix.IN_CLOSE_WRITE | unix.IN_MOVED_TO

// add follows a folder and all below it, and looks at what is in them already.
func (n *notifier) add(dir string) {
	_ = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return nil // gone again
		}
		if d.IsDir() {
			if wd, err := unix.InotifyAddWatch(n.fd, path, interesting); err == nil {
				n.dirs[int32(wd)] = path
			}
		} else if d.Type().IsRegular() {
			n.w.look(path, false)
		}
		return nil
	})
}

func (n *notifier) read() {
	buf := make([]byte, 1<<20)
	for {
		size, err := unix.Read(n.fd, buf)
		if err != nil || size <= 0 {
			return
		}
		for b := buf[:size]; len(b) >= unix.SizeofInotifyEvent; {
			wd, mask := int32(binary.NativeEndian.Uint32(b)), binary.NativeEndian.Uint32(b[4:])
			length := int(binary.NativeEndian.Uint32(b[12:]))
			name := strings.TrimRight(string(b[unix.SizeofInotifyEvent:unix.SizeofInotifyEvent+length]), "\x00")
			b = b[unix.SizeofInotifyEvent+length:]
			path := filepath.Join(n.dirs[wd], name)
			switch {
			case n.dirs[wd] == "":
			case mask&unix.IN_ISDIR != 0:
				n.add(path)
			case mask&unix.IN_MODIFY != 0 && large(path): // seen when it is closed, and by the next sweep
			default:
				n.w.look(path, false)
			}
		}
	}
}

func large(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Size() > 1<<20
}
