package formats

import "fmt"

// Bounds of every reader. They are checked before memory is taken or time is spent.
const (
	// MaxDocument is the largest document (JSON, XML, CSV), unpacked and decrypted, in bytes.
	MaxDocument = 256 << 20
	// MaxFile is the largest attached file, in bytes.
	MaxFile = 64 << 20
	// MaxTotal bounds everything unpacked from one archive, in bytes.
	MaxTotal = 1 << 30
	// MaxEntries bounds the entries of an archive.
	MaxEntries = 100_000
	// MaxItems bounds the items of a document.
	MaxItems = 1_000_000
	// MaxDepth bounds how deep arrays and objects of a document nest.
	MaxDepth = 64
	// MaxFolders bounds the folders of a document.
	MaxFolders = 100_000
	// MaxDiagnostics bounds the length of a report.
	MaxDiagnostics = 10_000
	// MaxPassword is the longest password, in bytes.
	MaxPassword = 64 << 10
)

// Bounds of the costs that a foreign file may ask for: about a minute on a slow machine at the very most. Cheap ones are
// taken, unlike in files of our own: the file is there already, and better read than left.
const (
	// MaxPBKDF2 bounds the iterations of PBKDF2.
	MaxPBKDF2 = 10_000_000
	// MaxArgon2Memory bounds the memory of Argon2, in KiB.
	MaxArgon2Memory = 1 << 20
	// MaxArgon2Time bounds the passes of Argon2.
	MaxArgon2Time = 1000
	// MaxArgon2Work bounds memory times passes of Argon2, in KiB.
	MaxArgon2Work = 32 << 20
	// MaxArgon2Threads bounds the lanes of Argon2.
	MaxArgon2Threads = 64
)

// KDF are the costs of deriving a key from a passphrase with Argon2id (RFC 9106).
type KDF struct {
	Memory  uint32 // KiB
	Time    uint32 // passes
	Threads uint8  // lanes
}

// CheckPBKDF2 judges the iterations that a file asks for.
func CheckPBKDF2(iterations int64) error {
	if iterations < 1 || iterations > MaxPBKDF2 {
		return fmt.Errorf("PBKDF2 with %d iterations, where 1 to %d are accepted: %w", iterations, MaxPBKDF2, ErrKDF)
	}
	return nil
}

// CheckArgon2 judges the costs that a file asks for: memory in KiB, passes and lanes.
func CheckArgon2(memory, time, threads int64) error {
	switch {
	case memory < 8 || time < 1 || threads < 1 || memory < 8*threads:
		return fmt.Errorf("Argon2 with %d KiB, %d passes and %d lanes does not exist: %w", memory, time, threads, ErrKDF)
	case memory > MaxArgon2Memory || time > MaxArgon2Time || threads > MaxArgon2Threads || memory*time > MaxArgon2Work:
		return fmt.Errorf("Argon2 with %d KiB, %d passes and %d lanes costs too much: %w", memory, time, threads, ErrKDF)
	}
	return nil
}
