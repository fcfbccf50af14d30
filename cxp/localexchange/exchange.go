package localexchange

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	json "github.com/go-json-experiment/json"

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

// Bounds of what a result tells: it goes in one frame.
const (
	maxSkipped     = 1000
	maxSkippedText = 200 // bytes
)

// fit makes a result short enough to be sent.
func (r *Result) fit() {
	r.Skipped = slices.Clone(r.Skipped[:min(len(r.Skipped), maxSkipped)])
	for i := range r.Skipped {
		for _, text := range []*string{&r.Skipped[i].Title, &r.Skipped[i].Type, &r.Skipped[i].Reason} {
			*text = strings.ToValidUTF8((*text)[:min(len(*text), maxSkippedText)], "")
		}
	}
}

// ExportSide is what an exporter does.
type ExportSide struct {
	// Offer goes out first where this side began.
	Offer Offer
	// Answer asks the person, and prepares the answer to the request. An error refuses (see cxp.CodeOf). Its context ends
	// when the peer gives up.
	Answer func(ctx context.Context, peer Hello, q *cxp.Request) (*cxp.Exporter, error)
	// Sent, if not nil, is told how many bytes of the payload have gone, and when those were the last.
	Sent func(bytes int64, last bool)
}

// ErrRefused is for callbacks: the person said no. The peer is told user-canceled.
var ErrRefused = errors.New("the person said no")

// Export runs the exporter's side to its end and returns what the importer made of it.
func (c *Conn) Export(ctx context.Context, s ExportSide) (result *Result, err error) {
	defer c.until(ctx, &err)()
	if c.began {
		if err := c.send(frame{Type: typeOffer, CredentialTypes: s.Offer.CredentialTypes, Counts: s.Offer.Counts}); err != nil {
			return nil, err
		}
	}
	var f frame
	if c.began {
		f, err = c.next(c.limits.Person, typeRequest)
	} else { // whoever began has asked its person already
		f, err = c.soon(c.limits.Piece, typeRequest)
	}
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
		err = ErrOtherName
	}
	if err != nil {
		return nil, c.refuse(cxp.CodeOf(err), err)
	}
	busy, stop := c.watch(ctx, typeResult)
	err = c.answer(busy, s, q)
	trouble := stop()
	if err != nil && errors.Is(err, ErrClosed) && (trouble == nil || errors.Is(trouble, ErrClosed)) {
		if why := c.lastWord(); why != nil {
			trouble = why
		}
	}
	if trouble != nil { // the peer's going is why, not what it made of our work
		return nil, trouble
	}
	if err != nil {
		return nil, c.refuse(codeOf(err), err)
	}
	if f, err = c.next(c.limits.Person, typeResult); err != nil {
		return nil, err
	}
	if f.Accepted < 0 || len(f.Skipped) > maxSkipped {
		return nil, broken("an impossible result")
	}
	return &Result{Accepted: f.Accepted, Skipped: f.Skipped}, c.Close()
}

// answer gets the person's yes and sends what there is.
func (c *Conn) answer(ctx context.Context, s ExportSide, q *cxp.Request) error {
	x, err := s.Answer(ctx, c.peer, q)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := c.wire.write(frame{Type: typeResponse, CXP: encode(x.Envelope())}); err != nil {
		return err
	}
	out := &payloadWriter{c: c, sent: s.Sent}
	if _, err := x.WritePayload(ctx, out); err != nil {
		return err
	}
	c.all.Store(true)
	return out.flush(true)
}

func codeOf(err error) cxp.Code {
	if errors.Is(err, ErrRefused) || errors.Is(err, context.Canceled) {
		return cxp.CodeUserCanceled
	}
	return cxp.CodeOf(err)
}

// payloadWriter sends a payload in frames.
type payloadWriter struct {
	c     *Conn
	buf   []byte
	seq   int
	bytes int64
	sent  func(int64, bool)
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
	if err := w.c.late(); err != nil {
		return err
	}
	err := w.c.wire.write(frame{Type: typePayload, Seq: w.seq, Last: last, Data: encode(w.buf)})
	w.seq++
	w.bytes += int64(len(w.buf))
	w.buf = w.buf[:0]
	if w.sent != nil && err == nil {
		w.sent(w.bytes, last)
	}
	return err
}

// ImportSide is what an importer does.
type ImportSide struct {
	// Request is the request to send: mode direct, of cxp.NewRequest. Its keys are erased when Import returns.
	Request *cxp.Pending
	// Offered asks the person whether to take what an exporter that began offers; nil takes it.
	Offered func(ctx context.Context, peer Hello, o Offer) error
	// Take opens the answer (cxp.Pending.OpenParts), asks the person and stores it. It has to read payload to its end
	// and may believe nothing before that. An error refuses, and then nothing may be left stored. Its context ends when the
	// peer gives up, which is noticed from the end of the payload on.
	Take func(ctx context.Context, envelope []byte, payload io.Reader) (*Result, error)
}

// Import runs the importer's side to its end. When it returns nil, Take has stored what came; that the exporter could
// be told so is not certain.
func (c *Conn) Import(ctx context.Context, s ImportSide) (result *Result, err error) {
	defer c.until(ctx, &err)()
	defer s.Request.Close()
	if !c.began {
		f, err := c.soon(c.limits.Piece, typeOffer)
		if err != nil {
			return nil, err
		}
		if s.Offered != nil {
			busy, stop := c.watch(ctx, "")
			err := s.Offered(busy, c.peer, Offer{CredentialTypes: f.CredentialTypes, Counts: f.Counts})
			if trouble := stop(); trouble != nil {
				return nil, trouble
			}
			if err != nil {
				return nil, c.refuse(codeOf(err), err)
			}
		}
	}
	if err := c.send(frame{Type: typeRequest, CXP: encode(s.Request.Request().Bytes())}); err != nil {
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
	var answered struct { // that it is the document's exporter, too, package cxp sees to
		Exporter string `json:"exporter"`
	}
	if err := json.Unmarshal(envelope, &answered); err != nil {
		return nil, c.refuse(cxp.CodeInvalidJSON, broken("a response that is no JSON object"))
	}
	if answered.Exporter != c.peer.RPID {
		return nil, c.refuse(cxp.CodeForbiddenAction, ErrOtherName)
	}
	busy, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	payload := &payloadReader{c: c, ctx: ctx, cancel: cancel, stop: func() error { return nil }}
	result, err = s.Take(busy, envelope, payload)
	trouble := payload.stop()
	if err != nil {
		if trouble != nil {
			return nil, trouble
		}
		if payload.err != nil && !errors.Is(payload.err, io.EOF) {
			err = payload.err // the stream's own trouble is why
		}
		return nil, c.refuse(codeOf(err), err)
	}
	if !payload.last {
		return result, c.refuse(cxp.CodeForbiddenAction, errors.New("the payload was not read to its end"))
	}
	result.fit()
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

	ctx    context.Context
	cancel context.CancelCauseFunc
	stop   func() error // the watch over the peer, from the last piece on
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
	if r.size += int64(len(data)); r.size > r.c.limits.Payload {
		return broken("more than %d bytes", r.c.limits.Payload)
	}
	r.seq, r.last = r.seq+1, f.Last
	r.rest.Reset(data)
	if r.last {
		busy, stop := r.c.watch(r.ctx, "")
		r.stop = stop
		context.AfterFunc(busy, func() { r.cancel(context.Cause(busy)) })
	}
	return nil
}
