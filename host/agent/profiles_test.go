package agent

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/keyferry/keyferry/host/protocol"
)

// Whoever has several vaults is told which of them asks: in the agent's dialogs and in the approve window. The pages that
// choose one get their names.
func TestAFurtherProfileIsNamed(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"default", "work", "Not-a-profile"} {
		if err := os.MkdirAll(filepath.Join(root, name, "vault"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	r := newRig(t, func(c *Config) {
		c.Profile.Name, c.Profile.VaultDir = "work", filepath.Join(root, "work", "vault")
	})
	r.person.says(goodPhrase)
	c, _ := r.withVault()
	if err := r.cli().call(nil, "list", protocol.ListRequest{}, nil); err != nil {
		t.Fatal(err)
	}
	seen := r.person.seen()
	if len(seen) < 2 { // the new vault, and the list
		t.Fatalf("%d dialogs", len(seen))
	}
	for _, p := range seen {
		if !strings.HasSuffix(p.Title, "(work)") || !strings.HasPrefix(p.Description, "Vault: work\n") {
			t.Errorf("a dialog does not say whose it is: %q, %q", p.Title, p.Description)
		}
	}

	p := c.send(tab(1, "https://example.com"), "webauthn.create", create("example.com", nil))
	var shown protocol.CeremonyShow
	c.event("ceremony.show", &shown)
	var view protocol.CeremonyView
	c.must(page("approve"), "ceremony.describe", protocol.CeremonyRef{Ceremony: shown.Ceremony}, &view)
	if view.Profile != "work" {
		t.Errorf("the approve window is told %q", view.Profile)
	}
	c.must(page("approve"), "ceremony.refuse", protocol.CeremonyRefuse{Ceremony: shown.Ceremony}, nil)
	var out protocol.WebAuthnResult
	if err := p.answer(&out); err != nil || out.Error == nil {
		t.Fatal(err)
	}

	var list protocol.ProfileList
	c.must(page("welcome"), "profiles.list", nil, &list)
	if want := []protocol.Profile{{Name: "default"}, {Name: "work", Current: true}}; !slices.Equal(list.Profiles, want) {
		t.Errorf("profiles: %+v", list.Profiles)
	}
}
