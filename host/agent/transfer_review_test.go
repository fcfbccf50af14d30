package agent

import (
	"bytes"
	"strings"
	"testing"

	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/protocol"
)

// export begins a move out and waits for its review.
func (c *client) export(q protocol.TransferExport) protocol.Transfer {
	c.t.Helper()
	var t protocol.Transfer
	c.must(transferPage, "transfer.export", q, &t)
	if t = c.settled(t); t.State != protocol.StateAsking {
		c.t.Fatalf("the export is %s: %v", t.State, t.Error)
	}
	return t
}

func TestOnlyWhatWasChosenLeavesAndTheDialogSaysIt(t *testing.T) {
	from, to := newRig(t), newRig(t)
	out, _ := from.withVault()
	in, _ := to.withVault()
	from.fill(20)
	made := in.request()
	moved := out.export(protocol.TransferExport{Kind: protocol.TransferSealed, Request: made.Request})
	var list protocol.TransferEntryList
	out.must(transferPage, "transfer.entries", protocol.TransferEntries{ID: moved.ID, Query: "ann1"}, &list)
	if list.Total != 11 || list.Chosen != 11 || len(list.Places) != 1 || list.Places[0].Count != 20 {
		t.Fatalf("a search finds %d, %d of them chosen, places %+v", list.Total, list.Chosen, list.Places)
	}
	// A bad choice changes nothing.
	bad := protocol.TransferChoose{ID: moved.ID, Entries: []int{3}, Choice: "merge"}
	wantCode(t, "a choice of another kind", out.call(transferPage, "transfer.choose", bad, nil), protocol.CodeBadRequest)
	var none protocol.Transfer
	out.must(transferPage, "transfer.choose", protocol.TransferChoose{ID: moved.ID, All: true, Choice: "keep"}, &none)
	if none.Counts["passkey"] != 0 || none.Kept != 20 {
		t.Errorf("nothing chosen: %v, %d kept", none.Counts, none.Kept)
	}
	out.must(transferPage, "transfer.choose", protocol.TransferChoose{ID: moved.ID, All: true, Query: "ann1", Choice: "take"}, &moved)
	out.must(transferPage, "transfer.choose", protocol.TransferChoose{ID: moved.ID, Entries: []int{list.Entries[0].N}, Choice: "keep"}, &moved)
	if moved.Counts["passkey"] != 10 || moved.Kept != 10 {
		t.Fatalf("chosen: %v, %d kept", moved.Counts, moved.Kept)
	}
	from.person.answer(func(consent.Prompt) ([]byte, error) { return []byte(goodPhrase), nil })
	start := protocol.TransferStart{ID: moved.ID, Groups: groupsOf(made.Fingerprint, moved.Ask), Secret: protocol.Secret{Passphrase: goodPhrase}}
	out.must(transferPage, "transfer.start", start, &moved)
	moved = out.settled(moved)
	asked := from.person.seen()
	if len(asked) == 0 {
		t.Fatal("nobody was asked")
	}
	if text := asked[len(asked)-1].Description; !strings.Contains(text, "10 passkeys") {
		t.Errorf("the dialog says %q", text)
	}
	late := protocol.TransferChoose{ID: moved.ID, All: true, Choice: "take"}
	wantCode(t, "choosing after the person's yes", out.call(transferPage, "transfer.choose", late, nil), protocol.CodeStale)
	got := in.answer(in.bring(protocol.TransferSealed, out.fetch(moved)), moved.Fingerprint)
	if got.State != protocol.StateReview || got.Counts["new"] != 10 {
		t.Fatalf("what came: %+v", got)
	}
	in.must(transferPage, "transfer.entries", protocol.TransferEntries{ID: got.ID}, &list)
	for _, e := range list.Entries {
		if !strings.HasPrefix(e.UserName, "ann1") {
			t.Errorf("%s came, and was not chosen", e.UserName)
		}
	}
}

