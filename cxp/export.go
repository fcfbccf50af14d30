package cxp

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/go-json-experiment/json"

	"github.com/keyferry/keyferry/cxp/cxf"
)

// FileSource opens the content of an attached file of the document being exported. It may return
// ErrNoFile (wrapped or not) for a file whose content is gone; that file is then left out and reported.
// It may be asked twice for one file.
type FileSource func(ctx context.Context, f cxf.File) (io.ReadCloser, error)

// ExportOptions say what to export.
type ExportOptions struct {
	// Document is written as the index. Its ExporterRPID names the exporter. Required.
	Document *cxf.Header
	// CXF tunes the document's writer: which types, items that are yielded one by one rather than held
	// in Document. Its Items may be asked twice and must then yield the same.
	CXF *cxf.WriteOptions
	// Files gives the content of the document's file credentials; nil means there is none.
	Files FileSource
	// Confirmation is the answer to a Challenge of the request's fingerprint: required when the
	// request's mode is Indirect.
	Confirmation *Confirmation
	// Progress counts the bytes written; the total is unknown.
	Progress Progress

	rand io.Reader // tests make vectors with it
}

// ExportResult says what was written.
type ExportResult struct {
	// Fingerprint of the whole response, to be shown to the person; zero from WritePayload, which does
	// not see the whole.
	Fingerprint Fingerprint
	// Size is what was written, in bytes.
	Size int64
	// Report is what the CXF writer wrote and left out.
	Report *cxf.Report
	// Files counts the attached files written, Missing lists those without content.
	Files   int
	Missing []cxf.File
}

// Exporter answers one request. The person has agreed when one is made: it is about to encrypt.
type Exporter struct {
	options  ExportOptions
	sealer   sealer
	suite    Suite
	envelope []byte
}

// NewExporter prepares the answer to a request with the first of its suites that we support. It fails
// with ErrNoSuite, ErrMissingKey, ErrBadKey, ErrMode, and with ErrNotConfirmed as long as nobody typed
// groups of an indirect request's fingerprint. Credentials of types that the request did not ask for
// stay here, whatever the options say.
func NewExporter(q *Request, o ExportOptions) (*Exporter, error) {
	switch q.mode {
	case Indirect:
		if !o.Confirmation.covers(q.Fingerprint()) {
			return nil, fmt.Errorf("answering a request: %w", ErrNotConfirmed)
		}
	case Direct:
	default:
		return nil, fmt.Errorf("a backup answers no request: %w", ErrMode)
	}
	chosen, err := q.choose()
	if err != nil {
		return nil, err
	}
	if o.rand == nil {
		o.rand = rand.Reader
	}
	o.Document, o.CXF = restrict(q, o.Document, o.CXF)
	s := &hpkeSealer{suite: chosen.suite, public: chosen.public, digest: q.digest, rand: o.rand}
	return newExporter(s, chosen.suite, o)
}

func newExporter(s sealer, suite Suite, o ExportOptions) (*Exporter, error) {
	if o.Document == nil {
		return nil, fmt.Errorf("nothing to export: %w", ErrSyntax)
	}
	if name := o.Document.ExporterRPID; name == "" || len(name) > maxNameSize {
		return nil, fmt.Errorf("the document's exporterRpId must have 1 to %d bytes: %w", maxNameSize, ErrSyntax)
	}
	version, empty := int64(Version), ""
	env := envelope{Version: &version, Archive: archiveValue, Exporter: o.Document.ExporterRPID, Payload: &empty}
	if suite != 0 {
		kem, kdf, aead := suite.IDs()
		env.HPKE = &envelopeSuite{modeBase, int64(kem), int64(kdf), int64(aead)}
	}
	raw, err := json.Marshal(struct { // a payload that is empty must still be there
		Version  *int64         `json:"version"`
		HPKE     *envelopeSuite `json:"hpke,omitzero"`
		Archive  string         `json:"archive"`
		Exporter string         `json:"exporter"`
		Payload  string         `json:"payload"`
	}{env.Version, env.HPKE, env.Archive, env.Exporter, ""})
	if err != nil {
		return nil, fmt.Errorf("encoding the response: %w", err)
	}
	return &Exporter{options: o, sealer: s, suite: suite, envelope: raw}, nil
}

// Suite is the suite of the answer; 0 for a backup.
func (e *Exporter) Suite() Suite { return e.suite }

// Envelope is the response with an empty payload, for a direct transport that carries the payload
// beside it (see WritePayload).
func (e *Exporter) Envelope() []byte { return bytes.Clone(e.envelope) }

