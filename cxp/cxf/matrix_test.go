package cxf

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
)

// readableWithout are members that the schema requires, and that the lenient
// reader can do without; every other required member voids its credential.
var readableWithout = map[string][]string{
	"passkey":       {"username", "userDisplayName", "userHandle"},
	"totp":          {"period", "digits", "algorithm"},
	"custom-fields": {"fields"},
	"file":          {"name"},
}

// fullCredentials are one credential of each type with all of its members, out
// of everything.json.
func fullCredentials(t *testing.T) map[string]map[string]any {
	t.Helper()
	h, _ := mustRead(t, testdata(t, "everything.json"))
	out := map[string]map[string]any{}
	for _, it := range h.Accounts[0].Items {
		for _, c := range it.Credentials {
			raw, err := MarshalCredential(c)
			if err != nil {
				t.Fatal(err)
			}
			object := map[string]any{}
			d := json.NewDecoder(strings.NewReader(string(raw)))
			d.UseNumber()
			if err := d.Decode(&object); err != nil {
				t.Fatal(err)
			}
			kind := string(c.CredentialType())
			if len(object) > len(out[kind]) {
				out[kind] = object
			}
		}
	}
	delete(out, "future-credential")
	return out
}

// Every member of every type, absent, null and of the wrong kind: optional ones are
// not missed, required ones are reported or void the credential, nothing panics,
// and what is written satisfies the schema either way.
func TestRequiredAndOptionalMembersOfAllTypes(t *testing.T) {
	full := fullCredentials(t)
	if len(full) != 17 {
		t.Fatalf("there are %d types", len(full))
	}
	for kind, credential := range full {
		whole, err := json.Marshal(credential)
		if err != nil {
			t.Fatal(err)
		}
		_, before, err := UnmarshalCredential(whole, readOptions())
		if err != nil {
			t.Fatal(err)
		}
		for name, rule := range credentialSchema[kind] {
			required := !strings.HasPrefix(rule, "?")
			if _, there := credential[name]; !there && name != "id" {
				t.Errorf("everything.json has no %s.%s", kind, name)
			}
			for how, value := range map[string]any{"absent": nil, "null": nil, "wrong": []any{[]any{}}} {
				changed := maps.Clone(credential)
				changed[name] = value
				if how == "absent" {
					delete(changed, name)
				}
				raw, err := json.Marshal(changed)
				if err != nil {
					t.Fatal(err)
				}
				c, report, err := UnmarshalCredential(raw, readOptions())
				if err != nil {
					t.Fatal(err)
				}
				u, unknown := c.(*Unknown)
				tolerated := !required || slices.Contains(readableWithout[kind], name)
				if how == "wrong" && kind == "totp" && (name == "period" || name == "digits" || name == "algorithm") {
					tolerated = false // a guess would make wrong codes
				}
				if unknown == tolerated || unknown && !u.Broken {
					t.Errorf("%s with %s %s: %T, %v", kind, how, name, c, report.Strings())
				}
				if required && len(report.Diagnostics) == 0 || how == "wrong" && len(report.Diagnostics) == 0 {
					t.Errorf("%s with %s %s: nothing was reported", kind, how, name)
				}
				if !required && how != "wrong" && len(report.Diagnostics) > len(before.Diagnostics) {
					t.Errorf("%s with %s %s: %v", kind, how, name, report.Strings())
				}
				stable(t, header(item(c)))
			}
		}
	}
}

func TestCredentialsOnTheirOwn(t *testing.T) {
	for kind, credential := range fullCredentials(t) {
		want, err := json.Marshal(credential)
		if err != nil {
			t.Fatal(err)
		}
		c, report, err := UnmarshalCredential(want, readOptions())
		if err != nil || string(c.CredentialType()) != kind {
			t.Fatalf("%s: %T, %v", kind, c, err)
		}
		if report.Unreadable != 0 {
			t.Errorf("%s: %v", kind, report.Strings())
		}
		got, err := MarshalCredential(c)
		if err != nil {
			t.Fatal(err)
		}
		sameJSON(t, string(got), string(want))
	}
	for _, bad := range []string{``, `{`, `{} {}`, `{"a":1,"a":2}`} {
		if c, _, err := UnmarshalCredential([]byte(bad), nil); err == nil {
			t.Errorf("%q became %T", bad, c)
		}
	}
	for _, odd := range []string{`{}`, `5`, `null`, `[]`, `{"type":5}`} {
		c, _, err := UnmarshalCredential([]byte(odd), nil)
		if u, ok := c.(*Unknown); err != nil || !ok || !u.Broken || string(u.Raw) != odd {
			t.Errorf("%s became %#v, %v", odd, c, err)
		}
	}
	if _, err := MarshalCredential(&Unknown{Raw: []byte("not JSON")}); err == nil {
		t.Error("what is no JSON was marshalled")
	}
	if _, err := MarshalItem(&Item{Title: "\xff"}); err == nil {
		t.Error("what is no text was marshalled")
	}
}

