// Package localexchange hands credentials from one app to another on one machine, for one person: what iOS and macOS 26
// do between apps, for every system. It is the transport of LOCAL.md, beside package cxp, which does the encryption.
//
// # Who is there
//
// An app that takes part drops a registration into the user's or the system's folder ([Folders]): its name, what it
// takes, and the command that starts it. [List] reads them and leaves out, with a reason, what somebody else could have
// changed. A name in it is a claim: show the program's path beside it, and whether the system vouches for it.
//
// Remember a [Pin] of each app that the person agreed to exchange with, and warn them when [Pin.Against] says that it is
// another one; [Start] then runs exactly what was pinned.
//
// What an app says it does not want stays here: types that are not in its list, and sites that [Registration.Excluded]
// names. Tell your person before anything leaves.
//
// # An exchange
//
// The side at which the person began starts the other's command with [Start] and speaks with it over a socket pair; a
// command that was started finds its end with [Accept], which also says by whom, as far as the system knows. Both then say [Conn.Hello]. From there on the roles decide:
//
//	exporter: conn.Export(ctx, ExportSide{...})   // offers, gets a request, answers it
//	importer: conn.Import(ctx, ImportSide{...})   // makes a request, is given the answer as a stream
//
// and each side asks its own person, in its own dialog, before anything is encrypted or stored: that is what the
// callbacks are for. Their contexts end when the other side gives up. The example is a whole provider.
//
// # What it holds to
//
// Frames are bounded, come in order, and each has to come within a time ([Limits]); a payload is bounded by
// cxp.MaxResponseSize. Whatever else a peer does is a [*ProtocolError]; its refusal is a [*cxp.PeerError]. The key of a
// request lives in memory only and is erased when the exchange ends.
package localexchange
