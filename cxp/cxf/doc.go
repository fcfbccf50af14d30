// Package cxf reads and writes documents of the FIDO Credential Exchange Format
// 1.0 (CXF): passkeys, passwords, one-time passwords, notes, cards, identities,
// files and folders, as one password manager hands them to another.
//
// The package stands alone: it knows nothing of how documents travel (that is the
// Credential Exchange Protocol, package cxp beside it) nor of where you keep what
// is in them.
//
// # The document
//
// A [Header] holds accounts; an [Account] is a person's account in the password
// manager and holds items and collections; an [Item] holds any number of
// credentials, also several of one type; a [Collection] points to items, and
// collections nest. A [Credential] is one of 17 types, or [Unknown]:
//
//	for _, account := range header.Accounts {
//		for _, item := range account.Items {
//			for _, credential := range item.Credentials {
//				switch c := credential.(type) {
//				case *cxf.Passkey:
//					// c.RPID, c.CredentialID, c.UserHandle, c.Key
//				case *cxf.BasicAuth:
//					// c.Username.Text(), c.Password.Text()
//				case *cxf.Unknown:
//					// c.Raw: keep it, the next version may understand it
//				}
//			}
//		}
//	}
//
// Values that a person may edit are pointers to [EditableField]; nil means absent.
// Binary members are []byte, times are UNIX seconds with 0 for absent, identifiers
// are unpadded base64url text (see [NewID]).
//
// # Reading
//
// [Read] is lenient. It takes what software in the field writes, a bare account
// for a document, padded base64, times counted from 2001, bare hosts for URLs,
// both drafts, and remarks on each deviation in its [Report], with a path that a
// person can follow: "GitHub → passkey 2: the key is not PKCS#8". A credential
// that cannot be read never spoils the document; it becomes [Unknown]. Only what
// cannot be trusted to mean one thing is refused as a whole: damaged JSON, a
// member that occurs twice, invalid UTF-8, nesting and sizes beyond the limits of
// [ReadOptions].
//
// Do not decide anything by what a document says about itself. ExporterRPID is a
// claim, nothing is signed, and an Android app without a certificate that you
// have checked must never be filled in.
//
// # Writing
//
// [Write] is strict. What it emits satisfies the schema and every MUST of the
// standard. Private keys are checked before they are written. A passkey with a
// signature counter (set [Passkey].SignCount, which is no member of CXF), what
// somebody else owns ([Item].SharedWithMe), and what could not be read are left
// out and reported, so tell the person what the report says.
//
// The output is canonical: write → read → write gives the same bytes.
//
// # Keeping
//
// Every object has Extra, which holds the members this package does not know, so
// that an item survives reading, keeping and writing with all that a newer
// exporter put into it. A member that is known but could not be understood is
// there too; the strict writer leaves that one out. To keep items one by one use
// [MarshalItem] and [UnmarshalItem] (likewise for a [Collection] or a single
// [Credential]), which lose nothing at all. For a backup of your own,
// set Archive in [WriteOptions] and [ReadOptions].
//
// # Keys
//
// CXF carries private keys as PKCS#8 and says neither algorithm nor public key:
// both follow from [ParsePrivateKey]. [MarshalPrivateKey] writes the form that
// everyone reads.
//
// # Large documents
//
// Deriving a public key takes longer than reading the passkey around it. Set
// SkipKeyCheck and call [Item.CheckKeys] when it suits you, on several cores if
// there are; or, where a document is read twice, have ParseKey remember what it
// found out about each key. ReadOptions.OnItem and WriteOptions.Items stream items, so that no
// document need be in memory as a whole. Memory is bounded in any case, also for
// documents made to exhaust it.
//
// # How it is made
//
// Each type has one description of its members, in the standard's order (the
// methods called describe), which an objectReader or an objectWriter is led
// through; so reading and writing cannot disagree. What a type must check beyond
// its members stands in hooks.go for reading and in rules.go for writing.
//
// Section numbers (§) are those of CXF 1.0 Proposed Standard with Errata, 2026-03-09.
package cxf
