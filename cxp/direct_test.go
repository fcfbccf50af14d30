package cxp

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"testing"
	"testing/iotest"

	"github.com/keyferry/keyferry/cxp/cxf"
)

// The direct transport's halves are the file's: envelope and payload, beside each other.
func TestDirectInParts(t *testing.T) {
	p := newRequest(t, RequestOptions{Mode: Direct})
	h, files := attached(t, map[string]string{"a": "alpha", "gone": "x"})
	var asked int
	source := func(ctx context.Context, f cxf.File) (io.ReadCloser, error) {
		asked++
		if f.Name == "gone" {
			return nil, fmt.Errorf("attachment: %w", ErrNoFile)
		}
		return files(ctx, f)
	}
	var last int64
	e, err := NewExporter(p.Request(), ExportOptions{Document: h, Files: source, Progress: func(done, _ int64) { last = done }})
	if err != nil {
		t.Fatal(err)
	}
	var payload bytes.Buffer
	res, err := e.WritePayload(context.Background(), &payload)
	if err != nil {
		t.Fatal(err)
	}
	if res.Files != 1 || len(res.Missing) != 1 || asked != 2 || res.Size != int64(payload.Len()) || last != res.Size {
		t.Fatalf("result %+v, progress %d", res, last)
	}
	var read int64
	im, err := p.OpenParts(context.Background(), e.Envelope(), iotest.OneByteReader(bytes.NewReader(payload.Bytes())), OpenOptions{Progress: func(done, _ int64) { read = done }})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	if err := drainInto(im, got); err != nil {
		t.Fatal(err)
	}
	if got[b64("a")] != "alpha" || len(im.Missing()) != 1 || !im.Verified() || read != int64(payload.Len()) {
		t.Errorf("files %v, missing %v, read %d of %d", got, im.Missing(), read, payload.Len())
	}
	// Cut short, it is never verified.
	im, err = p.OpenParts(context.Background(), e.Envelope(), bytes.NewReader(payload.Bytes()[:payload.Len()-1]), OpenOptions{})
	if err == nil {
		err = im.Drain()
	}
	if err == nil || im.Verified() {
		t.Error("a payload cut short was verified")
	}
	indirect := newRequest(t, RequestOptions{})
	if _, err := indirect.OpenParts(context.Background(), e.Envelope(), &payload, OpenOptions{}); err == nil {
		t.Error("parts were accepted without anybody typing a fingerprint")
	}
}
