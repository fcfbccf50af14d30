// Package link is the road between a vault's agent and those who talk to it, the bridges and the command line.
//
// [Dial] connects to the agent, starts one where none runs (a lock file lets one caller do that and makes the others
// wait), and exchanges greetings. What comes back is a [Conn] of raw frames, which is what a bridge relays; [NewClient]
// makes of it what the command line wants, a call that returns an answer. [Listen] is the agent's end.
//
// The socket is a unix socket in a folder that is this user's alone (package paths), on Windows a named pipe that only
// this user may open. An agent is started in a session of its own, so that it outlives the browser whose bridge started
// it, with the few environment variables that it has a use for.
package link
