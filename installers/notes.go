package installers

import (
	"fmt"
	"os"
	"strings"
)

// Notes are what a person has to know about a browser that a manifest alone does not serve; empty where it does.
func (r Roots) Notes(b Browser) []string {
	var notes []string
	if b.Flatpak != "" {
		notes = append(notes,
			fmt.Sprintf("%s can start programs outside its sandbox only after `%s`.", b.Title, b.FlatpakCommand()),
			"That lets the browser start any program of yours, which is most of what its sandbox prevents; a browser from your distribution or its maker's own package needs no such leave.")
	}
	if r.snapped(b) {
		notes = append(notes, fmt.Sprintf("%s from Snap starts Keyferry through the desktop's portal, where the distribution has one for this (Ubuntu): it asks you once. Without that portal a Snap browser can't start any program outside, and nothing that Keyferry writes changes this: use %s from another package.", b.Title, b.Title))
	}
	if b.Name == "tor" {
		notes = append(notes, "A passkey manager makes you easier to tell apart from other users of Tor Browser.")
	}
	return notes
}

// snapped says whether the browser is there as a Snap.
func (r Roots) snapped(b Browser) bool {
	if r.System != "linux" || b.Snap == "" {
		return false
	}
	info, err := os.Stat(r.path(Home, "snap/"+b.Snap))
	return err == nil && info.IsDir()
}

// Sharing are the titles of the other browsers here that read the very same manifest, so that what is done to one is
// done to all.
func (i Installer) Sharing(b Browser) []string {
	if i.Roots.System == "windows" {
		return nil
	}
	mine := strings.Join(i.dirs(b), "\n")
	var titles []string
	for _, other := range Browsers() {
		if other.Name != b.Name && mine != "" && strings.Join(i.dirs(other), "\n") == mine && (i.ForAll || i.Roots.Present(other)) {
			titles = append(titles, other.Title)
		}
	}
	return titles
}
