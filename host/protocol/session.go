package protocol

// ClientHello is the first frame on the agent's socket, from bridge or command line (type "client.hello", never
// relayed from a browser). The agent answers with [AgentHello] as an event and then takes requests.
type ClientHello struct {
	Protocol int    `json:"protocol"`
	Version  string `json:"version"` // of the binary
	// Role is "bridge", "cli" or "exchange". The last is `keyferry exchange`, which another app started: after the greetings
	// the connection carries that app's frames as they are (cxp/LOCAL.md), and no messages of this protocol.
	Role string `json:"role"`
	// Caller is what the browser passed to the bridge: "chrome-extension://ID/" or the add-on ID; empty for the CLI.
	Caller string `json:"caller,omitempty"`
	// Browser is the name of the program that started the bridge ("chromium", "firefox-esr"), for display only.
	Browser string `json:"browser,omitempty"`
	// Starter is the process that started `keyferry exchange`, as the system told it.
	Starter int `json:"starter,omitempty"`
	// Where tells where the person is, so that dialogs appear there.
	Where Where `json:"where"`
}

// Where holds the settings a dialog needs to appear in front of the person who asked. The bridge and the command line
// take them from their own environment; values are length-checked and handed to pinentry and zenity only.
type Where struct {
	Display        string `json:"display,omitempty"`        // DISPLAY
	WaylandDisplay string `json:"waylandDisplay,omitempty"` // WAYLAND_DISPLAY
	XAuthority     string `json:"xauthority,omitempty"`     // XAUTHORITY
	RuntimeDir     string `json:"runtimeDir,omitempty"`     // XDG_RUNTIME_DIR
	SessionBus     string `json:"sessionBus,omitempty"`     // DBUS_SESSION_BUS_ADDRESS
	TTY            string `json:"tty,omitempty"`            // the terminal of the command line
	Term           string `json:"term,omitempty"`           // TERM
	Lang           string `json:"lang,omitempty"`           // LC_ALL, else LC_CTYPE, else LANG
}

// AgentHello is the agent's greeting (event "agent.hello"), also passed on to the browser; it comes again after each
// reconnection, and then a new session is signed over its nonce.
type AgentHello struct {
	Protocol int    `json:"protocol"`
	Version  string `json:"version"`
	Nonce    Bytes  `json:"nonce"` // 32 random bytes, for this connection only
	Status   Status `json:"status"`
	// Test is true for a test build, which grants or denies by a setting instead of asking; every page says so loudly.
	Test bool `json:"test,omitempty"`
}

// SessionRequest (type "session") proves that the extension holds its pairing key. Signature is ECDSA P-256 SHA-256
// (r‖s, 64 bytes, as WebCrypto makes it) over "keyferry session 1", a zero byte, the nonce, and the caller that the
// bridge was started by, so that a signature is good for one connection and one extension only.
type SessionRequest struct {
	ProtocolMin int    `json:"protocolMin"`
	ProtocolMax int    `json:"protocolMax"`
	Version     string `json:"version"`   // of the extension
	PublicKey   Bytes  `json:"publicKey"` // SubjectPublicKeyInfo, DER
	Signature   Bytes  `json:"signature"`
}

// SessionResult answers "session". While the vault is locked nobody can know whether the key is paired (the list is in
// the vault): Paired is then "unknown", and decided at the first request that needs it.
type SessionResult struct {
	Protocol int    `json:"protocol"`
	Paired   string `json:"paired"` // "yes", "no" or "unknown"
	Status   Status `json:"status"`
}

// PairRequest (type "pair") asks the person, in the agent's own dialog, to let this browser profile in. The agent
// first sends event "pair.code" with the code that its dialog shows; the page shows the same one. It is answered when
// the person has decided. Where no dialog can be shown the answer waits for `keyferry pair CODE` (see [PairConfirm]).
type PairRequest struct {
	Label string `json:"label,omitempty"` // how the profile calls itself; shown cleaned, never trusted
	// Secret takes a recovery phrase only: who forgot the passphrase proves by it what the dialog would have asked for,
	// and is let in without one.
	Secret Secret `json:"secret,omitzero"`
}

// PairCode is event "pair.code". It comes before every dialog by which a browser is let in ("pair", "vault.create").
type PairCode struct {
	Code     string `json:"code"`     // eight digits in two groups, "4821 7730"
	Terminal bool   `json:"terminal"` // no dialog: the person must run `keyferry pair CODE`
}

// PairResult answers "pair".
type PairResult struct {
	Browser Browser `json:"browser"`
}

// PairConfirm (type "pair.confirm", from the command line) confirms the pairing that waits with this code.
type PairConfirm struct {
	Code   string `json:"code"`
	Secret Secret `json:"secret,omitzero"`
}

// Browser is a paired browser profile.
type Browser struct {
	ID       string `json:"id"` // first 16 bytes of SHA-256 of its public key, base64url
	Label    string `json:"label"`
	Caller   string `json:"caller"`
	PairedAt Millis `json:"pairedAt"`
	SeenAt   Millis `json:"seenAt,omitempty"`
	Current  bool   `json:"current,omitempty"` // the one that asks
}

// BrowserList answers "browsers.list".
type BrowserList struct {
	Browsers []Browser `json:"browsers"`
}

// BrowserRevoke (type "browsers.revoke") ends a pairing and its sessions.
type BrowserRevoke struct {
	ID string `json:"id"`
}

// Empty is the body of requests and answers that carry nothing.
type Empty struct{}

// Ping (type "ping") is answered with the same data over the very same road that a ceremony takes.
type Ping struct {
	Data string `json:"data,omitempty"`
}

// Status answers "status" and travels with "agent.hello" and event "status.changed".
type Status struct {
	Vault string `json:"vault"` // "none", "locked", "unlocked" or "damaged"
	// Dialog says what can ask the person for a secret: "pinentry", "system" or "none" (then our own page or the terminal asks).
	Dialog string `json:"dialog"`
	// Pin is true when a PIN is set for the running agent.
	Pin      bool   `json:"pin,omitempty"`
	Version  string `json:"version"`
	Profile  string `json:"profile"`
	LockInMs int64  `json:"lockInMs,omitempty"` // until the vault locks by itself; unlocked only
	// Passkeys is how many there are; only unlocked, only for our own pages and the command line.
	Passkeys int  `json:"passkeys,omitempty"`
	Test     bool `json:"test,omitempty"`
}
