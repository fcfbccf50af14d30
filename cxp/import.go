package cxp

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"github.com/keyferry/keyferry/cxp/cxf"
)

// OpenOptions are the person's decisions before a response is opened.
type OpenOptions struct {
	// Confirmation is the answer to a Challenge of the response's fingerprint: required when the
	// request's mode is Indirect.
	Confirmation *Confirmation
	// AcceptClassical is the person's yes to an answer without post-quantum protection to a request
	// that offered it (see DowngradeError).
	AcceptClassical bool
	// CXF tunes the document's reader, e.g. to be given items one by one: stage those, since the response
	// may still turn out to be bad. Its MaxBytes is always MaxIndexSize.
	CXF *cxf.ReadOptions
	// Progress counts the message's bytes as they are read.
	Progress Progress
}

// Import is a response being opened: first the document, then one attached file after the other. Put
// nothing into a vault for good before Verified says true, that is before NextFile or Drain came to
// the end; then, when the import is committed, call Pending.Commit. Not safe for concurrent use.
type Import struct {
	document *cxf.Header
	report   *cxf.Report
	zip      *zipReader
	unseal   unsealer
	finish   func() error
	hinted   bool // sizes in local headers were seen to be true
	total    int64
	wanted   map[string]*wantedFile
	order    []*wantedFile
	current  *File
	verified bool
	err      error
}

// Open opens the answer to this request that resp was scanned from; r gives the same bytes again from
// the start. It may be called any number of times, for a dry run or after a wrong response. Errors to
// decide on: ErrNotConfirmed, *DowngradeError, ErrRequestClosed, ErrRequestExpired, ErrOtherRequest,
// ErrSuiteNotOffered, ErrDecrypt. ctx governs the whole Import.
func (p *Pending) Open(ctx context.Context, r io.Reader, resp *Response, o OpenOptions) (*Import, error) {
	if resp.backup != nil {
		return nil, fmt.Errorf("this is a backup; restore it with its passphrase: %w", ErrMode)
	}
	if err := p.admit(resp.suite, o); err != nil {
		return nil, err
	}
	if resp.request != p.request.digest {
		return nil, ErrOtherRequest
	}
	if p.request.mode == Indirect && !o.Confirmation.covers(resp.Fingerprint()) {
		return nil, fmt.Errorf("opening a response: %w", ErrNotConfirmed)
	}
	return openResponse(ctx, r, resp, &hpkeUnsealer{pending: p, suite: resp.suite}, o)
}

// OpenParts opens the answer to a direct request as a transport delivers it: the response's exact
// bytes with an empty payload, and the payload's zip as a stream that ends where the payload ends.
func (p *Pending) OpenParts(ctx context.Context, envelope []byte, payload io.Reader, o OpenOptions) (*Import, error) {
	if p.request.mode != Direct {
		return nil, fmt.Errorf("only a direct response comes in parts: %w", ErrMode)
	}
	if len(envelope) > MaxEnvelopeSize {
		return nil, fmt.Errorf("response of more than %d bytes: %w", MaxEnvelopeSize, ErrTooLarge)
	}
	env, err := parseEnvelope(envelope)
	if err != nil {
		return nil, err
	}
	suite, err := env.suite()
	if err != nil {
		return nil, err
	}
	if suite == 0 {
		return nil, fmt.Errorf("this is a backup; restore it with its passphrase: %w", ErrMode)
	}
	if err := p.admit(suite, o); err != nil {
		return nil, err
	}
	in := &message{hash: sha256.New(), progress: o.Progress}
	im := &Import{
		unseal: &hpkeUnsealer{pending: p, suite: suite},
		zip:    newZipReader(io.TeeReader(withContext(ctx, payload), in)),
		finish: func() error { return nil },
	}
	return im.start(env.Exporter, o)
}

// admit decides what can be decided from the suite alone.
func (p *Pending) admit(suite Suite, o OpenOptions) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.checkLocked(); err != nil {
		return err
	}
	if p.keys[suite] == nil {
		return ErrSuiteNotOffered
	}
	if !suite.PostQuantum() && p.keys[XWingAES256GCM] != nil && !o.AcceptClassical {
		return &DowngradeError{suite}
	}
	return nil
}

func openResponse(ctx context.Context, r io.Reader, resp *Response, u unsealer, o OpenOptions) (*Import, error) {
	in := newMessage(ctx, r, resp.size, o.Progress)
	found, err := in.split.next()
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, ErrChanged
	}
	im := &Import{
		unseal: u, zip: newZipReader(newB64Reader(in.split, true)), hinted: true,
		finish: func() error {
			if _, err := in.finish(); err != nil {
				return err
			}
			if in.digest() != resp.digest {
				return ErrChanged
			}
			return nil
		},
	}
	return im.start(resp.exporter, o)
}

// start reads the index.
func (im *Import) start(exporter string, o OpenOptions) (*Import, error) {
	e, body, err := im.zip.next()
	if errors.Is(err, io.EOF) {
		return nil, zipError("no index")
	}
	if err != nil {
		return nil, err
	}
	if err := im.readIndex(e, body, o.CXF); err != nil {
		return nil, &EntryError{e.name, err}
	}
	if im.document.ExporterRPID != exporter {
		return nil, ErrExporter
	}
	return im, nil
}

func (im *Import) readIndex(e *zipEntry, body io.Reader, o *cxf.ReadOptions) error {
	packed, err := im.entry(e, body, MaxIndexSize)
	if err != nil {
		return err
	}
	defer clear(packed)
	content := newInflater(packed, MaxIndexSize, &im.total)
	var d documentReader
	im.document, im.report, err = d.read(content, o)
	if _, rest := io.Copy(io.Discard, content); rest != nil {
		return rest // a bomb or a broken stream explains more than the parser's view of it
	}
	if err != nil {
		return err
	}
	im.wanted, im.order = d.wanted(im.report)
	return nil
}

// entry reads and decrypts one entry of at most limit inflated bytes.
func (im *Import) entry(e *zipEntry, body io.Reader, limit int64) ([]byte, error) {
	j := newJWEReader(body)
	m, err := j.readHeader(e.name)
	if err != nil {
		return nil, err
	}
	if err := im.unseal.check(&m.header); err != nil {
		return nil, err
	}
	hint := int64(4 << 10)
	if im.hinted {
		hint = e.size/4*3 + 2*tagSize
	}
	key, iv, tag := im.unseal.sizes()
	// DEFLATE never needs a thousandth more than its input; beyond that nothing honest was packed.
	if err := j.readRest(m, key, iv, tag, hint, limit+limit/1000+1<<10); err != nil {
		return nil, err
	}
	return im.unseal.unseal(m)
}

// Document is the exporter's document, read leniently.
func (im *Import) Document() *cxf.Header { return im.document }

// Report says what was remarkable about the document.
func (im *Import) Report() *cxf.Report { return im.report }

// Verified says that every byte of the response was read and found right, all files included.
func (im *Import) Verified() bool { return im.verified }

// Missing lists, once Verified, the file credentials whose file did not come. They alone are skipped.
func (im *Import) Missing() []cxf.FileRef {
	var out []cxf.FileRef
	for _, w := range im.order {
		if !w.seen {
			out = append(out, w.refs...)
		}
	}
	return out
}
