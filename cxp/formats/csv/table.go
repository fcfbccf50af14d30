package csv

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
)

// maxFile bounds a file, in bytes, since one row may be all of it.
const maxFile = 64 << 20

// table is a CSV with a header row.
type table struct {
	b     *formats.Builder
	r     *csv.Reader
	names []string       // of the columns, as they stand there
	index map[string]int // column by its name in lower case
}

// newTable reads the header.
func newTable(b *formats.Builder, src io.Reader) (*table, error) {
	t := &table{b: b, r: newReader(src)}
	names, err := t.r.Read()
	if err != nil {
		return nil, headerError(err)
	}
	t.setNames(names)
	return t, nil
}

func (t *table) setNames(names []string) {
	t.names, t.index = names, map[string]int{}
	for i, n := range names {
		if n = key(n); n != "" {
			if _, twice := t.index[n]; !twice {
				t.index[n] = i
			}
		}
	}
}

func newReader(src io.Reader) *csv.Reader {
	r := csv.NewReader(src)
	r.FieldsPerRecord = -1
	return r
}

func headerError(err error) error {
	if parse := (*csv.ParseError)(nil); errors.As(err, &parse) || errors.Is(err, io.EOF) {
		return formats.Damaged("CSV", errors.New("its first line is no header"))
	}
	return err
}

func key(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

// row is one line of a table.
type row struct {
	t     *table
	cells []string
	taken []bool
	line  int
}

// has reports whether there is a column of that name.
func (r *row) has(name string) bool {
	_, ok := r.t.index[name]
	return ok
}

// take returns the cell in the first of the columns that holds something, and marks that one as taken.
func (r *row) take(names ...string) string {
	for _, n := range names {
		if i, ok := r.t.index[n]; ok && i < len(r.cells) && r.cells[i] != "" && !r.taken[i] {
			r.taken[i] = true
			return r.cells[i]
		}
	}
	return ""
}

// drop marks columns as taken that mean nothing elsewhere.
func (r *row) drop(names ...string) {
	for _, n := range names {
		r.take(n)
	}
}

// rest makes fields of everything that was not taken.
func (r *row) rest() []cxf.EditableField {
	var out []cxf.EditableField
	for i, cell := range r.cells {
		if cell == "" || r.taken[i] {
			continue
		}
		label := fmt.Sprintf("column %d", i+1)
		if i < len(r.t.names) && strings.TrimSpace(r.t.names[i]) != "" {
			label = strings.TrimSpace(r.t.names[i])
		}
		out = append(out, cxf.EditableField{Type: cxf.FieldString, Label: label, Value: cell})
	}
	return out
}

// each reads all rows. With fixed, a row that has more cells than there are columns, or fewer, is reported and left out: a comma
// that somebody forgot to quote puts passwords where others show.
func (t *table) each(fixed bool, f func(*row) error) error {
	for {
		cells, err := t.r.Read()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			if err := t.badLine(err); err != nil {
				return err
			}
			continue
		case len(cells) == 1 && strings.TrimSpace(cells[0]) == "":
			continue
		}
		line, _ := t.r.FieldPos(0)
		for len(cells) > len(t.names) && fixed && cells[len(cells)-1] == "" {
			cells = cells[:len(cells)-1]
		}
		switch {
		case t.names != nil && slices.Equal(cells, t.names):
			t.b.Skip(cxf.Notice, formats.CodeEntry, fmt.Sprintf("line %d", line), "is the first line once more and was left out")
		case fixed && len(cells) != len(t.names):
			t.b.BadItem(fmt.Sprintf("line %d", line), fmt.Sprintf("has %d columns where the header has %d; it was left out", len(cells), len(t.names)))
		case !valid(cells):
			t.b.BadItem(fmt.Sprintf("line %d", line), "is not UTF-8 text; save the file as UTF-8 and import it again")
		default:
			if err := f(&row{t: t, cells: cells, taken: make([]bool, len(cells)), line: line}); err != nil {
				return err
			}
		}
	}
}

// badLine reports a line that is no CSV. A quote that is never closed swallows everything behind it, so that ends it all.
func (t *table) badLine(err error) error {
	parse := (*csv.ParseError)(nil)
	if !errors.As(err, &parse) {
		return err
	}
	if parse.StartLine != parse.Line || errors.Is(parse.Err, csv.ErrQuote) && t.atEnd() {
		return formats.Damaged("CSV", fmt.Errorf("the quotes do not match from line %d on", parse.StartLine))
	}
	t.b.BadItem(fmt.Sprintf("line %d", parse.StartLine), "has quotes where none may be; it was left out")
	return nil
}

func (t *table) atEnd() bool {
	_, err := t.r.Read()
	return errors.Is(err, io.EOF)
}

func valid(cells []string) bool {
	for _, c := range cells {
		if !utf8.ValidString(c) {
			return false
		}
	}
	return true
}
