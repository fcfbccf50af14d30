package protocol

// The apps of this machine that take part in direct exchange.

// ProviderQuery (type "transfer.providers") asks for the apps on this machine that take part in direct exchange.
type ProviderQuery struct {
	Out bool `json:"out"` // true: those that can take passkeys (importers); false: those that can give some (exporters)
}

// ProviderList answers "transfer.providers". Keyferry's own registration for the vault that asks is not in it; those of
// other profiles are.
type ProviderList struct {
	Providers []Provider        `json:"providers"`
	Ignored   []ProviderIgnored `json:"ignored"` // registrations that must not be used, for a details fold
}

// States of a provider, in the direction that was asked about. All but [ProviderKnown] take a warning and a second
// confirmation (TransferStart.Accept, TransferAnswer.Accept).
const (
	ProviderKnown               = "known"                // the person exchanged with this very program and registration before
	ProviderFirstUse            = "first-use"            // never yet
	ProviderProgramChanged      = "program-changed"      // the program, or its script, is another one than last time (an update, or not)
	ProviderRegistrationChanged = "registration-changed" // its name, what it takes, or the way it is started is another than last time
)

// Provider is an app of this machine that registered for direct exchange. Name, RPID and Icon are its own claims: anybody
// who can write this user's files can register any name, so Program and System stand beside them wherever they are shown.
type Provider struct {
	ID         string `json:"id"` // stands for the registration and the program as they are now
	RPID       string `json:"rpId"`
	Name       string `json:"name"`
	Suspicious bool   `json:"suspicious,omitempty"` // a name that may be dressed up as another: say so beside it
	Icon       string `json:"icon,omitempty"`       // a data: URL of a PNG of at most 64 KiB
	// Types are the CXF credential types it handles; none: all.
	Types []string `json:"types,omitempty"`
	// Excludes is for how many sites it does not take logins (out): what is for them stays. ExcludedSites are the first of
	// them, at most [MaxExcludedShown], for a details fold.
	Excludes      int      `json:"excludes,omitempty"`
	ExcludedSites []string `json:"excludedSites,omitempty"`
	Program       string   `json:"program"`          // path of what would be started, made safe to show
	Script        string   `json:"script,omitempty"` // path of the script where Program is an interpreter
	System        bool     `json:"system"`           // the system vouches for it (root's file, root's program); else only the user's files do
	File          string   `json:"file"`             // path of the registration
	State         string   `json:"state"`            // [ProviderKnown] and its like
}

// MaxExcludedShown is how many of a provider's excluded sites are listed.
const MaxExcludedShown = 100

// ProviderIgnored is a registration that is not used.
type ProviderIgnored struct {
	File   string `json:"file"`
	Reason string `json:"reason"` // in plain words
}
