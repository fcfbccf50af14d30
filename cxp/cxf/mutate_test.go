package cxf

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// mutator changes a document at random, as JSON: what it makes is always valid
// JSON, so it gets past the syntax to where the rules are.
type mutator struct{ *rand.Rand }

func (m mutator) document(t testing.TB, text string, changes int) string {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var tree any
	if err := d.Decode(&tree); err != nil {
		t.Fatal(err)
	}
	for range changes {
		tree = m.change(tree, 0)
	}
	out, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// change walks to a random place and does something there.
func (m mutator) change(v any, depth int) any {
	if m.IntN(12) == 0 && depth > 2 {
		return m.value(v)
	}
	switch v := v.(type) {
	case map[string]any:
		if len(v) == 0 {
			return m.value(v)
		}
		name := m.name(v)
		switch m.IntN(14) {
		case 0:
			delete(v, name)
		case 1:
			v[name+"x"] = v[name]
			delete(v, name)
		case 2:
			v[m.pick("ty", "type", "userName", "id", "extensions", "urls", "alg", "expirationDate", "value", "name")] = v[name]
		default:
			v[name] = m.change(v[name], depth+1)
		}
		return v
	case []any:
		if len(v) == 0 {
			return append(v, m.value(nil))
		}
		i := m.IntN(len(v))
		switch m.IntN(14) {
		case 0:
			return slices.Delete(v, i, i+1)
		case 1:
			return append(v, v[i])
		case 2:
			j := m.IntN(len(v))
			v[i], v[j] = v[j], v[i]
		default:
			v[i] = m.change(v[i], depth+1)
		}
		return v
	}
	return m.value(v)
}

func (m mutator) name(object map[string]any) string {
	names := slices.Sorted(maps.Keys(object))
	return names[m.IntN(len(names))]
}

func (m mutator) pick(of ...string) string { return of[m.IntN(len(of))] }

// value replaces a value, by something of its kind or of none.
func (m mutator) value(old any) any {
	if text, ok := old.(string); ok && text != "" && m.IntN(2) == 0 {
		i := m.IntN(len(text))
		switch m.IntN(5) {
		case 0:
			return text[:i] + m.pick("=", "+", "/", " ", "\r\n", "\x00", "é", "A", "-", "==") + text[i:]
		case 1:
			return strings.ToUpper(text)
		case 2:
			return text[:i]
		case 3:
			return text + text
		}
		return strings.ToLower(text)
	}
	raw := m.pick(`null`, `true`, `false`, `0`, `1`, `-1`, `"true"`, `""`, `[]`, `{}`, `[{}]`, `{"":null}`, `"5"`, `5.5`, `1e30`, `-0`, `1700000000`,
		`721692800`, `2735237468`, `18446744073709551616`, `"YQ"`, `"YQ=="`, `"a b"`, `"passkey"`, `"totp"`, `"shared"`, `"sha256"`, `"boolean"`, `"date"`,
		`{"fieldType":"boolean","value":true}`, `{"type":"passkey"}`, `{"item":"YQ"}`, `{"algorithm":"HS256","secret":"AAAA"}`, `"keyferry.app/x"`, `"\ud83d\udd11"`)
	var v any
	d := json.NewDecoder(strings.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		panic(err)
	}
	return v
}

// survives holds a document against all that is promised about any document.
func survives(t *testing.T, doc string) {
	t.Helper()
	ids := 0
	opts := &ReadOptions{Now: now, NewID: func() string { ids++; return fmt.Sprintf("fresh%03d", ids) }}
	h, report, err := Read(strings.NewReader(doc), opts)
	if report == nil {
		t.Fatal("no report")
	}
	if err != nil {
		return
	}
	stable(t, h)
	stable(t, vault(t, h))

	archive := func(h *Header) string {
		var b bytes.Buffer
		if _, err := Write(&b, h, &WriteOptions{Archive: true, Now: now}); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	first := archive(h)
	back, _, err := Read(strings.NewReader(first), &ReadOptions{Archive: true, Now: now})
	if err != nil {
		t.Fatalf("an archive cannot be read: %v\n%s", err, first)
	}
	if second := archive(back); first != second {
		t.Errorf("archiving again gives something else:\n%s\n%s", first, second)
	}
}

func TestMutatedDocumentsSurvive(t *testing.T) {
	text := testdata(t, "everything.json")
	for seed := range uint64(60) {
		m := mutator{rand.New(rand.NewPCG(seed, 1))}
		doc := m.document(t, text, 1+m.IntN(30))
		survives(t, doc)
		if t.Failed() {
			t.Fatalf("seed %d made %s", seed, doc)
		}
	}
}

func FuzzMutatedDocument(f *testing.F) {
	text := testdata(f, "everything.json")
	f.Add(uint64(1), uint8(3))
	f.Fuzz(func(t *testing.T, seed uint64, changes uint8) {
		m := mutator{rand.New(rand.NewPCG(seed, 2))}
		survives(t, m.document(t, text, int(changes)))
	})
}
