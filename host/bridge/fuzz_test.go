package bridge

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/keyferry/keyferry/host/frame"
	"github.com/keyferry/keyferry/host/protocol"
)

// scripted is an agent that says what it was told to, and then is gone; what it is sent is checked.
type scripted struct {
	in   *frame.Reader
	sent func(protocol.Frame)
}

func (s *scripted) Send(f protocol.Frame) error          { s.sent(f); return nil }
func (s *scripted) ReceiveWire() (protocol.Frame, error) { return s.in.ReadWire() }
func (s *scripted) Close() error                         { return nil }

// stream puts lines into frames of the right length, and raw bytes behind them.
func stream(bodies []byte, raw []byte) []byte {
	var out []byte
	for _, body := range bytes.Split(bodies, []byte("\n")) {
		out = append(binary.LittleEndian.AppendUint32(out, uint32(len(body))), body...)
	}
	return append(out, raw...)
}

// FuzzRelay lets a browser and an agent say anything. The bridge ends when the browser has finished, passes nothing on
// that is no request, and writes only whole frames.
func FuzzRelay(f *testing.F) {
	f.Add([]byte(`{"id":"1","type":"ping"}`), []byte{}, []byte(`{"id":"1","re":"ping"}`))
	f.Add([]byte("{\"id\":\"1\",\"type\":\"session\"}\n{\"id\":\"2\",\"type\":\"webauthn.get\"}\n{\"id\":\"2\",\"cancel\":true}"), []byte{0, 0, 0, 0}, []byte(`{"id":"1","re":"session"}`))
	f.Add([]byte(`{"id":"1","chunk":{"of":"a","seq":0,"last":false,"data":"e30"}}`), []byte{1, 2}, []byte(`{"event":"status.changed"}`))
	f.Add([]byte(`{"id":"1","type":"client.hello"}`), []byte{255, 255, 255, 255}, []byte(`rubbish`))
	f.Add([]byte("{\"id\":\"1\",\"type\":\"bridge.profile\",\"sender\":{\"kind\":\"background\"},\"body\":{\"profile\":\"work\"}}\n{\"id\":\"2\",\"type\":\"ping\"}"), []byte{}, []byte(`{"id":"2","re":"ping"}`))
	f.Add([]byte(`{"id":"1","type":"a","type":"b"}`), []byte{}, []byte("{\"id\":\"1\",\"re\":\"x\"}\n{\"id\":\"1\",\"re\":\"x\"}"))
	f.Fuzz(func(t *testing.T, browser, raw, agent []byte) {
		var mu sync.Mutex
		check := func(f protocol.Frame) {
			mu.Lock()
			defer mu.Unlock()
			if f.Re != "" || f.Event != "" || f.Type == "client.hello" || f.Type == "bridge.profile" || f.ID == "" && f.Chunk == nil {
				t.Errorf("the agent was sent %+v", f)
			}
		}
		var dials atomic.Int32 // a profile that is chosen late is dialled beside the default one
		var out bytes.Buffer
		err := Run(t.Context(), Config{
			In: bytes.NewReader(stream(browser, raw)), Out: &out, Caller: caller, Known: func(string) bool { return true },
			Exists: func(name string) error {
				if name != "work" {
					return errors.New("no such profile")
				}
				return nil
			},
			Dial: func(context.Context, string, bool) (Agent, protocol.AgentHello, error) {
				if dials.Add(1) > 3 {
					return nil, protocol.AgentHello{}, errors.New("no more agents")
				}
				in := frame.NewReader(bytes.NewReader(stream(agent, nil)), protocol.MaxMessage)
				return &scripted{in, check}, protocol.AgentHello{}, nil
			},
		})
		_ = err // any end is right, as long as it ends
		answers := frame.NewReader(&out, protocol.MaxMessage)
		for {
			_, err := answers.ReadWire()
			if err == io.EOF {
				return
			}
			if err != nil {
				t.Fatalf("the browser was sent something that is no frame: %v", err)
			}
		}
	})
}
