package protocol

// Moving in: what arrives, what opens it, and what an import did.

// TransferImport (type "transfer.import") begins a move in.
type TransferImport struct {
	Kind string `json:"kind"`
	Name string `json:"name,omitempty"` // file: what the person calls it; shown, never used as a path
	// Provider (direct) is the ID of one of "transfer.providers", as in [TransferExport].
	Provider string   `json:"provider,omitempty"`
	Types    []string `json:"types,omitempty"` // direct: CXF credential types to ask for; none: all
	// Secret is the command line's fresh verification where there is no dialog: what follows can replace passkeys, and
	// tells what is here already. A browser was let in by the person and has its own page for the review.
	Secret Secret `json:"secret,omitzero"`
}

// TransferPut (type "transfer.put") adds a piece of the file that arrives.
type TransferPut struct {
	ID     string `json:"id"`
	Offset int64  `json:"offset"` // how many bytes came before: a piece that is sent twice is refused
	Data   Bytes  `json:"data"`
	Last   bool   `json:"last,omitempty"`
}

// TransferAnswer (type "transfer.answer") answers what a move in asks in state "asking": the groups of the response's
// fingerprint (sealed), or the passphrase of a backup or of another manager's file, which the agent's dialog asks for
// where it can.
type TransferAnswer struct {
	ID     string   `json:"id"`
	Groups []string `json:"groups,omitempty"` // in the order of Transfer.Ask
	// KeyFile is the content of the key file that a KeePass database needs (Transfer.KeyFile), at most [MaxKeyFile] bytes.
	KeyFile Bytes `json:"keyFile,omitempty"`
	// NoPassword: the key file is all that the database needs; nobody is asked for a password.
	NoPassword bool `json:"noPassword,omitempty"`
	// AcceptClassical is the person's yes to an answer that a quantum computer could open some day, although better
	// was offered (Transfer.Classical).
	AcceptClassical bool   `json:"acceptClassical,omitempty"`
	Secret          Secret `json:"secret,omitzero"` // the backup's passphrase, where there is no dialog
	// Accept (direct) is the person's second confirmation: the State of Transfer.Provider that they were warned of.
	Accept string `json:"accept,omitempty"`
}

// MaxKeyFile is the largest key file, in bytes: those of KeePass have a hundred or so, but any file may be one.
const MaxKeyFile = 256 << 10

// TransferOutcome is what an import did.
type TransferOutcome struct {
	Import    string `json:"import,omitempty"` // for "transfer.undo"; empty where nothing was changed
	Added     int    `json:"added"`
	Replaced  int    `json:"replaced"` // of mine, which are in the trash now
	Merged    int    `json:"merged"`
	Skipped   int    `json:"skipped"`
	Files     int    `json:"files"`
	Unchanged bool   `json:"unchanged,omitempty"` // everything was there already, or left out
}

// ImportList answers "transfer.imports": what can still be undone, newest first.
type ImportList struct {
	Imports []ImportDone `json:"imports"`
}

// ImportDone is an import of the last 30 days.
type ImportDone struct {
	ID       string `json:"id"`
	At       Millis `json:"at"`
	From     string `json:"from,omitempty"` // the exporter's claim, cleaned
	Added    int    `json:"added"`
	Replaced int    `json:"replaced"`
}

// ImportUndo (type "transfer.undo") takes an import back: what it added goes to the trash, what it replaced comes back.
type ImportUndo struct {
	ID     string `json:"id"`
	Secret Secret `json:"secret,omitzero"` // from the command line, where there is no dialog
}

// ImportUndone answers "transfer.undo".
type ImportUndone struct {
	Removed  int `json:"removed"`
	Restored int `json:"restored"`
	Lost     int `json:"lost"` // replaced entries that the trash holds no more
}
