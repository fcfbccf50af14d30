package cxf

// Code is the stable name of a kind of diagnostic.
type Code string

// What the reader reports.
const (
	// CodeNotCredential: an entry is no JSON object, or has no type.
	CodeNotCredential Code = "not-a-credential"
	// CodeMissing: a member that the standard requires is not there.
	CodeMissing Code = "missing"
	// CodeEmptyArray: an optional array was there but empty.
	CodeEmptyArray Code = "empty-array"
	// CodeWrongKind: a member has another JSON type than the standard says.
	CodeWrongKind Code = "wrong-kind"
	// CodeBase64: binary data was padded, or in the standard alphabet.
	CodeBase64 Code = "base64"
	// CodeTime2001: a time was counted from 2001 instead of 1970, or the other way round.
	CodeTime2001 Code = "time-2001-epoch"
	// CodeTimeRange: a time is impossible and was taken as absent.
	CodeTimeRange Code = "time-range"
	// CodeTimeForm: a time was no whole number of seconds.
	CodeTimeForm Code = "time-form"
	// CodeID: an id was missing, invalid, too long or not unique, and was replaced.
	CodeID Code = "id"
	// CodeDangling: a link points to nothing in this document.
	CodeDangling Code = "dangling-link"
	// CodeURL: a URL was a bare host, or is no absolute URL.
	CodeURL Code = "url"
	// CodeFieldValue: a field's value does not fit its type.
	CodeFieldValue Code = "field-value"
	// CodeFieldType: a field's type is missing or unknown; it is shown as text.
	CodeFieldType Code = "field-type"
	// CodeOldShape: something was written after an earlier draft.
	CodeOldShape Code = "old-shape"
	// CodeUnknownType: a credential of an unknown type was kept as it is.
	CodeUnknownType Code = "unknown-type"
	// CodeUnknownValue: an unknown value of an enumeration was kept, and is ignored.
	CodeUnknownValue Code = "unknown-value"
	// CodeKey: a private key is not usable.
	CodeKey Code = "key"
	// CodeSecret: a TOTP secret was not canonical Base32, or none at all.
	CodeSecret Code = "secret"
	// CodeLargeBlob: a large blob does not inflate to what it says.
	CodeLargeBlob Code = "large-blob"
	// CodeHMAC: PRF secrets are of an unusual shape.
	CodeHMAC Code = "hmac-credentials"
	// CodeExtension: an extension stands where it may not, or has no name.
	CodeExtension Code = "extension"
	// CodeVersion: the document is of another level than 1.0.
	CodeVersion Code = "version"
	// CodeUnreadable: a credential could not be read for a reason of its own.
	CodeUnreadable Code = "unreadable"
)

// What the writer reports besides.
const (
	// CodeCounter: a passkey with a signature counter was left out (CXF §3.3.12).
	CodeCounter Code = "counter"
	// CodeNotOwned: something that somebody else owns was left out (CXF §3.2).
	CodeNotOwned Code = "not-owned"
	// CodeNotWritten: a member or credential that breaks the standard was left out.
	CodeNotWritten Code = "not-written"
	// CodeText: text was no valid UTF-8 and was written with replacement characters.
	CodeText Code = "text"
)
