package cxfjson

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
)

const lossFile = "An attached file is not there any more"

// Losses implements formats.Writer.
func (Format) Losses(ctx context.Context, d *formats.Document) ([]formats.Loss, error) {
	report, err := index(ctx, io.Discard, d, &formats.WriteOptions{})
	if err != nil {
		return nil, err
	}
	r := sum(report)
	for _, f := range report.Files {
		src, err := open(ctx, d, f.File)
		if err != nil {
			return nil, err
		}
		if src == nil {
			gone(r, f)
		} else if err := src.Close(); err != nil {
			return nil, fmt.Errorf("opening an attached file: %w", err)
		}
	}
	return r.Losses(), nil
}

// Write implements formats.Writer: JSON, or a zip where there are attached files. Passphrase and KDF are not regarded, since
// nothing is encrypted.
func (Format) Write(ctx context.Context, dst io.Writer, d *formats.Document, o formats.WriteOptions) (*formats.Written, error) {
	files, err := hasFiles(d)
	if err != nil {
		return nil, err
	}
	if !files {
		report, err := index(ctx, dst, d, &o)
		if err != nil {
			return nil, err
		}
		r := sum(report)
		return &formats.Written{Report: r.Report(), Losses: r.Losses(), Extension: ".json"}, nil
	}
	archive := zip.NewWriter(dst)
	entry, err := create(archive, indexName, o.Time())
	if err != nil {
		return nil, err
	}
	report, err := index(ctx, entry, d, &o)
	if err != nil {
		return nil, err
	}
	r := sum(report)
	for _, f := range report.Files {
		if err := attach(ctx, archive, d, f, o.Time(), r); err != nil {
			return nil, err
		}
	}
	if err := archive.Close(); err != nil {
		return nil, fmt.Errorf("writing the archive: %w", err)
	}
	return &formats.Written{Report: r.Report(), Losses: r.Losses(), Extension: ".zip"}, nil
}

func create(archive *zip.Writer, name string, now time.Time) (io.Writer, error) {
	entry, err := archive.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: now})
	if err != nil {
		return nil, fmt.Errorf("writing the archive: %w", err)
	}
	return entry, nil
}

// index writes the document itself.
func index(ctx context.Context, dst io.Writer, d *formats.Document, o *formats.WriteOptions) (*cxf.Report, error) {
	w := &cxf.WriteOptions{Now: o.Time(), MaxDiagnostics: formats.MaxDiagnostics}
	if d.Items != nil {
		w.Items = func(account int) func(func(*cxf.Item, error) bool) { return d.Items(account) }
	}
	return cxf.Write(&contextWriter{ctx, dst}, d.Header, w)
}

type contextWriter struct {
	ctx context.Context // a writer's life is one call
	w   io.Writer
}

func (c *contextWriter) Write(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.w.Write(p)
}

// hasFiles says whether a zip is needed.
func hasFiles(d *formats.Document) (bool, error) {
	for e, err := range d.All() {
		if err != nil {
			return false, err
		}
		for _, c := range e.Item.Credentials {
			if _, ok := c.(*cxf.File); ok {
				return true, nil
			}
		}
	}
	return false, nil
}

// open opens a file's content; nil where it is gone.
func open(ctx context.Context, d *formats.Document, f cxf.File) (io.ReadCloser, error) {
	if d.Files == nil {
		return nil, nil
	}
	src, err := d.Files(ctx, f)
	if errors.Is(err, formats.ErrNoFile) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("opening an attached file: %w", err)
	}
	return src, nil
}

// attach writes one file.
func attach(ctx context.Context, archive *zip.Writer, d *formats.Document, f cxf.FileRef, now time.Time, r *formats.Recorder) error {
	src, err := open(ctx, d, f.File)
	if err != nil {
		return err
	}
	if src == nil {
		gone(r, f)
		return nil
	}
	dst, err := create(archive, filesName+f.File.ID, now)
	if err == nil {
		_, err = io.Copy(dst, formats.WithContext(ctx, src))
	}
	if e := src.Close(); err == nil {
		err = e
	}
	if err != nil {
		return fmt.Errorf("writing an attached file: %w", err)
	}
	return nil
}

func gone(r *formats.Recorder, f cxf.FileRef) {
	r.Lose(lossFile, cxf.Diagnostic{
		Severity: cxf.Problem, Code: formats.CodeFile, Path: []string{"file " + f.File.Name}, Message: "its content is gone",
		Account: f.Account, Item: -1, Credential: -1, ItemID: f.ItemID,
	})
}

// sum turns what the writer reported into losses.
func sum(report *cxf.Report) *formats.Recorder {
	r := formats.NewRecorder()
	diagnostics := report.Diagnostics
	*r.Report() = *report
	r.Report().Diagnostics = nil
	for _, d := range diagnostics {
		if sentence := sentenceOf(d.Code); d.Severity > cxf.Notice {
			r.Lose(sentence, d)
		} else {
			r.Add(d)
		}
	}
	return r
}

func sentenceOf(code cxf.Code) string {
	switch code {
	case cxf.CodeCounter:
		return "CXF takes no passkeys with a signature counter"
	case cxf.CodeNotOwned:
		return "CXF takes nothing that belongs to somebody else"
	case cxf.CodeKey:
		return "CXF takes no passkeys whose key cannot be used"
	}
	return "CXF has no place for what breaks its rules"
}
