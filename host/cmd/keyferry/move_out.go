package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/keyferry/keyferry/cxp"
	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/protocol"
)

type cxpCmd struct {
	Request cxpRequestCmd `cmd:"" help:"Begin here to move passkeys INTO this vault: write a request for the other app."`
	Export  cxpExportCmd  `cmd:"" help:"Answer another app's request with a file that only it can open."`
	Import  cxpImportCmd  `cmd:"" help:"Take in the answer to a request of this vault."`
	Inspect cxpInspectCmd `cmd:"" help:"Say what can be known of a file without a key."`
}

type cxpRequestCmd struct {
	Out   string   `required:"" help:"The file to write." placeholder:"FILE"`
	Types []string `help:"Ask only for these kinds (passkey, basic-auth, totp, …)." placeholder:"TYPE"`
	Force bool     `help:"Replace the file if it exists."`
}

// Run implements the command.
func (c cxpRequestCmd) Run(a *app) error {
	file, err := createOut(c.Out, c.Force)
	if err != nil {
		return err
	}
	defer file.abort()
	m, err := a.openMover()
	if err != nil {
		return err
	}
	defer m.close()
	var made protocol.RequestMade
	if err := m.call("transfer.request", protocol.RequestMake{Types: c.Types}, &made); err != nil {
		return err
	}
	_, err = file.Write(made.Request)
	if err == nil {
		err = file.commit()
	}
	if err != nil {
		forget := m.call("transfer.forget", protocol.RequestForget{Digest: made.Digest}, nil)
		return errors.Join(err, forget)
	}
	out := wrote{File: c.Out, Size: int64(len(made.Request)), Fingerprint: made.Fingerprint, ExpiresAt: when(made.ExpiresAt)}
	return a.print(out, func(w io.Writer) {
		fmt.Fprintf(w, "The request is in %s. Give it to the other app.\n\n    Fingerprint: %s\n\nThe other side asks for three of these groups. The answer can be imported until %s, once.\n", c.Out, made.Fingerprint, out.ExpiresAt)
	})
}

type cxpExportCmd struct {
	Request string   `required:"" help:"The request that the other app wrote." placeholder:"FILE"`
	Out     string   `required:"" help:"The file to write." placeholder:"FILE"`
	Types   []string `help:"Only these kinds (passkey, basic-auth, totp, …); all that were asked for by default." placeholder:"TYPE"`
	Force   bool     `help:"Replace the file if it exists."`
}

// Run implements the command.
func (c cxpExportCmd) Run(a *app) error {
	raw, err := readSmall(c.Request)
	if err != nil {
		return err
	}
	print := func() (cxp.Fingerprint, error) { return cxp.FingerprintOf(raw), nil }
	q := protocol.TransferExport{Kind: protocol.TransferSealed, Request: raw, Types: c.Types}
	return a.moveOut(q, c.Out, c.Force, print, "")
}

// readSmall reads a request, which is small; a pipe or a device will do.
func readSmall(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, cxp.MaxRequestSize+1))
	if err == nil && len(raw) > cxp.MaxRequestSize {
		return nil, fmt.Errorf("%s is no request: those have at most %d bytes", path, cxp.MaxRequestSize)
	}
	return raw, err
}

type backupCmd struct {
	File  string `arg:"" help:"The file to write."`
	Force bool   `help:"Replace the file if it exists."`
}

// Run implements the command. The agent reads the backup back before it gives it out, and the file is read back here.
func (c backupCmd) Run(a *app) error {
	return a.moveOut(protocol.TransferExport{Kind: protocol.TransferBackup}, c.File, c.Force, nil, "")
}

type cxfCmd struct {
	Import cxfImportCmd `cmd:"" help:"Take in a CXF document that another app wrote."`
	Export cxfExportCmd `cmd:"" help:"Write a CXF document WITHOUT ENCRYPTION, or a zip of it and the files attached to entries."`
}

type cxfExportCmd struct {
	File  string   `arg:"" help:"The file to write; .zip where files are attached to entries."`
	Types []string `help:"Only these kinds (passkey, basic-auth, totp, …)." placeholder:"TYPE"`
	Force bool     `help:"Replace the file if it exists."`
}

const plainWarning = `WARNING: this file will hold your passkeys and passwords WITHOUT ENCRYPTION. Anyone who gets it can sign in as you.
Use "keyferry cxp export" if the other app can make a request, or "keyferry backup" for a backup.`

