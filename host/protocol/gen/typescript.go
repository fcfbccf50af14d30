package main

import (
	"fmt"
	"go/ast"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/keyferry/keyferry/host/protocol"
)

const tsHeader = `// Generated from host/protocol by "go generate ./host/protocol". Do not edit.

/** Binary data: unpadded base64url. */
export type Bytes = string;

/** A point in time: milliseconds since 1970-01-01 UTC. */
export type Millis = number;
`

// typescript is the text of protocol.gen.ts.
func typescript(m *model) (string, error) {
	var b strings.Builder
	b.WriteString(tsHeader)
	fmt.Fprintf(&b, "\nexport const PROTOCOL_VERSION = %d;\nexport const MAX_FRAME = %d;\nexport const CHUNK_SIZE = %d;\nexport const MAX_MESSAGE = %d;\n",
		protocol.Version, protocol.MaxFrame, protocol.ChunkSize, protocol.MaxMessage)
	tsCodes(&b)
	for _, e := range m.enums {
		b.WriteString("\n" + tsDoc("", e.doc))
		fmt.Fprintf(&b, "export type %s = %s;\n", e.name, union(e.values))
	}
	for _, s := range m.structs {
		b.WriteString("\n" + tsDoc("", s.doc))
		if len(s.fields) == 0 {
			fmt.Fprintf(&b, "export type %s = Record<string, never>;\n", s.name)
			continue
		}
		fmt.Fprintf(&b, "export interface %s {\n", s.name)
		for _, f := range s.fields {
			typ, err := tsField(f)
			if err != nil {
				return "", fmt.Errorf("%s.%s: %w", s.name, f.json, err)
			}
			mark := ""
			if f.optional {
				mark = "?"
			}
			b.WriteString(tsDoc("  ", f.doc))
			fmt.Fprintf(&b, "  %s%s: %s;\n", f.json, mark, typ)
		}
		b.WriteString("}\n")
	}
	tsMaps(&b)
	return b.String(), nil
}

func tsCodes(b *strings.Builder) {
	names := protocol.CodeNames()
	b.WriteString("\n/** Error codes: append-only numbers, by their stable names. */\nexport const ErrorCode = {\n")
	for _, code := range slices.Sorted(maps.Keys(names)) {
		fmt.Fprintf(b, "  %s: %d,\n", strconv.Quote(names[code]), code)
	}
	b.WriteString("} as const;\n\nexport type ErrorName = keyof typeof ErrorCode;\n\n/** An error code; one that is not in ErrorCode comes from a newer host. */\nexport type Code = number;\n")
}

func tsMaps(b *strings.Builder) {
	b.WriteString("\n/** Every message type with the bodies of its request and its answer. */\nexport interface Messages {\n")
	for _, m := range protocol.Messages() {
		fmt.Fprintf(b, "  %q: { request: %s; answer: %s };\n", m.Type, name(m.Request), name(m.Answer))
	}
	b.WriteString("}\n\nexport type MessageType = keyof Messages;\n")
	b.WriteString("\n/** Every event with its body. */\nexport interface Events {\n")
	for _, e := range protocol.Events() {
		fmt.Fprintf(b, "  %q: %s;\n", e.Name, name(e.Body))
	}
	b.WriteString("}\n\nexport type EventName = keyof Events;\n")
	b.WriteString("\n/** What a message takes, by who sends it; a sender that is not named is refused. */\n")
	b.WriteString("export const NEEDS: Record<MessageType, Partial<Record<SenderKind, Need>>> = {\n")
	for _, r := range protocol.Table() {
		var needs []string
		for _, kind := range slices.Sorted(maps.Keys(r.Needs)) {
			needs = append(needs, fmt.Sprintf("%s: %q", kind, r.Needs[kind]))
		}
		fmt.Fprintf(b, "  %q: { %s },\n", r.Type, strings.Join(needs, ", "))
	}
	b.WriteString("};\n")
}

func tsField(f field) (string, error) {
	if f.ts != "" {
		return f.ts, nil
	}
	if len(f.values) > 0 {
		return union(f.values), nil
	}
	typ, err := tsType(f.typ)
	if _, pointer := f.typ.(*ast.StarExpr); pointer && !f.optional {
		typ += " | null"
	}
	return typ, err
}

func tsType(e ast.Expr) (string, error) {
	switch e := e.(type) {
	case *ast.Ident:
		switch e.Name {
		case "string":
			return "string", nil
		case "bool":
			return "boolean", nil
		case "int", "int64", "uint32":
			return "number", nil
		}
		return e.Name, nil
	case *ast.StarExpr:
		return tsType(e.X)
	case *ast.ArrayType:
		elem, err := tsType(e.Elt)
		return elem + "[]", err
	}
	return "", fmt.Errorf("the generator has no TypeScript for a %T; give the member a ts tag", e)
}

func union(values []string) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = strconv.Quote(v)
	}
	return strings.Join(quoted, " | ")
}

func tsDoc(indent, doc string) string {
	if doc == "" {
		return ""
	}
	lines := strings.Split(strings.ReplaceAll(doc, "*/", "* /"), "\n")
	if len(lines) == 1 {
		return indent + "/** " + lines[0] + " */\n"
	}
	var b strings.Builder
	b.WriteString(indent + "/**\n")
	for _, l := range lines {
		b.WriteString(strings.TrimRight(indent+" * "+l, " ") + "\n")
	}
	b.WriteString(indent + " */\n")
	return b.String()
}

func name(body any) string { return reflect.TypeOf(body).Name() }
