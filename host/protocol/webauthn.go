package protocol

import "encoding/json"

// CreateRequest (type "webauthn.create", from a content script) begins navigator.credentials.create() (WebAuthn §5.1.3).
//
// Request is 16 random bytes made by the content script. A worker that died may ask again with the same name: the
// agent then re-attaches to the ceremony, which lives in the agent, instead of beginning a second one.
type CreateRequest struct {
	Request Bytes `json:"request"`
	// Options is a PublicKeyCredentialCreationOptionsJSON (WebAuthn §5.1.9), as the page's values serialise.
	Options json.RawMessage `json:"options" ts:"PublicKeyCredentialCreationOptionsJSON"`
	// Mediation is "" or "conditional".
	Mediation string `json:"mediation,omitempty"`
	// Visible: the document is visible and its window focused (by the browser's own word).
	Visible bool `json:"visible"`
	// Delegated: the browser's permissions policy lets this frame ask.
	Delegated bool `json:"delegated"`
}

// GetRequest (type "webauthn.get", from a content script) begins navigator.credentials.get() (WebAuthn §5.1.4).
// Options is a PublicKeyCredentialRequestOptionsJSON (WebAuthn §5.1.10).
type GetRequest struct {
	Request   Bytes           `json:"request"`
	Options   json.RawMessage `json:"options" ts:"PublicKeyCredentialRequestOptionsJSON"`
	Mediation string          `json:"mediation,omitempty"` // "", "optional", "required", "silent", "conditional" or "immediate"
	Visible   bool            `json:"visible"`
	Delegated bool            `json:"delegated"`
}

// WebAuthnResult answers "webauthn.create" and "webauthn.get".
type WebAuthnResult struct {
	// Outcome is "credential", "browser" (ask the browser itself, untouched) or "error".
	Outcome  string `json:"outcome"`
	Ceremony string `json:"ceremony,omitempty"`
	// Credential is a RegistrationResponseJSON or AuthenticationResponseJSON (WebAuthn §5.1.1).
	Credential json.RawMessage `json:"credential,omitempty" ts:"RegistrationResponseJSON | AuthenticationResponseJSON"`
	// Reason says why the browser is to be asked: "rp-id", "no-match", "other-device", "site-off", "mediation",
	// "extension", "origin", "not-ready", "algorithm", "attachment", "policy" (the document's permissions policy), "options" (unreadable).
	Reason      string    `json:"reason,omitempty"`
	RemainingMs int64     `json:"remainingMs,omitempty"` // of the call's timeout
	Error       *DOMError `json:"error,omitempty"`
}

// DOMError is what the page gets: a DOMException of that name, or a TypeError.
type DOMError struct {
	Name    string `json:"name"` // "NotAllowedError", "InvalidStateError", "SecurityError", "NotSupportedError", "AbortError", "TypeError", …
	Message string `json:"message"`
}

// Error implements error.
func (e *DOMError) Error() string { return e.Name + ": " + e.Message }

// Delivered (type "webauthn.delivered", from the content script) confirms that the page's promise was resolved with
// the new credential; until then the passkey is pending.
type Delivered struct {
	Ceremony string `json:"ceremony"`
}

// DocumentGone (type "webauthn.gone", from the background) cancels the ceremonies of a tab or document that was closed or navigated.
type DocumentGone struct {
	TabID      int    `json:"tabId"`
	FrameID    int    `json:"frameId,omitempty"` // 0: the whole tab
	DocumentID string `json:"documentId,omitempty"`
}

// SiteQuery (type "site.get") asks what is stored for an origin; SiteInfo answers.
type SiteQuery struct {
	Origin string `json:"origin"`
}

// SiteInfo answers "site.get" and "site.set".
type SiteInfo struct {
	Site     string    `json:"site"`  // registrable domain, cleaned for display
	Known    bool      `json:"known"` // false for pages that can't have passkeys (no https, an IP address, …)
	Off      bool      `json:"off"`   // "never on this site"
	Accounts []Account `json:"accounts"`
}

// SiteSet (type "site.set") switches Keyferry off or on for an origin's site.
type SiteSet struct {
	Origin string `json:"origin"`
	Off    bool   `json:"off"`
}

// SitesOff answers "sites.off": where Keyferry is switched off. The background keeps them while the vault is locked.
type SitesOff struct {
	Sites []string `json:"sites"`
}
