package cxp

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
)

// deflate compresses what write writes to raw DEFLATE (RFC 1951), in one piece, and says how much went
// in. Content that compresses so well that a careful importer would take it for a bomb (MaxRatio) is
// written again with Huffman coding alone, which can't shrink anything by more than eight: so write
// may be called twice and must write the same both times.
func deflate(write func(io.Writer) error, limit int64) (packed []byte, size int64, err error) {
	for _, level := range []int{flate.DefaultCompression, flate.HuffmanOnly} {
		packed, size, err = deflateAt(level, write, limit)
		if err != nil || !tooDense(size, int64(len(packed))) {
			return packed, size, err
		}
		if level == flate.DefaultCompression {
			clear(packed)
		}
	}
	return packed, size, nil
}

func deflateAt(level int, write func(io.Writer) error, limit int64) ([]byte, int64, error) {
	var out blocks
	fw, err := flate.NewWriter(&out, level)
	if err != nil {
		return nil, 0, fmt.Errorf("starting compression: %w", err)
	}
	in := &countingWriter{w: fw, limit: limit}
	if err := write(in); err != nil {
		return nil, 0, err
	}
	if err := fw.Close(); err != nil {
		return nil, 0, fmt.Errorf("compressing: %w", err)
	}
	return out.join(), in.n, nil
}

// tooDense is the rule on compression ratios (PROFILE.md §2): only entries of some size can hurt.
func tooDense(size, packed int64) bool {
	return size > RatioFloor && size > MaxRatio*packed
}

// countingWriter refuses more than limit bytes.
type countingWriter struct {
	w     io.Writer
	n     int64
	limit int64
}

func (c *countingWriter) Write(p []byte) (int, error) {
	if c.n += int64(len(p)); c.n > c.limit {
		return 0, fmt.Errorf("over %d bytes: %w", c.limit, ErrTooLarge)
	}
	return c.w.Write(p)
}

// blocks collects bytes without ever copying them to grow, and gives them as one piece at the end: a
// large document passes here, and doubling buffers would hold it three times.
type blocks struct {
	full [][]byte
	last []byte
	size int
}

func (b *blocks) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		if len(b.last) == cap(b.last) {
			if b.last != nil {
				b.full = append(b.full, b.last)
			}
			b.last = make([]byte, 0, min(max(b.size, 4<<10), 1<<20))
		}
		n := min(len(rest), cap(b.last)-len(b.last))
		b.last = append(b.last, rest[:n]...)
		rest = rest[n:]
		b.size += n
	}
	return len(p), nil
}

func (b *blocks) join() []byte {
	out := make([]byte, 0, b.size)
	for _, p := range append(b.full, b.last) {
		out = append(out, p...)
		clear(p)
	}
	*b = blocks{}
	return out
}

// inflater reads raw DEFLATE and refuses bombs: too much of one entry, too much of all (total), too
// dense, or data behind the end of the stream.
type inflater struct {
	packed *bytes.Reader
	fr     io.ReadCloser
	n      int64
	limit  int64
	total  *int64
	err    error
}

// newInflater reads packed; limit bounds what comes out, *total counts it for the whole payload.
func newInflater(packed []byte, limit int64, total *int64) *inflater {
	r := bytes.NewReader(packed)
	return &inflater{packed: r, fr: flate.NewReader(r), limit: limit, total: total}
}

func (f *inflater) Read(p []byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	n, err := f.fr.Read(p)
	f.n += int64(n)
	*f.total += int64(n)
	switch {
	case f.n > f.limit:
		err = fmt.Errorf("inflates to over %d bytes: %w", f.limit, ErrTooLarge)
	case *f.total > MaxTotalSize:
		err = fmt.Errorf("payload inflates to over %d bytes: %w", MaxTotalSize, ErrTooLarge)
	case tooDense(f.n, f.packed.Size()):
		err = fmt.Errorf("inflates more than %d times: %w", MaxRatio, ErrTooLarge)
	case err == nil:
		return n, nil
	case !errors.Is(err, io.EOF):
		err = fmt.Errorf("%w: broken DEFLATE", ErrPayload)
	case f.packed.Len() != 0:
		err = fmt.Errorf("%w: data behind the DEFLATE stream", ErrPayload)
	}
	f.err = err
	if !errors.Is(err, io.EOF) {
		return 0, err
	}
	return n, err
}
