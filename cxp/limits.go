package cxp

// Bounds of profile cxp-0/kf1, section 2 (PROFILE.md §2 and §4). They are checked before memory is
// taken, so a hostile message costs its sender more than its reader.
const (
	// MaxRequestSize is the largest request that is read, in bytes.
	MaxRequestSize = 64 << 10
	// MaxEnvelopeSize is the largest response apart from its payload, in bytes.
	MaxEnvelopeSize = 64 << 10
	// MaxResponseSize is the largest response, in bytes: what MaxTotalSize can come to when it does not
	// compress and is encoded twice, with room for the headers of MaxEntries entries.
	MaxResponseSize = 3 << 30
	// MaxIndexSize is the largest inflated document (the index), in bytes.
	MaxIndexSize = 256 << 20
	// MaxFileSize is the largest inflated attached file, in bytes.
	MaxFileSize = 64 << 20
	// MaxTotalSize bounds everything inflated from one payload, in bytes.
	MaxTotalSize = 1 << 30
	// MaxEntries bounds the entries of a payload, the index included.
	MaxEntries = 100_000
	// MaxRatio is how far an entry of more than RatioFloor inflated bytes may have been compressed.
	MaxRatio = 200
	// RatioFloor is the inflated size, in bytes, up to which MaxRatio is not enforced.
	RatioFloor = 1 << 20
	// MaxFileIDSize is the longest decoded id of an attached file, in bytes.
	MaxFileIDSize = 64

	maxHeaderText = 4 << 10 // a protected header, as base64url
	maxNameSize   = 255     // of an importer or exporter name, in bytes
)

// ProfileLabel names the profile this package speaks. It stands in every request and is the first
// part of the HPKE info, so a peer of another profile can't decrypt by accident.
const ProfileLabel = "cxp-0/kf1"

// Version is the CXP wire version, the only one published.
const Version = 0

const (
	indexName    = "CXP-Export/index.jwe"
	filePrefix   = "CXP-Export/documents/"
	entrySuffix  = ".jwe"
	typeJWE      = "cxp+jwe"
	typeIndex    = "cxf+json"
	typeFile     = "octet-stream"
	zipDeflate   = "DEF"
	archiveValue = "deflate"
)
