// Package protocol holds every message that crosses a process border in Keyferry: between the extension's background
// and the bridge (native messaging), between bridge or command line and the agent (a unix socket), and the parts of
// them that the extension's pages see.
//
// A newcomer's guide:
//
//   - [Frame] is the one shape on the wire: a request, its answer, an event, a cancellation or a chunk. Frames are JSON
//     behind a 32-bit little-endian length on both roads (package frame), at most [MaxFrame] bytes; what is longer
//     travels as chunks of [ChunkSize] bytes.
//   - messages.go and its neighbours (session, vault, ceremony, store, webauthn, open) hold the bodies, one struct for each
//     request and answer. transfer.go says how credentials move in and out, transfer_*.go have the bodies for that.
//   - table.go holds the table message × sender × need. The agent consults it before it looks at a body; PROTOCOL.md
//     shows it to people; a test walks the whole of it.
//   - errors.go holds the error codes: append-only numbers, each with a stable name.
//
// These structs are the source of the TypeScript types (extension/src/shared/protocol.gen.ts) and the JSON Schema
// (protocol.schema.json): `go generate ./host/protocol` writes both, and a test fails when they are stale.
//
// Conventions: binary is unpadded base64url in strings of type [Bytes]; times are Unix milliseconds ([Millis]);
// durations are milliseconds in members that end in Ms; a member that may be missing is omitempty.
package protocol
