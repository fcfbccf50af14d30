package agent

import (
	"strings"
	"testing"

	"github.com/keyferry/keyferry/cxp"
	"github.com/keyferry/keyferry/cxp/localexchange"
	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/protocol"
)

// However long, or costly to escape, names and paths are: what the person has to be told is never what a dialog cuts off.
func TestNamesAndPathsPushNothingOutOfADialog(t *testing.T) {
	for _, unit := range []string{"a", "%", "銀", "<b>", "\\", "&lt;", "a ", "“"} {
		long := strings.Repeat(unit, 5000)
		name := cxp.DisplayClaim(long)
		p := &protocol.Provider{
			Name: consent.Clean(name.Text(), cxp.MaxClaimText), RPID: strings.Repeat("a", 253), Suspicious: true, State: protocol.ProviderRegistrationChanged,
			Program: pathView("/usr/lib/" + long + "/the-program"), Script: pathView("/usr/lib/" + long + "/the-script"),
		}
		counts := map[string]int{"passkey": 1_234_567, "note": 1_234_567}
		out := dialog{purpose: leaving(protocol.Transfer{Counts: counts, Provider: p}), asker: strings.Repeat(unit, 80), note: directNote(p)}
		for _, says := range []string{
			"hand over 1234567 passkeys", "WATCH OUT: ", "own claim", "look like another", "your own files only", "the-program", "the-script",
		} {
			if !strings.Contains(out.text(), says) {
				t.Errorf("%q: the dialog does not say %q: %s", unit, says, out.text())
			}
		}
		v := &visitor{
			rpID: p.RPID, name: called(p.Name, strings.Repeat("a", 64)), starter: localexchange.Starter{Program: "/usr/lib/" + long + "/the-program"},
		}
		left := protocol.Transfer{Counts: counts, LeftOut: 1_234_567, Excluded: 1_234_566}
		texts := []string{out.text(), warning(p, "an app that calls itself "+toProvider(p)) + dressedUp + "\n" + whichProgram(p) + "\n\n" + askedForBy(out.asker)}
		v.warning = warning(p, "this app")
		for _, v.known = range []bool{true, false} {
			visit := dialog{purpose: "hand over " + what(left) + " to " + v.asker(), asker: v.asker(), note: stays(left) + "\n" + v.note()}
			takes := dialog{purpose: "store " + what(left) + " that " + v.asker() + " sends", asker: v.asker(), note: mineStays + "\n" + v.note()}
			if !strings.Contains(visit.text(), "the-program") || !v.known && !strings.Contains(takes.text(), "WATCH OUT: an unknown program") {
				t.Errorf("%q: %s", unit, visit.text())
			}
			texts = append(texts, visit.text(), takes.text())
		}
		for _, text := range texts {
			if n := consent.Cost(text); n > consent.MaxDescription {
				t.Errorf("%q: a dialog of %d bytes, of which %d are shown:\n%s", unit, n, consent.MaxDescription, text)
			}
		}
	}
}

// A name can't end its own quotation marks and go on in our words, nor can a path.
func TestNamesStayInTheirQuotationMarks(t *testing.T) {
	if got := called("Bank” (bank.example), which is safe. “", "evil.example"); strings.Count(got, "“") != 1 || strings.Count(got, "”") != 1 || !strings.HasSuffix(got, "” (evil.example)") {
		t.Error(got)
	}
	claim := cxp.NameClaim("bank.example) which is safe (x\u202e")
	if got := called("Bank", consent.Clean(claim.Text(), 64)); strings.ContainsAny(strings.TrimPrefix(got, "“Bank” ("), " (") || strings.Count(got, ")") != 1 {
		t.Error(got)
	}
	for path, want := range map[string]string{
		"/usr/bin/app":                   "/usr/bin/app",
		"/opt/My App/app":                "“/opt/My App/app”",
		"/opt/x It is safe. “/usr/bin/y": "“/opt/x It is safe. '/usr/bin/y”",
		"/opt/a\nIt is safe.":            "“/opt/a It is safe.”",
	} {
		if got := shownPath(path); got != want {
			t.Errorf("%q is shown as %s", path, got)
		}
	}
	if got := shownPath("/usr/lib/bank/" + strings.Repeat("x/", 400) + "tmp/evil"); !strings.HasPrefix(got, "/usr/lib/bank/") || !strings.HasSuffix(got, "/tmp/evil") {
		t.Errorf("the end of a long path is not shown: %s", got)
	}
}
