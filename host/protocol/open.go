package protocol

// Opening a file from the desktop. A double click runs `keyferry open FILE`, which hands the file's bytes to the agent,
// and the agent asks a browser that is connected to show the transfer page for it. Any program of the user can do so:
// nothing is read out of the vault or decided by it, the person sees a page, and everything after that is an ordinary
// transfer of that browser.
//
// "open.put"… → event "open.show" to one browser → its transfer page: "open.take" → a [Transfer]. A file that no browser
// was told of is forgotten with the connection that it came by, any other after a while, and when the agent ends or locks.

// States of a file that was opened.
const (
	OpenReceiving = "receiving" // "open.put" is expected
	OpenWaiting   = "waiting"   // no browser is connected yet
	OpenShown     = "shown"     // a browser was told to show it
	OpenTaken     = "taken"     // its page has made a transfer of it
)

// OpenPut (type "open.put") hands over a piece of a file, at most [TransferPiece]; the first has no ID and begins. The
// answer to the last piece says whether a browser was told.
type OpenPut struct {
	ID     string `json:"id,omitempty"`
	Name   string `json:"name,omitempty"` // with the first piece: what the person calls it; shown, never used as a path
	Offset int64  `json:"offset"`
	Data   Bytes  `json:"data"`
	Last   bool   `json:"last,omitempty"`
}

// OpenGet (type "open.get") asks what became of a file.
type OpenGet struct {
	ID     string `json:"id"`
	Not    string `json:"not,omitempty"`    // wait for another state than this one …
	WaitMs int    `json:"waitMs,omitempty"` // … for so long, at most 20,000
}

// OpenTake (type "open.take") makes a transfer of a file that was opened: a move out that answers the request in it, or
// a move in. It can be asked for once.
type OpenTake struct {
	ID string `json:"id"`
}

// OpenFile says how a file stands.
type OpenFile struct {
	ID    string `json:"id"`
	State string `json:"state"`
	// Kind is what the file was found to be: "request", or the kind of the move in. Empty while it is received.
	Kind string `json:"kind,omitempty"`
}

// OpenShow is event "open.show": open the transfer page for this file.
type OpenShow struct {
	ID string `json:"id"`
}
