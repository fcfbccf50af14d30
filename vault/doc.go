// Package vault is an encrypted store for passkeys and what belongs to them. It knows nothing of browsers or of CXF.
//
// A newcomer's guide, from the outside in:
//
//   - create.go, vault.go, verify.go: [Create], [Open], [Vault.Close], [Vault.Verify]. A vault is a folder of mode 0700; one
//     process has it at a time (system_*.go). files.go lists what lies in it.
//   - passkey.go and passkeys.go, item.go, blob.go, settings.go, audit.go and auditlog.go, search.go (with fold.go), trash.go: what is
//     stored, and how it is found. read.go, each.go and snapshot.go are what reading has in common.
//   - stage.go and supersede.go: an import of any size that becomes visible, with what it replaces, at once or not at all.
//   - header.go, headerfile.go, slot.go, slots.go, kdf.go, secret.go, recovery.go (with reedsolomon.go), pin.go, package keyring: how a
//     secret leads to the root key. Each slot is an X-Wing key pair; the root key is sealed to all of them.
//   - keys.go, envelope.go, codec.go: what the root key gives, and how a record is sealed.
//   - tx.go, state.go, multiset.go, anchor.go: one change. The record, a keyed hash over all records and the commit's number
//     go into one transaction of Badger's (store.go); then the anchor, a file outside it, says so; then it is acknowledged.
//   - posting.go: the index. Its pages are records too.
//   - generation.go, seal.go, inspect.go, check.go, survey.go: how damage is found and named: before Badger opens its files, when
//     it has, and by going through all records in the background.
//   - scan.go, scantable.go, rebuild.go, salvage.go: how what is left is read without Badger, and moved to a fresh vault.
//   - rewrite.go, copier.go: emptying the trash and changing the keys. Both write the records into a new generation of the
//     store under new keys and then switch by one write of the header.
//
// # What the files give away
//
// How many bytes the vault has, when it was written to, how many slots it has, of what kind, and their labels. Not
// what is in it: names, sites, accounts, and how many passkeys a site has, are sealed or hashed under keys.
//
// # What is promised
//
//   - What was acknowledged is on the disk. An import is there whole or not at all.
//   - What comes back is what was stored. A flipped bit, a file cut short, a record removed, exchanged or rolled back is found
//     by the verification that runs after every open, or at the read. Until it has ended, nothing counts as absent: a miss waits.
//   - An older header that is put back, with a passphrase that has been changed since, is noticed by whoever opens the vault:
//     the store counts the header's changes.
//   - An emptied trash is gone for someone who gets the files and the passphrase later: the key that its records were sealed
//     with is in no file any more.
//
// # What is not
//
//   - Exchanging the whole folder, anchor included, for an older copy of it is not noticed: nothing outside the folder
//     remembers.
//   - Shredding does not reach file system snapshots, backups, or what flash memory keeps of overwritten blocks.
//   - While a vault is open, its keys and summaries are in the process's memory. Erasing memory in Go is an attempt, no
//     guarantee; to forget for sure, end the process (the agent locks by re-executing itself).
package vault
