package transfer

import (
	"bytes"
	"os"
	"testing"

	"github.com/keyferry/keyferry/cxp/localexchange"
)

// What other apps show of Keyferry is what browsers show of it, and is a registration that they take.
func TestRegistration(t *testing.T) {
	shown, err := os.ReadFile("../../extension/icons/48.png")
	if err != nil || !bytes.Equal(shown, icon) {
		t.Errorf("icon.png is not the extension's icon: %v", err)
	}
	folder := localexchange.Folder{Path: t.TempDir()}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for profile, want := range map[string]string{"": "keyferry.app", "default": "keyferry.app", "work": "work.keyferry.app"} {
		r := Registration(profile, []string{program, "exchange"})
		if r.RPID != want || r.Icon == "" {
			t.Errorf("%q registers as %q", profile, r.RPID)
		}
		if err := localexchange.Register(folder, r); err != nil {
			t.Error(err)
		}
	}
}
