package doctor

import "fmt"

// opening looks at whether a double click opens our files.
func (e *examination) opening() {
	if e.Installer.Roots.System != "linux" || !e.Installer.ServesAny() {
		return
	}
	fix := func() error { _, err := e.Installer.FileTypes(); return err }
	switch entry, current := e.Installer.OpenedBy(); {
	case entry == "":
		e.found("files", "opening-missing", Note, "a double click on a request, a sealed file or a backup does not open Keyferry", "`keyferry install` lets it", nil)
	case !current:
		e.found("files", "opening-stale", Problem, fmt.Sprintf("a double click on Keyferry's files starts something else than this program: %s", entry),
			"`keyferry install` writes it anew", fix)
	default:
		e.well("files", "a double click opens Keyferry's files by %s", entry)
	}
}
