package doctor

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/keyferry/keyferry/installers"
)

// chromiumPolicy is what of a Chromium policy file concerns us.
type chromiumPolicy struct {
	HostBlocklist      []string                    `json:"NativeMessagingBlocklist"`
	HostAllowlist      []string                    `json:"NativeMessagingAllowlist"`
	UserLevelHosts     *bool                       `json:"NativeMessagingUserLevelHosts"`
	ExtensionBlocklist []string                    `json:"ExtensionInstallBlocklist"`
	ExtensionAllowlist []string                    `json:"ExtensionInstallAllowlist"`
	ExtensionSettings  map[string]extensionSetting `json:"ExtensionSettings"`
}

type extensionSetting struct {
	Mode string `json:"installation_mode"`
}

// firefoxPolicy is the same of Firefox's policies.json.
type firefoxPolicy struct {
	Policies struct {
		ExtensionSettings map[string]extensionSetting `json:"ExtensionSettings"`
	} `json:"policies"`
}

// policyDirs are the folders of managed policies on Linux, by browser.
func policyDirs(name string) []string {
	switch name {
	case "chrome", "chrome-beta", "chrome-dev":
		return []string{"etc/opt/chrome"}
	case "chromium":
		return []string{"etc/chromium", "etc/chromium-browser"}
	case "edge", "edge-beta", "edge-dev":
		return []string{"etc/opt/edge"}
	case "brave":
		return []string{"etc/brave"}
	case "vivaldi":
		return []string{"etc/opt/vivaldi"}
	}
	return nil
}

// policies looks for rules of an administrator's that forbid the host or the extension. Only Linux keeps them in files.
func (e *examination) policies() {
	if e.Installer.Roots.System != "linux" {
		return
	}
	before := len(e.findings)
	for _, b := range installers.Browsers() {
		if !e.Installer.Roots.Present(b) {
			continue
		}
		if b.Family == installers.Firefox {
			for _, rel := range []string{"etc/firefox/policies/policies.json", "usr/lib/firefox/distribution/policies.json", "usr/lib/firefox-esr/distribution/policies.json"} {
				e.firefoxPolicy(b, filepath.Join(e.Root, rel))
			}
			continue
		}
		for _, dir := range policyDirs(b.Name) {
			files, _ := filepath.Glob(filepath.Join(e.Root, dir, "policies", "managed", "*.json")) // the pattern is well-formed
			for _, path := range files {
				e.chromiumPolicy(b, path)
			}
		}
	}
	if len(e.findings) == before {
		e.well("policies", "no policy of this computer forbids Keyferry")
	}
}

const askAdmin = "ask whoever administers this computer to allow it"

func (e *examination) readPolicy(path string, into any) bool {
	text, err := readSmall(path, 1<<20)
	if err != nil && strings.Contains(err.Error(), "no such file") {
		return false
	}
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		e.found("policies", "policy-unreadable", Note, fmt.Sprintf("the policy %s can't be understood: %v", path, err), "what it forbids is not known; look at it", nil)
		return false
	}
	return true
}

func (e *examination) chromiumPolicy(b installers.Browser, path string) {
	var p chromiumPolicy
	if !e.readPolicy(path, &p) {
		return
	}
	bad := func(fault, what string) {
		e.found("policies", fault, Problem, fmt.Sprintf("%s: %s %s", b.Title, path, what), askAdmin, nil)
	}
	host, all := installers.HostName, "*"
	if (slices.Contains(p.HostBlocklist, host) || slices.Contains(p.HostBlocklist, all)) && !slices.Contains(p.HostAllowlist, host) {
		bad("policy-blocks-host", "forbids the native host "+host+" (NativeMessagingBlocklist)")
	}
	if p.UserLevelHosts != nil && !*p.UserLevelHosts && e.userOnly[b.Name] {
		e.found("policies", "policy-no-user-hosts", Problem, fmt.Sprintf("%s: %s allows only hosts that an administrator installed (NativeMessagingUserLevelHosts)", b.Title, path),
			"have an administrator run `keyferry install --system "+b.Name+"`", nil)
	}
	for _, id := range e.Installer.Extensions.Chromium {
		if (slices.Contains(p.ExtensionBlocklist, id) || slices.Contains(p.ExtensionBlocklist, all)) && !slices.Contains(p.ExtensionAllowlist, id) || blocked(p.ExtensionSettings, id) {
			bad("policy-blocks-extension", "forbids the extension "+id)
		}
	}
}

func (e *examination) firefoxPolicy(b installers.Browser, path string) {
	var p firefoxPolicy
	if !e.readPolicy(path, &p) {
		return
	}
	for _, id := range e.Installer.Extensions.Firefox {
		if blocked(p.Policies.ExtensionSettings, id) {
			e.found("policies", "policy-blocks-addon", Problem, fmt.Sprintf("%s: %s forbids the add-on %s", b.Title, path, id), askAdmin, nil)
		}
	}
}

// blocked: an extension's own setting counts before the one for all.
func blocked(settings map[string]extensionSetting, id string) bool {
	s, ok := settings[id]
	if !ok {
		s = settings["*"]
	}
	return s.Mode == "blocked" || s.Mode == "removed"
}
