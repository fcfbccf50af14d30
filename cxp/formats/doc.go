// Package formats is what the readers and writers of other password managers' files have in common. Each format is a package
// below this one that turns bytes into a CXF document ([github.com/keyferry/keyferry/cxp/cxf]), and, where it writes, a CXF
// document into bytes. Package all, beside them, lists them all; nothing here knows any.
//
// # Reading a file
//
//	in := &formats.Input{ReaderAt: file, Size: size, Name: name, Secret: ask}
//	matches, err := formats.Detect(all.Formats(), in) // by content; *UnknownError says what it looks like instead
//	result, err := matches[0].Format.Read(ctx, in)
//
// A [Result] holds the document, a report with one entry for everything that is not quite as it was in the file, and the
// attached files. An error means that nothing of the file is to be used; errors.go lists what a caller may decide on:
// [ErrWrongPassword], [ErrDamaged], [ErrTooLarge], [*VersionError], [*RestrictedError] and so on.
//
// # Writing a file
//
//	if w, ok := format.(formats.Writer); ok {
//		losses, err := w.Losses(ctx, doc) // show them, and go on only with the person's consent
//		written, err := w.Write(ctx, file, doc, formats.WriteOptions{Passphrase: passphrase})
//	}
//
// Losses runs the conversion that Write runs, so the two cannot disagree.
//
// # What every reader holds to
//
//   - One bad entry never spoils the others. It is left out and reported with its title and a sentence.
//   - A passkey that cannot sign in (no key, no ID, a public key of another) is never taken. Keys come out in the one form that
//     [cxf.MarshalPrivateKey] writes, so that one passkey from two managers is one credential.
//   - Passkeys and passwords become what CXF has for them; what CXF has no member for becomes a labelled custom field, so that
//     nothing a person typed is lost.
//   - What lies in the other manager's trash is counted and left out.
//   - Entries keep their identity: a manager's own ids become CXF ids the same way each time.
//   - Costs are bounded by limits.go before they are incurred, and memory stays within a small multiple of the document: items
//     stream through [Input].OnItem, attached files through [FileSource]. Nothing is unpacked or decrypted to disk.
//   - Names in archives are looked up, never used as paths.
//
// # Writing a new format
//
// Implement [Format] with a type without state; in Read, make a [Builder], give it one [ItemBuilder] after the other, and
// return its Finish. Tell formats apart in Detect by what is in the file, through [Probe]. A [Writer] converts each item with a
// [Recorder] at hand that collects what is lost. Add the format to package all.
package formats
