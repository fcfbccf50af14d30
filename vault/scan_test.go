package vault

import (
	"context"
	"testing"
)

// What Badger has written, the scanner reads: closed (tables) and open (logs).
func TestScannerReadsWhatBadgerWrote(t *testing.T) {
	ctx := context.Background()
	v, _ := filled(t, 500)
	for i := range 5 {
		if err := v.AddPasskey(ctx, samplePasskey(i, "later.example", []byte{1})); err != nil {
			t.Fatal(err)
		}
	}
	for _, closed := range []bool{false, true} {
		if closed {
			v = reopen(t, v)
		}
		keys, err := readRegistry(v.storeDir()+"/KEYREGISTRY", v.keys.store(1))
		if err != nil {
			t.Fatal(err)
		}
		newest := map[recordKey]rawEntry{}
		emit := func(e rawEntry) {
			if old, ok := newest[e.key]; !ok || old.ts < e.ts {
				newest[e.key] = e
			}
		}
		for _, ext := range []string{".sst", ".mem"} {
			files, err := storeFiles(v.storeDir(), ext)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range files {
				if ext == ".sst" {
					if bad, err := scanTable(f, keys, emit); bad != 0 || err != nil {
						t.Fatal(f, bad, err)
					}
				} else if _, rest, err := scanLog(f, keys, false, emit); rest || err != nil {
					t.Fatal(f, rest, err)
				}
			}
		}
		n := uint64(0)
		for key, e := range newest {
			if key == stateKey || e.deleted {
				continue
			}
			n++
			r := reader{v: v}
			if _, _, err := r.authenticate(key, e.value); err != nil {
				t.Fatalf("closed %v: %q: %v", closed, key[0], err)
			}
		}
		if n != v.st.count {
			t.Fatalf("closed %v: %d records found, %d stored", closed, n, v.st.count)
		}
	}
}
