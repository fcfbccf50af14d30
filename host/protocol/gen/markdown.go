package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/keyferry/keyferry/host/protocol"
)

// markdown returns PROTOCOL.md with the text between each pair of markers replaced by its generated table. The prose
// around them is written by hand.
func markdown(page string) (string, error) {
	for marker, text := range map[string]string{
		"messages": messageTable(), "events": eventTable(), "errors": errorTable(),
	} {
		open, end := "<!-- generated: "+marker+" -->\n", "<!-- end -->"
		before, rest, ok := strings.Cut(page, open)
		if !ok {
			return "", fmt.Errorf("PROTOCOL.md has no marker %q", strings.TrimSpace(open))
		}
		_, after, ok := strings.Cut(rest, end)
		if !ok {
			return "", fmt.Errorf("PROTOCOL.md has no %q behind %q", end, strings.TrimSpace(open))
		}
		page = before + open + text + end + after
	}
	return page, nil
}

func messageTable() string {
	bodies := map[string]protocol.Message{}
	for _, m := range protocol.Messages() {
		bodies[m.Type] = m
	}
	senders := []protocol.SenderKind{
		protocol.SenderContent, protocol.SenderPage, protocol.SenderBackground, protocol.SenderCLI,
	}
	var b strings.Builder
	b.WriteString("| message | content script | our pages | background | command line | request → answer |\n|---|---|---|---|---|---|\n")
	for _, r := range protocol.Table() {
		fmt.Fprintf(&b, "| `%s` |", r.Type)
		for _, s := range senders {
			need, ok := r.Needs[s]
			cell := "–"
			if ok {
				cell = string(need)
				if s == protocol.SenderPage && len(r.Pages) > 0 {
					cell += " (" + strings.Join(r.Pages, ", ") + ")"
				}
			}
			fmt.Fprintf(&b, " %s |", cell)
		}
		m := bodies[r.Type]
		fmt.Fprintf(&b, " %s → %s |\n", name(m.Request), name(m.Answer))
	}
	return b.String()
}

func eventTable() string {
	var b strings.Builder
	b.WriteString("| event | body |\n|---|---|\n")
	for _, e := range protocol.Events() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", e.Name, name(e.Body))
	}
	return b.String()
}

func errorTable() string {
	names := protocol.CodeNames()
	var b strings.Builder
	b.WriteString("| code | name |\n|---|---|\n")
	for _, code := range slices.Sorted(maps.Keys(names)) {
		fmt.Fprintf(&b, "| %d | `%s` |\n", code, names[code])
	}
	return b.String()
}
