package webauthn

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"testing"
	"time"
)

type clientDataVector struct {
	Origin    string   `json:"origin"`
	Ancestors []string `json:"ancestors"`
	Challenge string   `json:"challenge"`
	Create    string   `json:"create"`
	Get       string   `json:"get"`
}

// testdata/clientdata.json was recorded from native Chromium 156 (less the member that it adds at random so that nobody
// compares with a template).
func TestClientDataIsChromiumsByteForByte(t *testing.T) {
	data, err := os.ReadFile("testdata/clientdata.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []clientDataVector
	if err := json.Unmarshal(data, &vectors); err != nil || len(vectors) < 7 {
		t.Fatalf("%d vectors, %v", len(vectors), err)
	}
	for _, v := range vectors {
		c := Caller{Origin: v.Origin, Ancestors: v.Ancestors, Delegated: true}
		creation, err := NewCreation(json.RawMessage(`{"rp":{"name":"v"},"user":{"id":"AQ","name":"v","displayName":"v"},"challenge":"`+v.Challenge+`","pubKeyCredParams":[]}`), "", c, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		assertion, err := NewAssertion(json.RawMessage(`{"challenge":"`+v.Challenge+`"}`), "", c, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if string(creation.ClientDataJSON) != v.Create {
			t.Errorf("create:\n %s, Chromium\n %s", creation.ClientDataJSON, v.Create)
		}
		if string(assertion.ClientDataJSON) != v.Get {
			t.Errorf("get:\n %s, Chromium\n %s", assertion.ClientDataJSON, v.Get)
		}
	}
}

// CCDToString by the standard's rules, where no browser's origin leads: and no JSON library escapes just so.
func TestCCDToString(t *testing.T) {
	for in, want := range map[string]string{
		"":                        `""`,
		`a"b\c/d`:                 `"a\"b\\c/d"`,
		"\x00\x01\x1f \x7f":       `"\u0000\u0001\u001f ` + "\x7f\"",
		"\b\t\n\f\r":              `"\u0008\u0009\u000a\u000c\u000d"`,
		"<script>&'</script>":     `"<script>&'</script>"`,
		"\u2028\u2029\u0080é 例 😀": "\"\u2028\u2029\u0080é 例 😀\"",
		"\xff\xc3(":               "\"\ufffd\ufffd(\"",
		"[\\]^{}~!#":              `"[\\]^{}~!#"`,
	} {
		if got := string(appendCCDString(nil, in)); got != want {
			t.Errorf("CCDToString(%q) = %s, want %s", in, got, want)
		}
	}
}

func TestCrossOriginAndTopOrigin(t *testing.T) {
	const self = "https://example.com"
	for _, c := range []struct {
		ancestors []string
		cross     bool
		top       string
		json      string
	}{
		{nil, false, "", `"crossOrigin":false}`},
		{[]string{self, self}, false, "", `"crossOrigin":false}`},
		{[]string{"https://top.test"}, true, "https://top.test", `"crossOrigin":true,"topOrigin":"https://top.test"}`},
		{[]string{"https://www.example.com"}, true, "https://www.example.com", `"crossOrigin":true,"topOrigin":"https://www.example.com"}`},
		{[]string{self + ":8443"}, true, self + ":8443", `"crossOrigin":true,"topOrigin":"https://example.com:8443"}`},
		{[]string{"https://other.test", self}, true, self, `"crossOrigin":true,"topOrigin":"https://example.com"}`},
		{[]string{""}, true, "", `"crossOrigin":true}`},
		{[]string{self, ""}, true, "", `"crossOrigin":true}`},
		{[]string{"", self}, true, self, `"crossOrigin":true,"topOrigin":"https://example.com"}`},
		{[]string{"null"}, true, "null", `"crossOrigin":true,"topOrigin":"null"}`},
	} {
		caller := Caller{Origin: self, Ancestors: c.ancestors, Delegated: true}
		a, err := NewAssertion(json.RawMessage(`{"challenge":"AA"}`), "", caller, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		want := `{"type":"webauthn.get","challenge":"AA","origin":"https://example.com",` + c.json
		if a.CrossOrigin != c.cross || a.TopOrigin != c.top || string(a.ClientDataJSON) != want {
			t.Errorf("ancestors %q: cross-origin %v, top %q, %s, want %s", c.ancestors, a.CrossOrigin, a.TopOrigin, a.ClientDataJSON, want)
		}
	}
}

// Opaque and unknown origins equal nothing, not even one another.
func TestOpaqueOriginsAreCrossOrigin(t *testing.T) {
	for _, origin := range []string{"null", ""} {
		if !(Caller{Origin: origin, Ancestors: []string{origin}}).CrossOrigin() {
			t.Errorf("%q in %q is taken for same-origin", origin, origin)
		}
	}
}

// Any string gives JSON that a JSON parser reads back as that string.
func FuzzCCDToString(f *testing.F) {
	f.Add("https://example.com", []byte{1, 2})
	f.Add("\x00\"\\\u2028😀\xff", []byte{})
	f.Fuzz(func(t *testing.T, origin string, challenge []byte) {
		b := clientDataJSON(typeGet, challenge, origin, true, origin)
		var got struct {
			Type, Challenge, Origin, TopOrigin string
			CrossOrigin                        bool
		}
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatalf("%q: %v", b, err)
		}
		want := string([]rune(origin)) // invalid bytes become U+FFFD
		if got.Origin != want || got.TopOrigin != want || got.Challenge != base64.RawURLEncoding.EncodeToString(challenge) || !got.CrossOrigin || got.Type != typeGet {
			t.Fatalf("%q gives %+v", b, got)
		}
	})
}
