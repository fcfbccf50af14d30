package protonpass

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
)

// Losses implements formats.Writer.
func (Format) Losses(ctx context.Context, d *formats.Document) ([]formats.Loss, error) {
	w := newWriter(ctx, d)
	if err := w.items(func(string, *writtenItem) error { return nil }); err != nil {
		return nil, err
	}
	return w.Losses(), nil
}

// Write implements formats.Writer: an OpenPGP message under the passphrase, holding the zip of document and files. KDF is
// not regarded: Proton Pass reads no Argon2 here.
func (Format) Write(ctx context.Context, dst io.Writer, d *formats.Document, o formats.WriteOptions) (*formats.Written, error) {
	if len(o.Passphrase) == 0 {
		return nil, formats.ErrNoPassphrase
	}
	w := newWriter(ctx, d)
	defer w.clear()
	size := 0
	err := w.items(func(vault string, it *writtenItem) error {
		v := w.vault(vault)
		it.ShareID = v.id
		if v.items.Len() > 0 {
			v.items.WriteByte(',')
		}
		before := v.items.Len()
		if err := json.MarshalWrite(&v.items, it); err != nil {
			return fmt.Errorf("encoding an item: %w", err)
		}
		if size += v.items.Len() - before; size > formats.MaxDocument {
			return fmt.Errorf("a document of over %d MiB: %w", formats.MaxDocument>>20, formats.ErrTooLarge)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	message, err := seal(dst, o.Passphrase)
	if err != nil {
		return nil, err
	}
	archive := zip.NewWriter(message)
	if err := w.document(archive, o.Time()); err != nil {
		return nil, err
	}
	if err := w.attached(archive, o.Time()); err != nil {
		return nil, err
	}
	if err := archive.Close(); err != nil {
		return nil, fmt.Errorf("writing the archive: %w", err)
	}
	if err := message.Close(); err != nil {
		return nil, fmt.Errorf("writing an OpenPGP message: %w", err)
	}
	return &formats.Written{Report: w.Report(), Losses: w.Losses()}, nil
}

// writer converts one document.
type writer struct {
	*formats.Recorder
	ctx    context.Context // a writer's life is one call
	doc    *formats.Document
	paths  []map[string][][]string // by account
	vaults []*vault
	byName map[string]*vault
	files  []attached
	n      int // the item being converted
}

// vault is a vault in the making: its items are encoded as they come.
type vault struct {
	id, name string
	items    bytes.Buffer
}

// attached is a file to be put into the archive.
type attached struct {
	entry string
	file  cxf.File
}

func newWriter(ctx context.Context, d *formats.Document) *writer {
	w := &writer{Recorder: formats.NewRecorder().For(d), ctx: ctx, doc: d, byName: map[string]*vault{}}
	for i := range d.Header.Accounts {
		w.paths = append(w.paths, formats.Paths(&d.Header.Accounts[i]))
	}
	return w
}

func (w *writer) clear() {
	for _, v := range w.vaults {
		clear(v.items.Bytes())
	}
}

// vault finds or makes the vault of a name.
func (w *writer) vault(name string) *vault {
	v := w.byName[name]
	if v == nil {
		sum := sha256.Sum256([]byte("vault\x00" + name))
		v = &vault{id: base64.RawURLEncoding.EncodeToString(sum[:16]), name: name}
		w.byName[name] = v
		w.vaults = append(w.vaults, v)
	}
	return v
}

// document writes data.json.
func (w *writer) document(archive *zip.Writer, now time.Time) error {
	dst, err := archive.CreateHeader(&zip.FileHeader{Name: dataName, Method: zip.Deflate, Modified: now})
	if err != nil {
		return fmt.Errorf("writing the archive: %w", err)
	}
	if _, err := fmt.Fprintf(dst, `{"version":%q,"userId":"","encrypted":true,"vaults":{`, exportVersion); err != nil {
		return err
	}
	for i, v := range w.vaults {
		head, err := json.Marshal(writtenVault{Name: v.name})
		if err != nil {
			return fmt.Errorf("encoding a vault: %w", err)
		}
		sep := ""
		if i > 0 {
			sep = ","
		}
		if _, err := fmt.Fprintf(dst, `%s%q:%s,"items":[`, sep, v.id, strings.TrimSuffix(string(head), "}")); err != nil {
			return err
		}
		if _, err := dst.Write(v.items.Bytes()); err != nil {
			return err
		}
		if _, err := io.WriteString(dst, "]}"); err != nil {
			return err
		}
	}
	_, err = io.WriteString(dst, "}}")
	return err
}

// attached writes the files.
func (w *writer) attached(archive *zip.Writer, now time.Time) error {
	for _, f := range w.files {
		src, err := w.doc.Files(w.ctx, f.file)
		if err != nil {
			return fmt.Errorf("opening an attached file: %w", err)
		}
		dst, err := archive.CreateHeader(&zip.FileHeader{Name: f.entry, Method: zip.Deflate, Modified: now})
		if err == nil {
			_, err = io.Copy(dst, formats.WithContext(w.ctx, src))
		}
		if e := src.Close(); err == nil {
			err = e
		}
		if err != nil {
			return fmt.Errorf("writing an attached file: %w", err)
		}
	}
	return nil
}

// items converts every item and hands on what becomes of it, with the name of its vault.
func (w *writer) items(emit func(vault string, it *writtenItem) error) error {
	for e, err := range w.doc.All() {
		if err == nil {
			err = w.ctx.Err()
		}
		if err != nil {
			return err
		}
		parts, err := w.convert(e)
		if err != nil {
			return err
		}
		if len(parts) > 0 {
			name := w.vaultOf(e)
			for _, it := range parts {
				if err := emit(name, it); err != nil {
					return err
				}
			}
		}
		w.n++
	}
	return nil
}

// defaultVault takes what lies in no folder.
const defaultVault = "Keyferry"

// vaultOf names the vault an item goes to. Vaults do not nest, so that the names of folders are put together.
func (w *writer) vaultOf(e formats.Entry) string {
	paths := w.paths[e.Account][e.Item.ID]
	if len(paths) == 0 {
		return defaultVault
	}
	if len(paths) > 1 {
		w.lose(e.Item, lossFolders, cxf.Notice, formats.CodeNotKept, "", "goes to the vault of the first of its folders only")
	}
	return strings.Join(paths[0], " / ")
}

// file notes a file for the archive, and says what its item calls it; "" for one whose content is gone.
func (w *writer) file(f *cxf.File) (string, error) {
	if w.doc.Files == nil {
		return "", nil
	}
	src, err := w.doc.Files(w.ctx, *f)
	if errors.Is(err, formats.ErrNoFile) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("opening an attached file: %w", err)
	}
	if err := src.Close(); err != nil {
		return "", fmt.Errorf("opening an attached file: %w", err)
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "file\x00%d\x00%s", len(w.files), f.ID))
	name := hex.EncodeToString(sum[:fileIDSize/2]) + "-" + strings.NewReplacer("/", "_", `\`, "_").Replace(f.Name)
	w.files = append(w.files, attached{filesName + name, *f})
	return name, nil
}

// lose records that something of an item does not go along.
func (w *writer) lose(it *cxf.Item, sentence string, s cxf.Severity, code cxf.Code, part, message string) {
	path := []string{it.Title}
	if part != "" {
		path = append(path, part)
	}
	w.Lose(sentence, cxf.Diagnostic{Severity: s, Code: code, Path: path, Message: message, Account: -1, Item: w.n, Credential: -1, ItemID: it.ID})
}
