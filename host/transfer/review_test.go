package transfer

import (
	"bytes"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
	"github.com/keyferry/keyferry/cxp/formats/all"
	"github.com/keyferry/keyferry/vault"
)

// mixed is a vault with two accounts, folders in folders, an item with a passkey in it, and things that can't leave.
func mixed(t testing.TB) *vault.Vault {
	t.Helper()
	v := newVault(t)
	site := func(name string) cxf.Passkey {
		return cxf.Passkey{CredentialID: []byte(name), RPID: name + ".example", Username: "ann", UserHandle: []byte("u"), Key: newKey(t)}
	}
	both := login("Ym90aA", "secret")
	k := site("both")
	both.Title, both.Credentials = "Both", append(both.Credentials, &k)
	work, play := passkeyItem("d29yaw", site("work")), passkeyItem("cGxheQ", site("play"))
	work.Title, play.Title = "Work site", "Play site"
	take(t, v, document(docOf(t,
		cxf.Account{ID: "b25l", Username: "ann", Items: []cxf.Item{both, work, play}, Collections: []cxf.Collection{
			{ID: "YQ", Title: "Work", SubCollections: []cxf.Collection{
				{ID: "Yg", Title: "Servers", Items: []cxf.LinkedItem{{Item: "d29yaw"}}},
			}},
			{ID: "Yw", Title: "Secret hobby", Items: []cxf.LinkedItem{{Item: "cGxheQ"}, {Item: "Ym90aA"}}},
		}},
		cxf.Account{ID: "dHdv", Items: []cxf.Item{login("bWFpbA", "other")}},
	)), nil)
	counts := &vault.Passkey{
		RPID: "counts.example", CredentialID: []byte("counts"), UserHandle: []byte("u"), UserName: "ann", Algorithm: -7, PrivateKey: newKey(t),
		SignCount: 17, Discoverable: true,
	}
	if err := v.AddPasskey(ctx, counts); err != nil {
		t.Fatal(err)
	}
	return v
}

