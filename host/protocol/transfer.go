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

// TransferClaim is a peer's own name, made safe to show.
type TransferClaim struct {
	Name        string `json:"name"` // in the style of a domain
	DisplayName string `json:"displayName,omitempty"`
	Suspicious  bool   `json:"suspicious,omitempty"` // it may be dressed up as another: say so beside it
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
