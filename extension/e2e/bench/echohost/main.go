// Command echohost is the least that a native messaging host in Go can be: it sends every frame back. `make bench`
// measures the bridge's start against it.
package main

import (
	"encoding/binary"
	"io"
	"os"
)

func main() {
	var head [4]byte
	for {
		if _, err := io.ReadFull(os.Stdin, head[:]); err != nil {
			return
		}
		body := make([]byte, min(binary.LittleEndian.Uint32(head[:]), 1<<20))
		if _, err := io.ReadFull(os.Stdin, body); err != nil {
			return
		}
		if _, err := os.Stdout.Write(append(head[:], body...)); err != nil {
			return
		}
	}
}
