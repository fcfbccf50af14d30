// Command gen writes what is derived from package protocol: the extension's TypeScript types, the JSON Schema, and the
// tables of PROTOCOL.md. Run it with `go generate ./host/protocol`; its test fails when a file is stale.
//
// It reads the Go source for names, members and doc comments (model.go), and asks the package itself for its tables,
// since those are values and not declarations. typescript.go, schema.go and markdown.go each write one file.
//
// Two conventions of the source matter to it. A string member whose comment lists its values as `"a", "b" or "c"`
// becomes a union of those literals; text in parentheses is passed over, and a list without the `or` is an example and
// stays a string. A member of type json.RawMessage says in a `ts:"…"` tag what it is to TypeScript.
package main
