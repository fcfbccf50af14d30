// Package bitwarden reads the files that Bitwarden (and Vaultwarden) export, and writes the encrypted one of them.
//
// There are four kinds:
//
//   - plain JSON: "encrypted" is false; folders and items follow (model.go, readitem.go). Passkeys stand in a login's
//     fido2Credentials (passkey.go). An organization's export has collections instead of folders.
//   - zip: that JSON as data.json, and attachments/ITEM/NAME beside it.
//   - password-protected JSON: the whole plain JSON, encrypted under a key from a password of its own, by PBKDF2 or Argon2id
//     (sealed.go, encstring.go). This is what is written (write.go, writeitem.go), always with Argon2id.
//   - account-restricted JSON: every text encrypted under the account's key. Nobody else can read it, so Read explains the way
//     out with a [formats.RestrictedError].
//
// Bitwarden keeps one passkey and one password per login, P-256 keys only, no PRF secrets and, in these files, no
// attachments when encrypted. Nothing is lost by the first: an item with more is written as several.
package bitwarden
