//go:build keyferrytest && linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/keyferry/keyferry/cxp"
	"github.com/keyferry/keyferry/cxp/cxf"
)

// question is what a command asks a person at a terminal; its last number is the group that is wanted.
var question = regexp.MustCompile(`(?:Passphrase: |Group (\d): |\[y/N\] )$`)

// atTerminal runs a command at a terminal of its own. answer gets each question as the screen shows it, and the number of
// the group that it asks for, 0 where it asks for something else; what it gives is typed.
func (s *strangers) atTerminal(who string, answer func(asked string, group int) string, args ...string) (screen string, err error) {
	s.t.Helper()
	person, program := openPty(s.t)
	cmd := s.command(who, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = program.in, program.out, program.out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	if err := program.in.Close(); err != nil { // the command's alone: the screen ends with it
		s.t.Fatal(err)
	}
	var seen bytes.Buffer
	answered := 0
	var b [1]byte
	for {
		if _, err := person.Read(b[:]); err != nil {
			if !errors.Is(err, unix.EIO) {
				s.t.Error(err)
			}
			return seen.String(), cmd.Wait()
		}
		seen.Write(b[:])
		asked := seen.String()[answered:]
		m := question.FindStringSubmatch(asked)
		if m == nil {
			continue
		}
		answered = seen.Len()
		group, _ := strconv.Atoi(m[1])
		if _, err := person.WriteString(answer(asked, group) + "\n"); err != nil {
			s.t.Fatal(err)
		}
	}
}

// asks has a throwaway vault's questions go to the person, and gives its passphrase.
func (s *strangers) asks(who string) (passphrase string) { return s.consents(who, "ask") }

func (s *strangers) count(who string) int {
	s.t.Helper()
	v := s.open(who)
	defer v.Close()
	page, err := v.Search(context.Background(), "", "", 1)
	if err != nil {
		s.t.Fatal(err)
	}
	return page.Total
}

func groupsOf(t *testing.T, path string) [6]string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	resp, err := cxp.ScanResponse(context.Background(), file, nil)
	if err != nil {
		t.Fatal(err)
	}
	return resp.Fingerprint().Groups()
}

// A person at a terminal types the groups from the other screen. One wrong digit, and nothing is opened; the request is
// still good for the right ones.
func TestWrongGroupsAtATerminalOpenNothing(t *testing.T) {
	s := newStrangers(t)
	everything, err := os.ReadFile("../../../cxp/cxf/testdata/everything.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.path("everything.json"), everything, 0o600); err != nil {
		t.Fatal(err)
	}
	s.run("ann", "cxf", "import", "everything.json")
	s.run("ben", "cxp", "request", "--out", "request.json")

	// The exporter's side first: the groups of the request.
	request, err := os.ReadFile(s.path("request.json"))
	if err != nil {
		t.Fatal(err)
	}
	q, err := cxp.ParseRequest(request)
	if err != nil {
		t.Fatal(err)
	}
	annsPhrase := s.asks("ann")
	export := func(groups [6]string) (string, error) {
		return s.atTerminal("ann", typing(annsPhrase, groups), "cxp", "export", "--request", "request.json", "--out", "sealed.json")
	}
	screen, err := export(oneWrong(q.Fingerprint().Groups()))
	if err == nil || !strings.Contains(screen, "the groups are not those of this file") {
		t.Errorf("a wrong group of the request: %v\n%s", err, screen)
	}
	if _, err := os.Stat(s.path("sealed.json")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file was left: %v", err)
	}
	if screen, err = export(q.Fingerprint().Groups()); err != nil {
		t.Fatalf("the right ones: %v\n%s", err, screen)
	}

	// And the importer's: the groups of the response.
	groups := groupsOf(t, s.path("sealed.json"))
	if strings.Contains(screen, annsPhrase) {
		t.Errorf("the passphrase is on the screen:\n%s", screen)
	}
	for _, g := range groups {
		if !strings.Contains(screen, g) {
			t.Errorf("the exporter's screen does not show %s:\n%s", g, screen)
		}
	}
	bensPhrase := s.asks("ben")
	in := func(groups [6]string) (string, error) {
		return s.atTerminal("ben", typing(bensPhrase, groups), "cxp", "import", "--response", "sealed.json")
	}
	screen, err = in(oneWrong(groups))
	if err == nil || !strings.Contains(screen, "the groups are not those of this file") {
		t.Errorf("a wrong group of the response: %v\n%s", err, screen)
	}
	if n := s.count("ben"); n != 0 {
		t.Errorf("%d entries came in", n)
	}
	if screen, err = in(groups); err != nil {
		t.Fatalf("the right ones: %v\n%s", err, screen)
	}
	if n := s.count("ben"); n == 0 {
		t.Error("nothing came in")
	}
}

