package formats

import (
	"fmt"
	"strings"
	"testing"
)

func TestScanMembers(t *testing.T) {
	long := strings.Repeat("x", 20<<20)
	for _, c := range []struct{ doc, want string }{
		{`{"a":1,"b":"t","c":[1,"]",{"d":"\"}"}],"e":{"f":[]},"g":true,"h":null,"i":-1.5}`, `[{a 0 1} {b " t} {c [ } {e { } {g t true} {h n null} {i 0 -1.5}]`},
		{" {\n \"\\u0061\" : \"\\u00e9\\\"\" , \"b\" : false }", `[{a " é"} {b f false}]`},
		{`{"long":"` + long + `","after":1}`, `[{long " } {after 0 1}]`},
		{`{"before":1,"list":["` + long + `"],"after":1}`, `[{before 0 1} {list [ }]`},
		{`{"cut":"off`, `[{cut " }]`},
		{`{"cut":`, `[]`}, {`{"cut`, `[]`}, {`{`, `[]`}, {`[]`, `[]`}, {``, `[]`}, {`{"a" 1}`, `[]`}, {`{"a":1,"b":"\x"}`, `[{a 0 1} {b " }]`},
	} {
		var got []string
		for _, m := range scanMembers(strings.NewReader(c.doc)) {
			got = append(got, fmt.Sprintf("{%s %c %s}", m.Name, byte(m.Kind), m.Text))
		}
		if text := "[" + strings.Join(got, " ") + "]"; text != c.want {
			t.Errorf("%.60s: %s", c.doc, text)
		}
	}
}

func FuzzScanMembers(f *testing.F) {
	f.Add(`{"a":1,"b":"t","c":[1,"]",{"d":"\"}"}],"e":{"f":[]},"g":true,"h":null,"i":-1.5}`)
	f.Fuzz(func(t *testing.T, doc string) {
		if got := scanMembers(strings.NewReader(doc)); len(got) > maxMembers {
			t.Errorf("%d members", len(got))
		}
	})
}
