package transfer

import (
	"context"
	"errors"
	"io"

	"github.com/keyferry/keyferry/cxp"
	"github.com/keyferry/keyferry/cxp/cxf"
)

// Source is something to import. It is read twice: for the plan and for the import itself.
type Source interface {
	// Read reads and checks all of it. Nothing may be believed before Read has returned nil.
	Read(ctx context.Context, to Sink) (*Reading, error)
}

// Sink takes what a source holds.
type Sink struct {
	Item func(account int, it *cxf.Item) error
	File func(*File) error // nil: files are only checked
	// Keys are those that were found sound before: a source is read twice, and to look at keys is most of the work. It may be nil.
	Keys *Keys
}

// Reading is what a source says besides its items.
type Reading struct {
	Document *cxf.Header
	Report   *cxf.Report
	Missing  []cxf.FileRef // file credentials whose file did not come
}

// Document is a plain CXF document, unsealed.
type Document struct{ Open func() io.Reader }

// readAhead gives a reader somewhere to put its items, so that it reads the next ones while on is busy with the last. The
// item that on fails at is the last one that it is given. wait returns when on is done with all of them.
func readAhead(on func(int, *cxf.Item) error) (ahead func(int, *cxf.Item) error, wait func() error) {
	type read struct {
		account int
		item    *cxf.Item
	}
	items, failed, done := make(chan read, 64), make(chan struct{}), make(chan struct{})
	var err error
	go func() {
		defer close(done)
		for r := range items {
			if err = on(r.account, r.item); err != nil {
				close(failed)
				return
			}
		}
	}()
	ahead = func(account int, it *cxf.Item) error {
		select {
		case items <- read{account, it}:
			return nil
		case <-failed:
			return err
		}
	}
	return ahead, func() error {
		close(items)
		<-done
		return err
	}
}

// Read implements [Source].
func (d Document) Read(ctx context.Context, to Sink) (*Reading, error) {
	h, report, err := cxf.Read(contextReader{ctx, d.Open()}, readOptions(false, to))
	if err != nil {
		return nil, err
	}
	r := &Reading{Document: h, Report: report}
	if report != nil {
		r.Missing = report.Files // a bare document has no files beside it
	}
	return r, nil
}

// Response is the answer to a request of ours.
type Response struct {
	Open     func() io.Reader
	Response *cxp.Response
	Pending  *cxp.Pending
	Options  cxp.OpenOptions // the person's decisions
}

// Read implements [Source].
func (s Response) Read(ctx context.Context, to Sink) (*Reading, error) {
	o := s.Options
	o.CXF = readOptions(false, to)
	im, err := s.Pending.Open(ctx, s.Open(), s.Response, o)
	if err != nil {
		return nil, err
	}
	return readFiles(im, to.File)
}

// Backup is an encrypted backup.
type Backup struct {
	Open       func() io.Reader
	Response   *cxp.Response
	Passphrase []byte
	Progress   cxp.Progress
}

// Read implements [Source].
func (s Backup) Read(ctx context.Context, to Sink) (*Reading, error) {
	im, err := cxp.OpenBackup(ctx, s.Open(), s.Response, s.Passphrase, cxp.OpenOptions{CXF: readOptions(true, to), Progress: s.Progress})
	if err != nil {
		return nil, err
	}
	return readFiles(im, to.File)
}

func readOptions(archive bool, to Sink) *cxf.ReadOptions {
	return &cxf.ReadOptions{
		Archive: archive, ParseKey: to.Keys.check,
		OnItem: func(account int, it cxf.Item) error { return to.Item(account, &it) },
	}
}

func readFiles(im *cxp.Import, file func(*File) error) (*Reading, error) {
	r := &Reading{Document: im.Document(), Report: im.Report()}
	if file == nil {
		if err := im.Drain(); err != nil {
			return nil, err
		}
	} else if err := eachFile(im, file); err != nil {
		return nil, err
	}
	if !im.Verified() {
		return nil, errors.New("the response was not read to its end")
	}
	r.Missing = im.Missing()
	return r, nil
}

func eachFile(im *cxp.Import, file func(*File) error) error {
	for {
		f, err := im.NextFile()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := file(&File{Refs: f.Refs, Reader: f}); err != nil {
			return err
		}
	}
}

// contextReader ends a reading when its context does.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
