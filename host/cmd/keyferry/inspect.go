package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/keyferry/keyferry/cxp"
	"github.com/keyferry/keyferry/cxp/cxf"
)

type cxpInspectCmd struct {
	File string `arg:"" help:"A request, a sealed file, a backup, or a CXF document."`
}

// inspected is all that can be known of a file without a key. Names are claims. Nothing in it is a secret.
type inspected struct {
	Kind        string         `json:"kind"` // "request", "response", "backup", "document" or "error"
	Size        int64          `json:"size"`
	Name        string         `json:"name,omitempty"`        // of the importer or exporter
	DisplayName string         `json:"displayName,omitempty"` // importer
	Suspicious  bool           `json:"suspicious,omitempty"`
	Mode        string         `json:"mode,omitempty"`
	Suites      []string       `json:"suites,omitempty"`
	Types       []string       `json:"types,omitempty"` // that a request asks for
	AllTypes    bool           `json:"allTypes,omitempty"`
	Fingerprint string         `json:"fingerprint,omitempty"`
	Entries     int            `json:"entries,omitempty"` // sealed parts
	KDF         *cxp.KDF       `json:"kdf,omitempty"`
	Counts      map[string]int `json:"counts,omitempty"` // documents: credentials by type
	Items       int            `json:"items,omitempty"`
	Unreadable  int            `json:"unreadable,omitempty"`
	Remarks     []string       `json:"remarks,omitempty"`
	Error       string         `json:"error,omitempty"` // an error response's code
}

// Run implements the command. It asks neither the agent nor the person. A request's own fingerprint is not shown: it is
// to be read from the screen of whoever made it.
func (c cxpInspectCmd) Run(a *app) error {
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	out, err := inspect(a, f)
	if err != nil {
		return err
	}
	return a.print(out, out.text)
}

func inspect(a *app, f io.ReadSeeker) (*inspected, error) {
	head, err := io.ReadAll(io.LimitReader(f, cxp.MaxRequestSize+1))
	if err != nil {
		return nil, err
	}
	if q, err := cxp.ParseRequest(head); err == nil {
		return inspectRequest(q), nil
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	resp, err := cxp.ScanResponse(a.ctx, f, nil)
	var refused *cxp.PeerError
	switch {
	case err == nil:
		return inspectResponse(resp), nil
	case errors.As(err, &refused):
		return &inspected{Kind: "error", Size: int64(len(head)), Error: string(refused.Code)}, nil
	}
	scanErr := err
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	h, report, err := cxf.Read(f, &cxf.ReadOptions{OnItem: func(int, cxf.Item) error { return nil }})
	if err != nil {
		if bytes.Contains(head, []byte(`"payload"`)) {
			return nil, fmt.Errorf("this looks like a sealed file, but: %w", scanErr)
		}
		return nil, fmt.Errorf("%w: %w", errNothingKnown, err)
	}
	out := &inspected{Kind: "document", Name: plain(h.ExporterRPID), DisplayName: plain(h.ExporterDisplayName), Items: report.Items, Unreadable: report.Unreadable, Counts: map[string]int{}}
	for t, n := range report.Credentials {
		out.Counts[string(t)] = n
	}
	for _, d := range report.Strings() {
		out.Remarks = append(out.Remarks, shown(d))
	}
	return out, nil
}

func inspectRequest(q *cxp.Request) *inspected {
	display := q.DisplayName()
	out := &inspected{
		Kind: "request", Size: int64(len(q.Bytes())), Name: q.Importer().Text(), DisplayName: display.Text(),
		Suspicious: q.Importer().Suspicious() || display.Suspicious(), Mode: string(q.Mode()),
	}
	for _, s := range q.Suites() {
		out.Suites = append(out.Suites, s.String())
	}
	types, all := q.CredentialTypes()
	out.AllTypes = all
	for _, t := range types {
		out.Types = append(out.Types, plain(t))
	}
	return out
}

func inspectResponse(r *cxp.Response) *inspected {
	out := &inspected{
		Kind: "response", Size: r.Size(), Name: r.Exporter().Text(), Suspicious: r.Exporter().Suspicious(), Entries: len(r.Entries()),
	}
	if kdf, ok := r.KDF(); ok {
		out.Kind, out.KDF = "backup", &kdf
		return out
	}
	out.Suites = []string{r.Suite().String()}
	return out
}

func (i *inspected) text(w io.Writer) {
	line := func(name string, value any) { fmt.Fprintf(w, "%-13s%v\n", name+":", value) }
	line("Kind", map[string]string{
		"request": "a request for credentials", "response": "a sealed answer to a request", "backup": "an encrypted backup",
		"document": "a CXF document, NOT ENCRYPTED", "error": "a refusal",
	}[i.Kind])
	if i.Name != "" {
		line("Claims to be", i.Name)
	}
	if i.DisplayName != "" {
		line("Called", i.DisplayName)
	}
	if i.Suspicious {
		line("WATCH OUT", "the name holds characters that make it look like another one")
	}
	if i.Size > 0 {
		line("Size", i.Size)
	}
	for _, s := range i.Suites {
		line("Encryption", s)
	}
	if i.Kind == "request" {
		if i.AllTypes {
			line("Asks for", "everything")
		} else {
			line("Asks for", i.Types)
		}
	}
	if i.KDF != nil {
		line("Passphrase", fmt.Sprintf("Argon2id, %d MiB, %d passes", i.KDF.Memory>>10, i.KDF.Time))
	}
	if i.Entries > 0 {
		line("Parts", i.Entries)
	}
	if i.Counts != nil {
		line("Holds", countsText(i.Counts))
	}
	if i.Unreadable > 0 {
		line("Unreadable", i.Unreadable)
	}
	if i.Error != "" {
		line("Reason", i.Error)
	}
	remarksText(w, i.Remarks)
}
