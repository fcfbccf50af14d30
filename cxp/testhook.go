//go:build keyferrytest

package cxp

import (
	"fmt"
	"slices"
)

// NewDowngradingExporter answers with a suite that the request offers, but not first: what an exporter would do that somebody
// talked into it. For test builds only.
func NewDowngradingExporter(q *Request, s Suite, o ExportOptions) (*Exporter, error) {
	weaker := *q
	weaker.offers = slices.DeleteFunc(slices.Clone(q.offers), func(o offer) bool { return o.suite != s })
	if len(weaker.offers) == 0 {
		return nil, fmt.Errorf("%s: %w", s, ErrNoSuite)
	}
	return NewExporter(&weaker, o)
}
