package protocol

// CeremonyShow is event "ceremony.show": a ceremony needs the person. The background opens the approve window for it
// unless one is open already. The event is repeated when a session re-attaches.
type CeremonyShow struct {
	Ceremony string `json:"ceremony"`
	Request  string `json:"request"` // the [CreateRequest.Request] or [GetRequest.Request] it belongs to
	TabID    int    `json:"tabId"`
}

// CeremonyEnd is event "ceremony.end": it is over, however; its window closes.
type CeremonyEnd struct {
	Ceremony string `json:"ceremony"`
}

// CeremonyRef names a ceremony (type "ceremony.describe" asks what to show; type "ceremony.unlock" opens the vault for
// it in the agent's dialog).
type CeremonyRef struct {
	Ceremony string `json:"ceremony"`
}

// CeremonyUnlock (type "ceremony.unlock") opens the vault within a ceremony; that counts as verification of the person
// in it. Secret only where no dialog can be shown.
type CeremonyUnlock struct {
	Ceremony string `json:"ceremony"`
	Secret   Secret `json:"secret,omitzero"`
}

// CeremonyView answers "ceremony.describe" and "ceremony.unlock": all that the approve window shows. Texts that a site
// chose are cleaned (control and bidi characters removed, length capped) but not escaped for any markup.
type CeremonyView struct {
	Ceremony string `json:"ceremony"`
	Kind     string `json:"kind"`  // "create" or "get"
	State    string `json:"state"` // "locked", "ready", "working" or "over"
	RPID     string `json:"rpId"`
	RPName   string `json:"rpName,omitempty"` // create only; a claim of the site's
	// Site is the registrable domain of Origin, in Unicode where that is safe: the prominent line.
	Site   string `json:"site"`
	Origin string `json:"origin"`
	// TopSite is set for a cross-origin frame: the site in the address bar.
	TopSite  string    `json:"topSite,omitempty"`
	Accounts []Account `json:"accounts"` // get: those that match, best first; create: what will be made, one
	// Excluded: this site says that this vault holds a passkey for the account already; a yes tells it so.
	Excluded bool `json:"excluded,omitempty"`
	// Verify says what a yes will still ask for: "none", "dialog" (the agent asks) or "here" (the window asks, for lack of a dialog).
	Verify string `json:"verify"`
	Pin    bool   `json:"pin,omitempty"` // verification takes the PIN
	// Hash is what a yes must repeat: SHA-256 over what is shown and what would be signed.
	Hash      Bytes  `json:"hash"`
	ExpiresAt Millis `json:"expiresAt"`
	Test      bool   `json:"test,omitempty"`
	Profile   string `json:"profile,omitempty"` // whose vault is asked, where that is not the default one
}

// Account is one passkey as a person sees it.
type Account struct {
	ID          string `json:"id"` // the passkey's record in the vault
	UserName    string `json:"userName"`
	DisplayName string `json:"displayName,omitempty"`
	CreatedAt   Millis `json:"createdAt,omitempty"`
	UsedAt      Millis `json:"usedAt,omitempty"`
	Pending     bool   `json:"pending,omitempty"` // its site never confirmed that it got it
}

// CeremonyApprove (type "ceremony.approve") is the person's yes to exactly what was shown.
type CeremonyApprove struct {
	Ceremony string `json:"ceremony"`
	Hash     Bytes  `json:"hash"`
	Account  string `json:"account,omitempty"` // get: which of the accounts
	Secret   Secret `json:"secret,omitzero"`   // only where Verify is "here"
}

// CeremonyRefuse (type "ceremony.refuse") is a no, or the wish for another device.
type CeremonyRefuse struct {
	Ceremony    string `json:"ceremony"`
	OtherDevice bool   `json:"otherDevice,omitempty"`
}
