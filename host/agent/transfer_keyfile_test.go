package agent

import (
	"testing"

	"github.com/keyferry/keyferry/host/protocol"
)

// written makes a file of another manager's format.
func (c *client) written(format string) []byte {
	c.t.Helper()
	t := c.export(protocol.TransferExport{Kind: protocol.TransferFile, Format: format})
	start := protocol.TransferStart{ID: t.ID, Secret: protocol.Secret{Passphrase: goodPhrase}, New: protocol.Secret{Passphrase: goodPhrase}}
	c.must(transferPage, "transfer.start", start, &t)
	return c.fetch(c.settled(t))
}

func TestKeyFilesAreForFilesThatTakeThem(t *testing.T) {
	r := newRig(t, everVerified)
	c, _ := r.withVault()
	r.fill(1)
	phrase := protocol.Secret{Passphrase: goodPhrase}

	sealed := c.bring(protocol.TransferFile, c.written("bitwarden"))
	if sealed.State != protocol.StateAsking || sealed.KeyFile {
		t.Fatalf("a Bitwarden file: %s, key file %v, %v", sealed.State, sealed.KeyFile, sealed.Error)
	}
	q := protocol.TransferAnswer{ID: sealed.ID, Secret: phrase, KeyFile: []byte("key")}
	wantCode(t, "a key file for Bitwarden", c.call(transferPage, "transfer.answer", q, nil), protocol.CodeBadRequest)

	db := c.bring(protocol.TransferFile, c.written("kdbx"))
	if db.State != protocol.StateAsking || !db.KeyFile {
		t.Fatalf("a KeePass database: %s, key file %v, %v", db.State, db.KeyFile, db.Error)
	}
	q = protocol.TransferAnswer{ID: db.ID, NoPassword: true}
	wantCode(t, "nothing at all", c.call(transferPage, "transfer.answer", q, nil), protocol.CodeBadRequest)
	q = protocol.TransferAnswer{ID: db.ID, Secret: phrase, KeyFile: make([]byte, protocol.MaxKeyFile+1)}
	wantCode(t, "a key file that is none", c.call(transferPage, "transfer.answer", q, nil), protocol.CodeTooLarge)
	// A key file too many is another key, and the person may try again without.
	q = protocol.TransferAnswer{ID: db.ID, Secret: phrase, KeyFile: []byte("a key file that belongs to something else")}
	c.must(transferPage, "transfer.answer", q, &db)
	if db = c.settled(db); db.State != protocol.StateAsking || db.Error == nil || db.Error.Code != protocol.CodeWrongSecret {
		t.Fatalf("with another key file: %s, %v", db.State, db.Error)
	}
	c.must(transferPage, "transfer.answer", protocol.TransferAnswer{ID: db.ID, Secret: phrase}, &db)
	if db = c.settled(db); db.State != protocol.StateReview || db.Counts["duplicate"] != 1 {
		t.Errorf("with the password alone: %s, %v, %v", db.State, db.Counts, db.Error)
	}
}
