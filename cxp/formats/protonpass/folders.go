package protonpass

import (
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
)

// vaultFolders are a vault and the folders in it, which stand before the items or behind them.
type vaultFolders struct {
	vault *formats.Folder
	list  []folder
	items []placement
}

// placement says in which folder an item lies; "" is the vault itself.
type placement struct{ item, folder string }

func (f *vaultFolders) put(item, folder string) {
	if folder == "" {
		f.vault.Put(item)
		return
	}
	f.items = append(f.items, placement{item, folder})
}

// add reads a folder; a bad one is reported, and what lies in it stays in the vault.
func (f *vaultFolders) add(b *formats.Builder, v jsontext.Value) error {
	var one folder
	if err := formats.DecodeEntry(v, &one); err != nil {
		b.Note(cxf.Warning, formats.CodeEntry, err.Error(), "a folder")
		return nil
	}
	if len(f.list) >= formats.MaxFolders {
		return fmt.Errorf("more than %d folders: %w", formats.MaxFolders, formats.ErrTooLarge)
	}
	f.list = append(f.list, one)
	return nil
}

// place builds the folders and puts the items in. A folder whose parent is missing, or that is within itself, lies in the vault.
func (f *vaultFolders) place(b *formats.Builder) error {
	byID := make(map[text]folder, len(f.list))
	for _, one := range f.list {
		byID[one.ID] = one
	}
	made := map[text]*formats.Folder{}
	for _, one := range f.list {
		var chain []folder // from this one outwards, as far as there is none yet
		seen := map[text]bool{}
		for at, ok := one, true; ok && made[at.ID] == nil && !seen[at.ID] && len(chain) < formats.MaxDepth; at, ok = byID[at.Parent] {
			seen[at.ID] = true
			chain = append(chain, at)
		}
		for i := len(chain) - 1; i >= 0; i-- {
			parent := made[chain[i].Parent]
			if parent == nil {
				parent = f.vault
			}
			folder, err := b.NewFolder(parent, string(chain[i].ID), string(chain[i].Name))
			if err != nil {
				return err
			}
			made[chain[i].ID] = folder
		}
	}
	for _, p := range f.items {
		if folder := made[text(p.folder)]; folder != nil {
			folder.Put(p.item)
		} else {
			f.vault.Put(p.item)
		}
	}
	return nil
}
