// Package kdbx reads and writes KeePass databases: KDBX 3.1 and 4, of KeePassXC, KeePassDX, KeePassium, Strongbox,
// KeePass2Android and KeePass itself.
//
// # The file
//
// A database is an outer header in the clear (header.go), with the costs of the key derivation (kdf.go); behind it comes one
// encrypted payload (open.go, cipher.go, blocks.go). In KDBX 4 the payload is authenticated block by block, and nothing of it is
// decrypted before all of that has been checked; KDBX 3.1 has hashes against damage only. Within, gzip-compressed, stand the
// attached files (KDBX 4, the inner header; in KDBX 3.1 they are in the XML) and an XML document (xml.go, tree.go), in which
// protected values are once more hidden, by a stream cipher that runs through the whole document (stream.go).
//
// The container is read and written here, as a stream within bounds. The library gokeepasslib, which knows the format too, has no
// Argon2id, takes what a header says for true and panics on damage; what is used of it is the reading of key files and
// Argon2d, and the tests hold this package against it.
//
// # What becomes what
//
// Entries become items and groups folders (read.go, readentry.go); the outermost group is the database itself. Passkeys stand in
// string attributes called KPEX_PASSKEY_… (readpasskey.go says who writes which, and who wins where two disagree). One-time
// passwords are read in the three forms in use (otp.go). Fields nobody knows, unknown KPEX_ attributes among them, become custom
// fields, and get their own names back when a document is written as KDBX. What lies in the recycle bin, and older versions of
// entries, are counted and left out. The backup flags BE and BS, for which CXF has no members, are kept: see [BackupFlags].
//
// Written are KDBX 4 databases with Argon2id (write.go); losses.go lists what has no place in them.
package kdbx
