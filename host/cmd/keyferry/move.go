package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/keyferry/keyferry/cxp"
	"github.com/keyferry/keyferry/host/link"
	"github.com/keyferry/keyferry/host/protocol"
)

// moveCommands move credentials between this vault and files.
type moveCommands struct {
	Cxp     cxpCmd     `cmd:"" help:"Move passkeys to or from another app by sealed files."`
	Cxf     cxfCmd     `cmd:"" help:"Import or export a CXF document, which is not encrypted."`
	Backup  backupCmd  `cmd:"" help:"Write an encrypted backup of everything."`
	Restore restoreCmd `cmd:"" help:"Take in what an encrypted backup holds."`
	Imports importsCmd `cmd:"" help:"List the imports of the last 30 days, or undo one."`
	Open    openCmd    `cmd:"" help:"Show a file in your browser: a request, a sealed file, a backup, another manager's file."`

	foreignCommands `embed:""`
}

// mover is one transfer that this command makes in the agent.
type mover struct {
	a      *app
	client *link.Client
	now    protocol.Transfer
	key    fileKey
}

// fileKey is what a file needs besides its password, or instead of it.
type fileKey struct {
	keyFile    []byte
	noPassword bool
}

// errNotDone: the person said no at the terminal.
var errNotDone = errors.New("not done; nothing was changed")

// openMover connects. The transfer ends with the connection, whatever ends that.
func (a *app) openMover() (*mover, error) {
	client, _, err := a.connect(true)
	if err != nil {
		return nil, err
	}
	return &mover{a: a, client: client}, nil
}

// close ends the transfer in the agent, where one began, and the connection.
func (m *mover) close() {
	if m.now.ID != "" {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(m.a.ctx), 5*time.Second)
		defer cancel()
		_ = m.client.Call(ctx, "transfer.cancel", protocol.TransferRef{ID: m.now.ID}, nil) // the connection's end does the same
	}
	m.client.Close()
}

// call makes a call that takes an open vault.
func (m *mover) call(typ string, body, out any) error {
	return m.a.ask(m.client, typ, func(protocol.Secret) any { return body }, out)
}

// wait waits until the agent has worked. It says how far that is on a terminal.
func (m *mover) wait() error {
	for protocol.Works(m.now.State) {
		get := protocol.TransferGet{ID: m.now.ID, Not: m.now.State, WaitMs: 1000}
		var now protocol.Transfer // what is not in an answer is not so any more
		if err := m.client.Call(m.a.ctx, "transfer.get", get, &now); err != nil {
			return err
		}
		m.now = now
		m.say()
	}
	if m.now.State == protocol.StateFailed {
		return m.now.Error
	}
	return nil
}

