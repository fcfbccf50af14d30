package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// model is what the generators need to know of the package's declarations, in the order of files and lines.
type model struct {
	structs []structType
	enums   []enumType
}

type structType struct {
	name, doc string
	fields    []field
}

type field struct {
	json, doc string
	typ       ast.Expr
	ts        string   // the `ts` tag, for json.RawMessage
	values    []string // the literals that a string member may be
	optional  bool
}

// enumType is a named string type with its constants.
type enumType struct {
	name, doc string
	values    []string
}

// load parses the Go files of a folder, tests apart.
func load(dir string) (*model, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	m := &model{}
	consts := map[string][]string{}
	fset := token.NewFileSet()
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		if err != nil {
			return nil, fmt.Errorf("can't read the protocol's source: %w", err)
		}
		for _, decl := range file.Decls {
			gen, ok := decl.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, spec := range gen.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					if err := m.addType(gen, spec); err != nil {
						return nil, err
					}
				case *ast.ValueSpec:
					addConst(consts, spec)
				}
			}
		}
	}
	for i, e := range m.enums {
		m.enums[i].values = consts[e.name]
	}
	// Tables for Go's own use, whose members never travel.
	m.structs = slices.DeleteFunc(m.structs, func(s structType) bool {
		return len(s.fields) == 0 && s.name != "Empty" && s.name != "Lock"
	})
	return m, nil
}

func (m *model) addType(gen *ast.GenDecl, spec *ast.TypeSpec) error {
	if !spec.Name.IsExported() {
		return nil
	}
	doc := comment(spec.Doc)
	if doc == "" {
		doc = comment(gen.Doc)
	}
	switch typ := spec.Type.(type) {
	case *ast.Ident:
		if typ.Name == "string" {
			m.enums = append(m.enums, enumType{name: spec.Name.Name, doc: doc})
		}
	case *ast.StructType:
		s := structType{name: spec.Name.Name, doc: doc}
		for _, f := range typ.Fields.List {
			got, ok, err := readField(f)
			if err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			if ok {
				s.fields = append(s.fields, got)
			}
		}
		m.structs = append(m.structs, s)
	}
	return nil
}

// readField returns ok false for a member that has no JSON name.
func readField(f *ast.Field) (got field, ok bool, err error) {
	if f.Tag == nil {
		return field{}, false, nil
	}
	raw, err := strconv.Unquote(f.Tag.Value)
	if err != nil {
		return field{}, false, err
	}
	tag := reflect.StructTag(raw)
	name, options, _ := strings.Cut(tag.Get("json"), ",")
	if name == "" || name == "-" {
		return field{}, false, nil
	}
	doc := strings.TrimSpace(comment(f.Doc) + "\n" + comment(f.Comment))
	got = field{
		json: name, doc: doc, typ: f.Type, ts: tag.Get("ts"),
		optional: strings.Contains(options, "omitempty") || strings.Contains(options, "omitzero"),
	}
	if ident, isIdent := f.Type.(*ast.Ident); isIdent && ident.Name == "string" {
		got.values = literals(doc)
	}
	return got, true, nil
}

func addConst(consts map[string][]string, spec *ast.ValueSpec) {
	typ, ok := spec.Type.(*ast.Ident)
	if !ok {
		return
	}
	for _, v := range spec.Values {
		if lit, ok := v.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if s, err := strconv.Unquote(lit.Value); err == nil {
				consts[typ.Name] = append(consts[typ.Name], s)
			}
		}
	}
}

// literals finds the values in a comment such as `"a", "b" or "c"`; nil where there is no such list.
func literals(doc string) []string {
	doc = regexp.MustCompile(`\s*\([^)]*\)`).ReplaceAllString(strings.ReplaceAll(doc, "\n", " "), "")
	list := regexp.MustCompile(`"[^"]*"(, "[^"]*")* or "[^"]*"`).FindString(doc)
	var values []string
	for _, quoted := range regexp.MustCompile(`"[^"]*"`).FindAllString(list, -1) {
		values = append(values, strings.Trim(quoted, `"`))
	}
	return values
}

// comment is a doc comment's text; go doc's brackets around names mean nothing elsewhere.
func comment(g *ast.CommentGroup) string {
	text := strings.TrimSpace(g.Text())
	return regexp.MustCompile(`\[([A-Za-z.]+)\]`).ReplaceAllString(text, "$1")
}
