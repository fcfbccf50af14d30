package protocol

// Moving out: what leaves, as what, and what becomes of the originals.

// TransferExport (type "transfer.export") prepares a move out. Nothing is encrypted or written yet.
type TransferExport struct {
	Kind    string   `json:"kind"`
	Request Bytes    `json:"request,omitempty"` // sealed: the request's exact bytes
	Types   []string `json:"types,omitempty"`   // CXF credential types; none: all (that the request asks for)
	Only    []string `json:"only,omitempty"`    // ids of entries ("list"); none: everything
	Format  string   `json:"format,omitempty"`  // file: which of "transfer.formats"
	// Provider (direct) is the ID of one of "transfer.providers". The ID stands for what was listed: when the program or the
	// registration has changed since, the answer is [CodeProviderGone], and the list has to be looked at again.
	Provider string `json:"provider,omitempty"`
}

// FormatList answers "transfer.formats": the managers whose files can be read or written.
type FormatList struct {
	Formats []FileFormat `json:"formats"`
}

// FileFormat is a kind of file in which credentials leave another manager.
type FileFormat struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Write     bool   `json:"write,omitempty"`
	Encrypted bool   `json:"encrypted,omitempty"` // written files are sealed under a passphrase
	Passkeys  bool   `json:"passkeys,omitempty"`  // it can hold passkeys
}

// TransferStart (type "transfer.start") lets a move out begin. The agent verifies the person in its own dialog, which
// says how much leaves and to whom; for a backup a second dialog asks for the passphrase to seal it with. At most a few
// are taken in ten minutes ([CodeRateLimited]).
type TransferStart struct {
	ID     string   `json:"id"`
	Groups []string `json:"groups,omitempty"` // of the request's fingerprint, in the order of Transfer.Ask
	Secret Secret   `json:"secret,omitzero"`  // fresh verification where there is no dialog
	New    Secret   `json:"new,omitzero"`     // the backup's passphrase where there is no dialog
	// Accept (direct) is the person's second confirmation: the State of Transfer.Provider that they were warned of.
	Accept string `json:"accept,omitempty"`
}

// TransferNext (type "transfer.next") fetches a piece in states "ready" and "done".
type TransferNext struct {
	ID     string `json:"id"`
	Offset int64  `json:"offset"`
}

// TransferData answers "transfer.next".
type TransferData struct {
	Data Bytes `json:"data"`
	Last bool  `json:"last"`
}

// TransferResult is what the importer of a direct exchange says. What it had already counts as accepted.
type TransferResult struct {
	Accepted int               `json:"accepted"`
	Skipped  []TransferSkipped `json:"skipped,omitempty"` // at most 1,000
}

// TransferSkipped is an item that the other app could not read. All of it is its own claim, made safe to show.
type TransferSkipped struct {
	Title  string `json:"title"`
	Type   string `json:"type,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// TransferOriginals (type "transfer.originals") says what becomes of the originals of what moved out, in state "done".
// Backups have none.
type TransferOriginals struct {
	ID string `json:"id"`
	Do string `json:"do"` // "keep", "trash" or "wait": remind me with "transfer.moved"
}

// MovedList answers "transfer.moved": the moves out whose originals wait for a word, newest first.
type MovedList struct {
	Moves []Moved `json:"moves"`
}

// Moved is a move out whose originals are still here.
type Moved struct {
	ID    string `json:"id"`
	At    Millis `json:"at"`
	To    string `json:"to"` // in words
	Count int    `json:"count"`
}

// MovedSettle (type "transfer.settle") says whether what moved out arrived: its originals then go to the trash, or stay.
type MovedSettle struct {
	ID string `json:"id"`
	Do string `json:"do"` // "keep" or "trash"
}

// OriginalsDone answers "transfer.originals" and "transfer.settle".
type OriginalsDone struct {
	Trashed int `json:"trashed"`
	Changed int `json:"changed"` // changed here since they left: they stay
	Gone    int `json:"gone"`    // in the trash already, or not here any more
}
