package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/keyferry/keyferry/host/protocol"
)

// foreignCommands move credentials from and to the files of other password managers.
type foreignCommands struct {
	Import importCmd `cmd:"" help:"Take in another manager's file, or what another app of this computer has: Bitwarden, KeePass, Proton Pass, KeePassXC, AliasVault, 1Password, a CSV."`
	Export exportCmd `cmd:"" help:"Write an encrypted file that another manager can import, or hand over to another app of this computer."`

	Providers providersCmd `cmd:"" help:"List the apps of this computer with which passkeys can be exchanged directly."`
}

type importCmd struct {
	File     string `arg:"" optional:"" help:"The file. What it is is found out by its content."`
	From     string `help:"Fetch from this app of this computer instead (see keyferry providers --from): its name, or rather its rpId." placeholder:"APP"`
	choosing `embed:""`

	KeyFile    string `help:"The key file of a KeePass database." placeholder:"FILE"`
	NoPassword bool   `help:"The KeePass database has no password, only the key file."`
}

// Run implements the command.
func (c importCmd) Run(a *app) error {
	if (c.From == "") == (c.File == "") {
		return errors.New("name a file, or an app by --from")
	}
	if c.From != "" {
		return a.importFrom(c.From, c.choosing)
	}
	key, err := c.key()
	if err != nil {
		return err
	}
	defer clear(key.keyFile)
	q := protocol.TransferImport{Kind: protocol.TransferFile, Name: filepath.Base(c.File)}
	b, err := a.moveInWith(q, c.File, c.choosing, key)
	if err != nil {
		return err
	}
	return a.offerDeletion(b, q)
}

// key reads the key file.
func (c importCmd) key() (fileKey, error) {
	if c.KeyFile == "" {
		if c.NoPassword {
			return fileKey{}, errors.New("without a password there has to be a key file: --key-file FILE")
		}
		return fileKey{}, nil
	}
	f, err := os.Open(c.KeyFile)
	if err != nil {
		return fileKey{}, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, protocol.MaxKeyFile+1))
	switch {
	case err != nil:
		return fileKey{}, err
	case len(raw) == 0 || len(raw) > protocol.MaxKeyFile:
		return fileKey{}, fmt.Errorf("%s is no key file: those have between 1 and %d bytes", c.KeyFile, protocol.MaxKeyFile)
	}
	return fileKey{raw, c.NoPassword}, nil
}

type exportCmd struct {
	To    string   `help:"Hand over to this app of this computer (see keyferry providers): its name, or rather its rpId." placeholder:"APP"`
	For   string   `help:"Who is to read it: bitwarden, keepass, proton, or cxf (NOT encrypted; a zip where files are attached)." enum:"bitwarden,keepass,proton,cxf"`
	File  string   `arg:"" optional:"" help:"The file to write."`
	Types []string `help:"Only these kinds (passkey, basic-auth, totp, …)." placeholder:"TYPE"`
	Force bool     `help:"Replace the file if it exists."`
}

// Run implements the command.
func (c exportCmd) Run(a *app) error {
	switch {
	case c.To != "" && (c.For != "" || c.File != ""):
		return errors.New("hand over to an app by --to, or write a file by --for; not both")
	case c.To != "":
		return a.exportTo(c.To, c.Types)
	case c.For == "" || c.File == "":
		return errors.New("say for whom the file is (--for) and name it, or name an app by --to")
	}
	if c.For == "cxf" {
		return cxfExportCmd{File: c.File, Types: c.Types, Force: c.Force}.Run(a)
	}
	format := map[string]string{"bitwarden": "bitwarden", "keepass": "kdbx", "proton": "protonpass"}[c.For]
	return a.moveOut(protocol.TransferExport{Kind: protocol.TransferFile, Format: format, Types: c.Types}, c.File, c.Force, nil, "")
}
