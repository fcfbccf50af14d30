package frame

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/keyferry/keyferry/host/protocol"
)

// wire is a frame as it stands in the stream.
func wire(body string) []byte {
	return append(binary.LittleEndian.AppendUint32(nil, uint32(len(body))), body...)
}

const good = `{"id":"good","type":"ping"}`

func TestReadRefusesAndStaysInStep(t *testing.T) {
	spaces := strings.Repeat(" ", 4096)
	for name, c := range map[string]struct {
		stream []byte
		want   error
		id     string
	}{
		"length 0":            {wire(""), ErrEmpty, ""},
		"two values":          {wire(`{"type":"ping"}{"type":"lock"}`), ErrMalformed, ""},
		"value and rubbish":   {wire(`{"type":"ping"}` + spaces + `x`), ErrMalformed, ""},
		"no JSON":             {wire(`{"type":`), ErrMalformed, ""},
		"number":              {wire(`1`), ErrMalformed, ""},
		"null":                {wire(`null`), ErrMalformed, ""},
		"array":               {wire(`[{"type":"ping"}]`), ErrMalformed, ""},
		"nothing set":         {wire(`{"id":"1"}`), ErrMalformed, "1"},
		"two kinds set":       {wire(`{"id":"1","type":"a","event":"b"}`), ErrMalformed, "1"},
		"duplicate name":      {wire(`{"id":"1","type":"ping","type":"lock"}`), ErrMalformed, "1"},
		"duplicate in body":   {wire(`{"id":"1","type":"ping","body":{"a":1,"a":2}}`), ErrMalformed, "1"},
		"name in capitals":    {wire(`{"ID":"1","TYPE":"ping"}`), ErrMalformed, ""},
		"wrong kind of value": {wire(`{"id":"1","type":7}`), ErrMalformed, "1"},
		"invalid UTF-8":       {wire("{\"id\":\"1\",\"type\":\"\xff\"}"), ErrMalformed, "1"},
		"lone surrogate":      {wire(`{"id":"1","type":"ping","body":{"data":"\ud800"}}`), ErrMalformed, "1"},
		"deep nesting":        {wire(strings.Repeat("[", 100_000)), ErrMalformed, ""},
		"bad base64url":       {wire(`{"chunk":{"of":"a","seq":0,"last":true,"data":"!"}}`), ErrMalformed, ""},
		"chunk from the middle": {
			wire(`{"id":"7","chunk":{"of":"a","seq":3,"last":true,"data":"AA"}}`), ErrChunk, "7"},
		"chunk without a name": {wire(`{"chunk":{"of":"","seq":0,"last":true,"data":"AA"}}`), ErrChunk, ""},
		"chunk in a chunk": {
			wire(`{"chunk":{"of":"a","seq":0,"last":true,"data":"` +
				base64url(`{"chunk":{"of":"b","seq":0,"last":true,"data":""}}`) + `"}}`), ErrMalformed, ""},
		"1 MiB and a byte": {wire(`"` + strings.Repeat("x", 1<<20-1) + `"`), ErrTooLarge, ""},
		"long id":          {wire(`{"type":"ping","id":"` + strings.Repeat("x", 129) + `"}`), ErrMalformed, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := NewReader(bytes.NewReader(append(c.stream, wire(good)...)), protocol.MaxMessage)
			f, err := r.Read()
			if !errors.Is(err, c.want) || !Recoverable(err) {
				t.Fatalf("got %+v, %v; want %v", f, err, c.want)
			}
			if f.ID != c.id || f.Type != "" {
				t.Errorf("got %+v with the error, want only id %q", f, c.id)
			}
			if f, err = r.Read(); err != nil || f.ID != "good" {
				t.Errorf("out of step: %+v, %v", f, err)
			}
			if _, err = r.Read(); err != io.EOF {
				t.Errorf("at the end: %v", err)
			}
		})
	}
}

