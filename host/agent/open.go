package agent

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/keyferry/keyferry/cxp"
	"github.com/keyferry/keyferry/cxp/formats"
	"github.com/keyferry/keyferry/cxp/formats/all"
	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/host/transfer"
)

// A file that was opened from the desktop: what the command line and the page that takes it are answered.

// openPut answers "open.put".
func openPut(a *agent, ctx context.Context, r *request) (any, error) {
	var q protocol.OpenPut
	if err := r.read(&q); err != nil {
		return nil, err
	}
	if len(q.Data) > protocol.TransferPiece {
		return nil, protocol.Errorf(protocol.CodeTooLarge, "a piece has at most %d bytes", protocol.TransferPiece)
	}
	if a.keep.state() == "none" {
		return nil, protocol.Errorf(protocol.CodeNoVault, "there is no vault yet that the file could have to do with")
	}
	o, err := a.openings.piece(r.conn, q)
	if err != nil {
		return nil, transferError(err)
	}
	if q.Last {
		file := a.openings.lend(o)
		if file == nil { // it had to make room already
			return nil, errNotOpened()
		}
		kind, err := fileKind(ctx, file, o.name)
		if err != nil {
			a.openings.drop(o, file)
			return nil, transferError(err)
		}
		a.openings.finish(o, kind, file)
	}
	return a.openings.view(o), nil
}

// fileKind finds out what a file is by its content, without a key.
func fileKind(ctx context.Context, file *transfer.Spool, name string) (string, error) {
	if file.Size() <= cxp.MaxRequestSize {
		text, err := io.ReadAll(file.Reader())
		if err != nil {
			return "", err
		}
		if _, err := cxp.ParseRequest(text); err == nil {
			return openedRequest, nil
		}
	}
	var refused *cxp.PeerError
	switch resp, err := cxp.ScanResponse(ctx, file.Reader(), nil); {
	case err == nil && resp.Backup():
		return protocol.TransferBackup, nil
	case err == nil, errors.As(err, &refused):
		return protocol.TransferSealed, nil
	case ctx.Err() != nil:
		return "", ctx.Err()
	}
	_, err := formats.Detect(all.Formats(), &formats.Input{ReaderAt: file, Size: file.Size(), Name: name})
	return protocol.TransferFile, err
}

// openGet answers "open.get".
func openGet(a *agent, ctx context.Context, r *request) (any, error) {
	var q protocol.OpenGet
	if err := r.read(&q); err != nil {
		return nil, err
	}
	timer := time.NewTimer(min(time.Duration(max(q.WaitMs, 0))*time.Millisecond, maxGetWait))
	defer timer.Stop()
	for {
		a.openings.mu.Lock()
		o := a.openings.find(q.ID)
		var view protocol.OpenFile
		var changed chan struct{}
		if o != nil {
			view, changed = o.view, o.changed
		}
		a.openings.mu.Unlock()
		if o == nil || o.from != r.conn {
			return nil, errNotOpened()
		}
		if q.Not == "" || view.State != q.Not {
			return view, nil
		}
		select {
		case <-changed:
		case <-timer.C:
			return view, nil
		case <-ctx.Done():
			return view, nil
		}
	}
}

// openTake answers "open.take".
func openTake(a *agent, ctx context.Context, r *request) (any, error) {
	var q protocol.OpenTake
	if err := r.read(&q); err != nil {
		return nil, err
	}
	o, file, err := a.openings.take(q.ID)
	if err != nil {
		return nil, err
	}
	if o.view.Kind == openedRequest {
		out, err := answerRequest(a, ctx, r, file)
		if err != nil {
			a.openings.giveBack(o, file)
			return nil, err
		}
		a.openings.spent(o, file)
		return out, nil
	}
	m, err := a.transfers.add(r, o.view.Kind, false)
	if err != nil {
		a.openings.giveBack(o, file)
		return nil, err
	}
	m.name = o.name
	m.adopt(file)
	if err := m.work(protocol.StateReading, m.look); err != nil {
		return nil, err
	}
	return m.show(), nil
}

// answerRequest makes a move out of a request, as if the page had been given it.
func answerRequest(a *agent, ctx context.Context, r *request, file *transfer.Spool) (any, error) {
	text, err := io.ReadAll(file.Reader())
	if err != nil {
		return nil, err
	}
	return moveOut(a, ctx, r, protocol.TransferExport{Kind: protocol.TransferSealed, Request: text})
}

// adopt gives a transfer a file that is here already, in place of the one that it would receive.
func (m *moving) adopt(file *transfer.Spool) {
	m.mu.Lock()
	empty := m.spool
	m.spool = file
	m.view.Size = file.Size()
	m.mu.Unlock()
	if err := empty.Close(); err != nil {
		m.a.log.Warn().Err(err).Msg("could not remove a transfer's empty file")
	}
}
