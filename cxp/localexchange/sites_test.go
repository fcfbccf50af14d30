//go:build unix

package localexchange

import (
	"fmt"
	"strings"
	"testing"

	json "github.com/go-json-experiment/json"

	"github.com/keyferry/keyferry/cxp/cxf"
)

// excluding is a registration that could be used, but for its list of sites perhaps.
func excluding(domains ...string) *Registration {
	return &Registration{
		Version: 1, RPID: "one.example", DisplayName: "One", Roles: []Role{RoleImporter}, Command: []string{"/bin/true"}, ExcludedSites: domains,
	}
}

func TestOnlyDomainsCanBeExcluded(t *testing.T) {
	many := make([]string, MaxExcludedSites)
	for i := range many {
		many[i] = fmt.Sprintf("site%d.example", i)
	}
	label := strings.Repeat("a", 63)
	longest := strings.Join([]string{label, label, label, label[:61]}, ".") // 253 bytes
	for _, good := range [][]string{
		nil, {"bank.example"}, {"localhost"}, {"a-b.xn--bcher-kva.example", "2.example", "bank.example", "bank.example"}, {longest}, many,
	} {
		if err := excluding(good...).check("one.example"); err != nil {
			t.Errorf("%.60q: %v", good, err)
		}
	}
	for _, bad := range [][]string{
		{""}, {"."}, {"com"}, {"Bank.example"}, {"bank.example."}, {".bank.example"}, {"a..example"}, {"-a.example"}, {"a-.example"},
		{"bücher.example"}, {"*.bank.example"}, {"https://bank.example"}, {"bank.example/login"}, {"bank.example:443"}, {"a_b.example"},
		{"127.0.0.1"}, {"[::1]"}, {"bank.example\n"}, {"bank.example", "\u202e.example"}, {longest + "a"}, {label + "a.example"},
		{"fine.example", "localhost.", "fine.example"}, append(many[:len(many):len(many)], "one.more.example"),
	} {
		if err := excluding(bad...).check("one.example"); err == nil {
			t.Errorf("%.60q was taken", bad)
		}
	}
}

func TestADomainStandsForWhatIsBelowIt(t *testing.T) {
	s := excluding("bank.example", "xn--bcher-kva.example", "localhost").Excluded()
	for host, want := range map[string]bool{
		"bank.example": true, "www.bank.example": true, "a.b.bank.example": true, "BANK.example.": true, "bücher.example": true, "BÜCHER.example": true,
		"localhost": true, "x.localhost": true, "mybank.example": false, "bank.example.com": false, "example": false, "": false, ".": false, "127.0.0.1": false,
		"*.bank.example": true, "\xff.bank": false,
		strings.Repeat("a.", 1<<20) + "bank.example": false, strings.Repeat("ü", 1<<20) + ".bank.example": false,
	} {
		if s.Has(host) != want {
			t.Errorf("%q: %v", host, !want)
		}
	}
	if excluding().Excluded().Has("bank.example") {
		t.Error("no list excludes something")
	}
}

func TestEachCredentialIsDecidedByItself(t *testing.T) {
	s := excluding("bank.example").Excluded()
	login, note := &cxf.BasicAuth{}, &cxf.Note{}
	here, elsewhere := &cxf.Passkey{RPID: "login.bank.example"}, &cxf.Passkey{RPID: "shop.example"}
	for _, c := range []struct {
		urls string
		cred cxf.Credential
		want bool
	}{
		{"https://www.bank.example/login?x=1", login, true},
		{"https://www.bank.example", note, true},
		{"https://ann@BANK.example:8443/ http://bank.example", login, true},
		{"bank.example/login", login, true},
		{"https://bank.example https://shop.example", login, false},
		{"https://bank.example mailto:ann@bank.example", login, false},
		{"https://bank.example https://", login, false},
		{"", login, false},
		{"https://shop.example", login, false},
		{"https://shop.example", here, true},
		{"https://bank.example", here, true},
		{"", here, true},
		{"https://bank.example", elsewhere, false},
		{"https://shop.example", &cxf.Unknown{Type: cxf.TypePasskey, Raw: []byte(`{"type":"passkey","rpId":"bank.example"}`)}, true},
		{"https://bank.example", &cxf.Unknown{Type: cxf.TypePasskey, Raw: []byte(`{"type":"passkey","rpId":"shop.example"}`)}, false},
		{"https://bank.example", &cxf.Unknown{Type: cxf.TypePasskey, Raw: []byte(`{"type":"passkey"}`)}, true},
		{"https://bank.example", &cxf.Unknown{Type: "new", Raw: []byte(`{"type":"new","rpId":"shop.example"}`)}, true},
	} {
		it := &cxf.Item{Scope: &cxf.CredentialScope{URLs: strings.Fields(c.urls)}}
		if got := s.Exclude(it, c.cred); got != c.want {
			t.Errorf("%T at %q: %v", c.cred, c.urls, got)
		}
	}
	if s.Exclude(&cxf.Item{}, login) || Sites(nil).Exclude(&cxf.Item{}, here) {
		t.Error("what nobody excludes stays")
	}
}

// FuzzRegistration: whatever is taken can be written and read again, and excludes what it says.
func FuzzRegistration(f *testing.F) {
	for _, list := range []string{`["bank.example"]`, `["localhost","a.b.c.example"]`, `[]`, `null`, `"bank.example"`, `[1]`, `["Bank.example"]`, `["com"]`} {
		f.Add([]byte(`{"version":1,"rpId":"one.example","displayName":"One","roles":["importer"],"command":["/bin/true"],"excludedSites":` + list + `}`))
	}
	f.Add([]byte(`{"version":1,"rpId":"one.example","displayName":"One","roles":["importer"],"command":["/bin/true"],"icon":"data:image/png;base64,iVBORw0KGgo="}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := parse(raw, "one.example")
		if err != nil {
			return
		}
		sites := r.Excluded()
		for _, d := range r.ExcludedSites {
			if !sites.Has(d) || !sites.Has("www."+d) {
				t.Errorf("%q is not excluded", d)
			}
		}
		again, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parse(again, "one.example"); err != nil {
			t.Errorf("%s: %v", again, err)
		}
	})
}
