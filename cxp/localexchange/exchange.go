package localexchange

import (
	"bytes"
	"context"
	"errors"
	"io"

	"github.com/keyferry/keyferry/cxp"
)

// Offer is what an exporter that began has to give: an importer shows it to its person.
type Offer struct {
	CredentialTypes []string
	Counts          map[string]int // by credential type
}

// Skipped is an item that the importer could not read. Duplicates are never told: the result must not say what
// somebody owns already.
type Skipped struct {
	Title  string `json:"title"`
	Type   string `json:"type"`
	Reason string `json:"reason"`
}

// Result is what came of an exchange, as the importer tells it.
type Result struct {
	Accepted int
	Skipped  []Skipped
}

// ExportSide is what an exporter does.
type ExportSide struct {
	// Offer goes out first where this side began.
	Offer Offer
	// Answer asks the person, and prepares the answer to the request. An error refuses (see cxp.CodeOf).
	Answer func(ctx context.Context, peer Hello, q *cxp.Request) (*cxp.Exporter, error)
}

// ErrRefused is for callbacks: the person said no. The peer is told user-canceled.
var ErrRefused = errors.New("the person said no")

// Export runs the exporter's side to its end and returns what the importer made of it.
func (c *Conn) Export(ctx context.Context, s ExportSide) (result *Result, err error) {
	defer c.until(ctx, &err)()
	if c.began {
		if err := c.wire.write(frame{Type: typeOffer, CredentialTypes: s.Offer.CredentialTypes, Counts: s.Offer.Counts}); err != nil {
			return nil, err
		}
	}
	f, err := c.next(c.limits.Person, typeRequest)
	if err != nil {
		return nil, err
	}
	raw, err := decode(f.CXP)
	if err != nil {
		return nil, c.refuse(cxp.CodeInvalidJSON, err)
	}
	q, err := cxp.ParseRequest(raw)
	if err == nil && q.Mode() != cxp.Direct {
		err = cxp.ErrMode
	}
	if err == nil && q.Importer().Raw() != c.peer.RPID {
		err = broken("the request names another importer than the greeting")
	}
	if err != nil {
		return nil, c.refuse(cxp.CodeOf(err), err)
	}
	x, err := s.Answer(ctx, c.peer, q)
	if err != nil {
		return nil, c.refuse(codeOf(err), err)
	}
	if err := c.wire.write(frame{Type: typeResponse, CXP: encode(x.Envelope())}); err != nil {
		return nil, err
	}
	out := &payloadWriter{c: c}
	if _, err := x.WritePayload(ctx, out); err != nil {
		return nil, c.refuse(codeOf(err), err)
	}
	if err := out.flush(true); err != nil {
		return nil, err
	}
	if f, err = c.next(c.limits.Person, typeResult); err != nil {
		return nil, err
	}
	if f.Accepted < 0 || len(f.Skipped) > cxp.MaxEntries {
		return nil, broken("an impossible result")
	}
	return &Result{Accepted: f.Accepted, Skipped: f.Skipped}, c.Close()
}

func codeOf(err error) cxp.Code {
	if errors.Is(err, ErrRefused) || errors.Is(err, context.Canceled) {
		return cxp.CodeUserCanceled
	}
	return cxp.CodeOf(err)
}

// payloadWriter sends a payload in frames.
type payloadWriter struct {
	c   *Conn
	buf []byte
	seq int
}

// Write implements io.Writer.
func (w *payloadWriter) Write(p []byte) (int, error) {
	written := len(p)
	for len(p) > 0 {
		n := min(len(p), payloadPiece-len(w.buf))
		w.buf = append(w.buf, p[:n]...)
		p = p[n:]
		if len(w.buf) == payloadPiece {
			if err := w.flush(false); err != nil {
				return 0, err
			}
		}
	}
	return written, nil
}

func (w *payloadWriter) flush(last bool) error {
	err := w.c.wire.write(frame{Type: typePayload, Seq: w.seq, Last: last, Data: encode(w.buf)})
	w.seq++
	w.buf = w.buf[:0]
	return err
}

// ImportSide is what an importer does.
type ImportSide struct {
	// Request is the request to send: mode direct, of cxp.NewRequest. Its keys are erased when Import returns.
	Request *cxp.Pending
	// Offered asks the person whether to take what an exporter that began offers; nil takes it.
	Offered func(ctx context.Context, peer Hello, o Offer) error
	// Take opens the answer (cxp.Pending.OpenParts), asks the person and stores it. It has to read payload to its end
	// and may believe nothing before that. An error refuses, and then nothing may be left stored.
	Take func(ctx context.Context, envelope []byte, payload io.Reader) (*Result, error)
}

// Import runs the importer's side to its end. When it returns nil, Take has stored what came; that the exporter could
// be told so is not certain.
func (c *Conn) Import(ctx context.Context, s ImportSide) (result *Result, err error) {
	defer c.until(ctx, &err)()
	defer s.Request.Close()
	if !c.began {
		f, err := c.next(c.limits.Person, typeOffer)
		if err != nil {
			return nil, err
		}
		if s.Offered != nil {
			if err := s.Offered(ctx, c.peer, Offer{CredentialTypes: f.CredentialTypes, Counts: f.Counts}); err != nil {
				return nil, c.refuse(codeOf(err), err)
			}
		}
	}
	if err := c.wire.write(frame{Type: typeRequest, CXP: encode(s.Request.Request().Bytes())}); err != nil {
		return nil, err
	}
	f, err := c.next(c.limits.Person, typeResponse)
	if err != nil {
		return nil, err
	}
	envelope, err := decode(f.CXP)
	if err != nil {
		return nil, c.refuse(cxp.CodeInvalidJSON, err)
	}
	payload := &payloadReader{c: c}
	result, err = s.Take(ctx, envelope, payload)
	if err != nil {
		if payload.err != nil && !errors.Is(payload.err, io.EOF) {
			err = payload.err // the stream's own trouble is why
		}
		return nil, c.refuse(codeOf(err), err)
	}
	if !payload.last {
		return result, c.refuse(cxp.CodeForbiddenAction, errors.New("the payload was not read to its end"))
	}
	// What is stored is stored, also when the exporter is gone by now.
	_ = c.wire.write(frame{Type: typeResult, Accepted: result.Accepted, Skipped: result.Skipped})
	_ = c.Close()
	return result, nil
}

// payloadReader gives a payload's bytes as its frames come.
type payloadReader struct {
	c    *Conn
	rest bytes.Reader
	seq  int
	size int64
	last bool
	err  error
}

// Read implements io.Reader.
func (r *payloadReader) Read(p []byte) (int, error) {
	for r.rest.Len() == 0 {
		if r.err == nil && r.last {
			r.err = io.EOF
		}
		if r.err != nil {
			return 0, r.err
		}
		r.err = r.more()
	}
	return r.rest.Read(p)
}

func (r *payloadReader) more() error {
	f, err := r.c.next(r.c.limits.Piece, typePayload)
	if err != nil {
		return err
	}
	if f.Seq != r.seq {
		return broken("piece %d came where %d belongs", f.Seq, r.seq)
	}
	data, err := decode(f.Data)
	if err != nil {
		return err
	}
	if len(data) == 0 && !f.Last {
		return broken("an empty piece")
	}
	if r.size += int64(len(data)); r.size > cxp.MaxResponseSize {
		return broken("more than %d bytes", int64(cxp.MaxResponseSize))
	}
	r.seq, r.last = r.seq+1, f.Last
	r.rest.Reset(data)
	return nil
}
