package webauthn

import (
	"context"
	"time"
)

// Passkey and PasskeyInfo stand here until package vault has them; they become aliases of vault.Passkey and
// vault.PasskeyInfo.
type Passkey struct {
	ID, ItemID                       [16]byte
	RPID, RPName                     string
	CredentialID, UserHandle         []byte
	UserName, UserDisplayName, Title string
	Algorithm                        int64
	PrivateKey                       []byte
	BackupEligible, BackupState      bool
	Discoverable, Pending            bool
	SignCount                        uint32
	CreatedAt, ModifiedAt, UsedAt    time.Time
	TrashedAt                        time.Time
	CredWithUV, CredWithoutUV        []byte
	CredBlob, LargeBlob, Extra       []byte
}

// PasskeyInfo is a Passkey without its secrets.
type PasskeyInfo struct {
	ID, ItemID                       [16]byte
	RPID, RPName                     string
	CredentialID, UserHandle         []byte
	UserName, UserDisplayName, Title string
	Algorithm                        int64
	BackupEligible, BackupState      bool
	Discoverable, Pending            bool
	CreatedAt, ModifiedAt, UsedAt    time.Time
	TrashedAt                        time.Time
}

// Vault is what the ceremonies need of a vault.
type Vault interface {
	// PasskeysByRP returns all passkeys of an RP ID but those in the trash.
	PasskeysByRP(ctx context.Context, rpID string) ([]PasskeyInfo, error)
}