func TestReadTakesSpacesBehindTheValue(t *testing.T) {
	r := NewReader(bytes.NewReader(append(wire(good+strings.Repeat(" ", 8192)), wire(good)...)), protocol.MaxMessage)
	for range 2 {
		if f, err := r.Read(); err != nil || f.ID != "good" {
			t.Fatalf("%+v, %v", f, err)
		}
	}
}

func TestReadCutShort(t *testing.T) {
	whole := wire(good)
	for n := range whole {
		want := io.ErrUnexpectedEOF
		if n == 0 {
			want = io.EOF
		}
		if f, err := NewReader(bytes.NewReader(whole[:n]), protocol.MaxMessage).Read(); err != want {
			t.Errorf("%d bytes: %+v, %v; want %v", n, f, err, want)
		}
	}
	// Cut within a frame that is refused for its length.
	r := NewReader(bytes.NewReader([]byte{0xff, 0xff, 0xff, 0xff, 'x'}), protocol.MaxMessage)
	if _, err := r.Read(); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
	if _, err := r.Read(); err != io.ErrUnexpectedEOF {
		t.Error(err)
	}
}

// zeros is an endless stream.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// A length that lies, and a message as long as Firefox lets through, cost no memory.
func TestReadLongFramesCostNoMemory(t *testing.T) {
	for name, size := range map[string]uint32{"4 GiB claimed": 1<<32 - 1, "65 MiB sent": 65 << 20} {
		t.Run(name, func(t *testing.T) {
			sent := int64(size)
			if size > 100<<20 {
				sent = 16 << 20 // a part of it; the rest never comes
			}
			stream := io.MultiReader(bytes.NewReader(binary.LittleEndian.AppendUint32(nil, size)),
				io.LimitReader(zeros{}, sent), bytes.NewReader(wire(good)))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			r := NewReader(stream, protocol.MaxMessage)
			if _, err := r.Read(); !errors.Is(err, ErrTooLarge) {
				t.Fatal(err)
			}
			f, err := r.Read()
			runtime.ReadMemStats(&after)
			if sent == int64(size) && (err != nil || f.ID != "good") {
				t.Errorf("out of step: %+v, %v", f, err)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
				t.Errorf("allocated %d bytes for a frame that was refused", used)
			}
		})
	}
}

