// Package bridge is what a browser starts: it relays frames between the browser's pipes and the vault's agent, and
// decides nothing but whether it knows the extension that it serves.
//
//   - caller.go tells a browser's command line from a person's, and which extension calls.
//   - where.go collects what the agent needs to show a dialog in front of the person, and the browser's name.
//   - relay.go is the loop: one goroutine owns all state, others only read (browser, agent) or dial.
//   - profile.go leads the bridge to another profile's agent, where the browser's first frame says so.
//   - requests.go keeps which requests are open and which are held back.
//
// What a browser can rely on:
//
//   - The agent's greeting (event "agent.hello") comes before anything else (but for the answer to "bridge.profile"),
//     and again after each reconnection.
//   - Every request is answered. When the agent goes away, those that it had are answered with
//     [protocol.CodeAgentGone] here. The bridge reconnects at once if the agent is there again (it locks by starting
//     anew), else at the next request, for which it starts an agent. That request is not lost: it waits here until the
//     extension has signed its new session, as do others that cross the new greeting.
//   - Where nothing can be served, event "bridge.error" says why, and the bridge ends.
//
// The bridge holds no state that matters. It ends when the browser closes its stdin, or on SIGTERM; what the agent was
// told stays told. Chunks pass through one by one, so that its memory stays small.
package bridge
