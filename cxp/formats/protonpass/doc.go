// Package protonpass reads and writes the files that Proton Pass exports: JSON, a zip of that JSON and attached files, and
// either of them sealed with OpenPGP under a passphrase, which is what is written.
//
//   - format.go, pgp.go: which of them a file is, and the way through the layers to the JSON.
//   - model.go, read.go, readitem.go: vaults and their items. Vaults become collections.
//   - content.go, msgpack.go: a passkey's key. Proton keeps a passkey as an opaque "content": MessagePack of a list of bytes
//     which is MessagePack again, and in there a COSE key, of which the private part is a parameter. The key is rebuilt as PKCS#8
//     and held against the public part. There are three versions of the content: the second added the PRF secrets, the third the
//     user's names; what is missing is absent.
//   - write.go, writeitem.go: the other way round, always in the third version.
//
// Proton Pass keeps several passkeys per login, PRF secrets, and attached files, but no keys other than P-256 and Ed25519.
package protonpass
