package protocol

// ListRequest (type "list") pages through what is stored, newest first or by relevance.
type ListRequest struct {
	Query  string `json:"query,omitempty"` // free text: title, site, user name
	After  string `json:"after,omitempty"` // the last answer's Next
	Limit  int    `json:"limit,omitempty"` // 1 to 500; 0 is 100
	Trash  bool   `json:"trash,omitempty"` // what is in the trash instead
	Secret Secret `json:"secret,omitzero"` // for fresh verification where there is no dialog
}

// ListResult answers "list".
type ListResult struct {
	Entries []Entry `json:"entries"`
	Next    string  `json:"next,omitempty"`
	Total   int     `json:"total"`
}

// Entry is a stored passkey or item without its secrets.
type Entry struct {
	ID          string `json:"id"`
	Kind        string `json:"kind"` // "passkey" or "item"
	Title       string `json:"title"`
	RPID        string `json:"rpId,omitempty"`
	UserName    string `json:"userName,omitempty"`
	DisplayName string `json:"displayName,omitempty"`
	Algorithm   string `json:"algorithm,omitempty"` // "ES256", …
	CreatedAt   Millis `json:"createdAt,omitempty"`
	ModifiedAt  Millis `json:"modifiedAt,omitempty"`
	UsedAt      Millis `json:"usedAt,omitempty"`
	TrashedAt   Millis `json:"trashedAt,omitempty"`
	Pending     bool   `json:"pending,omitempty"`
}

// Ref names a stored entry (types "show", "trash", "untrash").
type Ref struct {
	ID     string `json:"id"`
	Secret Secret `json:"secret,omitzero"` // "show" from the command line: fresh verification where there is no dialog
}

// Rename (type "rename") changes what a person calls an entry.
type Rename struct {
	ID    string `json:"id"`
	Title string `json:"title,omitempty"`
	// UserName and DisplayName are the passkey's own (CXF §3.3.12.1 lets a provider edit these two and no other).
	UserName    string `json:"userName,omitempty"`
	DisplayName string `json:"displayName,omitempty"`
}

// EmptyTrash (type "trash.empty") shreds what is in the trash; it takes a fresh verification.
type EmptyTrash struct {
	Secret Secret `json:"secret,omitzero"`
}

// Emptied answers "trash.empty".
type Emptied struct {
	Count int `json:"count"`
}

// Slot is one way to open the vault.
type Slot struct {
	ID        string `json:"id"`
	Kind      string `json:"kind"` // "passphrase", "recovery" or "keyring"
	Label     string `json:"label,omitempty"`
	CreatedAt Millis `json:"createdAt"`
	MemoryKiB int    `json:"memoryKiB,omitempty"` // Argon2id, passphrase slots
	Passes    int    `json:"passes,omitempty"`
}

// SlotList answers "slots.list".
type SlotList struct {
	Slots []Slot `json:"slots"`
}

// SlotAdd (type "slots.add") adds a passphrase, a recovery phrase or the login keyring.
type SlotAdd struct {
	Kind   string `json:"kind"`
	Label  string `json:"label,omitempty"`
	Secret Secret `json:"secret,omitzero"` // fresh verification where there is no dialog
	New    Secret `json:"new,omitzero"`    // the new passphrase where there is no dialog
}

// SlotAdded answers "slots.add"; RecoveryPhrase for that kind, shown once.
type SlotAdded struct {
	Slot           Slot     `json:"slot"`
	RecoveryPhrase []string `json:"recoveryPhrase,omitempty"`
}

// SlotChange (type "slots.change") sets a new passphrase in a passphrase slot.
type SlotChange struct {
	ID     string `json:"id"`
	Secret Secret `json:"secret,omitzero"`
	New    Secret `json:"new,omitzero"`
}

// SlotRemove (type "slots.remove") removes a slot and rotates the keys. The last one stays.
type SlotRemove struct {
	ID     string `json:"id"`
	Secret Secret `json:"secret,omitzero"`
}

// Rekey (type "rekey") makes new root and record keys ("my passphrase was seen").
type Rekey struct {
	Secret Secret `json:"secret,omitzero"`
}

// PinSet (type "pin.set") sets the running agent's PIN, six digits or more; an empty one takes it away.
type PinSet struct {
	Remove bool   `json:"remove,omitempty"`
	Secret Secret `json:"secret,omitzero"`
	New    Secret `json:"new,omitzero"`
}

// AuditQuery (type "audit") searches the log inside the vault, newest first.
type AuditQuery struct {
	Query  string `json:"query,omitempty"`
	After  string `json:"after,omitempty"`
	Limit  int    `json:"limit,omitempty"`
	Secret Secret `json:"secret,omitzero"` // from the command line, where there is no dialog
}

// AuditLog answers "audit".
type AuditLog struct {
	Lines []AuditLine `json:"lines"`
	Next  string      `json:"next,omitempty"`
}

// AuditLine is one thing that happened. It never holds a secret.
type AuditLine struct {
	At     Millis `json:"at"`
	Action string `json:"action"` // "created", "used", "exported", "imported", "changed", …
	What   string `json:"what"`   // title or site
	Who    string `json:"who"`    // with what authority: which browser, the command line, …
	Origin string `json:"origin,omitempty"`
}

// Health answers "vault.health".
type Health struct {
	State    string   `json:"state"` // "checking", "whole", "damaged"
	Checked  int      `json:"checked"`
	Total    int      `json:"total"`
	Findings []string `json:"findings,omitempty"`
}

// Settings (answers "settings.get", body of "settings.set") are the vault owner's choices.
type Settings struct {
	LockAfterMs   int64  `json:"lockAfterMs"`   // without a consented action; 60,000 to 43,200,000
	VerifyForMs   int64  `json:"verifyForMs"`   // how long a verification of the person counts; 0 to 600,000
	LockOnScreen  bool   `json:"lockOnScreen"`  // screen lock locks the vault
	LockOnSuspend bool   `json:"lockOnSuspend"` // so does suspend
	Secret        Secret `json:"secret,omitzero"`
}
