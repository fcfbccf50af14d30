// Package cxfjson reads and writes documents of the Credential Exchange Format as plain files, without the protocol that would
// encrypt them: JSON, a header or a bare account, or a zip of index.json with the attached files beside it as documents/ID. The
// standard defines no such zip; this is what is found in the field, together with cxf.json and payload.json for the document.
//
// Nothing of it is encrypted. Writing it is for people who insist, and for programs that are fed at once.
package cxfjson

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
)

// Format is CXF in plain files.
type Format struct{}

// ID implements formats.Format.
func (Format) ID() string { return "cxf" }

// Name implements formats.Format.
func (Format) Name() string { return "Credential Exchange Format (CXF)" }

// Holds implements formats.Format.
func (Format) Holds() formats.Holds {
	return formats.Holds{Passkeys: true, PRF: true, Passwords: true, Others: true, Files: true, Folders: true}
}

// Names in the archive.
const (
	indexName = "index.json"
	filesName = "documents/"
)

// findIndex finds the document in an archive.
func findIndex(z *formats.Zip) string {
	for _, base := range []string{indexName, "cxf.json", "payload.json"} {
		if name := z.Find(base); name != "" {
			return name
		}
	}
	return ""
}

// Detect implements formats.Format.
func (Format) Detect(p *formats.Probe) formats.Confidence {
	if !p.IsZip() {
		return judge(p.JSON())
	}
	z := p.Zip()
	if z == nil {
		return formats.No
	}
	if name := findIndex(z); name != "" {
		return judge(p.ZipJSON(name))
	}
	return formats.No
}

func judge(members []formats.ProbeMember) formats.Confidence {
	has := func(name string, kind byte) bool { return formats.Has(members, name, kindOf(kind)) }
	switch {
	case has("accounts", '[') && (has("exporterRpId", 0) || has("version", 0) || has("timestamp", 0)):
		return formats.Certain
	case has("payload", '"') && !has("hpke", 0) && !has("exporter", 0):
		return formats.Possible
	case has("items", '[') && !has("encrypted", 0) && !has("folders", 0) && !has("hpke", 0):
		return formats.Possible // a bare account may have nothing else
	}
	return formats.No
}

// Read implements formats.Format.
func (f Format) Read(ctx context.Context, in *formats.Input) (*formats.Result, error) {
	p, err := formats.NewProbe(in)
	if err != nil {
		return nil, err
	}
	result := &formats.Result{Format: f.ID(), Plaintext: true}
	if !p.IsZip() {
		if err := in.CheckSize(formats.MaxDocument); err != nil {
			return nil, err
		}
		result.Header, result.Report, err = read(in, in.Reader(ctx, true))
		if err != nil {
			return nil, err
		}
		missing(result, func(string) bool { return false })
		return result, nil
	}
	z, err := formats.OpenZip(in.ReaderAt, in.Size)
	if err != nil {
		return nil, err
	}
	index := findIndex(z)
	if index == "" {
		return nil, fmt.Errorf("there is no %s in the archive: %w", indexName, formats.ErrNotThis)
	}
	src, err := z.Open(index)
	if err != nil {
		return nil, err
	}
	defer src.Close() // only read
	result.Variant = "zip with attached files"
	if result.Header, result.Report, err = read(in, formats.WithContext(ctx, src)); err != nil {
		return nil, err
	}
	files := fileNames(z, strings.TrimSuffix(index, index[strings.LastIndex(index, "/")+1:]))
	missing(result, func(id string) bool { return files[id] != "" })
	result.Files = func(ctx context.Context, f cxf.File) (io.ReadCloser, error) {
		r, err := z.Open(files[f.ID])
		if err != nil {
			return nil, err
		}
		return struct {
			io.Reader
			io.Closer
		}{formats.WithContext(ctx, r), r}, nil
	}
	return result, nil
}

// read reads the document, and gives its errors the meaning they have for all formats.
func read(in *formats.Input, text io.Reader) (*cxf.Header, *cxf.Report, error) {
	h, report, err := cxf.Read(text, &cxf.ReadOptions{
		MaxBytes: formats.MaxDocument, MaxDepth: formats.MaxDepth, MaxItems: formats.MaxItems, MaxDiagnostics: formats.MaxDiagnostics,
		OnItem: in.OnItem,
	})
	return h, report, meaning(err)
}

// fileNames finds the attached files: documents/ID beside the document, whatever the ending.
func fileNames(z *formats.Zip, folder string) map[string]string {
	out := map[string]string{}
	for _, name := range z.Names() {
		if id, ok := strings.CutPrefix(name, folder+filesName); ok && !strings.Contains(id, "/") {
			id, _, _ = strings.Cut(id, ".")
			out[id] = name
		}
	}
	return out
}

// missing reports attached files that are not there.
func missing(r *formats.Result, there func(id string) bool) {
	for _, f := range r.Report.Files {
		if there(f.File.ID) {
			continue
		}
		if len(r.Report.Diagnostics) >= formats.MaxDiagnostics {
			r.Report.Dropped++
			continue
		}
		r.Report.Diagnostics = append(r.Report.Diagnostics, cxf.Diagnostic{
			Severity: cxf.Problem, Code: formats.CodeFile, Path: []string{"file " + formats.Plain(f.File.Name)},
			Message: "is not in the export", Account: f.Account, Item: -1, Credential: -1, ItemID: f.ItemID,
		})
	}
}

var _ formats.Writer = Format{}
