package kdbx

import (
	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
)

// loss is something for which KeePass databases have no place, or which the programs that open them cannot use.
type loss struct {
	severity cxf.Severity
	code     cxf.Code
	sentence string
}

var (
	lossNotOwned  = loss{cxf.Problem, cxf.CodeNotOwned, "what others have shared with you stays with them"}
	lossKey       = loss{cxf.Problem, cxf.CodeKey, "passkeys without a usable key are left out"}
	lossFile      = loss{cxf.Problem, formats.CodeFile, "attached files that cannot be read, or have more than 64 MiB, are left out"}
	lossAlgorithm = loss{cxf.Warning, formats.CodeAlgorithm, "KeePass programs sign in with ES256, EdDSA and RS256 keys only; others are written, but cannot be used there"}
	lossCounter   = loss{cxf.Warning, cxf.CodeCounter, "KeePass databases keep no signature counters; the site may refuse a passkey that counts from zero again"}
	lossPRF       = loss{cxf.Warning, formats.CodePRF, "KeePass databases keep one PRF secret of 32 bytes per passkey"}
	lossBlob      = loss{cxf.Warning, formats.CodeBlob, "KeePass databases keep no large blobs, credBlobs and payment bits of passkeys"}
	lossUnknown   = loss{cxf.Warning, formats.CodeNotKept, "KeePass databases keep no references and no credentials of unknown types"}
	lossSplit     = loss{cxf.Notice, formats.CodeSplit, "KeePass databases keep one login, passkey and one-time password per entry; items with more become several entries"}
	lossType      = loss{cxf.Notice, formats.CodeType, "KeePass databases keep cards, identities, keys and the like as plain fields"}
	lossFolder    = loss{cxf.Notice, formats.CodeNotKept, "KeePass databases keep each item in one group"}
	lossSection   = loss{cxf.Notice, formats.CodeNotKept, "KeePass databases keep no sections of fields"}
	lossSubtitle  = loss{cxf.Notice, formats.CodeNotKept, "KeePass databases keep no subtitles"}
	lossExtra     = loss{cxf.Notice, formats.CodeNotKept, "KeePass databases keep no sharing records and nothing that only newer programs know"}
	lossApp       = loss{cxf.Notice, formats.CodeNotKept, "KeePass databases keep the certificate of one Android app per entry"}
	lossText      = loss{cxf.Notice, cxf.CodeText, "KeePass databases keep no control characters, and no commas and semicolons in tags"}
)
