package protocol

import (
	"reflect"
	"testing"
)

// Each row of the table has its bodies, in the same order, and no body is without a row.
func TestMessagesMatchTable(t *testing.T) {
	table, messages := Table(), Messages()
	if len(table) != len(messages) {
		t.Fatalf("Table has %d rows, Messages %d", len(table), len(messages))
	}
	for i, r := range table {
		if m := messages[i]; m.Type != r.Type {
			t.Errorf("row %d: Table says %q, Messages %q", i, r.Type, m.Type)
		}
	}
}

// Bodies are structs, so that a member can be added to any of them without breaking an older peer.
func TestBodiesAreStructs(t *testing.T) {
	var bodies []any
	for _, m := range Messages() {
		bodies = append(bodies, m.Request, m.Answer)
	}
	for _, e := range Events() {
		bodies = append(bodies, e.Body)
	}
	for _, b := range bodies {
		if typ := reflect.TypeOf(b); typ.Kind() != reflect.Struct {
			t.Errorf("%v is not a struct", typ)
		}
	}
}

// Codes and names are one to one.
func TestCodeNamesAreUnique(t *testing.T) {
	seen := map[string]Code{}
	for code, name := range CodeNames() {
		if other, dup := seen[name]; dup {
			t.Errorf("%q names both %d and %d", name, code, other)
		}
		seen[name] = code
	}
}
