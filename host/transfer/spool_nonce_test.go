package transfer

import (
	"bytes"
	"os"
	"testing"
)

// A disk that is full for a moment: what comes after must not be sealed under the number of the piece that failed, part
// of which may lie on the disk.
func TestSpoolUsesNoNumberTwice(t *testing.T) {
	s, err := NewSpool(t.TempDir(), 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	good := s.f
	if s.f, err = os.Open(os.DevNull); err != nil { // not to be written to
		t.Fatal(err)
	}
	piece := bytes.Repeat([]byte{1}, spoolPiece)
	if _, err := s.Write(piece); err == nil {
		t.Fatal("a write that fails is no error")
	}
	_ = s.f.Close()
	s.f = good
	if _, err := s.Write(piece); err == nil {
		t.Error("another piece was sealed under the same number")
	}
	if s.Finish() == nil {
		t.Error("a spool with a gap is whole")
	}
}
