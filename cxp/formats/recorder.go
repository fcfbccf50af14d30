package formats

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/keyferry/keyferry/cxp/cxf"
)

// Recorder collects diagnostics in a report, and counts how many items each kind of loss affects. Readers use the one
// inside a [Builder]; writers make their own.
type Recorder struct {
	report *cxf.Report
	losses []Loss
	last   []place // the item that each loss was last counted for
	onLoss func(sentence string, d cxf.Diagnostic)
}

// place tells items apart.
type place struct {
	account, item int
	id            string
}

// NewRecorder makes an empty one.
func NewRecorder() *Recorder {
	return &Recorder{report: &cxf.Report{Credentials: map[cxf.CredentialType]int{}}}
}

// For tells the document's OnLoss of each loss from now on, and returns the recorder.
func (r *Recorder) For(d *Document) *Recorder {
	r.onLoss = d.OnLoss
	return r
}

// Report is the report so far.
func (r *Recorder) Report() *cxf.Report { return r.report }

// Add records something. Path leads a person there; its parts are made safe to show.
func (r *Recorder) Add(d cxf.Diagnostic) {
	if len(r.report.Diagnostics) >= MaxDiagnostics {
		r.report.Dropped++
		return
	}
	path := make([]string, len(d.Path))
	for i, step := range d.Path {
		path[i] = Plain(step)
	}
	d.Path = path
	r.report.Diagnostics = append(r.report.Diagnostics, d)
}

// Lose records a loss of one item. The sentence is the same for all losses of a kind, and what they are told apart by:
// "Bitwarden keeps no PRF secrets". d.Account, d.Item and d.ItemID tell items apart; d.Message is about this one.
func (r *Recorder) Lose(sentence string, d cxf.Diagnostic) {
	r.Add(d)
	if r.onLoss != nil {
		r.onLoss(sentence, d)
	}
	i := slices.IndexFunc(r.losses, func(l Loss) bool { return l.Text == sentence })
	if i < 0 {
		r.losses = append(r.losses, Loss{Severity: d.Severity, Code: d.Code, Text: sentence})
		r.last = append(r.last, place{item: -2}) // none
		i = len(r.losses) - 1
	}
	if at := (place{d.Account, d.Item, d.ItemID}); r.last[i] != at {
		r.last[i] = at
		r.losses[i].Items++
	}
}

// Losses sums up what Lose recorded, the gravest first and otherwise in the order of their first occurrence.
func (r *Recorder) Losses() []Loss {
	out := slices.Clone(r.losses)
	slices.SortStableFunc(out, func(a, b Loss) int { return cmp.Compare(b.Severity, a.Severity) })
	return out
}

// Plain makes a name from a file fit to be shown: no control or formatting characters (they can reorder or hide
// text), at most 64 characters.
func Plain(s string) string {
	var b strings.Builder
	n := 0
	for _, c := range s {
		if n == 64 {
			b.WriteString("…")
			break
		}
		if unicode.IsControl(c) || unicode.In(c, unicode.Cf, unicode.Zl, unicode.Zp) || c == unicode.ReplacementChar {
			continue
		}
		b.WriteRune(c)
		n++
	}
	return b.String()
}
