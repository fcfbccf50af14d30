package doctor

import (
	"context"
	"fmt"
	"time"

	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/paths"
	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/installers"
)

// Patient is the installation that is examined.
type Patient struct {
	Profile   paths.Profile
	Installer installers.Installer // with the program that should be in the manifests
	Version   string
	// Config reads the configuration file.
	Config func() (consent.Config, error)
	Where  protocol.Where // the person
	// Root is the folder below which the browsers' policies lie: "/".
	Root    string
	MinFree uint64        // bytes of disk space below which there is too little
	Timeout time.Duration // how long a program may take to answer
	Now     time.Time
}

// examination collects findings.
type examination struct {
	Patient
	ctx      context.Context
	findings []Finding
	started  map[string]bool // programs that were started already
	userOnly map[string]bool // browsers whose manifest is this user's
}

// Examine looks at everything. It goes on after whatever it finds.
func Examine(ctx context.Context, p Patient) []Finding {
	e := &examination{Patient: p, ctx: ctx, started: map[string]bool{}, userOnly: map[string]bool{}}
	for _, look := range []func(){e.files, e.socket, e.browsers, e.policies, e.providers, e.opening, e.vault, e.dialogs, e.keyring, e.disk, e.clock} {
		if ctx.Err() != nil {
			break
		}
		look()
	}
	return e.findings
}

// well notes that something is as it should be.
func (e *examination) well(area, format string, args ...any) {
	e.findings = append(e.findings, Finding{Area: area, Level: OK, What: fmt.Sprintf(format, args...)})
}

// found notes a fault. fix may be nil.
func (e *examination) found(area, fault string, level Level, what, do string, fix func() error) {
	e.findings = append(e.findings, Finding{Area: area, Fault: fault, Level: level, What: what, Do: do, Fixable: fix != nil, fix: fix})
}
