package protocol

// Requests for what another computer has, which an importer makes.

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