func review(t testing.TB, v *vault.Vault, sel Selection) (*Export, *Review) {
	t.Helper()
	e, err := NewExport(ctx, v, sel)
	if err != nil {
		t.Fatal(err)
	}
	r, err := e.Review(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	return e, r
}

// lines are the entries in words.
func lines(r *Review) []string {
	var out []string
	for i := range r.Entries {
		e := &r.Entries[i]
		var in []string
		for _, n := range e.Places {
			in = append(in, r.Places[n-1].Account+":"+r.Places[n-1].Collection)
		}
		name := e.Title
		if e.RPID != "" {
			name = e.RPID
		}
		out = append(out, strings.Join([]string{e.Kind, name, string(e.Status()), strings.Join(e.Types, "+"), strings.Join(in, ",")}, " | "))
	}
	slices.Sort(out)
	return out
}

func wantLines(t *testing.T, r *Review, want ...string) {
	t.Helper()
	if got := lines(r); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestAReviewNamesEachEntryItsPlacesAndItsFate(t *testing.T) {
	v := mixed(t)
	e, r := review(t, v, Selection{})
	wantLines(t, r,
		"item | Both | goes | basic-auth | Other, ann:,Other, ann:Secret hobby",
		"item | Mail | goes | basic-auth | Other:",
		"passkey | both.example | goes | passkey | Other, ann:,Other, ann:Secret hobby",
		"passkey | counts.example | stays | passkey | :",
		"passkey | play.example | goes | passkey | Other, ann:,Other, ann:Secret hobby",
		"passkey | work.example | goes | passkey | Other, ann:,Other, ann:Work,Other, ann:Work / Servers",
	)
	report, err := cxf.Write(io.Discard, e.Header(), e.Options(ctx, false, nil))
	if err != nil {
		t.Fatal(err)
	}
	wrote := map[string]int{}
	for typ, n := range report.Credentials {
		wrote[string(typ)] = n
	}
	if !maps.Equal(r.Counts(), wrote) || r.LeftOut() != report.LeftOut || !r.All() || !r.Sound {
		t.Errorf("promised %v and %d left out, written %v and %d", r.Counts(), r.LeftOut(), wrote, report.LeftOut)
	}
	for i := range r.Entries {
		if l := &r.Entries[i]; l.RPID == "counts.example" {
			if l.Chosen || len(l.Reasons) != 1 || !strings.Contains(l.Reasons[0], "counter") {
				t.Errorf("a counter: %+v", l)
			}
			if err := l.Choose(Take); err == nil {
				t.Error("what can't leave was chosen")
			}
		}
	}
}

func TestWhatTheOtherSideDoesNotTakeIsSaid(t *testing.T) {
	_, r := review(t, mixed(t), Selection{Types: []cxf.CredentialType{cxf.TypePasskey}})
	stays := 0
	for i := range r.Entries {
		if e := &r.Entries[i]; e.Kind == "item" {
			stays++
			if e.Status() != Stays || !slices.Equal(e.Reasons, []string{notTaken}) {
				t.Errorf("a password for a side that takes passkeys only: %+v", e)
			}
		}
	}
	if stays != 2 || r.Counts()["passkey"] != 3 || r.Counts()["basic-auth"] != 0 || r.LeftOut() != 3 {
		t.Errorf("%d stay, %v go, %d left out", stays, r.Counts(), r.LeftOut())
	}
	// What the person did not want to look at is not there at all.
	only := []cxf.CredentialType{cxf.TypePasskey}
	if _, r = review(t, mixed(t), Selection{Types: only, Offered: only}); len(r.Entries) != 4 {
		t.Errorf("%d entries, want the passkeys: %v", len(r.Entries), lines(r))
	}
}

func TestOnlyWhatWasChosenIsWritten(t *testing.T) {
	v := mixed(t)
	_, r := review(t, v, Selection{})
	for i := range r.Entries {
		e := &r.Entries[i]
		if !slices.ContainsFunc(e.Places, func(n int) bool { return r.Places[n-1].Collection == "Work" }) {
			if err := e.Choose(Keep); err != nil {
				t.Fatal(err)
			}
		}
	}
	if want := map[string]int{"passkey": 1}; !maps.Equal(r.Counts(), want) || r.All() {
		t.Errorf("chosen: %v", r.Counts())
	}
	raw := string(give(t, v, Selection{Only: r.Chosen()}))
	if !strings.Contains(raw, "work.example") || !strings.Contains(raw, "Servers") {
		t.Error("what was chosen is missing, or its folder")
	}
	for _, other := range []string{"play.example", "both.example", "counts.example", "Mail", "Secret hobby", "cGxheQ"} {
		if strings.Contains(raw, other) {
			t.Errorf("%q left, too", other)
		}
	}
}

func TestAFormatsLossesStandAtTheirEntries(t *testing.T) {
	v := mixed(t)
	format := formats.ByID(all.Formats(), "kdbx")
	e, r := review(t, v, Selection{Foreign: true})
	d := e.ForeignDocument(ctx, nil)
	d.OnLoss = r.Blame
	sums, err := format.(formats.Writer).Losses(ctx, d)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, l := range sums {
		want = append(want, l.String())
	}
	if got := r.Losses(); len(want) == 0 || !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))) {
		t.Errorf("losses %q, want %q", got, want)
	}
	for i := range r.Entries {
		l := &r.Entries[i]
		if want := map[bool]LeaveStatus{true: Part, false: Goes}[l.RPID == "counts.example"]; l.Status() != want || !l.Chosen {
			t.Errorf("%s %s: %s, %q", l.Title, l.RPID, l.Status(), l.Reasons)
		}
		if l.RPID == "counts.example" {
			if err := l.Choose(Keep); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := r.Losses(); len(got) != 0 {
		t.Errorf("losses of what was not chosen: %q", got)
	}
}

// What only changes its form on the other side is summed up as well, and the entry goes nonetheless.
func TestEveryLossIsSummedUp(t *testing.T) {
	v := newVault(t)
	it := login("dHdv", "one")
	it.Credentials = append(it.Credentials, login("x", "two").Credentials...)
	for _, user := range []string{"ann", "bob"} {
		it.Credentials = append(it.Credentials, &cxf.Passkey{CredentialID: []byte("0123456789abc" + user), RPID: "two.example", Username: user, UserHandle: []byte(user), Key: newKey(t)})
	}
	take(t, v, document(doc(t, it)), nil)
	for _, id := range []string{"bitwarden", "kdbx", "protonpass"} {
		e, r := review(t, v, Selection{Foreign: true})
		d := e.ForeignDocument(ctx, nil)
		d.OnLoss = r.Blame
		sums, err := formats.ByID(all.Formats(), id).(formats.Writer).Losses(ctx, d)
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, l := range sums {
			want = append(want, l.String())
		}
		if got := r.Losses(); !slices.Equal(got, want) || len(want) == 0 {
			t.Errorf("%s: losses %q, want %q", id, got, want)
		}
		for i := range r.Entries {
			if l := &r.Entries[i]; l.Status() != Goes {
				t.Errorf("%s: %s %s: %q", id, l.Kind, l.Status(), l.Reasons)
			}
		}
	}
}

// A file whose content is gone is the one thing of its item that stays.
func TestAFileThatIsGoneStaysAlone(t *testing.T) {
	v := newVault(t)
	it := login("dHdv", "one")
	it.Credentials = append(it.Credentials, &cxf.File{ID: "Zg", Name: "a/b 1.txt", DecryptedSize: 3, IntegrityHash: bytes.Repeat([]byte{1}, 32)})
	take(t, v, document(doc(t, it)), nil)
	for _, id := range []string{"bitwarden", "kdbx", "protonpass"} {
		e, r := review(t, v, Selection{Foreign: true})
		d := e.ForeignDocument(ctx, nil)
		d.OnLoss = r.Blame
		if _, err := formats.ByID(all.Formats(), id).(formats.Writer).Losses(ctx, d); err != nil {
			t.Fatal(err)
		}
		if r.LeftOut() != 1 || r.Counts()["basic-auth"] != 1 {
			t.Errorf("%s: %d stay, %v go", id, r.LeftOut(), r.Counts())
		}
	}
}

func TestWhatLiesInAnotherManagersTrashIsCounted(t *testing.T) {
	raw := []byte(`{"encrypted":false,"folders":[],"items":[{"type":2,"name":"Here","notes":"a"},{"type":2,"name":"Gone","notes":"b","deletedDate":"2026-01-02T03:04:05.000Z"},` +
		`{"type":2,"name":"Gone, too","notes":"c","deletedDate":"2026-01-02T03:04:05.000Z"}]}`)
	source := Foreign{Format: formats.ByID(all.Formats(), "bitwarden"), File: bytes.NewReader(raw), Size: int64(len(raw)), Name: "b.json"}
	p, err := MakePlan(ctx, newVault(t), source, nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"what lies in the other manager's trash stays there: 2"}; !slices.Equal(p.Remarks, want) || len(p.Entries) != 1 {
		t.Errorf("remarks %q, %d entries", p.Remarks, len(p.Entries))
	}
}

func TestOriginalsGoToTheTrashOnlyAsTheyLeft(t *testing.T) {
	v := mixed(t)
	_, r := review(t, v, Selection{})
	left := &MovedOut{At: time.Now(), To: "a file", Items: r.Whole()}
	if len(left.Items) != 5 {
		t.Fatalf("%d of five went whole", len(left.Items))
	}
	if err := left.Remember(ctx, v); err != nil {
		t.Fatal(err)
	}
	waiting, err := Moves(ctx, v)
	if err != nil || len(waiting) != 1 || len(waiting[0].Items) != 5 || waiting[0].To != "a file" {
		t.Fatalf("waiting: %+v %v", waiting, err)
	}
	for time.Now().UnixMilli() <= left.At.UnixMilli() { // the vault counts milliseconds
		time.Sleep(time.Millisecond)
	}
	if err := v.UpdatePasskey(ctx, only(t, v, "work.example").ID, func(p *vault.Passkey) error {
		p.UserName = "renamed"
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := v.Trash(ctx, only(t, v, "play.example").ID); err != nil {
		t.Fatal(err)
	}
	out, err := waiting[0].Settle(ctx, v, true)
	if err != nil || *out != (Originals{Trashed: 3, Changed: 1, Gone: 1}) {
		t.Fatalf("settled: %+v %v", out, err)
	}
	if waiting, err = Moves(ctx, v); err != nil || len(waiting) != 0 {
		t.Errorf("still waiting: %+v %v", waiting, err)
	}
	for rp, want := range map[string]int{"both.example": 0, "play.example": 0, "work.example": 1, "counts.example": 1} {
		if list, err := v.PasskeysByRP(ctx, rp); err != nil || len(list) != want {
			t.Errorf("%d passkeys of %s, want %d, %v", len(list), rp, want, err)
		}
	}
	trash, err := v.ListTrash(ctx, "both.example", "", 10)
	if err != nil || len(trash.Matches) != 1 || trash.Matches[0].Passkey == nil {
		t.Fatalf("the trash holds %+v %v", trash, err)
	}
	if err := v.Untrash(ctx, trash.Matches[0].Passkey.ID); err != nil {
		t.Errorf("back from the trash: %v", err)
	}
	if list, err := v.PasskeysByRP(ctx, "both.example"); err != nil || len(list) != 1 {
		t.Errorf("%d passkeys of both.example, %v", len(list), err)
	}
	if left := give(t, v, Selection{}); bytes.Contains(left, []byte("moved out")) {
		t.Error("the record of the move leaves")
	}
}

func TestADisplayNameThatIsTheUserNameIsNoDifference(t *testing.T) {
	mine := &vault.Passkey{RPID: "example.com", UserName: "ann", UserDisplayName: "Ann"}
	for theirs, want := range map[string]int{"": 0, "ann": 0, "Ann": 0, "Anne": 1} {
		if got := differences(mine, &vault.Passkey{RPID: "example.com", UserName: "ann", UserDisplayName: theirs}); len(got) != want {
			t.Errorf("%q beside “Ann” differs in %q", theirs, got)
		}
	}
}
