package agent

import (
	"strings"

	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/protocol"
)

// Words of a dialog that somebody else chose: names and paths. None of them can leave its place in a sentence, and none is
// so long that it pushes ours out of the dialog ([consent.MaxDescription]).

// How much of them a dialog shows, by [consent.Cost].
const (
	maxCalled = 100 // a name
	maxRPID   = 80
	maxPath   = 140
	maxAsker  = 100
)

// called names another app: “Name” (rp.id). Both are its own claims.
func called(name, rpID string) string {
	return consent.Quoted(consent.Middle(name, maxCalled)) + " (" + consent.Middle(domainLike(rpID), maxRPID) + ")"
}

// domainLike is a name in the style of a domain, whose other characters package cxp has spelled out already.
func domainLike(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(".-_\\…", r) {
			return r
		}
		return '?'
	}, s)
}

// shownPath is a path for a dialog: cut in the middle where it is long, and in quotation marks where it could be taken
// for words of ours.
func shownPath(path string) string {
	s := consent.Middle(pathView(path), maxPath)
	if strings.ContainsAny(s, " \"“”„«»") {
		return consent.Quoted(s)
	}
	return s
}

// pathView is a path for a page or a terminal.
func pathView(path string) string {
	return consent.Middle(consent.Clean(path, len(path)+1), 300)
}

// programText says what would be started.
func programText(p *protocol.Provider) string {
	text := "Program: " + shownPath(p.Program)
	if p.Script != "" {
		text += "\nScript: " + shownPath(p.Script)
	}
	return text
}

// vouches says who vouches for a registration.
func vouches(system bool) string {
	if system {
		return "It was installed by this computer's administrator."
	}
	return "It is registered in your own files only: any program of yours could have done that."
}

// askedForBy says in a dialog who asks.
func askedForBy(who string) string {
	return "Asked for by: " + consent.Middle(consent.Clean(who, 200), maxAsker)
}
