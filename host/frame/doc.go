// Package frame carries protocol frames over a pipe or socket: JSON behind a 32-bit little-endian length, as native
// messaging has it, on the road to the browser and on the one to the agent alike.
//
// rickypc/native-messaging-host reads and writes the frames; this package makes it safe to use:
//
//   - The length is read and judged here, before anything is allocated. The library only ever sees a reader over
//     exactly one whole frame, so it can neither lose step with the stream, nor allocate what a header claims, nor meet
//     the end of the stream, at which it would look for updates and end the goroutine.
//   - The library writes into a buffer, and the frame leaves in one locked write: a browser drops a host whose frames
//     are interleaved or larger than 1 MiB.
//   - A frame is exactly one JSON object, in valid UTF-8, without duplicate names.
//
// What is longer than [protocol.ChunkSize] travels in chunks ([protocol.Chunk]). [Writer.Write] cuts, [Reader.Read]
// joins; the bridge relays chunks as they are with [Reader.ReadWire], so that its memory stays small whatever passes
// through it. Chunk frames repeat the id of the frame that they are pieces of, so that a relay knows whose they are.
//
// Frames can hold passphrases: buffers are erased after use.
package frame
