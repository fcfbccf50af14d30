package vault

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// AuditPage is a part of the log, newest first.
type AuditPage struct {
	Lines []AuditEvent
	Next  string
}

// AuditLog searches the log, newest first: every word of the query must occur in a line (case and accents don't
// matter). What waits to be written is written first. limit is 1 to 1000; 0 is 100.
func (v *Vault) AuditLog(ctx context.Context, query, after string, limit int) (AuditPage, error) {
	if limit == 0 {
		limit = 100
	}
	if limit < 1 || limit > 1000 || len(query) > 1024 {
		return AuditPage{}, fmt.Errorf("a search of the log has at most 1024 bytes and 1 to 1000 results: %w", ErrInvalid)
	}
	if err := v.Flush(ctx); err != nil && !errors.Is(err, ErrReadOnly) {
		return AuditPage{}, err
	}
	batch, line := ^uint64(0), 0
	if after != "" {
		if n, err := fmt.Sscanf(after, "%d.%d", &batch, &line); n != 2 || err != nil {
			return AuditPage{}, fmt.Errorf("not a place in the log: %w", ErrInvalid)
		}
	}
	words := strings.Fields(fold(query))
	var p AuditPage
	err := v.view(ctx, func(r reader) error {
		st, _, err := readState(r)
		if err != nil {
			return err
		}
		for n := st.auditNext; n > st.auditLow; n-- {
			if n-1 > batch {
				continue
			}
			lines, err := r.auditBatch(n - 1)
			if errors.Is(err, errNoRecord) {
				continue
			}
			if err != nil {
				return err
			}
			for i := len(lines) - 1; i >= 0; i-- {
				if n-1 == batch && i >= line || !lines[i].matches(words) {
					continue
				}
				if len(p.Lines) == limit {
					return nil
				}
				p.Lines = append(p.Lines, lines[i])
				p.Next = fmt.Sprintf("%d.%d", n-1, i)
			}
		}
		p.Next = ""
		return nil
	})
	return p, v.readErr(err)
}

func (r reader) auditBatch(n uint64) (lines []AuditEvent, err error) {
	key := auditKey(n)
	err = r.raw(key, func(e envelope) error {
		plain, err := r.v.epochs.open(nil, key, e, 0)
		if err == nil {
			lines, err = decodeAudit(plain)
		}
		if err != nil {
			return &recordError{key: key, problem: "does not authenticate", cause: err}
		}
		return nil
	})
	return lines, err
}

func (l *AuditEvent) matches(words []string) bool {
	if len(words) == 0 {
		return true
	}
	text := fold(strings.Join([]string{l.Action, l.What, l.Who, l.Origin}, "\n"))
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}