func (m *mover) say() {
	if m.a.json || m.now.Done == 0 || !isTerminal(os.Stderr) {
		return
	}
	fmt.Fprintf(os.Stderr, "\r%s: %d", m.now.State, m.now.Done)
	if m.now.Total > 0 {
		fmt.Fprintf(os.Stderr, " of %d", m.now.Total)
	}
	fmt.Fprint(os.Stderr, "   \r")
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// export prepares a move out, and says what would leave.
func (m *mover) export(q protocol.TransferExport) error {
	if err := m.call("transfer.export", q, &m.now); err != nil {
		return err
	}
	if err := m.wait(); err != nil {
		return err
	}
	leavingText(os.Stderr, m.now)
	return nil
}

// bring begins a move in.
func (m *mover) bring(q protocol.TransferImport) error {
	return m.a.ask(m.client, "transfer.import", func(s protocol.Secret) any { q.Secret = s; return q }, &m.now)
}

// upload hands a file's bytes to the agent, never its path.
func (m *mover) upload(q protocol.TransferImport, file io.Reader) error {
	if err := m.bring(q); err != nil {
		return err
	}
	err := eachPiece(file, func(offset int64, data []byte, last bool) error {
		put := protocol.TransferPut{ID: m.now.ID, Offset: offset, Data: data, Last: last}
		return m.client.Call(m.a.ctx, "transfer.put", put, &m.now)
	})
	if err != nil {
		return err
	}
	return m.wait()
}

// eachPiece reads a file in pieces that the agent takes. The last may be empty; none is kept.
func eachPiece(file io.Reader, f func(offset int64, data []byte, last bool) error) error {
	buf := make([]byte, protocol.TransferPiece)
	defer clear(buf)
	for offset := int64(0); ; {
		n, err := io.ReadFull(file, buf)
		last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !last {
			return err
		}
		if err := f(offset, buf[:n], last); err != nil || last {
			return err
		}
		offset += int64(n)
	}
}

// download fetches what the agent wrote.
func (m *mover) download(to io.Writer) error {
	for offset := int64(0); ; {
		var data protocol.TransferData
		if err := m.client.Call(m.a.ctx, "transfer.next", protocol.TransferNext{ID: m.now.ID, Offset: offset}, &data); err != nil {
			return err
		}
		_, err := to.Write(data.Data)
		offset += int64(len(data.Data))
		clear(data.Data)
		if err != nil || data.Last {
			return err
		}
	}
}

// groups gets three groups of a fingerprint from the other side's screen.
func (m *mover) groups(whose string, f func() (cxp.Fingerprint, error)) ([]string, error) {
	if len(m.now.Ask) == 0 {
		return nil, nil
	}
	if m.a.build.answers(m.a.profile) {
		print, err := f()
		if err != nil {
			return nil, err
		}
		var out []string
		for _, n := range m.now.Ask {
			out = append(out, print.Groups()[n-1])
		}
		return out, nil
	}
	t, err := openTerminal()
	if err != nil {
		return nil, err
	}
	defer t.Close()
	fmt.Fprintf(t.out, "%s shows a fingerprint of six groups. Type three of them, read from that screen\n(or told to you by whom you trust), so that nobody can have exchanged the file on the way.\n", whose)
	var out []string
	for _, n := range m.now.Ask {
		typed, err := t.line(m.a.ctx, fmt.Sprintf("Group %d: ", n))
		if err != nil {
			return nil, err
		}
		out = append(out, strings.TrimSpace(typed))
	}
	return out, nil
}

// confirm asks a question at the terminal.
func (a *app) confirm(question string) error {
	if a.build.answers(a.profile) {
		return nil
	}
	t, err := openTerminal()
	if err != nil {
		return err
	}
	defer t.Close()
	answer, err := t.line(a.ctx, question+" [y/N] ")
	if err != nil {
		return err
	}
	if s := strings.ToLower(strings.TrimSpace(answer)); s != "y" && s != "yes" {
		return errNotDone
	}
	return nil
}

// start lets a move out begin; the agent verifies the person.
func (m *mover) start(groups []string) error {
	q := protocol.TransferStart{ID: m.now.ID, Groups: groups}
	begin := func(s protocol.Secret) any { q.Secret = s; return q }
	if m.now.Kind == protocol.TransferBackup || m.now.Kind == protocol.TransferFile {
		err := m.client.Call(m.a.ctx, "transfer.start", q, &m.now)
		if err == nil {
			return m.wait()
		}
		if !link.IsCode(err, protocol.CodeNoDialog) {
			return err
		}
		passphrase, err := m.a.filePassphrase(m.client)
		if err != nil {
			return err
		}
		defer clear(passphrase)
		q.New = protocol.Secret{Passphrase: string(passphrase)}
	}
	if err := m.a.ask(m.client, "transfer.start", begin, &m.now); err != nil {
		return err
	}
	return m.wait()
}

// filePassphrase asks for a new passphrase for a file.
func (a *app) filePassphrase(client *link.Client) ([]byte, error) {
	if a.build.answers(a.profile) {
		return []byte(testBackupPassphrase), nil
	}
	fmt.Fprintln(os.Stderr, "Choose a passphrase for the file. Whoever has both can read everything in it; without it nobody can.")
	return a.newPassphrase(client)
}

// testBackupPassphrase seals the backups of test builds, so that another throwaway vault can open them.
const testBackupPassphrase = "a backup of nothing real 4711"

// wrote says how a file came to be, for --json.
type wrote struct {
	File        string         `json:"file"`
	Size        int64          `json:"size"`
	Fingerprint string         `json:"fingerprint,omitempty"`
	To          string         `json:"to,omitempty"`
	Counts      map[string]int `json:"counts,omitempty"`
	LeftOut     int            `json:"leftOut,omitempty"`
	Remarks     []string       `json:"remarks,omitempty"`
	ExpiresAt   string         `json:"expiresAt,omitempty"`
}

func when(m protocol.Millis) string { return time.UnixMilli(int64(m)).Format(time.RFC3339) }