// oneWrong changes each group in one digit: which of them will be asked for is not known.
func oneWrong(groups [6]string) (out [6]string) {
	for i, g := range groups {
		last := byte('2')
		if g[len(g)-1] == last {
			last = '3'
		}
		out[i] = g[:len(g)-1] + string(last)
	}
	return out
}

// typing answers questions as a person does who agrees to everything.
func typing(passphrase string, groups [6]string) func(string, int) string {
	return func(asked string, group int) string {
		switch {
		case group > 0:
			return groups[group-1]
		case strings.HasSuffix(asked, "Passphrase: "):
			return passphrase
		}
		return "y"
	}
}

// An answer without post-quantum protection to a request that offered it is opened only after a warning and a yes.
func TestAWeakerAnswerTakesAYes(t *testing.T) {
	s := newStrangers(t)
	s.run("ben", "cxp", "request", "--out", "request.json")
	raw, err := os.ReadFile(s.path("request.json"))
	if err != nil {
		t.Fatal(err)
	}
	q, err := cxp.ParseRequest(raw)
	if err != nil {
		t.Fatal(err)
	}
	suites := q.Suites()
	weak := suites[len(suites)-1]
	if !suites[0].PostQuantum() || weak.PostQuantum() {
		t.Fatalf("the request offers %v", suites)
	}
	var typed []string
	c, err := q.Fingerprint().Ask()
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range c.Positions() {
		typed = append(typed, q.Fingerprint().Groups()[n-1])
	}
	confirmed, err := c.Answer(typed...)
	if err != nil {
		t.Fatal(err)
	}
	doc := &cxf.Header{
		Version: cxf.Version{Major: 1}, ExporterRPID: "weak.example", ExporterDisplayName: "Weak", Timestamp: 1_790_000_000,
		Accounts: []cxf.Account{{ID: "YQ", Items: []cxf.Item{{
			ID: "aQ", Title: "A note", Credentials: []cxf.Credential{&cxf.Note{Content: cxf.Field(cxf.FieldString, "hello")}},
		}}}},
	}
	x, err := cxp.NewDowngradingExporter(q, weak, cxp.ExportOptions{Document: doc, Confirmation: confirmed})
	if err != nil {
		t.Fatal(err)
	}
	var sealed bytes.Buffer
	if _, err := x.WriteResponse(context.Background(), &sealed); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.path("sealed.json"), sealed.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}

	agree := typing(s.asks("ben"), groupsOf(t, s.path("sealed.json")))
	in := func(yes string) (screen string, warned int, err error) {
		screen, err = s.atTerminal("ben", func(asked string, group int) string {
			if strings.Contains(asked, "quantum") {
				warned++
				return yes
			}
			return agree(asked, group)
		}, "cxp", "import", "--response", "sealed.json")
		return screen, warned, err
	}
	screen, warned, err := in("n")
	if err == nil || warned != 1 || !strings.Contains(screen, fmt.Sprint(weak)) {
		t.Errorf("a no: %d warnings, %v\n%s", warned, err, screen)
	}
	if n := s.count("ben"); n != 0 {
		t.Errorf("%d entries came in after a no", n)
	}
	screen, warned, err = in("y")
	if err != nil || warned != 1 {
		t.Fatalf("a yes: %d warnings, %v\n%s", warned, err, screen)
	}
	if n := s.count("ben"); n != 1 {
		t.Errorf("%d entries came in after a yes", n)
	}
}