// Whatever the chunks, what is held stays under the limit that the reader was made with.
func TestChunksAreBounded(t *testing.T) {
	var stream bytes.Buffer
	w := NewWriter(&stream)
	piece := bytes.Repeat([]byte("x"), 1<<10)
	for i := range 64 {
		of := string(rune('a' + i%maxJoins))
		if err := w.Write(protocol.Frame{Chunk: &protocol.Chunk{Of: of, Seq: i / maxJoins, Data: piece}}); err != nil {
			t.Fatal(err)
		}
	}
	r := NewReader(&stream, 16<<10)
	refused := 0
	for {
		_, err := r.Read()
		if err == io.EOF {
			break
		}
		if !Recoverable(err) {
			t.Fatal(err)
		}
		refused++
		if r.joins.held > 16<<10 {
			t.Fatalf("holds %d bytes", r.joins.held)
		}
	}
	if refused == 0 {
		t.Error("nothing was refused")
	}
	for i := range maxJoins + 1 {
		if err := w.Write(protocol.Frame{Chunk: &protocol.Chunk{Of: string(rune('a' + i)), Data: []byte("x")}}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := NewReader(&stream, protocol.MaxMessage).Read(); !errors.Is(err, ErrTooLarge) {
		t.Errorf("%d incomplete messages: %v", maxJoins+1, err)
	}
}

func TestLongMessagesTravelInChunks(t *testing.T) {
	for _, size := range []int{0, protocol.ChunkSize - 100, protocol.ChunkSize, 1 << 20, 5 << 20} {
		var stream bytes.Buffer
		body, err := json.Marshal(protocol.Ping{Data: strings.Repeat("ü", size/2)})
		if err != nil {
			t.Fatal(err)
		}
		if err := NewWriter(&stream).Write(protocol.Frame{ID: "1", Type: "ping", Body: body}); err != nil {
			t.Fatal(err)
		}
		relayed := bytes.NewReader(stream.Bytes())
		f, err := NewReader(&stream, protocol.MaxMessage).Read()
		if err != nil || f.ID != "1" || f.Type != "ping" || !bytes.Equal(f.Body, body) {
			t.Fatalf("%d bytes: %v", size, err)
		}
		for wire := NewReader(relayed, 0); ; {
			f, err := wire.ReadWire()
			if err == io.EOF {
				break
			}
			if err != nil || f.ID != "1" {
				t.Fatalf("%d bytes relayed: id %q, %v", size, f.ID, err)
			}
		}
	}
	tooLong := protocol.Frame{ID: "1", Type: "ping", Body: json.RawMessage(`"` + strings.Repeat("x", protocol.MaxMessage) + `"`)}
	var stream bytes.Buffer
	if err := NewWriter(&stream).Write(tooLong); !errors.Is(err, ErrTooLarge) || stream.Len() > 0 {
		t.Errorf("over the limit: %v, %d bytes written", err, stream.Len())
	}
}

// Many goroutines write through one real pipe, short and chunked frames mixed; each frame arrives whole.
func TestWritersDoNotInterleave(t *testing.T) {
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	const writers, each = 8, 30
	w := NewWriter(out)
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			for j := range each {
				size := 50
				if j%10 == 0 {
					size = 600_000
				}
				body, _ := json.Marshal(protocol.Ping{Data: strings.Repeat(string(rune('a'+i)), size)})
				if err := w.Write(protocol.Frame{ID: "x", Type: "ping", Body: body}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	go func() { wg.Wait(); out.Close() }()
	r := NewReader(in, protocol.MaxMessage)
	got := 0
	for {
		f, err := r.Read()
		if err == io.EOF {
			break
		}
		var p protocol.Ping
		if err != nil || json.Unmarshal(f.Body, &p) != nil || strings.Trim(p.Data, p.Data[:1]) != "" {
			t.Fatalf("frame %d is not whole: %v", got, err)
		}
		got++
	}
	if got != writers*each {
		t.Errorf("%d frames arrived, %d were sent", got, writers*each)
	}
}

// short takes less than it is given and says nothing.
type short struct{}

func (short) Write(p []byte) (int, error) { return len(p) / 2, nil }

func TestWriteErrors(t *testing.T) {
	if err := NewWriter(short{}).Write(protocol.Frame{Type: "ping"}); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("short write: %v", err)
	}
	if err := NewWriter(io.Discard).Write(protocol.Frame{Type: "ping", Body: json.RawMessage(`{`)}); !errors.Is(err, ErrMalformed) {
		t.Errorf("a body that is no JSON: %v", err)
	}
}

// No bytes of a passphrase stay behind in reader and writer.
func TestBuffersAreErased(t *testing.T) {
	const secret = "correct horse battery staple"
	body, _ := json.Marshal(protocol.Unlock{Secret: protocol.Secret{Passphrase: secret}})
	var stream bytes.Buffer
	w := NewWriter(&stream)
	if err := w.Write(protocol.Frame{ID: "1", Type: "unlock", Body: body}); err != nil {
		t.Fatal(err)
	}
	r := NewReader(&stream, protocol.MaxMessage)
	if f, err := r.Read(); err != nil || !strings.Contains(string(f.Body), secret) {
		t.Fatalf("%s, %v", f.Body, err)
	}
	held := w.buf.Bytes()
	if bytes.Contains(held[:cap(held)], []byte(secret)) || bytes.Contains(r.buf[:cap(r.buf)], []byte(secret)) {
		t.Error("a passphrase stayed in a buffer")
	}
}
