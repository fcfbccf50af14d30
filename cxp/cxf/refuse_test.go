package cxf

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
)

func TestWhatIsNoTrustworthyJSONIsRefused(t *testing.T) {
	for name, c := range map[string]struct{ document, reason string }{
		"a member twice":                {`{"version":{"major":1,"minor":0},"accounts":[],"accounts":[]}`, "duplicate member name"},
		"a member twice, deep inside":   {document(`{"id":"YQ","title":"T","credentials":[{"type":"passkey","key":"AA","key":"AB"}]}`), "duplicate member name"},
		"a member twice, once escaped":  {document(`{"id":"YQ","title":"T","\u0074itle":"U","credentials":[]}`), "duplicate member name"},
		"a member twice, among unknown": {document(`{"id":"YQ","title":"T","credentials":[],"x":{"a":1,"a":2}}`), "duplicate member name"},
		"invalid UTF-8":                 {document(`{"id":"YQ","title":"` + "\xff" + `","credentials":[]}`), "invalid UTF-8"},
		"half a surrogate pair":         {document(`{"id":"YQ","title":"\ud800","credentials":[]}`), "invalid UTF-8"},
		"cut":                           {testdata(t, "everything.json")[:20000], "the end, too early,"},
		"nothing":                       {``, "the end, too early,"},
		"a second document":             {document("") + document(""), "more data after the document"},
		"a comment":                     {document("/* x */"), "a syntax error"},
		"a comma too many":              {document(`{"id":"YQ","title":"T","credentials":[],}`), "a syntax error"},
		"a control character":           {document("{\"id\":\"YQ\",\"title\":\"a\nb\",\"credentials\":[]}"), "a syntax error"},
	} {
		_, _, err := Read(strings.NewReader(c.document), readOptions())
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || syntax.Reason != c.reason {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNamesThatDifferInCaseAreTwoMembers(t *testing.T) {
	h, report := mustRead(t, document(`{"id":"YQ","Title":"wrong","title":"right","TITLE":"wrong","credentials":[]}`))
	reports(t, report)
	if got := h.Accounts[0].Items[0].Title; got != "right" {
		t.Errorf("the title is %q", got)
	}
	got, _ := mustWrite(t, h)
	sameJSON(t, got, document(`{"id":"YQ","Title":"wrong","title":"right","TITLE":"wrong","credentials":[]}`))
}

func TestDocumentsOfAnotherKindAreRefused(t *testing.T) {
	for _, c := range []struct {
		document string
		want     error
	}{
		{`[]`, ErrNotCXF},
		{`"text"`, ErrNotCXF},
		{`{}`, ErrNotCXF},
		{`{"encrypted":false,"folders":[]}`, ErrNotCXF},
		{`{"items":[],"accounts":[]}`, ErrNotCXF},
		{`{"payload":"***"}`, ErrNotCXF},
		{`{"payload":"eyJwYXlsb2FkIjoiZTMwIn0"}`, ErrNotCXF}, // a wrapper in a wrapper
		{`{"version":{"major":2,"minor":0},"accounts":[]}`, ErrVersion},
		{`{"version":7,"accounts":[]}`, ErrVersion},
		{`{"version":{"major":300,"minor":0},"accounts":[]}`, ErrVersion},
		{`{"version":256,"accounts":[]}`, ErrVersion},
	} {
		if _, _, err := Read(strings.NewReader(c.document), readOptions()); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", c.document, err)
		}
	}
	for _, minor := range []string{"0", "1", "99"} {
		h, _ := mustRead(t, `{"version":{"major":1,"minor":`+minor+`},"exporterRpId":"x","exporterDisplayName":"X","timestamp":1795305600,"accounts":[]}`)
		if got := stable(t, h); !strings.Contains(got, `"version":{"major":1,"minor":0}`) {
			t.Errorf("minor %s was written as %s", minor, got)
		}
	}
}

func TestDocumentsWithoutAVersionOrWithAMark(t *testing.T) {
	for _, version := range []string{``, `"version":null,`, `"version":"1.0",`, `"version":{"minor":0},`, `"version":{"major":1},`} {
		h, report := mustRead(t, `{`+version+`"exporterRpId":"x","exporterDisplayName":"X","timestamp":1795305600,"accounts":[]}`)
		if h.Version.Major != 1 || len(report.Diagnostics) != 1 {
			t.Errorf("%q was read as %v, %v", version, h.Version, report.Strings())
		}
		stable(t, h)
	}
	_, report := mustRead(t, "\xef\xbb\xbf"+document(""))
	reports(t, report)
}

func TestLimits(t *testing.T) {
	nested := func(depth int) string {
		return document(`{"id":"YQ","title":"T","credentials":[],"x":` + strings.Repeat("[", depth) + strings.Repeat("]", depth) + `}`)
	}
	items := func(n int) string {
		return document(strings.TrimSuffix(strings.Repeat(`{"id":"","title":"T","credentials":[]},`, n), ","))
	}
	size := int64(len(items(3)))
	for name, c := range map[string]struct {
		document string
		opts     ReadOptions
		want     error
	}{
		"as deep as may be":     {nested(64 - 5), ReadOptions{}, nil},
		"deeper than may be":    {nested(64 - 4), ReadOptions{}, ErrTooDeep},
		"deep enough to hurt":   {nested(9000), ReadOptions{}, ErrTooDeep},
		"deeper than JSON goes": {nested(1 << 20), ReadOptions{}, ErrTooDeep},
		"as many items":         {items(3), ReadOptions{MaxItems: 3}, nil},
		"more items":            {items(4), ReadOptions{MaxItems: 3}, ErrTooLarge},
		"as many bytes":         {items(3), ReadOptions{MaxBytes: size}, nil},
		"more bytes":            {items(3), ReadOptions{MaxBytes: size - 1}, ErrTooLarge},
		"an object too wide":    {document(wide(1 << 17)), ReadOptions{}, ErrTooLarge},
		"the outermost object":  {wide(1 << 17), ReadOptions{}, ErrTooLarge},
		"endless, in one value": {"", ReadOptions{MaxBytes: 1 << 20}, ErrTooLarge},
	} {
		src := io.Reader(strings.NewReader(c.document))
		if c.document == "" {
			src = io.MultiReader(strings.NewReader(`{"accounts":"`), endless{})
		}
		if _, _, err := Read(src, &c.opts); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// wide is an object of n members.
func wide(n int) string {
	var b strings.Builder
	b.WriteByte('{')
	for i := range n {
		fmt.Fprintf(&b, `"%d":0,`, i)
	}
	return strings.TrimSuffix(b.String(), ",") + "}"
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// A document of 24 MB that is nothing but tiny parts must not unfold to gigabytes.
func TestMemoryStaysBounded(t *testing.T) {
	for name, item := range map[string]string{
		"fields":      `{"id":"YQ","title":"T","credentials":[{"type":"custom-fields","fields":[` + strings.Repeat(`{},`, 8<<20) + `{}]}]}`,
		"credentials": `{"id":"YQ","title":"T","credentials":[` + strings.Repeat(`{},`, 8<<20) + `{}]}`,
		"tags":        `{"id":"YQ","title":"T","credentials":[],"tags":[` + strings.Repeat(`"",`, 8<<20) + `""]}`,
		"items":       strings.Repeat(`{},`, 8<<20) + `{}`,
		"numbers":     strings.Repeat(`0,`, 12<<20) + `0`,
	} {
		t.Run(name, func(t *testing.T) {
			doc := document(item)
			runtime.GC()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, report, err := Read(strings.NewReader(doc), &ReadOptions{MaxItems: 1 << 30})
			runtime.ReadMemStats(&after)
			if err != nil && !errors.Is(err, ErrTooLarge) {
				t.Fatal(err)
			}
			if n := len(report.Diagnostics); n > 10_000 {
				t.Errorf("%d diagnostics", n)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > 16*uint64(len(doc)) {
				t.Errorf("reading %d bytes allocated %d", len(doc), used)
			}
		})
	}
}

func TestErrorsOfOthersComeThrough(t *testing.T) {
	broken := errors.New("the disk is on fire")
	doc := testdata(t, "everything.json")
	if _, _, err := Read(io.MultiReader(strings.NewReader(doc[:9000]), iotest.ErrReader(broken)), nil); !errors.Is(err, broken) {
		t.Errorf("reading: %v", err)
	}
	opts := &ReadOptions{OnItem: func(int, Item) error { return broken }}
	if _, _, err := Read(strings.NewReader(doc), opts); !errors.Is(err, broken) {
		t.Errorf("a receiver of items: %v", err)
	}
	h, _ := mustRead(t, doc)
	if _, err := Write(failingWriter{broken}, h, nil); !errors.Is(err, broken) {
		t.Errorf("writing: %v", err)
	}
	source := &WriteOptions{Items: func(int) func(func(*Item, error) bool) {
		return func(yield func(*Item, error) bool) { yield(nil, broken) }
	}}
	if _, err := Write(io.Discard, h, source); !errors.Is(err, broken) {
		t.Errorf("a source of items: %v", err)
	}
}

type failingWriter struct{ err error }

func (f failingWriter) Write([]byte) (int, error) { return 0, f.err }

// Neither errors nor reports say what a secret is.
func TestSecretsAreInNoErrorAndNoReport(t *testing.T) {
	const secret = "hunter2secret"
	for _, doc := range []string{
		withCredential(`{"type":"passkey","credentialId":"` + secret + `","rpId":"x","userHandle":"` + secret + `","key":"` + secret + `"}`),
		withCredential(`{"type":"totp","secret":"` + secret + `!"}`),
		withCredential(`{"type":"basic-auth","password":{"fieldType":"boolean","value":"` + secret + `"},"username":["` + secret + `"]}`),
		withCredential(`{"type":"future","x":"` + secret + `"}`),
		withCredential(`{"type":"note","content":"` + secret + `` + "\xff" + `"}`),
		withCredential(`{"type":"basic-auth","password":"` + secret + `" "x"}`),
		withCredential(`"` + secret + `"`),
	} {
		h, report, err := Read(strings.NewReader(doc), nil)
		if strings.Contains(fmt.Sprint(err, report.Strings()), secret) {
			t.Errorf("the secret is in %v or %v", err, report.Strings())
		}
		if h != nil {
			report, err = Write(io.Discard, h, nil)
			if strings.Contains(fmt.Sprint(err, report.Strings()), secret) {
				t.Errorf("the secret is in %v or %v", err, report.Strings())
			}
		}
	}
}
