// Package transfer moves credentials between a vault and the documents of other programs: CXF documents, sealed CXP
// responses, encrypted backups. It knows the vault and package cxp; it knows neither the agent's socket nor dialogs.
//
// A newcomer's guide:
//
//   - keep.go: what is stored beside a passkey or an item so that everything an import brought can be given back.
//   - frommap.go: a CXF item becomes vault records; tomap.go: vault records become a CXF item again.
//   - source.go: what can be imported (a document, a response, a backup), as something that can be read twice; keys.go: so that
//     its private keys are looked at once.
//   - plan.go, compare.go: the first reading. Each passkey, and the rest of each item, becomes an [Entry]: new,
//     duplicate, differs, conflict or unreadable. Nothing is written.
//   - apply.go: the second reading, with the person's choices, into a vault.Stage: visible at once or not at all.
//   - direct.go: the answer to a direct request as a source, and what Keyferry registers as with other apps.
//   - undo.go: an import taken back, for 30 days.
//   - export.go: what leaves, item by item (ahead.go: on every core). review.go, places.go: what could leave, entry by entry, with what can't and
//     why, by account and collection; the export is then made anew of what was chosen and of nothing else.
//   - moved.go: what became of the originals: kept, in the trash, or waiting for a word. records.go: how that, and an import
//     that can be undone, lie in the vault.
//   - spool.go: a file that is only ever on the disk under a key that is only ever in memory.
//
// Two records are the same passkey when RP ID and credential ID are equal. If the private keys differ all the same, that
// is a conflict and never an update. Items other than passkeys have no identity of their own: they are the same when
// their content is, ids and times aside, and they differ when title, sites and user name are equal and the rest is not.
package transfer