// WriteResponse writes the whole response as one JSON document. On error, what was written is
// worthless and should be removed.
func (e *Exporter) WriteResponse(ctx context.Context, w io.Writer) (*ExportResult, error) {
	digest := sha256.New()
	count := &progressWriter{w: io.MultiWriter(&contextWriter{ctx, w}, digest), progress: e.options.Progress}
	out := bufio.NewWriterSize(count, 64<<10)
	head, tail := e.envelope[:len(e.envelope)-2], e.envelope[len(e.envelope)-2:]
	if _, err := out.Write(head); err != nil {
		return nil, fmt.Errorf("writing the response: %w", err)
	}
	payload := newB64Writer(out)
	res, err := e.writeZip(ctx, payload)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(payload.Close(), writeAll(out, tail), out.Flush()); err != nil {
		return nil, fmt.Errorf("writing the response: %w", err)
	}
	res.Fingerprint = fingerprintOf([32]byte(digest.Sum(nil)))
	res.Size = count.n
	return res, nil
}

// WritePayload writes the payload's zip alone, not encoded. On error, what was written is worthless.
func (e *Exporter) WritePayload(ctx context.Context, w io.Writer) (*ExportResult, error) {
	count := &progressWriter{w: &contextWriter{ctx, w}, progress: e.options.Progress}
	out := bufio.NewWriterSize(count, 64<<10)
	res, err := e.writeZip(ctx, out)
	if err != nil {
		return nil, err
	}
	if err := out.Flush(); err != nil {
		return nil, fmt.Errorf("writing the payload: %w", err)
	}
	res.Size = count.n
	return res, nil
}

func writeAll(w io.Writer, p []byte) error {
	_, err := w.Write(p)
	return err
}

func (e *Exporter) writeZip(ctx context.Context, w io.Writer) (*ExportResult, error) {
	archive := zip.NewWriter(w)
	res := &ExportResult{}
	packed, total, err := deflate(func(w io.Writer) (err error) {
		res.Report, err = writeDocument(&contextWriter{ctx, w}, e.options.Document, e.options.CXF)
		return err
	}, MaxIndexSize)
	if err != nil {
		return nil, fmt.Errorf("writing the document: %w", err)
	}
	if err := e.add(archive, indexName, packed); err != nil {
		return nil, err
	}
	packed = nil // a large document must not stay while files pass
	files, err := exportedFiles(res.Report)
	if err != nil {
		return nil, err
	}
	if len(files)+1 > MaxEntries {
		return nil, fmt.Errorf("%d attached files: %w", len(files), ErrTooLarge)
	}
	for _, f := range files {
		n, err := e.addFile(ctx, archive, f)
		if errors.Is(err, ErrNoFile) {
			res.Missing = append(res.Missing, f)
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("attached file %s: %w", f.ID, err)
		}
		if total += n; total > MaxTotalSize {
			return nil, fmt.Errorf("document and files of over %d bytes: %w", MaxTotalSize, ErrTooLarge)
		}
		res.Files++
	}
	if err := archive.Close(); err != nil {
		return nil, fmt.Errorf("writing the archive: %w", err)
	}
	return res, nil
}

// addFile adds one attached file, which must be what its credential says.
func (e *Exporter) addFile(ctx context.Context, archive *zip.Writer, f cxf.File) (int64, error) {
	if e.options.Files == nil {
		return 0, ErrNoFile
	}
	id, err := fileIDOf(f)
	if err != nil {
		return 0, err
	}
	packed, n, err := deflate(func(w io.Writer) error {
		r, err := e.options.Files(ctx, f)
		if err != nil {
			return err
		}
		sum := sha256.New()
		_, err = io.Copy(io.MultiWriter(w, sum), withContext(ctx, r))
		if err := errors.Join(err, r.Close()); err != nil {
			return err
		}
		if subtle.ConstantTimeCompare(sum.Sum(nil), f.IntegrityHash) != 1 {
			return ErrIntegrity
		}
		return nil
	}, MaxFileSize)
	if err != nil {
		return 0, err
	}
	return n, e.add(archive, fileName(id), packed)
}

// add seals one entry and stores it. Size and checksum go into the local header, so that an importer
// can read front to back.
func (e *Exporter) add(archive *zip.Writer, name string, packed []byte) error {
	text, err := e.sealer.seal(name, packed)
	clear(packed)
	if err != nil {
		return err
	}
	sum := crc32.NewIEEE()
	if err := text.writeTo(sum); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	entry, err := archive.CreateRaw(&zip.FileHeader{
		Name: name, Method: zip.Store, CRC32: sum.Sum32(),
		CompressedSize64: text.size(), UncompressedSize64: text.size(),
		CreatorVersion: 20, ReaderVersion: 20,
		// 1 January 1980, the first day that zip knows: when is nobody's business.
		//lint:ignore SA1019 CreateRaw writes this field and never looks at Modified
		ModifiedDate: 1<<5 | 1,
	})
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	if err := text.writeTo(entry); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return nil
}

type progressWriter struct {
	w        io.Writer
	n        int64
	progress Progress
}

func (p *progressWriter) Write(b []byte) (int, error) {
	n, err := p.w.Write(b)
	p.n += int64(n)
	if p.progress != nil {
		p.progress(p.n, 0)
	}
	return n, err
}
