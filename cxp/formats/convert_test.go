package formats_test

import (
	"testing"

	"github.com/keyferry/keyferry/cxp/formats"
)

func TestAbsoluteURL(t *testing.T) {
	for text, want := range map[string]string{
		"https://a.example/x?y#z": "https://a.example/x?y#z", "a.example": "https://a.example", "a.example/path": "https://a.example/path",
		"a.example:8443": "https://a.example:8443", "localhost": "https://localhost", "http://10.0.0.1": "http://10.0.0.1",
		"iosapp://com.example": "iosapp://com.example", "ssh://host": "ssh://host",
		"": "", "word": "", "two words": "", "^https?://.*$": "", "javascript:alert(1)": "", "a.example:port": "", "https://": "", "*.a.example{1}": "",
	} {
		if got, ok := formats.AbsoluteURL(text); got != want && ok || ok != (want != "") {
			t.Errorf("%q: %q, %v", text, got, ok)
		}
	}
}

func TestTimes(t *testing.T) {
	for text, want := range map[string]int64{
		"2024-10-23T16:38:08.870Z": 1729701488, "2024-10-23T18:38:08+02:00": 1729701488, "2024-10-23T16:38:08": 1729701488, "2024-10-23 16:38:08": 1729701488,
		"2024-10-23": 1729641600, "": 0, "yesterday": 0, "1960-01-01": 0,
	} {
		if got := formats.ParseTime(text); got != want {
			t.Errorf("%q: %d", text, got)
		}
	}
	if got := formats.FormatTime(1729701488); got != "2024-10-23T16:38:08.000Z" {
		t.Error(got)
	}
}

func TestYearMonth(t *testing.T) {
	for in, want := range map[[2]string]string{{"2031", "4"}: "2031-04", {"31", "12"}: "2031-12", {"2031", "13"}: "", {"", "4"}: "", {"x", "1"}: "", {"-1", "1"}: ""} {
		if got := formats.YearMonth(in[0], in[1]); got != want {
			t.Errorf("%v: %q", in, got)
		}
	}
}

func TestPlain(t *testing.T) {
	if got := formats.Plain("a\u202eb\x00c\n\u200bd"); got != "abcd" {
		t.Errorf("%q", got)
	}
	if got := []rune(formats.Plain(string(make([]byte, 10)) + "é" + string([]rune{'x'}))); len(got) != 2 {
		t.Errorf("%q", string(got))
	}
}

func TestBase64(t *testing.T) {
	for text, want := range map[string]string{"-_8": "\xfb\xff", "+/8=": "\xfb\xff", "": "", " YQ== ": "a"} {
		if got, err := formats.DecodeBase64(text); err != nil || string(got) != want {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	if _, err := formats.DecodeBase64("secret!"); err == nil || err.Error() != "is no base64" {
		t.Errorf("%v", err)
	}
}
