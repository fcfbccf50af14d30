package kdbx

import (
	"encoding/json"

	"github.com/keyferry/keyferry/cxp/cxf"
)

// CXF has no members for the backup flags of authenticator data. These stand in [cxf.Passkey].Extra, as booleans.
const (
	memberEligible = "backupEligible"
	memberBackedUp = "backupState"
)

// BackupFlags returns the flags BE and BS (WebAuthn §6.1.3) that a passkey came with; known is false where it came with none.
// Relying parties may refuse a passkey whose BE changes.
func BackupFlags(p *cxf.Passkey) (eligible, backedUp, known bool) {
	be, bs := p.Extra.Get(memberEligible), p.Extra.Get(memberBackedUp)
	if be == nil {
		return false, false, false
	}
	return string(be) == "true", string(bs) == "true", true
}

// SetBackupFlags keeps the flags with a passkey.
func SetBackupFlags(p *cxf.Passkey, eligible, backedUp bool) {
	text := map[bool]json.RawMessage{false: []byte("false"), true: []byte("true")}
	p.Extra.Set(memberEligible, text[eligible])
	p.Extra.Set(memberBackedUp, text[backedUp])
}
