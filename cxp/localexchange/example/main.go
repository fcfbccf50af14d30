// Command example is a whole provider for the direct exchange, to start from: its vault is one CXF document in a file.
//
//	example --yes vault.json register    # once
//	example --yes vault.json             # what other apps start
//
// It says yes to everything with --yes and no without: where your app asks its person, see consent.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/keyferry/keyferry/cxp"
	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/localexchange"
)

const rpID = "example.invalid"

// vault is the file, and whether the person agrees.
type vault struct {
	file  string
	agree bool
}

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "example:", err) // stdout is the exchange
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	v := vault{agree: slices.Contains(args, "--yes")}
	args = slices.DeleteFunc(args, func(a string) bool { return a == "--yes" })
	if len(args) == 0 || !filepath.IsAbs(args[0]) {
		return errors.New("usage: example [--yes] /path/to/vault.json [register]")
	}
	v.file = args[0]
	if len(args) > 1 && args[1] == "register" {
		return v.register()
	}
	conn, _, err := localexchange.Accept(localexchange.Limits{})
	if err != nil {
		return err
	}
	peer, err := conn.Hello(ctx, localexchange.Hello{RPID: rpID, DisplayName: "Example"}) // the role follows from the peer's
	if err != nil {
		return err
	}
	if peer.Role == localexchange.RoleImporter {
		_, err = conn.Export(ctx, localexchange.ExportSide{Answer: v.answer})
		return err
	}
	pending, err := cxp.NewRequest(cxp.RequestOptions{Mode: cxp.Direct, Importer: rpID, DisplayName: "Example"})
	if err != nil {
		return err
	}
	_, err = conn.Import(ctx, localexchange.ImportSide{
		Request: pending,
		Offered: func(_ context.Context, peer localexchange.Hello, o localexchange.Offer) error {
			return v.consent(fmt.Sprintf("take %v from %s", o.Counts, peer.RPID))
		},
		Take: func(ctx context.Context, envelope []byte, payload io.Reader) (*localexchange.Result, error) {
			return v.take(ctx, pending, envelope, payload)
		},
	})
	return err
}

// consent is where an app shows a dialog of its own. Names that peers give themselves are claims: say so.
func (v vault) consent(what string) error {
	fmt.Fprintf(os.Stderr, "example: asked to %q: %v\n", what, v.agree)
	if !v.agree {
		return localexchange.ErrRefused
	}
	return nil
}

func (v vault) register() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	folder, err := localexchange.UserFolder()
	if err != nil {
		return err
	}
	return localexchange.Register(localexchange.Folder{Path: folder}, localexchange.Registration{
		RPID: rpID, DisplayName: "Example", Roles: []localexchange.Role{localexchange.RoleImporter, localexchange.RoleExporter},
		Command: []string{self, "--yes", v.file},
	})
}

// answer is the exporter's side: what is in the file, sealed for the importer.
func (v vault) answer(_ context.Context, peer localexchange.Hello, q *cxp.Request) (*cxp.Exporter, error) {
	if err := v.consent("give everything to " + peer.RPID); err != nil {
		return nil, err
	}
	raw, err := os.ReadFile(v.file)
	if err != nil {
		return nil, err
	}
	doc, _, err := cxf.Read(bytes.NewReader(raw), nil)
	if err != nil {
		return nil, err
	}
	doc.ExporterRPID = rpID
	return cxp.NewExporter(q, cxp.ExportOptions{Document: doc})
}

// take is the importer's side: nothing is stored before everything was verified, and then at once.
func (v vault) take(ctx context.Context, pending *cxp.Pending, envelope []byte, payload io.Reader) (*localexchange.Result, error) {
	im, err := pending.OpenParts(ctx, envelope, payload, cxp.OpenOptions{})
	if err != nil {
		return nil, err
	}
	if err := im.Drain(); err != nil { // attached files are not kept here
		return nil, err
	}
	temp := v.file + ".new"
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	_, err = cxf.Write(f, im.Document(), nil)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, err
	}
	if err := os.Rename(temp, v.file); err != nil {
		return nil, err
	}
	result := &localexchange.Result{Accepted: im.Report().Items}
	for _, d := range im.Report().Diagnostics {
		if d.Severity == cxf.Problem && len(d.Path) > 0 {
			result.Skipped = append(result.Skipped, localexchange.Skipped{Title: d.Path[0], Reason: d.Message})
		}
	}
	return result, pending.Commit()
}
