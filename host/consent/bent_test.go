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
