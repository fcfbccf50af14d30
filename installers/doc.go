// Package installers puts Keyferry into the browsers a person has, by native messaging manifests: small JSON files that
// tell a browser which program to start for which extension.
//
//   - ids.go is the one table of the extensions that are ours. Manifests allow them, and the bridge checks its caller
//     against it again.
//   - browsers.go is the table of browsers, and where each system keeps their manifests.
//   - manifest.go makes a manifest's text and writes it: atomically, with the right modes, never over one that is not ours.
//
// Formats: https://developer.chrome.com/docs/extensions/develop/concepts/native-messaging and
// https://developer.mozilla.org/docs/Mozilla/Add-ons/WebExtensions/Native_manifests.
package installers
