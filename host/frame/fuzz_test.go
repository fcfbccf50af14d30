package frame

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"testing"

	"github.com/keyferry/keyferry/host/protocol"
)

func base64url(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

func seeds(f *testing.F) {
	for _, s := range []string{
		``, good, good + good, `{"id":"1","re":"ping","error":{"code":6,"name":"not-paired","message":"m"}}`,
		`{"id":"1","cancel":true}`, `{"event":"agent.hello","body":{"nonce":"AAAA"}}`,
		`{"chunk":{"of":"a","seq":0,"last":false,"data":"e30"}}`,
		`{"chunk":{"of":"a","seq":0,"last":true,"data":"` + base64url(good) + `"}}`,
		`{"id":"1","type":"webauthn.get","sender":{"kind":"content","origin":"https://example.com","ancestors":[""]},"body":{}}`,
		"{\"type\":\"\xff\"}", `{"type":"\ud800"}`, `[[[[`, `{"type":1e999}`, `null`,
	} {
		f.Add([]byte(s))
	}
}

// Any body, in a frame of the right length, is read or refused, and the frame behind it is read.
func FuzzReadBody(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		if len(body) > protocol.MaxFrame {
			return
		}
		stream := append(wire(string(body)), wire(good)...)
		r := NewReader(bytes.NewReader(stream), 1<<16)
		var last protocol.Frame
		for {
			f, err := r.Read()
			if err == io.EOF {
				break
			}
			if err != nil && !Recoverable(err) {
				t.Fatalf("%q: %v", body, err)
			}
			if err == nil && (kinds(f) != 1 || f.Chunk != nil) {
				t.Fatalf("%q was read as %+v", body, f)
			}
			if _, unfit := json.Marshal(f); err == nil && unfit != nil {
				t.Fatalf("%q can't be passed on: %v", body, unfit)
			}
			last = f
		}
		if last.ID != "good" {
			t.Fatalf("out of step behind %q: the last frame is %+v", body, last)
		}
	})
}

// Any stream ends: with frames, refusals and one final error, and without holding more than it may.
func FuzzReadStream(f *testing.F) {
	seeds(f)
	f.Add(append(wire(good), 0, 0, 0, 0))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff})
	f.Add([]byte{1, 0, 0x10, 0, 'x'})
	f.Fuzz(func(t *testing.T, stream []byte) {
		r := NewReader(bytes.NewReader(stream), 1<<16)
		for reads := 0; ; reads++ {
			_, err := r.Read()
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				return
			}
			if err != nil && !Recoverable(err) {
				t.Fatal(err)
			}
			if reads > len(stream) || r.joins.held > 1<<16 || cap(r.buf) > protocol.MaxFrame+headerSize {
				t.Fatalf("%d reads of %d bytes, %d held", reads, len(stream), r.joins.held)
			}
		}
	})
}

// Any frame that the writer takes comes out of the reader as it went in.
func FuzzWriteRead(f *testing.F) {
	f.Add("1", "ping", []byte(`{"data":"x"}`))
	f.Add("", "", []byte(`{"<b>":"\u2028"}`))
	f.Add("1", "a\xff", []byte(`"\ud800"`))
	f.Add("1", "long", bytes.Repeat([]byte("1"), protocol.ChunkSize))
	f.Fuzz(func(t *testing.T, id, typ string, body []byte) {
		in := protocol.Frame{ID: id, Type: typ, Body: body}
		var stream bytes.Buffer
		if err := NewWriter(&stream).Write(in); err != nil {
			if stream.Len() > 0 || !Recoverable(err) {
				t.Fatalf("%d bytes were written of a refused frame: %v", stream.Len(), err)
			}
			return
		}
		r := NewReader(&stream, protocol.MaxMessage)
		out, err := r.Read()
		if err != nil {
			if !errors.Is(err, ErrMalformed) {
				t.Fatal(err)
			}
			return // encoding/json is more lenient than the reader: duplicate names, lone surrogates, no type
		}
		want, err := json.Marshal(in.Body)
		if len(body) > 0 && (err != nil || !bytes.Equal(want, out.Body)) {
			t.Fatalf("%.200q became %.200q", in.Body, out.Body)
		}
	})
}
