package protocol

// Moving credentials in and out. A transfer lives in the agent under an id and belongs to whoever began it: a browser
// profile (it survives the page, which finds it again with "transfer.list") or one connection of the command line (it
// ends with it). Files never go to the agent by path: their bytes go up by "transfer.put" and come down by
// "transfer.next", at most [TransferPiece] at a time; on the way they lie on the disk only under a key that is only in
// the agent's memory.
//
// Moving in: "transfer.import" → "transfer.put"… → (state "asking": "transfer.answer") → state "review":
// "transfer.entries", "transfer.choose"… → "transfer.commit" → state "done". Until the commit nothing is changed, and a
// commit changes everything at once or nothing.
//
// Moving out: "transfer.export" → state "asking": "transfer.entries", "transfer.choose"…, show Claim and Counts, ask for the
// groups where Ask says so → "transfer.start", which verifies the person in the agent's dialog → state "ready": "transfer.next"… → state "done".
//
// Direct exchange with another app of this machine (kind [TransferDirect], cxp/LOCAL.md) needs no file. "transfer.providers"
// lists the apps; "transfer.export" or "transfer.import" names one of them; Transfer.Provider in state "asking" says who it
// is, and whether the person has to be warned: unless its State is [ProviderKnown], show the warning, get a second
// confirmation, and send the very State as Accept, without which the agent answers [CodeUnconfirmed]. The agent says it
// once more in its own dialog, whatever a page claims to have shown.
//   - Out: state "asking" → "transfer.start" (Accept; the agent verifies the person) → "exchanging" (the other app and its
//     person) → "writing" (items, then bytes) → "exchanging" (the other app stores) → "done": Result. There is nothing to fetch.
//   - In: state "asking" → "transfer.answer" (Accept) → "exchanging" (the other app and its person, then Bytes) → "reading" →
//     "review" and on as ever; the request's keys, and with them the review, end at ExpiresAt.
//
// Afterwards "transfer.originals" says what becomes of the originals of what moved out: they stay unless the person says
// otherwise, and what goes, goes to the trash. Who wants to see first whether all of it arrived is reminded by
// "transfer.moved" until "transfer.settle".
//
// "transfer.cancel" ends a transfer in any state and forgets it. Long work goes on while nobody calls; event
// "transfer.progress" tells how far it is, and "transfer.get" can wait for a state to end.

// TransferPiece is the most data, in bytes, of one "transfer.put" or "transfer.next".
const TransferPiece = 256 << 10

// Kinds of transfers.
const (
	TransferSealed = "sealed" // a CXP request's answer, which only the importer can open
	TransferBackup = "backup" // sealed under a passphrase
	TransferPlain  = "plain"  // a CXF document without any encryption
	TransferFile   = "file"   // another manager's file; in: found out by its content, out: Format says which
	TransferDirect = "direct" // another app of this machine: Provider says which; no file
)

// States of a transfer.
const (
	StateReceiving = "receiving" // in: "transfer.put" is expected
	StateReading   = "reading"   // the agent reads or counts; nothing to do but wait
	// StateExchanging: direct: the other app, or its person, is at it; nothing to do but wait. Bytes count what has come
	// over, PeerDone of PeerTotal is what the other app says of its own progress.
	StateExchanging = "exchanging"
	StateAsking     = "asking"  // in: "transfer.answer"; out: "transfer.start"
	StateReview     = "review"  // in: look, choose, "transfer.commit"
	StateStoring    = "storing" // in: being stored; a cancellation still leaves everything as it was
	StateWriting    = "writing" // out: being written
	StateReady      = "ready"   // out: fetch it with "transfer.next"
	StateDone       = "done"    // Outcome says what came of it; out: the last piece was fetched
	StateFailed     = "failed"  // Error says why; nothing was changed
)

// Works reports whether the agent is at work in a state, so that there is nothing to do but wait.
func Works(state string) bool {
	return state == StateReading || state == StateStoring || state == StateWriting || state == StateExchanging
}

