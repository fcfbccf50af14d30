package cxp

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestKeysAreErasedInTimeWithoutAnyCall(t *testing.T) {
	for mode, life := range map[Mode]time.Duration{Direct: 15 * time.Minute, Indirect: 24 * time.Hour} {
		t.Run(string(mode), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newRequest(t, RequestOptions{Mode: mode})
				held := p.keys[XWingAES256GCM]
				time.Sleep(life - time.Second)
				if err := p.Err(); err != nil {
					t.Fatalf("a second early: %v", err)
				}
				time.Sleep(time.Second)
				synctest.Wait()
				p.mu.Lock()
				gone := p.keys == nil
				p.mu.Unlock()
				if !gone || !bytes.Equal(held, make([]byte, len(held))) {
					t.Error("the keys outlived their time")
				}
				if err := p.Err(); !errors.Is(err, ErrRequestExpired) {
					t.Errorf("got %v", err)
				}
			})
		})
	}
}

func TestCommitAndCancelEraseTheKeys(t *testing.T) {
	for name, end := range map[string]func(*Pending) error{"commit": (*Pending).Commit, "cancel": (*Pending).Cancel} {
		t.Run(name, func(t *testing.T) {
			p := newRequest(t, RequestOptions{})
			h, files := attached(t, nil)
			raw, _ := answer(t, p.Request(), h, files)
			held := p.keys[XWingAES256GCM]
			if err := end(p); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(held, make([]byte, len(held))) {
				t.Error("the key was not overwritten")
			}
			if _, err := openBytes(t, p, raw); !errors.Is(err, ErrRequestClosed) {
				t.Errorf("opened afterwards: %v", err)
			}
		})
	}
}

func TestClockOfTheRequestInTheFuture(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	clock := func() time.Time { return now }
	p := newRequest(t, RequestOptions{Now: clock})
	state, err := p.State()
	if err != nil {
		t.Fatal(err)
	}
	now = now.Add(-time.Minute) // clocks are not exact
	if err := p.Err(); err != nil {
		t.Fatal(err)
	}
	now = now.Add(-time.Hour) // but a day must not become a year by turning the clock back
	if err := p.Err(); !errors.Is(err, ErrClock) {
		t.Errorf("got %v", err)
	}
	if _, err := RestorePending(state, clock); !errors.Is(err, ErrClock) {
		t.Errorf("restored: %v", err)
	}
}

func TestStateRestores(t *testing.T) {
	p := newRequest(t, RequestOptions{})
	h, files := attached(t, map[string]string{"a": "b"})
	raw, _ := answer(t, p.Request(), h, files)
	state, err := p.State()
	if err != nil {
		t.Fatal(err)
	}
	restored, err := RestorePending(state, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(restored.Close)
	if restored.Created().Unix() != p.Created().Unix() {
		t.Error("a restored request must not begin a new life")
	}
	if _, err := readOut(t, restored, raw); err != nil {
		t.Fatal(err)
	}
	direct := newRequest(t, RequestOptions{Mode: Direct})
	if _, err := direct.State(); !errors.Is(err, ErrDirectKeys) {
		t.Errorf("a direct request's keys were written down: %v", err)
	}
	for name, bad := range map[string][]byte{
		"empty": nil, "cut short": state[:len(state)-1], "no keys": edit(t, state, map[string]any{"keys": []any{}}),
		"newer format": edit(t, state, map[string]any{"format": 2}), "more": edit(t, state, map[string]any{"more": 1}),
	} {
		if _, err := RestorePending(bad, nil); err == nil {
			t.Errorf("%s: restored", name)
		}
	}
}

func TestCancellationOfTheContext(t *testing.T) {
	p := newRequest(t, RequestOptions{})
	h, files := attached(t, map[string]string{"a": string(bytes.Repeat([]byte("0123456789abcdef"), 1<<14))})
	raw, _ := answer(t, p.Request(), h, files)
	ctx, cancel := context.WithCancel(context.Background())
	resp, err := ScanResponse(ctx, bytes.NewReader(raw), nil)
	if err != nil {
		t.Fatal(err)
	}
	im, err := p.Open(ctx, &oneByOne{raw}, resp, OpenOptions{Confirmation: confirm(t, resp.Fingerprint())})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := im.Drain(); !errors.Is(err, context.Canceled) || im.Verified() {
		t.Errorf("reading went on: %v", err)
	}
	if _, err := ScanResponse(ctx, bytes.NewReader(raw), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("scanning went on: %v", err)
	}
	if _, err := ReadRequest(ctx, bytes.NewReader(p.Request().Bytes())); !errors.Is(err, context.Canceled) {
		t.Errorf("reading a request went on: %v", err)
	}
	e, err := NewExporter(p.Request(), ExportOptions{Document: h, Files: files, Confirmation: confirm(t, p.Request().Fingerprint())})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := e.WriteResponse(ctx, &out); !errors.Is(err, context.Canceled) || out.Len() != 0 {
		t.Errorf("writing went on for %d bytes: %v", out.Len(), err)
	}
}

// oneByOne gives its bytes in small pieces, so that buffers can't run ahead.
type oneByOne struct{ left []byte }

func (o *oneByOne) Read(p []byte) (int, error) {
	n := copy(p[:min(len(p), 7)], o.left)
	o.left = o.left[n:]
	if n == 0 {
		return 0, errors.New("unexpectedly read to the end")
	}
	return n, nil
}
