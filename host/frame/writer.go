package frame

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"sync"

	host "github.com/rickypc/native-messaging-host"

	"github.com/keyferry/keyferry/host/protocol"
)

// Writer writes frames. Its methods may be called from several goroutines; each frame on the wire is one write.
type Writer struct {
	mu   sync.Mutex
	w    io.Writer
	host *host.Host
	buf  bytes.Buffer
}

// NewWriter returns a Writer to w.
func NewWriter(w io.Writer) *Writer {
	return &Writer{w: w, host: newHost()}
}

// Write writes a frame, in chunks if its JSON is longer than [protocol.ChunkSize]. A frame over [protocol.MaxMessage]
// is refused with [ErrTooLarge] and nothing is written.
func (w *Writer) Write(f protocol.Frame) error {
	if f.Chunk != nil {
		return w.writeWire(f)
	}
	text, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	defer clear(text)
	if len(text) <= protocol.ChunkSize {
		return w.writeWire(json.RawMessage(text))
	}
	if len(text) > protocol.MaxMessage {
		return fmt.Errorf("%w: %d bytes, at most %d", ErrTooLarge, len(text), protocol.MaxMessage)
	}
	of := rand.Text()
	for seq := 0; ; seq++ {
		from := seq * protocol.ChunkSize
		to := min(from+protocol.ChunkSize, len(text))
		piece := protocol.Chunk{Of: of, Seq: seq, Last: to == len(text), Data: text[from:to]}
		if err := w.writeWire(protocol.Frame{ID: f.ID, Chunk: &piece}); err != nil {
			return err
		}
		if piece.Last {
			return nil
		}
	}
}

// writeWire puts one frame on the wire with one write.
func (w *Writer) writeWire(v any) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.buf.Reset()
	defer func() { clear(w.buf.Bytes()) }()
	if err := w.host.PostMessage(&w.buf, v); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	whole := w.buf.Bytes()
	if len(whole)-headerSize > protocol.MaxFrame {
		return fmt.Errorf("%w: %d bytes, at most %d", ErrTooLarge, len(whole)-headerSize, protocol.MaxFrame)
	}
	n, err := w.w.Write(whole)
	if err == nil && n < len(whole) {
		err = io.ErrShortWrite
	}
	if err != nil {
		return fmt.Errorf("can't write a frame: %w", err)
	}
	return nil
}
