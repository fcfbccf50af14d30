package cxp

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
)

// envelope is an ExportResponse without its payload: everything that is small.
type envelope struct {
	Version  *int64         `json:"version"`
	HPKE     *envelopeSuite `json:"hpke,omitzero"`
	Archive  string         `json:"archive,omitzero"`
	Exporter string         `json:"exporter,omitzero"`
	Payload  *string        `json:"payload,omitzero"`
	Error    *Code          `json:"error,omitzero"`
}

type envelopeSuite struct {
	Mode string `json:"mode"`
	KEM  int64  `json:"kem"`
	KDF  int64  `json:"kdf"`
	AEAD int64  `json:"aead"`
}

// parseEnvelope reads a response whose payload was taken out (an empty string stands in its place).
func parseEnvelope(raw []byte) (*envelope, error) {
	var e envelope
	if err := json.Unmarshal(raw, &e); err != nil {
		return nil, syntaxError("response", err)
	}
	switch {
	case e.Version == nil:
		return nil, fmt.Errorf("response without version: %w", ErrSyntax)
	case *e.Version != Version:
		return nil, fmt.Errorf("response of version %d: %w", *e.Version, ErrVersion)
	case e.Error != nil:
		return nil, &PeerError{Code: knownCode(*e.Error)}
	case e.Archive != archiveValue:
		return nil, fmt.Errorf("response whose archive is not deflate: %w", ErrSyntax)
	case e.Exporter == "" || len(e.Exporter) > maxNameSize:
		return nil, fmt.Errorf("response whose exporter is empty or over %d bytes: %w", maxNameSize, ErrSyntax)
	case e.Payload == nil:
		return nil, fmt.Errorf("response without payload: %w", ErrSyntax)
	case *e.Payload != "":
		// The splitter takes the payload out by its plain name; what is left was spelled with escapes.
		return nil, fmt.Errorf("response whose payload is spelled with escapes: %w", ErrSyntax)
	}
	return &e, nil
}

// suite gives the response's suite, or 0 for a backup, which has no hpke member.
func (e *envelope) suite() (Suite, error) {
	if e.HPKE == nil {
		return 0, nil
	}
	s, ok := suiteByParams(e.HPKE.Mode, e.HPKE.KEM, e.HPKE.KDF, e.HPKE.AEAD)
	if !ok {
		return 0, fmt.Errorf("response: %w", ErrSuiteNotOffered)
	}
	return s, nil
}

// knownCode keeps text of the peer's choosing out of our errors.
func knownCode(c Code) Code {
	switch c {
	case CodeUserCanceled, CodeIncompatibleHPKE, CodeMissingImporterKey, CodeBadImporterKey,
		CodeUnsupportedVersion, CodeInvalidJSON, CodeForbiddenAction:
		return c
	}
	return "unknown-error"
}

// WriteError sends a refusal to the peer: {"version":0,"error":CODE}.
func WriteError(w io.Writer, code Code) error {
	version := int64(Version)
	raw, err := json.Marshal(struct {
		Version *int64 `json:"version"`
		Error   Code   `json:"error"`
	}{&version, code})
	if err != nil {
		return fmt.Errorf("encoding the error response: %w", err)
	}
	if _, err := w.Write(raw); err != nil {
		return fmt.Errorf("writing the error response: %w", err)
	}
	return nil
}

// splitter takes the payload out of a response as it streams by, so that a payload of hundreds of
// megabytes never lies in memory. It follows the JSON just closely enough to find the payload member
// of the outermost object; everything else is collected and then decoded strictly, which is where
// broken JSON, duplicate members and trailing data are found.
type splitter struct {
	r     *bufio.Reader
	rest  []byte // the response without the payload's text
	depth int
	key   bool // the next string at depth 1 is a member name
	ready bool // the name just read was "payload"
	found bool
	ended bool
}

func newSplitter(r io.Reader) *splitter {
	return &splitter{r: bufio.NewReaderSize(r, 32<<10)}
}

// next moves to the payload's first character and reports true, or reads to the end.
func (s *splitter) next() (bool, error) {
	for {
		c, err := s.r.ReadByte()
		if errors.Is(err, io.EOF) {
			return false, nil
		}
		if err != nil {
			return false, fmt.Errorf("reading the response: %w", err)
		}
		if err := s.keep(c); err != nil {
			return false, err
		}
		switch c {
		case '{', '[':
			s.depth++
			s.key = c == '{' && s.depth == 1
		case '}', ']':
			s.depth--
		case ',':
			s.key = s.depth == 1
		case '"':
			if s.ready && !s.found {
				s.found = true
				return true, nil
			}
			if err := s.text(); err != nil {
				return false, err
			}
			continue // ready lives until the value begins
		case ' ', '\t', '\r', '\n', ':':
			continue
		}
		s.ready = false
	}
}

// text keeps one string, of which the opening quote was read.
func (s *splitter) text() error {
	start := len(s.rest)
	for escaped := false; ; {
		c, err := s.r.ReadByte()
		if err != nil {
			return fmt.Errorf("response ends within a string: %w: %w", ErrSyntax, err)
		}
		if err := s.keep(c); err != nil {
			return err
		}
		if c == '"' && !escaped {
			break
		}
		escaped = c == '\\' && !escaped
	}
	s.ready = s.key && s.depth == 1 && string(s.rest[start:len(s.rest)-1]) == "payload"
	s.key = false
	return nil
}

func (s *splitter) keep(c byte) error {
	if len(s.rest) >= MaxEnvelopeSize {
		return fmt.Errorf("response with over %d bytes beside its payload: %w", MaxEnvelopeSize, ErrTooLarge)
	}
	s.rest = append(s.rest, c)
	return nil
}

// Read gives the payload's characters; io.EOF is its closing quote. Characters that don't belong
// (an escape, a line break) are left to the base64url decoder to refuse.
func (s *splitter) Read(p []byte) (int, error) {
	if s.ended {
		return 0, io.EOF
	}
	if _, err := s.r.Peek(1); err != nil {
		return 0, fmt.Errorf("response ends within its payload: %w: %w", ErrSyntax, unexpected(err))
	}
	chunk, _ := s.r.Peek(min(len(p), s.r.Buffered())) // what is buffered can always be peeked at
	n := bytes.IndexByte(chunk, '"')
	switch {
	case n == 0:
		_, _ = s.r.Discard(1)
		if err := s.keep('"'); err != nil {
			return 0, err
		}
		s.ended = true
		return 0, io.EOF
	case n > 0:
		chunk = chunk[:n]
	}
	n = copy(p, chunk)
	_, _ = s.r.Discard(n)
	return n, nil
}

func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
