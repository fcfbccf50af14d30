package protocol

import "fmt"

// Code is the number of an error. Numbers and names are append-only: an old extension must understand a new host's
// old errors. Do not renumber, rename or reuse; add at the end.
type Code int

// The codes.
const (
	CodeInternal          Code = 1  // a fault of ours; the log has more
	CodeBadRequest        Code = 2  // the body is not what the type says
	CodeUnknownType       Code = 3  // no such message here
	CodeTooLarge          Code = 4  // a frame, message or member over its limit
	CodeVersion           Code = 5  // no common protocol version; the message says which side to update
	CodeNotPaired         Code = 6  // this browser profile has not been paired (or was revoked)
	CodeLocked            Code = 7  // the vault is locked
	CodeNoVault           Code = 8  // there is no vault yet
	CodeDenied            Code = 9  // the person said no
	CodeVerification      Code = 10 // the person could not be verified
	CodeNoDialog          Code = 11 // no pinentry or system dialog can be shown; ask in our own page or on the command line
	CodeNotAllowed        Code = 12 // this sender may not ask this
	CodeCanceled          Code = 13 // the request was cancelled
	CodeTimeout           Code = 14 // nobody answered in time
	CodeAgentGone         Code = 15 // the agent ended or restarted; ask again
	CodeUnknownCaller     Code = 16 // the bridge does not know the extension that started it
	CodeRateLimited       Code = 17 // too many requests; wait
	CodeNotFound          Code = 18 // no such passkey, ceremony, browser, …
	CodeConflict          Code = 19 // something with this identity is there already
	CodeVaultDamaged      Code = 20 // the vault failed its integrity check; `keyferry doctor vault` knows more
	CodeVaultInUse        Code = 21 // another process holds the vault
	CodeDiskFull          Code = 22 // the vault could not be written for lack of space
	CodeStale             Code = 23 // what was approved is not what would be done now; look again
	CodeWrongSecret       Code = 24 // wrong passphrase, PIN or recovery phrase
	CodeWeakPassphrase    Code = 25 // the new passphrase is too easily guessed
	CodeVaultExists       Code = 26 // there is a vault already
	CodeHostMissing       Code = 27 // the browser found no native host (made by the extension itself)
	CodeReadOnly          Code = 28 // the vault is open for reading only
	CodeUnsupportedSystem Code = 29 // this cannot be had on this system
	CodeFingerprint       Code = 30 // the groups that were typed are not those of the fingerprint
	CodeRequestGone       Code = 31 // the request was answered, cancelled, made elsewhere, or its time is over
	CodeBadFile           Code = 32 // the file is damaged, forged, or of another kind
	CodeNoProfile         Code = 33 // the profile that was chosen is not there (any more)
	CodeUnconfirmed       Code = 34 // the other app is new here, or has changed: warn the person and get a second confirmation
	CodeProviderGone      Code = 35 // the other app is not registered (any more), or not as it was listed; list again
	CodePeerRefused       Code = 36 // the other app, or its person, said no
	CodePeerGone          Code = 37 // the other app ended the exchange without a word, or could not be started
	CodePeerSilent        Code = 38 // the other app did not answer in time
	CodePeerProtocol      Code = 39 // the other app does not keep to the protocol
	CodePeerIdentity      Code = 40 // the other app is not whom its registration says, or runs as another user
)

// Error is a refusal. Message is for people: what happened, what was kept, what to do; it never holds a secret.
type Error struct {
	Code    Code   `json:"code"`
	Name    string `json:"name"`
	Message string `json:"message"`
}

// Errorf makes an Error with the code's stable name.
func Errorf(c Code, format string, args ...any) *Error {
	return &Error{Code: c, Name: c.Name(), Message: fmt.Sprintf(format, args...)}
}

// Error implements error.
func (e *Error) Error() string { return e.Message }

// Is makes errors.Is compare by code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// CodeNames returns every code with its stable name.
func CodeNames() map[Code]string {
	return map[Code]string{
		CodeInternal: "internal", CodeBadRequest: "bad-request", CodeUnknownType: "unknown-type",
		CodeTooLarge: "too-large", CodeVersion: "version", CodeNotPaired: "not-paired", CodeLocked: "locked",
		CodeNoVault: "no-vault", CodeDenied: "denied", CodeVerification: "verification", CodeNoDialog: "no-dialog",
		CodeNotAllowed: "not-allowed", CodeCanceled: "canceled", CodeTimeout: "timeout", CodeAgentGone: "agent-gone",
		CodeUnknownCaller: "unknown-caller", CodeRateLimited: "rate-limited", CodeNotFound: "not-found",
		CodeConflict: "conflict", CodeVaultDamaged: "vault-damaged", CodeVaultInUse: "vault-in-use",
		CodeDiskFull: "disk-full", CodeStale: "stale", CodeWrongSecret: "wrong-secret",
		CodeWeakPassphrase: "weak-passphrase", CodeVaultExists: "vault-exists", CodeHostMissing: "host-missing",
		CodeReadOnly: "read-only", CodeUnsupportedSystem: "unsupported-system",
		CodeFingerprint: "fingerprint", CodeRequestGone: "request-gone", CodeBadFile: "bad-file",
		CodeUnconfirmed: "unconfirmed", CodeProviderGone: "provider-gone", CodePeerRefused: "peer-refused",
		CodePeerGone: "peer-gone", CodePeerSilent: "peer-silent", CodePeerProtocol: "peer-protocol", CodePeerIdentity: "peer-identity",
		CodeNoProfile: "no-profile",
	}
}

// Name is the code's stable name, or "code-N" for one from the future.
func (c Code) Name() string {
	if n, ok := CodeNames()[c]; ok {
		return n
	}
	return fmt.Sprintf("code-%d", int(c))
}