// RequestMake (type "transfer.request") makes a request that another program answers with a sealed file. Its private
// keys wait in a sealed file beside the vault, for a day at most.
type RequestMake struct {
	Types []string `json:"types,omitempty"` // CXF credential types to ask for; none: all
}

// RequestMade answers "transfer.request".
type RequestMade struct {
	Request     Bytes  `json:"request"`     // to be written to a file byte by byte, or shown as a QR code
	Fingerprint string `json:"fingerprint"` // six groups: the exporter's side asks for three of them
	Digest      Bytes  `json:"digest"`      // names it in "transfer.forget"
	ExpiresAt   Millis `json:"expiresAt"`
}

// RequestList answers "transfer.requests".
type RequestList struct {
	Requests []RequestOpen `json:"requests"`
}

// RequestOpen is a request that waits for its answer.
type RequestOpen struct {
	Digest    Bytes  `json:"digest"`
	ExpiresAt Millis `json:"expiresAt"`
}

// RequestForget (type "transfer.forget") erases a request's keys: its answer can't be opened any more.
type RequestForget struct {
	Digest Bytes `json:"digest"`
}

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

// ProviderQuery (type "transfer.providers") asks for the apps on this machine that take part in direct exchange.
type ProviderQuery struct {
	Out bool `json:"out"` // true: those that can take passkeys (importers); false: those that can give some (exporters)
}

// ProviderList answers "transfer.providers". Keyferry's own registration for the vault that asks is not in it; those of
// other profiles are.
type ProviderList struct {
	Providers []Provider        `json:"providers"`
	Ignored   []ProviderIgnored `json:"ignored"` // registrations that must not be used, for a details fold
}

// States of a provider, in the direction that was asked about. All but [ProviderKnown] take a warning and a second
// confirmation (TransferStart.Accept, TransferAnswer.Accept).
const (
	ProviderKnown               = "known"                // the person exchanged with this very program and registration before
	ProviderFirstUse            = "first-use"            // never yet
	ProviderProgramChanged      = "program-changed"      // the program, or its script, is another one than last time (an update, or not)
	ProviderRegistrationChanged = "registration-changed" // its name, what it takes, or the way it is started is another than last time
)

// Provider is an app of this machine that registered for direct exchange. Name, RPID and Icon are its own claims: anybody
// who can write this user's files can register any name, so Program and System stand beside them wherever they are shown.
type Provider struct {
	ID         string `json:"id"` // stands for the registration and the program as they are now
	RPID       string `json:"rpId"`
	Name       string `json:"name"`
	Suspicious bool   `json:"suspicious,omitempty"` // a name that may be dressed up as another: say so beside it
	Icon       string `json:"icon,omitempty"`       // a data: URL of a PNG of at most 64 KiB
	// Types are the CXF credential types it handles; none: all.
	Types []string `json:"types,omitempty"`
	// Excludes is for how many sites it does not take logins (out): what is for them stays. ExcludedSites are the first of
	// them, at most [MaxExcludedShown], for a details fold.
	Excludes      int      `json:"excludes,omitempty"`
	ExcludedSites []string `json:"excludedSites,omitempty"`
	Program       string   `json:"program"`          // path of what would be started, made safe to show
	Script        string   `json:"script,omitempty"` // path of the script where Program is an interpreter
	System        bool     `json:"system"`           // the system vouches for it (root's file, root's program); else only the user's files do
	File          string   `json:"file"`             // path of the registration
	State         string   `json:"state"`            // [ProviderKnown] and its like
}

// MaxExcludedShown is how many of a provider's excluded sites are listed.
const MaxExcludedShown = 100

