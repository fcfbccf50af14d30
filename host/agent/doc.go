// Package agent owns a vault: one process per vault, which every browser and the command line talk to over a unix
// socket. Everything that is decided is decided here.
//
// A newcomer's guide, in the order in which a request passes through:
//
//   - run.go: [Run] takes connections until the agent is told to end, locks, or has been idle and locked for a while.
//
//   - peer*.go, harden*.go: who is at the other end of a connection, and what the process does to be hard to read.
//
//   - conn.go: one connection: the greeting, reading frames, one goroutine per request, limits. request.go: one request.
//
//   - gate.go: the table message × sender × need of package protocol, enforced for every message before its handler
//     runs. handlers.go maps messages to handlers. A message that is missing in either is a failing test.
//
//   - session.go, pairing.go, browsers.go: who a browser profile is (a signature over the connection's nonce) and
//     whether the person let it in.
//
//   - keeper.go: the open vault, what was read from it once (pairings, sites, settings), and when the person last
//     consented. unlock.go opens it, verify.go verifies the person again, pin.go keeps a PIN,
//     dialogs.go bounds how often anybody is asked, attempts.go how often anything is begun.
//
//   - ceremony*.go, create.go, get.go, approve.go: a WebAuthn call from the request to its answer. It lives here, so
//     that worker, window and bridge may die: they ask again by name.
//
//   - upkeep.go: what the agent does for the open vault by itself.
//
//   - idle.go, events*.go, lock.go: when to lock, and how: by re-executing the program, which leaves nothing behind.
//
//   - successor.go: when an update has replaced the program, and how the newer version takes over.
//
//   - store.go, slots.go, settings.go, sites.go, audit.go: what is stored, shown and changed.
//
//   - transfers.go, moving.go, transfer_*.go: moving credentials in and out (package transfer does the work): each transfer
//     lives here under an id, belongs to a browser profile or to one connection of the command line, and leaves only after
//     a dialog that says what leaves and to whom. In: transfer_in.go (what arrives), transfer_answer.go (what opens it),
//     transfer_entries.go (what the person sees and chooses); out: transfer_out.go, transfer_review.go, transfer_write.go.
//
//   - open.go, openings.go: a file that was opened from the desktop, on its way to a browser's transfer page.
//
//   - transfer_providers.go, direct*.go: direct exchange with another app of the machine (package localexchange), begun
//     here; exchange.go answers an app that began itself by starting `keyferry exchange`, whose connection carries that
//     app's frames after the greetings; visitor.go says who that is.
//
// Authority never rests on the peer's executable (any program of the user can run a bridge): it rests on pairing keys,
// and on the person, who is asked in dialogs of the agent's own and in the approve window of a paired browser.
package agent