func TestOriginalsStayUnlessThePersonSaysOtherwise(t *testing.T) {
	r := newRig(t, everVerified)
	c, _ := r.withVault()
	r.fill(3)
	write := func(q protocol.TransferExport) protocol.Transfer {
		t.Helper()
		moved := c.export(q)
		start := protocol.TransferStart{ID: moved.ID, Secret: protocol.Secret{Passphrase: goodPhrase}, New: protocol.Secret{Passphrase: goodPhrase}}
		c.must(transferPage, "transfer.start", start, &moved)
		moved = c.settled(moved)
		early := protocol.TransferOriginals{ID: moved.ID, Do: "trash"}
		wantCode(t, "trash before anybody has the file", c.call(transferPage, "transfer.originals", early, nil), protocol.CodeStale)
		if file := c.fetch(moved); bytes.Contains(file, []byte("example.com")) {
			t.Error("the file is readable")
		}
		c.must(transferPage, "transfer.get", protocol.TransferGet{ID: moved.ID}, &moved)
		return moved
	}
	forKeePass := protocol.TransferExport{Kind: protocol.TransferFile, Format: "kdbx"}
	if moved := write(protocol.TransferExport{Kind: protocol.TransferBackup}); moved.Originals != "" {
		t.Errorf("a backup asks about originals: %q", moved.Originals)
	}
	var done protocol.OriginalsDone
	moved := write(forKeePass)
	if moved.Originals != "ask" || r.passkeys() != 3 {
		t.Fatalf("%q, %d passkeys", moved.Originals, r.passkeys())
	}
	c.must(transferPage, "transfer.originals", protocol.TransferOriginals{ID: moved.ID, Do: "wait"}, &done)
	var waiting protocol.MovedList
	c.must(transferPage, "transfer.moved", nil, &waiting)
	if done != (protocol.OriginalsDone{}) || r.live() != 3 || len(waiting.Moves) != 1 || waiting.Moves[0].Count != 3 || !strings.Contains(waiting.Moves[0].To, "KeePass") {
		t.Fatalf("waiting: %+v, %d passkeys, %+v", done, r.live(), waiting)
	}
	again := protocol.TransferOriginals{ID: moved.ID, Do: "trash"}
	wantCode(t, "a second word", c.call(transferPage, "transfer.originals", again, nil), protocol.CodeStale)
	c.must(transferPage, "transfer.settle", protocol.MovedSettle{ID: waiting.Moves[0].ID, Do: "trash"}, &done)
	if done.Trashed != 3 || r.live() != 0 {
		t.Errorf("arrived: %+v, %d passkeys", done, r.live())
	}
	settled := protocol.MovedSettle{ID: waiting.Moves[0].ID, Do: "keep"}
	wantCode(t, "settled again", c.call(transferPage, "transfer.settle", settled, nil), protocol.CodeNotFound)

	var trash protocol.ListResult
	c.must(page("vault"), "list", protocol.ListRequest{Trash: true}, &trash)
	if len(trash.Entries) != 3 {
		t.Fatalf("the trash holds %d", len(trash.Entries))
	}
	for _, e := range trash.Entries {
		c.must(page("vault"), "untrash", protocol.Ref{ID: e.ID}, nil)
	}
	c.must(transferPage, "transfer.originals", protocol.TransferOriginals{ID: write(forKeePass).ID, Do: "trash"}, &done)
	if done.Trashed != 3 || r.live() != 0 {
		t.Errorf("trashed at once: %+v, %d passkeys", done, r.live())
	}
}

// live counts the passkeys that are not in the trash.
func (r *rig) live() int {
	r.t.Helper()
	v, err := r.a.keep.open()
	if err != nil {
		r.t.Fatal(err)
	}
	list, err := v.PasskeysByRP(r.t.Context(), "example.com")
	if err != nil {
		r.t.Fatal(err)
	}
	return len(list)
}
