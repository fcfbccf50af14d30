package consent

import (
	"runtime"
	"strings"
	"testing"
)

// What a dialog's program would make of a name that was chosen to bend the dialog.
func TestNamesCanNotBendADialog(t *testing.T) {
	if got := entryText(`Bank\n\nIt is safe. \342\200\256`); runtime.GOOS == "linux" && got != `Bank\\n\\nIt is safe. \\342\\200\\256` {
		t.Errorf("zenity would undo the escapes in %q", got)
	}
	for _, name := range []string{`<font color=white>`, `a<!--b`, `&lt;&#8238;`, `AT&T;x`, `<b>&amp;`, "1 < 2"} {
		got := noMarkup("To hand over everything to “" + name + "”.\nWATCH OUT")
		if strings.ContainsAny(got, "<>") || entity.MatchString(got) {
			t.Errorf("Qt would take this for markup: %q", got)
		}
	}
	if got := noMarkup("AT&T & co; 100%"); got != "AT&T & co; 100%" {
		t.Errorf("what is no markup was changed: %q", got)
	}
}

func TestLongTextsLoseTheirMiddle(t *testing.T) {
	for _, s := range []string{
		"/short", strings.Repeat("/usr/lib/bank", 60) + "/../../tmp/evil", strings.Repeat("/%", 300) + "/tmp/evil", strings.Repeat("銀", 300) + "/tmp/evil",
		strings.Repeat(`\`, 300) + "/tmp/evil", strings.Repeat("/&lt;", 99) + "/tmp/evil",
	} {
		got := Middle(s, 100)
		if len(escape(noMarkup(cleanLines(got)))) > Cost(got) || Cost(got) > 100 || !strings.HasPrefix(got, s[:1]) || !strings.HasSuffix(got, s[len(s)-5:]) {
			t.Errorf("%.40q became %q", s, got)
		}
		if (Cost(s) <= 100) != (got == s) {
			t.Errorf("%.40q became %q", s, got)
		}
	}
	if got := Middle("/opt/x/"+strings.Repeat("./", 500)+"evil", 60); !strings.HasPrefix(got, "/opt/x/") || !strings.HasSuffix(got, "/evil") {
		t.Errorf("%q", got)
	}
}
