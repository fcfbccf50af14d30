// Package installers puts Keyferry into the browsers a person has, by native messaging manifests: small JSON files that
// tell a browser which program to start for which extension.
//
//   - ids.go is the one table of the extensions that are ours. Manifests allow them, and the bridge checks its caller
//     against it again.
//   - table.go is the table of browsers; browsers.go says what its columns mean, and finds the folders of this user.
//   - manifest.go makes a manifest's text and writes it: atomically, with the right modes, never over one that is not ours.
//   - install.go puts the two together for one browser, for this user or for all; keys.go does so with the registry on
//     Windows, whose logic is tested everywhere, and flatpak.go for a browser in Flatpak's sandbox.
//   - filetypes.go lets a double click open our files; filekeys.go does so on Windows. start.go starts a browser for them.
//   - provider.go registers Keyferry with other password managers of the machine, for direct exchange (cxp/LOCAL.md).
//   - notes.go says what a person has to know where a manifest alone does not do.
//
// Formats: https://developer.chrome.com/docs/extensions/develop/concepts/native-messaging and
// https://developer.mozilla.org/docs/Mozilla/Add-ons/WebExtensions/Native_manifests.
package installers
