package main

import (
	"encoding/json"
	"fmt"
	"go/ast"

	"github.com/keyferry/keyferry/host/protocol"
)

type object = map[string]any

// schema is the text of protocol.schema.json (JSON Schema 2020-12): a frame, whose body is what its type, re or event
// says. Unknown members are allowed, so that a newer peer's frames still validate.
func schema(m *model) (string, error) {
	defs := object{
		"Bytes":  object{"type": "string", "contentEncoding": "base64url", "pattern": "^[A-Za-z0-9_-]*={0,2}$"},
		"Millis": object{"type": "integer", "description": "milliseconds since 1970-01-01 UTC"},
		"Code":   object{"type": "integer", "minimum": 1},
	}
	for _, e := range m.enums {
		defs[e.name] = object{"type": "string", "enum": e.values, "description": e.doc}
	}
	for _, s := range m.structs {
		properties, required := object{}, []string{}
		for _, f := range s.fields {
			property, err := schemaField(f)
			if err != nil {
				return "", fmt.Errorf("%s.%s: %w", s.name, f.json, err)
			}
			properties[f.json] = property
			if !f.optional {
				required = append(required, f.json)
			}
		}
		def := object{"type": "object", "description": s.doc, "properties": properties}
		if len(required) > 0 {
			def["required"] = required
		}
		defs[s.name] = def
	}
	var bodies []any
	for _, msg := range protocol.Messages() {
		bodies = append(bodies, bodyOf("type", msg.Type, msg.Request), bodyOf("re", msg.Type, msg.Answer))
	}
	for _, e := range protocol.Events() {
		bodies = append(bodies, bodyOf("event", e.Name, e.Body))
	}
	text, err := json.MarshalIndent(object{
		"$schema":  "https://json-schema.org/draft/2020-12/schema",
		"$comment": `Generated from host/protocol by "go generate ./host/protocol". Do not edit.`,
		"title":    "Keyferry protocol frame",
		"$ref":     "#/$defs/Frame",
		"allOf":    bodies,
		"$defs":    defs,
	}, "", "  ")
	return string(text) + "\n", err
}

func bodyOf(member, value string, body any) object {
	return object{
		"if":   object{"properties": object{member: object{"const": value}}, "required": []string{member}},
		"then": object{"properties": object{"body": object{"$ref": "#/$defs/" + name(body)}}},
	}
}

func schemaField(f field) (object, error) {
	var out object
	switch {
	case f.ts != "":
		out = object{} // somebody else's JSON
	case len(f.values) > 0:
		out = object{"type": "string", "enum": f.values}
	default:
		var err error
		if out, err = schemaType(f.typ); err != nil {
			return nil, err
		}
	}
	if f.doc != "" {
		out["description"] = f.doc
	}
	return out, nil
}

func schemaType(e ast.Expr) (object, error) {
	switch e := e.(type) {
	case *ast.Ident:
		switch e.Name {
		case "string":
			return object{"type": "string"}, nil
		case "bool":
			return object{"type": "boolean"}, nil
		case "int", "int64", "uint32":
			return object{"type": "integer"}, nil
		}
		return object{"$ref": "#/$defs/" + e.Name}, nil
	case *ast.StarExpr:
		return schemaType(e.X)
	case *ast.ArrayType:
		items, err := schemaType(e.Elt)
		return object{"type": "array", "items": items}, err
	}
	return nil, fmt.Errorf("the generator has no JSON Schema for a %T; give the member a ts tag", e)
}
