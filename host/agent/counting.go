package agent

import "io"

// What goes through, counted.

// counter tells how many bytes have gone through so far.
type counter struct {
	n    int64
	tell func(int64)
}

func (c *counter) add(n int) {
	c.n += int64(n)
	c.tell(c.n)
}

type countingReader struct {
	r io.Reader
	counter
}

// Read implements io.Reader.
func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.add(n)
	return n, err
}

type countingWriter struct {
	w io.Writer
	counter
}

// Write implements io.Writer.
func (c *countingWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.add(n)
	return n, err
}