// ProviderIgnored is a registration that is not used.
type ProviderIgnored struct {
	File   string `json:"file"`
	Reason string `json:"reason"` // in plain words
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

// TransferGet (type "transfer.get") asks how a transfer stands.
type TransferGet struct {
	ID string `json:"id"`
	// Not waits, up to WaitMs (at most 20,000), for the transfer to be in another state than this one.
	Not    string `json:"not,omitempty"`
	WaitMs int    `json:"waitMs,omitempty"`
}

// TransferRef names a transfer (types "transfer.commit", "transfer.cancel").
type TransferRef struct {
	ID string `json:"id"`
}

// TransferList answers "transfer.list": the caller's own transfers.
type TransferList struct {
	Transfers []Transfer `json:"transfers"`
}

// Transfer is how a transfer stands.
type Transfer struct {
	ID        string `json:"id"`
	Kind      string `json:"kind"`
	Out       bool   `json:"out"`
	State     string `json:"state"`
	Done      int64  `json:"done,omitempty"` // items, in the states that work; bytes while receiving
	Total     int64  `json:"total,omitempty"`
	StartedAt Millis `json:"startedAt"`
	// Provider is the app of a direct exchange; its State decides whether a warning is due.
	Provider *Provider `json:"provider,omitempty"`
	// Bytes have gone over to the other app or come from it (direct), where the total can't be known; else they are how much
	// of the file was written, or of Size was read.
	Bytes int64 `json:"bytes,omitempty"`
	// PeerDone of PeerTotal is how far the other app says it is, in state "exchanging" (direct); 0: it says nothing.
	PeerDone  int64 `json:"peerDone,omitempty"`
	PeerTotal int64 `json:"peerTotal,omitempty"`
	// ExpiresAt is when the keys of a direct request go: what is not stored by then is not stored.
	ExpiresAt Millis `json:"expiresAt,omitempty"`
	// Claim is what the other side says of itself. It proves nothing.
	Claim *TransferClaim `json:"claim,omitempty"`
	// Ask are the groups (1 to 6) of a fingerprint that the person has to type from the other side's screen.
	Ask []int `json:"ask,omitempty"`
	// NeedsPassphrase: "transfer.answer" opens the backup; the agent asks in its own dialog where it can.
	NeedsPassphrase bool `json:"needsPassphrase,omitempty"`
	// KeyFile: a file of this format may need a key file, with a password or instead of one (TransferAnswer.KeyFile).
	KeyFile bool `json:"keyFile,omitempty"`
	// Format is the name for people of another manager's file, as soon as it is known.
	Format string `json:"format,omitempty"`
	// FileName is what the person called the file that came in ([TransferImport].Name).
	FileName string `json:"fileName,omitempty"`
	// Plaintext: the file that came in was not encrypted. Offer to delete it once the import is done.
	Plaintext bool `json:"plaintext,omitempty"`
	// Classical: the answer is not protected against quantum computers although that was asked for.
	Classical bool   `json:"classical,omitempty"`
	Suite     string `json:"suite,omitempty"` // for a details fold
	Size      int64  `json:"size,omitempty"`  // of the file, in bytes
	// Fingerprint of what was written, for the other side to ask for; sealed, state "ready" on.
	Fingerprint string `json:"fingerprint,omitempty"`
	// Counts: out: credentials by CXF type; in, from "review" on: entries by status.
	Counts map[string]int `json:"counts,omitempty" ts:"Record<string, number>"`
	// Kept (out) is how many entries stay because the person chose so.
	Kept int `json:"kept,omitempty"`
	// Originals is "ask", "keep", "trash" or "wait": ask where "transfer.originals" can be sent (out, from "done" on), then
	// what was said.
	Originals string `json:"originals,omitempty"`
	// LeftOut (out) is how many credentials will not go; the entries and Remarks say which and why.
	LeftOut int `json:"leftOut,omitempty"`
	// Excluded (direct, out) is how many of LeftOut stay because the other app takes no logins for their sites.
	Excluded int              `json:"excluded,omitempty"`
	Remarks  []string         `json:"remarks,omitempty"`
	Error    *Error           `json:"error,omitempty"`
	Outcome  *TransferOutcome `json:"outcome,omitempty"`
	// Result (direct, out, state "done") is what the other app says it did with what it got.
	Result *TransferResult `json:"result,omitempty"`
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

// TransferClaim is a peer's own name, made safe to show.
type TransferClaim struct {
	Name        string `json:"name"` // in the style of a domain
	DisplayName string `json:"displayName,omitempty"`
	Suspicious  bool   `json:"suspicious,omitempty"` // it may be dressed up as another: say so beside it
}

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

// TransferEntries (type "transfer.entries") pages through what arrives, from state "review" on, or through what may leave,
// from state "asking" on.
type TransferEntries struct {
	ID     string `json:"id"`
	After  int    `json:"after,omitempty"`  // the last answer's Next
	Limit  int    `json:"limit,omitempty"`  // 1 to 500; 0 is 100
	Status string `json:"status,omitempty"` // only these
	Query  string `json:"query,omitempty"`  // only with these words in title, site or user name
	Place  int    `json:"place,omitempty"`  // out: only in this place ([TransferPlace])
	Kind   string `json:"kind,omitempty"`   // only "passkey" or "item"
}

// TransferEntryList answers "transfer.entries". Next is 0 at the end.
type TransferEntryList struct {
	Entries []TransferEntry `json:"entries"`
	Next    int             `json:"next,omitempty"`
	Total   int             `json:"total"`            // that match
	Chosen  int             `json:"chosen,omitempty"` // out: that match and leave
	// Places (out, on the first page) are the accounts and collections to choose by; at most 1,000.
	Places []TransferPlace `json:"places,omitempty"`
}

// TransferPlace is an account of what may leave, or a collection in one.
type TransferPlace struct {
	N          int    `json:"n"`
	Account    string `json:"account,omitempty"`    // empty: what Keyferry made itself
	Collection string `json:"collection,omitempty"` // "Work / Servers"; empty: all of the account
	Count      int    `json:"count"`                // entries in it
}

// TransferEntry is one passkey, or all of an item that is no passkey, or something unreadable. It holds no secret.
type TransferEntry struct {
	N        int      `json:"n"`      // names it in "transfer.choose"
	Kind     string   `json:"kind"`   // "passkey" or "item"
	Status   string   `json:"status"` // "new", "duplicate", "differs", "conflict", "unreadable", "goes", "part" or "stays" (the last three: out)
	Title    string   `json:"title"`
	RPID     string   `json:"rpId,omitempty"`
	UserName string   `json:"userName,omitempty"`
	Types    []string `json:"types,omitempty"`  // the kinds of credentials in an item
	MineAt   Millis   `json:"mineAt,omitempty"` // when mine was last changed
	TheirAt  Millis   `json:"theirAt,omitempty"`
	Fields   []string `json:"fields,omitempty"`   // in which the two differ, in plain words
	Reason   string   `json:"reason,omitempty"`   // of a conflict, why it is unreadable, or what of it can't leave
	Excluded bool     `json:"excluded,omitempty"` // out: all or part of it stays because the other app takes no logins for its site
	Choice   string   `json:"choice"`             // what will be done: "keep" (mine), "take" (theirs; out: it leaves), "both", "merge"
	Choices  []string `json:"choices"`            // what can be done
}

// TransferChoose (type "transfer.choose") sets what is to be done, for some entries or for all of a status.
type TransferChoose struct {
	ID      string `json:"id"`
	Entries []int  `json:"entries,omitempty"`
	Status  string `json:"status,omitempty"` // instead of Entries: all of this status that allow the choice
	// All: instead of Entries, all that allow the choice and match Status, Query, Place and Kind, as in [TransferEntries].
	All    bool   `json:"all,omitempty"`
	Query  string `json:"query,omitempty"`
	Place  int    `json:"place,omitempty"`
	Kind   string `json:"kind,omitempty"` // "passkey" or "item"
	Choice string `json:"choice"`
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

// TransferProgress is event "transfer.progress", to the connections of whoever the transfer belongs to.
type TransferProgress struct {
	ID    string `json:"id"`
	State string `json:"state"`
	Done  int64  `json:"done"`
	Total int64  `json:"total,omitempty"` // 0: unknown
	// Bytes, PeerDone and PeerTotal are as in [Transfer].
	Bytes     int64 `json:"bytes,omitempty"`
	PeerDone  int64 `json:"peerDone,omitempty"`
	PeerTotal int64 `json:"peerTotal,omitempty"`
}
