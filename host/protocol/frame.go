package protocol

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
)

// Version is the protocol's version. Bridge and agent of one version come from one binary; an extension states the
// lowest and highest that it speaks (see [SessionRequest]) and is told plainly which side to update where none fits.
const Version = 1

// Sizes in bytes, on both roads.
const (
	MaxFrame   = 1 << 20   // the browsers' limit from host to browser; ours for every single frame
	ChunkSize  = 256 << 10 // a frame whose JSON is longer travels as chunks of this many bytes
	MaxMessage = 64 << 20  // the longest message that chunks may add up to
)

// Frame is one message on the wire. Exactly one of Type, Re, Event, Cancel and Chunk is set.
//
//   - Request: ID and Type, Body as the type says, Sender where the extension relays for somebody.
//   - Answer: the request's ID, Re repeating its Type, and either Body or Error.
//   - Event: Event and Body; from the agent only, unasked.
//   - Cancel: the ID of a request that its sender no longer wants. It is still answered (with [CodeCanceled], unless
//     the answer was already on its way).
//   - Chunk: a piece of a longer frame; ID repeats that frame's, so that a relay knows whose it is.
type Frame struct {
	ID     string          `json:"id,omitempty"`
	Type   string          `json:"type,omitempty"`
	Re     string          `json:"re,omitempty"`
	Event  string          `json:"event,omitempty"`
	Cancel bool            `json:"cancel,omitempty"`
	Sender *Sender         `json:"sender,omitempty"`
	Body   json.RawMessage `json:"body,omitempty" ts:"unknown"`
	Error  *Error          `json:"error,omitempty"`
	Chunk  *Chunk          `json:"chunk,omitempty"`
}

// Chunk is a piece of a frame that is longer than [ChunkSize]. Pieces come in order; those of different frames may be
// interleaved. The receiver refuses a gap, a repeated piece, and a sum over [MaxMessage].
type Chunk struct {
	Of   string `json:"of"`   // one random name for all the pieces of a frame
	Seq  int    `json:"seq"`  // counts from 0
	Last bool   `json:"last"` // the frame is complete with this piece
	Data Bytes  `json:"data"`
}

// SenderKind says who asks. It is the column of the table in table.go.
type SenderKind string

// The senders. The first three come through the extension's background, which takes them from the browser's own
// `sender`, never from the message; the agent believes them only of a paired session.
const (
	SenderContent    SenderKind = "content"    // a content script, on behalf of a web page
	SenderPage       SenderKind = "page"       // one of our own extension pages
	SenderBackground SenderKind = "background" // the background itself
	SenderCLI        SenderKind = "cli"        // the command line of the same user, by its own connection
)

// Sender is what the browser said about whom the extension relays for.
type Sender struct {
	Kind SenderKind `json:"kind"`
	// Page is the extension page's folder ("approve", "popup", "welcome", "vault", "settings", "unlock", "transfer"); for SenderPage only.
	Page string `json:"page,omitempty"`
	// Origin is the document's serialised origin ("https://example.com", never with a path); for SenderContent only. An opaque origin is "null".
	Origin string `json:"origin,omitempty"`
	// Ancestors are the origins of the embedding documents, nearest first, empty for a top document. One that could
	// not be established is "" and counts as another origin.
	Ancestors []string `json:"ancestors,omitempty"`
	TabID     int      `json:"tabId,omitempty"`
	FrameID   int      `json:"frameId,omitempty"`
	// DocumentID names the document where the browser does (Chromium); a navigation changes it.
	DocumentID string `json:"documentId,omitempty"`
	// Private is true in a private or incognito window: nothing about it goes into the audit log.
	Private bool `json:"private,omitempty"`
}

// Bytes is binary data, unpadded base64url in JSON; padded input is accepted.
type Bytes []byte

// Millis is a point in time: milliseconds since 1970-01-01 UTC.
type Millis int64

// MarshalText implements [encoding.TextMarshaler].
func (b Bytes) MarshalText() ([]byte, error) {
	return base64.RawURLEncoding.AppendEncode(nil, b), nil
}

// UnmarshalText implements [encoding.TextUnmarshaler].
func (b *Bytes) UnmarshalText(text []byte) error {
	raw, err := base64.RawURLEncoding.AppendDecode(nil, bytes.TrimRight(text, "="))
	if err != nil {
		return fmt.Errorf("not base64url: %w", err)
	}
	*b = raw
	return nil
}
