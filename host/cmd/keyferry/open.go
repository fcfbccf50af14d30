package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/keyferry/keyferry/cxp"
	"github.com/keyferry/keyferry/host/bridge"
	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/link"
	"github.com/keyferry/keyferry/host/paths"
	"github.com/keyferry/keyferry/host/protocol"
)

type openCmd struct {
	File    string `arg:"" help:"A request, a sealed file, a backup, or another manager's file."`
	Desktop bool   `hidden:"" help:"Started by a double click: what goes wrong is said in a dialog."`
}

// openWithin is how long a browser that was just started may take to connect: machines can be busy at a login.
const openWithin = 90 * time.Second

// Run implements the command: a double click on a file runs it. The page of a connected browser shows the file; nothing
// is decided here.
func (c openCmd) Run(a *app) error {
	err := c.open(a)
	if err != nil && c.Desktop {
		a.tell(err)
	}
	return err
}

func (c openCmd) open(a *app) error {
	file, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer file.Close()
	if info, err := file.Stat(); err != nil {
		return err
	} else if !info.Mode().IsRegular() || info.Size() > cxp.MaxResponseSize {
		return fmt.Errorf("%s is no file that Keyferry could open", c.File)
	}
	now, err := a.showFile(file)
	if err != nil {
		return err
	}
	return a.print(now, func(w io.Writer) {
		what := map[string]string{"request": "a request for passkeys", "sealed": "a sealed file", "backup": "a backup", "file": "another manager's file"}[now.Kind]
		fmt.Fprintf(w, "Your browser shows it: %s.\n", what)
	})
}

// showFile has a browser show a file: one that uses this profile's vault, else one that uses another's, since a double
// click names none; where none is connected, one is started.
func (a *app) showFile(file *os.File) (protocol.OpenFile, error) {
	client, _, err := a.connect(true)
	if err != nil {
		return protocol.OpenFile{}, err
	}
	defer client.Close()
	now, err := a.handOver(client, file)
	none := link.IsCode(err, protocol.CodeNoVault)
	if err != nil && !none || err == nil && now.State != protocol.OpenWaiting {
		return now, err
	}
	if a.profile.Name == paths.DefaultProfile {
		if shown, ok := a.showElsewhere(file); ok {
			return shown, nil
		}
	}
	if none {
		return now, err
	}
	return a.awaitBrowser(client, now)
}

// showElsewhere tries the agents of other profiles that run.
func (a *app) showElsewhere(file *os.File) (protocol.OpenFile, bool) {
	names, err := a.profile.Names()
	if err != nil {
		return protocol.OpenFile{}, false
	}
	for _, name := range names {
		p, err := a.build.profile(name)
		if err != nil || p.Name == a.profile.Name {
			continue
		}
		if now, err := (&app{ctx: a.ctx, build: a.build, profile: p}).showHere(file); err == nil && now.State == protocol.OpenShown {
			return now, true
		}
	}
	return protocol.OpenFile{}, false
}

// showHere hands a file to this profile's agent, if one runs.
func (a *app) showHere(file *os.File) (protocol.OpenFile, error) {
	client, _, err := a.connect(false)
	if err != nil {
		return protocol.OpenFile{}, err
	}
	defer client.Close()
	return a.handOver(client, file)
}

// handOver gives the agent a file's bytes, never its path.
func (a *app) handOver(client *link.Client, file *os.File) (now protocol.OpenFile, err error) {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return now, err
	}
	name := filepath.Base(file.Name())
	err = eachPiece(file, func(offset int64, data []byte, last bool) error {
		put := protocol.OpenPut{ID: now.ID, Name: name, Offset: offset, Data: data, Last: last}
		name = "" // goes with the first
		return client.Call(a.ctx, "open.put", put, &now)
	})
	return now, err
}

// awaitBrowser starts a browser, and waits until one has come.
func (a *app) awaitBrowser(client *link.Client, now protocol.OpenFile) (protocol.OpenFile, error) {
	started := a.startBrowser()
	if started != "" {
		fmt.Fprintf(os.Stderr, "keyferry: no browser is connected; starting %s\n", started)
	} else {
		fmt.Fprintln(os.Stderr, "keyferry: no browser is connected; start the one in which you use Keyferry")
	}
	for end := time.Now().Add(openWithin); time.Now().Before(end); {
		get := protocol.OpenGet{ID: now.ID, Not: protocol.OpenWaiting, WaitMs: 20_000}
		if err := client.Call(a.ctx, "open.get", get, &now); err != nil || now.State != protocol.OpenWaiting {
			return now, err
		}
	}
	return now, errors.New("no browser with Keyferry's extension has come. Open Keyferry in the browser in which you use it (its button in the toolbar), then open the file again")
}

// startBrowser starts a browser that was told of Keyferry, and names it; "" where there is none.
func (a *app) startBrowser() string {
	if a.build.isTest() {
		return "" // a test starts its own, with a profile of its own
	}
	i, err := a.installer(false, false)
	if err != nil {
		return ""
	}
	for _, s := range i.Starts(defaultBrowser()) {
		cmd := exec.Command(s.Command[0], s.Command[1:]...)
		cmd.SysProcAttr = detached()
		if err := cmd.Start(); err == nil {
			go func() { _ = cmd.Wait() }() // it outlives this process; that it ended early shows in that nobody connects
			return s.Browser.Title
		}
	}
	return ""
}

// defaultBrowser is the desktop entry of the person's browser; "" where that can't be told.
func defaultBrowser() string {
	if runtime.GOOS != "linux" {
		return ""
	}
	out, err := exec.Command("xdg-settings", "get", "default-web-browser").Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

// tell says in a dialog what went wrong, to who clicked and sees no terminal.
func (a *app) tell(failed error) {
	conf, err := readSettings(a.profile.ConfigFile)
	if err != nil {
		return
	}
	dialogs, err := consent.NewFinder(conf.dialogs)
	if err != nil {
		return
	}
	p, err := dialogs.Find(bridge.Where(""))
	if err != nil {
		return
	}
	text := failed.Error()
	if h := hint(failed); h != "" {
		text += "\n" + h
	}
	_, _ = p.Confirm(a.ctx, consent.Prompt{Title: "Keyferry", Description: consent.Clean(text, 400), OK: "OK", Cancel: "Close"})
}
