// Package paths says where Keyferry keeps things for one user: the vault, the agent's socket, the configuration, the log.
//
// Everything follows from HOME and the XDG base directories (https://specifications.freedesktop.org/basedir-spec) on
// Linux, from the usual folders on macOS and Windows, and from nothing else: no environment variable of our own moves a
// vault or a socket, so that nobody can lead the host to another one by starting it. A test build takes its paths from
// `--testbed DIR` instead, and only from a temporary folder (testbed.go).
//
// [For] gives a [Profile], whose name is checked strictly (name.go), and [Profile.Names] those that there are;
// [Profile.EnsureRunDir] makes the folder of the socket and refuses one that others could write to, since whoever owns
// that folder could pose as the agent.
package paths
