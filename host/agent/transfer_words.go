package agent

import (
	"fmt"
	"strings"

	"github.com/keyferry/keyferry/cxp"
	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/host/transfer"
)

// What dialogs and the log say of a transfer. claims.go has the words in it that others chose.

// leaving is the purpose in the dialog; it follows "To".
func leaving(t protocol.Transfer) string {
	switch t.Kind {
	case protocol.TransferBackup:
		return "write an encrypted backup of " + what(t)
	case protocol.TransferPlain:
		return "write " + what(t) + " to a file WITHOUT ENCRYPTION"
	case protocol.TransferFile:
		return "write " + what(t) + " to a file for " + t.Format
	}
	if t.Provider != nil {
		return "hand over " + what(t) + " to " + toProvider(t.Provider)
	}
	return "hand over " + what(t) + ", encrypted, to " + toWhom(t)
}

func leavingNote(t protocol.Transfer, c *conn) string {
	note := ""
	if t.Kind == protocol.TransferPlain {
		note = "Anyone who gets the file can sign in as you. Delete it as soon as it has served its purpose.\n"
	}
	if t.Kind == protocol.TransferSealed {
		note = "The receiver's name is its own claim.\n"
	}
	if t.Provider != nil {
		return directNote(t.Provider)
	}
	if c.peer.Executable != "" {
		note += "Program: " + shownPath(c.peer.Executable)
	}
	return strings.TrimSpace(note)
}

func toWhom(t protocol.Transfer) string {
	if t.Claim == nil {
		return "nobody known"
	}
	if t.Claim.DisplayName != "" {
		return called(t.Claim.DisplayName, t.Claim.Name)
	}
	return "“" + consent.Middle(domainLike(t.Claim.Name), maxRPID) + "”"
}

// what counts in words: "3 passkeys and 5 other entries".
func what(t protocol.Transfer) string {
	passkeys, others := 0, 0
	for typ, n := range t.Counts {
		if typ == string(cxf.TypePasskey) {
			passkeys += n
		} else {
			others += n
		}
	}
	return counted(passkeys, "passkey", "passkeys") + " and " + counted(others, "other entry", "other entries")
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// stays says how many credentials can't leave.
func stays(t protocol.Transfer) string {
	if t.LeftOut == 0 {
		return ""
	}
	text := counted(t.LeftOut, "other entry", "other entries") + " can't leave and will stay here"
	switch {
	case t.Excluded == t.LeftOut:
		text += ": the other app does not take logins for those sites"
	case t.Excluded > 0:
		text += fmt.Sprintf(", %d because the other app does not take logins for those sites", t.Excluded)
	}
	return text + "."
}

func outcomeText(o *transfer.Outcome) string {
	return fmt.Sprintf("%d new, %d replaced, %d merged, %d skipped", o.Added, o.Replaced, o.Merged, o.Skipped)
}

// from is an exporter's claim in words.
func from(exporter string) string {
	if exporter == "" {
		return "an unnamed app"
	}
	return consent.Clean(exporter, cxp.MaxClaimText)
}
