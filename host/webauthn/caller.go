package webauthn

// Caller is who asks, in the browser's own words (from protocol.Sender); nothing of it comes from the page.
type Caller struct {
	// Origin is the document's serialised origin, "https://example.com" or "null".
	Origin string
	// Ancestors are the origins of the embedding documents, nearest first. "" is one that could not be established
	// and counts as another origin.
	Ancestors []string
	// Delegated: the permissions policy of the document lets it ask for this ceremony. It has to be true for a top
	// document as well, which a site can forbid by a header.
	Delegated bool
}

// CrossOrigin is the inverse of the standard's sameOriginWithAncestors: true unless every ancestor is known and of
// the caller's own origin. Opaque origins equal nothing, not even themselves.
func (c Caller) CrossOrigin() bool {
	for _, a := range c.Ancestors {
		if a == "" || a == "null" || a != c.Origin {
			return true
		}
	}
	return false
}

// TopOrigin is the origin of the top-level document for a cross-origin caller, "" where it is not (or is unknown),
// as CollectedClientData.topOrigin wants it (WebAuthn §5.8.1).
func (c Caller) TopOrigin() string {
	if !c.CrossOrigin() {
		return ""
	}
	return c.Ancestors[len(c.Ancestors)-1]
}
