package agent

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/protocol"
)

// patientPinentry answers where the file "answers" lies beside it, and else waits for good; it leaves its process number.
const patientPinentry = `#!/bin/sh
cd "$(dirname "$0")" || exit 1
echo OK hello
while IFS= read -r l; do
 case "$l" in
 GETPIN) if [ -e answers ]; then echo 'D PASSPHRASE'; echo OK; else echo $$ > waits; exec sleep 3600; fi;;
 BYE) echo OK; exit 0;;
 *) echo OK;;
 esac
done
`

// A pinentry that nobody answers for six minutes: after five the dialog goes away and its program with it; nothing was
// signed, the window is still good, and the next yes gives the site a credential that works.
func TestPinentryLeftOpenForSixMinutes(t *testing.T) {
	if os.Getenv("KEYFERRY_SOAK") != "1" {
		t.Skip("six minutes, in make soak")
	}
	dir := t.TempDir()
	program, answers, waits := filepath.Join(dir, "pinentry"), filepath.Join(dir, "answers"), filepath.Join(dir, "waits")
	script := strings.ReplaceAll(patientPinentry, "PASSPHRASE", goodPhrase)
	if err := errors.Join(os.WriteFile(program, []byte(script), 0o700), os.WriteFile(answers, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	finder, err := consent.NewFinder(consent.Config{Pinentry: program})
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t)
	c, _ := r.withVault()
	c.register(tab(1, site), "example.com", nil)
	r.stop()
	r.cfg.Prompt = finder.Find
	r.start()
	c = r.browser(c.key)
	c.must(page("unlock"), "unlock", nil, nil)
	c = r.browser(c.key) // in this session nobody was verified yet
	if err := os.Remove(answers); err != nil {
		t.Fatal(err)
	}
	call, shown := c.begin(tab(1, site), get("example.com", map[string]any{"userVerification": "required", "timeout": 9 * 60_000}))
	v := c.describe(shown)
	yes := protocol.CeremonyApprove{Ceremony: v.Ceremony, Hash: v.Hash, Account: v.Accounts[0].ID}
	asked := c.send(page("approve"), "ceremony.approve", yes)
	waitUntil(t, "the dialog", func() bool { b, err := os.ReadFile(waits); return err == nil && len(b) > 1 })
	raw, err := os.ReadFile(waits)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(6 * time.Minute)
	wantCode(t, "the dialog that nobody answered", asked.answer(nil), protocol.CodeTimeout)
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("its program is still there: %v", err)
	}
	if len(call.ch) > 0 {
		t.Error("the site has its answer already")
	}
	if err := os.WriteFile(answers, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c.must(page("approve"), "ceremony.approve", yes, nil)
	if out := call.result(); out.Outcome != "credential" || !verifiedFlag(t, out) {
		t.Errorf("%+v %+v", out, out.Error)
	}
}
