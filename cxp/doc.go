// Package cxp moves credentials between two password managers, encrypted all the way: the FIDO
// Credential Exchange Protocol (working draft of 3 October 2024, wire version 0) in the profile
// cxp-0/kf1, which closes what the draft leaves open. PROFILE.md, beside this file, is the profile;
// section numbers in these comments are its own. The document that travels is CXF, package cxf.
//
// # An exchange
//
// The importer makes a request with fresh keys and gives its bytes to the exporter:
//
//	pending, err := cxp.NewRequest(cxp.RequestOptions{Mode: cxp.Indirect, Importer: "importer.example"})
//	os.WriteFile("request.json", pending.Request().Bytes(), 0o600)
//
// The exporter reads it, shows who asks (a [Claim], never to be trusted), has the person type three
// groups of the fingerprint that only the importer's screen shows, and answers:
//
//	request, err := cxp.ReadRequest(ctx, file)
//	challenge, err := request.Fingerprint().Ask()
//	confirmation, err := challenge.Answer(typed...)
//	exporter, err := cxp.NewExporter(request, cxp.ExportOptions{Document: doc, Files: open, Confirmation: confirmation})
//	result, err := exporter.WriteResponse(ctx, out) // show result.Fingerprint
//
// The importer scans the response (no key needed), has three groups of its fingerprint typed, opens
// it, stages document and files, and commits:
//
//	response, err := cxp.ScanResponse(ctx, file, nil)
//	pending, err := store.Load(response.RequestDigest())
//	// file.Seek(0, io.SeekStart), challenge and confirmation as above
//	im, err := pending.Open(ctx, file, response, cxp.OpenOptions{Confirmation: confirmation})
//	for f, err := im.NextFile(); err == nil; f, err = im.NextFile() { ... } // io.EOF: im.Verified()
//	err = pending.Commit() // after the vault has committed: the keys are gone
//
// The examples show all of this with its error handling.
//
// # Between a vault and a message
//
// A vault need not be in memory at once. [ExportOptions].CXF.Items yields items as they are written,
// [OpenOptions].CXF.OnItem is given them as they are read, and attached files pass one at a time through
// a [FileSource] and [Import.NextFile]. Only the compressed document is held, since it is encrypted in
// one piece. What arrives must be staged: it is to be believed when [Import.Verified] says so, after the
// last byte. A dry run opens the response, looks, calls [Import.Drain] and [Pending.Close]; nothing is
// used up by it.
//
// A [Store] keeps the private keys of indirect requests in files that the caller's [Sealer] encrypts,
// one per request, named so that [Response.RequestDigest] finds it. Call [Store.Sweep] at every start.
//
// # What it holds to
//
// Nothing is encrypted or decrypted in indirect mode without a [Confirmation], which only
// [Challenge.Answer] makes. A request's keys are erased when an import commits, when the person
// cancels, or when their time is over ([DirectLifetime], [IndirectLifetime]), and not by a response
// that fails to open. An answer without post-quantum protection to a request that offered X-Wing is a
// [DowngradeError] until the person accepts it. Types that were not asked for are not sent. Sizes,
// counts and compression ratios are bounded by the constants of this package, before memory is taken.
// Names that peers give themselves are [Claim] values, which can be shown safely and prove nothing.
//
// # Which functions
//
//   - by files: [NewRequest], [ReadRequest], [NewExporter] and [Exporter.WriteResponse], [ScanResponse], [Pending.Open]
//   - over a transport: [Exporter.Envelope] and [Exporter.WritePayload], [Pending.OpenParts]
//   - backups: [WriteBackup], [ScanResponse], [OpenBackup]
//   - looking without a key: [ReadRequest], [ScanResponse]
//   - refusing: [CodeOf], [WriteError]; a peer's refusal is a [PeerError]
//
// Errors are to be tested with errors.Is and errors.As; none carries a secret or a peer's text.
package cxp
