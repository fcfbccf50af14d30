package protonpass

import (
	"errors"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
)

// reader reads one file.
type reader struct {
	b       *formats.Builder
	archive *formats.Zip
	files   []string        // names of attached files in the archive
	byID    map[string]int  // what stands before the dash of a file's name, to its index
	used    map[string]bool // names of files that an item has
}

// document reads the JSON.
func (r *reader) document(d *jsontext.Decoder) error {
	err := formats.EachMember(d, func(name string) error {
		if name != "vaults" {
			return formats.Skip(d)
		}
		if d.PeekKind() != '{' {
			return formats.Damaged("JSON", errors.New("the vaults are not what they should be"))
		}
		return formats.EachMember(d, func(id string) error { return r.vault(d, strings.Clone(id)) })
	})
	if err != nil {
		return err
	}
	return formats.End(d)
}

// vault reads one vault, which becomes a collection.
func (r *reader) vault(d *jsontext.Decoder, id string) error {
	if d.PeekKind() != '{' {
		r.b.Note(cxf.Problem, formats.CodeEntry, "is not what it should be and was left out", "a vault")
		return formats.Skip(d)
	}
	folder, err := r.b.NewFolder(nil, id, "")
	if err != nil {
		return err
	}
	in := &vaultFolders{vault: folder}
	err = formats.EachMember(d, func(name string) error {
		switch name {
		case "name", "description":
			v, err := d.ReadValue()
			if err != nil {
				return formats.JSONError(err)
			}
			var t text
			if formats.Decode(v, &t) != nil {
				return nil // a vault without a name is as good
			}
			if name == "name" {
				folder.Title = string(t)
			} else {
				folder.Subtitle = string(t)
			}
			return nil
		case "items":
			return formats.EachElement(d, func(v jsontext.Value) error { return r.item(v, in) })
		case "folders":
			return formats.EachElement(d, func(v jsontext.Value) error { return in.add(r.b, v) })
		}
		return formats.Skip(d)
	})
	if err != nil {
		return err
	}
	return in.place(r.b)
}

// fileIDSize is the length of the number that stands before an attached file's name.
const fileIDSize = 16

// attach lists the archive's files.
func (r *reader) attach(z *formats.Zip) {
	r.archive, r.byID, r.used = z, map[string]int{}, map[string]bool{}
	for _, entry := range z.Names() {
		base, ok := strings.CutPrefix(entry, filesName)
		if !ok {
			continue
		}
		if len(base) > fileIDSize+1 {
			r.byID[base[:fileIDSize]] = len(r.files)
		}
		r.files = append(r.files, entry)
	}
}

// addFiles adds an item's files, which it names by their numbers or, in newer exports, by their whole names.
func (r *reader) addFiles(it *formats.ItemBuilder, names []text) error {
	seen := map[text]bool{}
	for _, n := range names {
		if n == "" || seen[n] {
			continue
		}
		seen[n] = true
		entry := filesName + strings.NewReplacer("/", "_", `\`, "_").Replace(string(n))
		if i, ok := r.byID[string(n)]; ok {
			entry = r.files[i]
		}
		if r.archive == nil || !r.archive.Has(entry) {
			it.Report(cxf.Problem, formats.CodeFile, "file "+string(n), "was left out: it is not in the export; choose to include attached files")
			r.b.Report().Unreadable++
			continue
		}
		r.used[entry] = true
		if err := it.AddFile(baseName(entry), func() (io.ReadCloser, error) { return r.archive.Open(entry) }); err != nil {
			return err
		}
	}
	return nil
}

// baseName is the name a person gave the file.
func baseName(entry string) string {
	base := strings.TrimPrefix(entry, filesName)
	if len(base) > fileIDSize+1 && base[fileIDSize] == '-' && strings.Trim(base[:fileIDSize], "0123456789abcdefABCDEF") == "" {
		return base[fileIDSize+1:]
	}
	return base
}

// orphans reports attached files that no item has.
func (r *reader) orphans() {
	for _, entry := range r.files {
		if !r.used[entry] {
			r.b.Note(cxf.Problem, formats.CodeFile, "was left out: no item in the export has it", baseName(entry))
		}
	}
}
