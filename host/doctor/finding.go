package doctor

// Level says how bad a finding is.
type Level string

// The levels.
const (
	OK      Level = "ok"
	Note    Level = "note"    // works, but there is something to know
	Problem Level = "problem" // keeps something from working, or leaves something open
)

// Finding is one thing that was looked at.
type Finding struct {
	Area  string `json:"area"`            // "browsers", "manifest", "host", …
	Fault string `json:"fault,omitempty"` // its stable name; empty for what is well
	Level Level  `json:"level"`
	What  string `json:"what"`         // in plain words, with the path or browser
	Do    string `json:"do,omitempty"` // one line: what to do about it
	// Fixable is true for what [Fix] can repair; Fixed after it has.
	Fixable bool   `json:"fixable,omitempty"`
	Fixed   bool   `json:"fixed,omitempty"`
	Failed  string `json:"failed,omitempty"` // why it could not be repaired

	fix func() error
}

// Fix repairs what can be repaired. What could not be says so itself.
func Fix(findings []Finding) {
	for i := range findings {
		f := &findings[i]
		if f.fix == nil {
			continue
		}
		if err := f.fix(); err != nil {
			f.Failed = err.Error()
			continue
		}
		f.Fixed = true
	}
}

// Sick says whether a problem is left.
func Sick(findings []Finding) bool {
	for _, f := range findings {
		if f.Level == Problem && !f.Fixed {
			return true
		}
	}
	return false
}
