package formats_test

import (
	"io"
	"strings"
	"testing"

	"github.com/keyferry/keyferry/cxp/formats"
)

func FuzzZip(f *testing.F) {
	f.Add(archive(f, map[string]io.Reader{"a": strings.NewReader("b"), "c/d": strings.NewReader(strings.Repeat("e", 1000))}))
	f.Add(manyEntries(10))
	f.Fuzz(func(t *testing.T, data []byte) {
		z, err := open(data)
		if err != nil {
			return
		}
		for _, name := range z.Names() {
			r, err := z.Open(name)
			if err != nil {
				continue
			}
			_, _ = io.Copy(io.Discard, io.LimitReader(r, 1<<20)) // that it is damaged is no finding: it must only end
			_ = r.Close()                                        // which says the same damage once more
		}
		if _, err := z.Open("no such name in any archive"); err != nil && err != formats.ErrNoFile {
			t.Error(err)
		}
	})
}
