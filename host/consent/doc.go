// Package consent asks the person at the machine: for a passphrase or PIN, or for a yes or no.
//
// A newcomer's guide:
//
//   - prompt.go: [Prompt] is what a dialog shows, [Prompter] is something that can show it, and the errors that a
//     caller decides on.
//   - find.go: [Finder] picks the Prompter for where the person is: the pinentry that the configuration names, else a
//     pinentry found on the system, else a system dialog. [ErrNoDialog] means that our own page or the terminal must ask.
//   - pinentry.go runs a pinentry program and speaks to it; assuan.go is the protocol below it (GnuPG's Assuan:
//     lines, %-escapes, D, S, INQUIRE). It is our own so that secrets stay in byte slices that are erased after use.
//   - system.go: dialogs by the zenity library, for systems without pinentry.
//   - clean.go: [Clean] makes a text that a web site chose fit to be shown; escaping alone does not stop a name from
//     painting over the rest of the dialog.
//   - strength.go: [Strength] is the honest estimate behind "too weak".
//
// Nothing here decides what may be done; the agent does.
package consent
