package protocol

// The list that the person looks at and chooses from, before anything is stored or leaves.

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
