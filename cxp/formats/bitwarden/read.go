package bitwarden

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
)

// reader reads one file.
type reader struct {
	b       *formats.Builder
	list    []folder
	folders map[string]string // folder ID to name
	placed  []placement
	archive *formats.Zip
	files   map[string][]string // item ID to the names of its files in the archive
}

// placement says that an item lies in a folder. Folders may stand after the items, so they are put together at the end.
type placement struct{ folder, item string }

// plain reads the unencrypted document.
func (r *reader) plain(d *jsontext.Decoder) error {
	err := formats.EachMember(d, func(name string) error {
		switch name {
		case "folders", "collections":
			return formats.EachElement(d, r.folder)
		case "items":
			return formats.EachElement(d, r.item)
		case "encrypted":
			var yes text
			if err := formats.Next(d, &yes); err != nil {
				return err
			}
			if yes == "true" {
				return formats.Damaged("JSON", fmt.Errorf("it says that it is encrypted, and is not"))
			}
			return nil
		}
		return formats.Skip(d)
	})
	if err != nil {
		return err
	}
	if err := formats.End(d); err != nil {
		return err
	}
	return r.place()
}

func (r *reader) folder(v jsontext.Value) error {
	var f folder
	if err := formats.Decode(v, &f); err != nil {
		r.b.Note(cxf.Warning, formats.CodeEntry, err.Error(), "a folder")
		return nil
	}
	if len(r.list) >= formats.MaxFolders {
		return fmt.Errorf("more than %d folders: %w", formats.MaxFolders, formats.ErrTooLarge)
	}
	r.list = append(r.list, f)
	return nil
}

// place builds the folders and puts the items in.
func (r *reader) place() error {
	made := make(map[string]*formats.Folder, len(r.list))
	for _, f := range r.list {
		steps := strings.Split(string(f.Name), "/")
		if len(steps) > formats.MaxDepth || slices.Contains(steps, "") {
			steps = []string{string(f.Name)}
		}
		var at *formats.Folder
		var err error
		for _, step := range steps[:len(steps)-1] {
			if at, err = r.b.Folder(at, step); err != nil {
				return err
			}
		}
		if at, err = r.b.NewFolder(at, string(f.ID), steps[len(steps)-1]); err != nil {
			return err
		}
		made[string(f.ID)] = at
	}
	lost := 0
	for _, p := range r.placed {
		if f := made[p.folder]; f != nil {
			f.Put(p.item)
		} else {
			lost++
		}
	}
	if lost > 0 {
		r.b.Note(cxf.Notice, cxf.CodeDangling, "items say that they are in a folder that is not in the file: "+strconv.Itoa(lost))
	}
	return nil
}

// attach lists the archive's files by their items.
func (r *reader) attach(z *formats.Zip) {
	r.archive, r.files = z, map[string][]string{}
	for _, entry := range z.Names() {
		if rest, ok := strings.CutPrefix(entry, "attachments/"); ok {
			if id, _, ok := strings.Cut(rest, "/"); ok {
				r.files[id] = append(r.files[id], entry)
			}
		}
	}
}

// addFiles adds an item's attached files.
func (r *reader) addFiles(it *formats.ItemBuilder, id string) error {
	for _, entry := range r.files[id] {
		base := strings.TrimPrefix(entry, "attachments/"+id+"/")
		if err := it.AddFile(base, func() (io.ReadCloser, error) { return r.archive.Open(entry) }); err != nil {
			return err
		}
	}
	delete(r.files, id)
	return nil
}

// orphans reports attached files whose item is not in the document, or could not be read.
func (r *reader) orphans() {
	for _, id := range slices.Sorted(maps.Keys(r.files)) {
		for _, entry := range r.files[id] {
			r.b.Note(cxf.Problem, formats.CodeFile, "was left out: its item is not in the file", strings.TrimPrefix(entry, "attachments/"+id+"/"))
		}
	}
}
