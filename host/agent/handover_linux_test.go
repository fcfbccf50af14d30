package agent

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// Between the exec of a lock and Harden, others of the same user can open this process's descriptors by their names in
// /proc. What is handed over must not be had that way, since whoever has it can try every PIN, and must reach the next
// process all the same.
func TestWhatIsHandedOverHasNoName(t *testing.T) {
	blob := bytes.Repeat([]byte{0xa5}, maxBlob)
	fd, err := handedOver(blob)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(fmt.Sprintf("/proc/self/fd/%d", fd))
	if err == nil {
		defer f.Close()
		got := make([]byte, 16)
		n, _ := f.Read(got)
		t.Fatalf("it can be opened, and %d bytes of it read: %x", n, got[:n])
	}
	if !errors.Is(err, unix.ENXIO) {
		t.Fatalf("opening a socket by name: %v", err)
	}
	got, err := readHandedOver(fd, maxBlob)
	if err != nil || !bytes.Equal(got, blob) {
		t.Fatalf("%d bytes came over, %v", len(got), err)
	}
	if fd, err = handedOver(append(blob, 0)); err != nil {
		t.Fatal(err)
	}
	if got, err := readHandedOver(fd, maxBlob); err == nil {
		t.Fatalf("%d bytes were taken", len(got))
	}
}