// A library user may put anything into an Unknown or an Extra; the strict writer
// believes none of it.
func TestTheWriterBelievesNobody(t *testing.T) {
	good := passkeyJSON(t, "")
	for raw, want := range map[string]int{
		`{"type":"future","x":1}`: 1,
		good:                      1,
		`{"type":"passkey"}`:      0,
		`{"type":"totp","secret":"!","algorithm":"x"}`:                   0,
		`{"type":"totp","secret":"MZXW6","algorithm":"x","username":{}}`: 1,
		`{"x":1}`:                  0,
		`{"type":"a","type":"b"}`:  0,
		`not JSON`:                 0,
		``:                         0,
		`[]`:                       0,
		strings.Repeat("[", 20000): 0,
		strings.Replace(good, `}`, `,"keyferry.app/signCount":4}`, 1): 0,
	} {
		h := header(item(&Unknown{Type: "future", Raw: []byte(raw)}))
		doc, report := mustWrite(t, h)
		n := 0
		for _, count := range report.Credentials {
			n += count
		}
		if n != want || (want == 0) != (report.LeftOut == 1) {
			t.Errorf("%.60s: %d written, %v\n%s", raw, n, report.Strings(), doc)
		}
		stable(t, h)
	}
	extra := Extra{{"title", []byte(`5`)}, {"x", []byte(`{`)}, {"y", []byte(`{"a":1,"a":1}`)}, {"z", []byte(` [ 1 ] `)}, {"z", []byte(`2`)}, {"\xff", []byte(`1`)}, {"keyferry.app/signCount", []byte(`1`)}}
	doc, report := mustWrite(t, header(Item{ID: "YQ", Title: "T", Extra: extra}))
	sameJSON(t, doc, document(`{"id":"YQ","title":"T","credentials":[],"z":[1]}`))
	if len(report.Diagnostics) != 5 {
		t.Errorf("the report says %v", report.Strings())
	}
}

func TestExtra(t *testing.T) {
	var e Extra
	e.Set("a", []byte("1"))
	e.Set("b", []byte("2"))
	e.Set("a", []byte("3"))
	if string(e.Get("a")) != "3" || len(e) != 2 || e.Get("c") != nil {
		t.Errorf("%v", e)
	}
	e.Delete("a")
	e.Delete("a")
	if len(e) != 1 || string(e.Get("b")) != "2" {
		t.Errorf("%v", e)
	}
}

func TestStreamingWritesTheSame(t *testing.T) {
	h, _ := mustRead(t, testdata(t, "everything.json"))
	want, _ := mustWrite(t, h)
	items := make([][]Item, len(h.Accounts))
	for i := range h.Accounts {
		items[i], h.Accounts[i].Items = h.Accounts[i].Items, nil
	}
	var b strings.Builder
	opts := writeOptions()
	opts.Items = func(account int) func(func(*Item, error) bool) {
		return func(yield func(*Item, error) bool) {
			for i := range items[account] {
				if !yield(&items[account][i], nil) {
					return
				}
			}
		}
	}
	if _, err := Write(&b, h, opts); err != nil {
		t.Fatal(err)
	}
	if b.String() != want {
		t.Error("streamed items make another document")
	}

	// And reading item by item gives the same items.
	var got []Item
	read, report, err := Read(strings.NewReader(want), &ReadOptions{Now: now, OnItem: func(account int, it Item) error {
		if account == 0 {
			got = append(got, it)
		}
		return nil
	}})
	if err != nil || len(got) != len(items[0]) || len(read.Accounts[0].Items) != 0 || report.Items != 7 {
		t.Fatalf("streamed %d items, %v", len(got), err)
	}
	for i := range got {
		a, errA := MarshalItem(&got[i])
		b, errB := MarshalItem(&items[0][i])
		if errA != nil || errB != nil || string(a) != string(b) {
			t.Errorf("item %d differs", i)
		}
	}
}

func TestTypesLimitWhatIsWritten(t *testing.T) {
	h, _ := mustRead(t, testdata(t, "everything.json"))
	var b strings.Builder
	opts := writeOptions()
	opts.Types = []CredentialType{TypePasskey, TypeTOTP}
	report, err := Write(&b, h, opts)
	if err != nil {
		t.Fatal(err)
	}
	conforms(t, []byte(b.String()))
	if report.Items != 2 || report.Credentials[TypePasskey] != 4 || report.Credentials[TypeTOTP] != 2 || len(report.Credentials) != 2 {
		t.Errorf("written: %+v", report.Credentials)
	}
	if strings.Contains(b.String(), "basic-auth") {
		t.Error("a password was written")
	}
}