// Run implements the command.
func (c cxfExportCmd) Run(a *app) error {
	return a.moveOut(protocol.TransferExport{Kind: protocol.TransferPlain, Types: c.Types}, c.File, c.Force, nil, plainWarning)
}

// moveOut does what the three ways out have in common.
func (a *app) moveOut(q protocol.TransferExport, path string, force bool, print func() (cxp.Fingerprint, error), warning string) error {
	file, err := createOut(path, force)
	if err != nil {
		return err
	}
	defer file.abort()
	m, err := a.openMover()
	if err != nil {
		return err
	}
	defer m.close()
	if err := m.export(q); err != nil {
		return err
	}
	if warning != "" {
		fmt.Fprintln(os.Stderr, warning)
		if err := a.confirm("Write it all the same?"); err != nil {
			return err
		}
	}
	groups, err := m.groups("The importer's screen", print)
	if err != nil {
		return err
	}
	if err := m.start(groups); err != nil {
		return err
	}
	if err := m.download(file); err != nil {
		return err
	}
	if q.Kind == protocol.TransferPlain {
		file.nameAsZip()
	}
	if err := file.commit(); err != nil {
		return err
	}
	out := wrote{File: file.path, Size: m.now.Size, Fingerprint: m.now.Fingerprint, Counts: m.now.Counts, LeftOut: m.now.LeftOut, Remarks: m.now.Remarks}
	if m.now.Claim != nil {
		out.To = m.now.Claim.Name
	}
	return a.print(out, func(w io.Writer) {
		fmt.Fprintf(w, "Written: %s (%d bytes).\n", out.File, out.Size)
		switch m.now.Kind {
		case protocol.TransferPlain:
			if out.File != path {
				fmt.Fprintln(w, "It is an archive, since files are attached to some entries.")
			}
		case protocol.TransferSealed:
			fmt.Fprintf(w, "\n    Fingerprint: %s\n\nThe importer's side asks for three of these groups. Your passkeys stay here, too.\n", out.Fingerprint)
		case protocol.TransferBackup:
			fmt.Fprintln(w, "It was read back and is whole. `keyferry restore` opens it with its passphrase.")
		}
		if len(out.Remarks) > 0 {
			fmt.Fprintln(w, "What stayed behind or is otherwise there:")
			remarksText(w, out.Remarks)
		}
	})
}

const dressedUp = "WATCH OUT: this name holds characters that make it look like another one."

// leavingText says what is about to leave, and to whom.
func leavingText(w io.Writer, t protocol.Transfer) {
	if c := t.Claim; c != nil {
		fmt.Fprintf(w, "Asked for by: %s", c.Name)
		if c.DisplayName != "" {
			fmt.Fprintf(w, " (%s)", c.DisplayName)
		}
		fmt.Fprintln(w, ". That is its own claim.")
		if c.Suspicious {
			fmt.Fprintln(w, dressedUp)
		}
	}
	if t.Suite != "" {
		fmt.Fprintf(w, "Sealed with:  %s\n", t.Suite)
		if t.Classical {
			fmt.Fprintln(w, "              (no protection against quantum computers: the importer offers none)")
		}
	}
	fmt.Fprintf(w, "Will leave:   %s\n", countsText(t.Counts))
	if t.LeftOut > 0 {
		fmt.Fprintf(w, "Will stay:    %d that must not or can't leave\n", t.LeftOut)
	}
	if t.Excluded > 0 {
		fmt.Fprintf(w, "              %d of them because the other app does not take logins for their sites\n", t.Excluded)
	}
	remarksText(w, t.Remarks)
}

func countsText(counts map[string]int) string {
	var parts []string
	for _, typ := range slices.Sorted(maps.Keys(counts)) {
		if n := counts[typ]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, typ))
		}
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}

// shown makes a text fit for a terminal.
func shown(s string) string { return consent.Clean(s, 300) }

const shownRemarks = 20

func remarksText(w io.Writer, remarks []string) {
	for i, r := range remarks {
		if i == shownRemarks {
			fmt.Fprintf(w, "  … and %d more (--json has them)\n", len(remarks)-i)
			return
		}
		fmt.Fprintf(w, "  - %s\n", consent.Clean(r, 1000))
	}
}
