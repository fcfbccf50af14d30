package agent

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/keyferry/keyferry/cxp"
	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/localexchange"
	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/host/transfer"
)

// stillHere is how often the other app is told that this side's person is still looking.
const stillHere = 30 * time.Second

// fetchDirect gets what the other app has to give, and holds the exchange open while the person looks at it. It ends
// with the transfer stored, or with nothing changed.
func (m *moving) fetchDirect(ctx context.Context) error {
	pending, err := m.newRequest(m.direct.types)
	if err != nil {
		return err
	}
	defer pending.Close()
	conn, err := m.greet(ctx, localexchange.RoleImporter)
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = conn.Import(ctx, localexchange.ImportSide{
		Request: pending,
		Take: func(ctx context.Context, envelope []byte, payload io.Reader) (*localexchange.Result, error) {
			if err := m.keepPayload(conn, envelope, payload); err != nil {
				return nil, err
			}
			m.tellTo(conn)
			defer m.tellTo(nil)
			if err := m.planDirect(ctx, conn); err != nil {
				return nil, err
			}
			who, err := await(ctx, m, conn, m.direct.commits)
			if err != nil {
				return nil, err
			}
			if err := m.store(ctx, who); err != nil {
				return nil, err
			}
			return accepted(m.plan), nil
		},
	})
	if err != nil && m.show().State == protocol.StateDone {
		m.a.log.Warn().Err(err).Msg("an exporter could not be told what became of what it sent")
		return nil // what is stored is stored
	}
	return err
}

// newRequest makes a request whose keys are in this process's memory only.
func (m *moving) newRequest(types []string) (*cxp.Pending, error) {
	pending, err := cxp.NewRequest(cxp.RequestOptions{
		Mode: cxp.Direct, Importer: m.a.cfg.Exchange.RPID, DisplayName: m.a.cfg.Exchange.DisplayName, CredentialTypes: types,
		KnownExtensions: []string{cxf.ExtensionShared},
	})
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	m.pending = pending
	m.mu.Unlock()
	m.set(func(t *protocol.Transfer) { t.ExpiresAt = millis(pending.Expires()) })
	return pending, nil
}

// keepPayload keeps what comes, sealed, so that it can be read twice: to look at it, and to store it.
func (m *moving) keepPayload(conn *localexchange.Conn, envelope []byte, payload io.Reader) error {
	if _, err := io.Copy(m.spool, &countingReader{payload, counter{tell: m.moved}}); err != nil {
		return err
	}
	if err := m.spool.Finish(); err != nil {
		return err
	}
	m.source = transfer.Direct{Envelope: envelope, Open: m.reader, Pending: m.pending, Exporter: conn.Peer().RPID}
	m.set(func(t *protocol.Transfer) { t.State, t.Done, t.Total = protocol.StateReading, 0, 0 })
	return nil
}

// planDirect compares what came with the vault. An answer that is weaker than what was asked for waits for the person's
// yes first.
func (m *moving) planDirect(ctx context.Context, conn *localexchange.Conn) error {
	err := m.makePlan(ctx)
	var down *cxp.DowngradeError
	if !errors.As(err, &down) {
		return err
	}
	m.set(func(t *protocol.Transfer) {
		t.State, t.Classical, t.Suite = protocol.StateAsking, true, down.Suite.String()
	})
	if _, err := await(ctx, m, conn, m.direct.answers); err != nil {
		return err
	}
	src := m.source.(transfer.Direct)
	src.Options.AcceptClassical = true
	m.source = src
	return m.makePlan(ctx)
}

// await waits for the person, and lets the other app know that it is still worth waiting. The request's keys bound it.
func await[T any](ctx context.Context, m *moving, conn *localexchange.Conn, from <-chan T) (T, error) {
	var none T
	still := time.NewTicker(stillHere)
	defer still.Stop()
	expired := time.NewTimer(time.Until(m.pending.Expires()))
	defer expired.Stop()
	for {
		select {
		case v := <-from:
			return v, nil
		case <-still.C:
			if err := conn.Progress(0, 0); err != nil {
				return none, err
			}
		case <-expired.C:
			return none, cxp.ErrRequestExpired
		case <-ctx.Done():
			return none, context.Cause(ctx)
		}
	}
}

// tellEvery is how often the other app is told of progress.
const tellEvery = 500 * time.Millisecond

// tellTo has the other app told of this side's progress from now on; nil ends that.
func (m *moving) tellTo(conn *localexchange.Conn) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.direct.listens = conn
}

// tell passes on how far this side is. A peer that can't be told is noticed elsewhere.
func (m *moving) tell(done, total int) {
	m.mu.Lock()
	var conn *localexchange.Conn
	if m.direct != nil && m.direct.listens != nil && time.Since(m.direct.told) >= tellEvery {
		conn, m.direct.told = m.direct.listens, time.Now()
	}
	m.mu.Unlock()
	if conn != nil {
		_ = conn.Progress(int64(done), int64(total))
	}
}
