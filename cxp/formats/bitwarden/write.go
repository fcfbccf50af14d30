package bitwarden

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
)

// Bitwarden's own bounds for the costs of Argon2id.
const (
	minMemory, maxMemory   = 16 << 10, 1 << 20 // KiB
	minTime, maxTime       = 2, 10
	minThreads, maxThreads = 1, 16
)

// DefaultKDF is Bitwarden's memory and lanes, which its phones can afford, and twice its passes.
func DefaultKDF() formats.KDF { return formats.KDF{Memory: 64 << 10, Time: 6, Threads: 4} }

// Losses implements formats.Writer.
func (Format) Losses(ctx context.Context, d *formats.Document) ([]formats.Loss, error) {
	w := newWriter(d)
	if err := w.items(ctx, func(*writtenItem) error { return nil }); err != nil {
		return nil, err
	}
	return w.Losses(), nil
}

// Write implements formats.Writer: password-protected JSON with Argon2id.
func (Format) Write(ctx context.Context, dst io.Writer, d *formats.Document, o formats.WriteOptions) (*formats.Written, error) {
	if len(o.Passphrase) == 0 {
		return nil, formats.ErrNoPassphrase
	}
	k, err := writeKDF(o.KDF)
	if err != nil {
		return nil, err
	}
	w := newWriter(d)
	var doc bytes.Buffer
	defer func() { clear(doc.Bytes()[:doc.Cap()]) }()
	if err := w.document(ctx, &doc); err != nil {
		return nil, err
	}
	keys, err := k.derive(o.Passphrase)
	if err != nil {
		return nil, err
	}
	defer keys.clear()
	if err := writeSealed(dst, k, keys, doc.Bytes()); err != nil {
		return nil, err
	}
	return &formats.Written{Report: w.Report(), Losses: w.Losses()}, nil
}

// writeKDF judges the costs by what Bitwarden accepts when it imports, and makes a salt.
func writeKDF(o formats.KDF) (*kdf, error) {
	if o == (formats.KDF{}) {
		o = DefaultKDF()
	}
	if o.Memory < minMemory || o.Memory > maxMemory || o.Memory%1024 != 0 ||
		o.Time < minTime || o.Time > maxTime || o.Threads < minThreads || o.Threads > maxThreads {
		return nil, fmt.Errorf("for Bitwarden, choose 16 to 1024 whole MiB, 2 to 10 passes and 1 to 16 lanes of Argon2id: %w", formats.ErrKDF)
	}
	salt := make([]byte, 16)
	rand.Read(salt) // never fails, says its documentation
	return &kdf{
		argon2: true, iterations: int64(o.Time), memory: int64(o.Memory >> 10), threads: int64(o.Threads),
		salt: base64.StdEncoding.EncodeToString(salt),
	}, nil
}

// writeSealed writes the password-protected document; doc is overwritten.
func writeSealed(dst io.Writer, k *kdf, keys *keys, doc []byte) error {
	random := make([]byte, 16)
	rand.Read(random)
	validation, err := keys.seal([]byte(uuid(random)))
	if err != nil {
		return err
	}
	data, err := keys.seal(doc)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(dst, `{
  "encrypted": true,
  "passwordProtected": true,
  "salt": %q,
  "kdfType": %d,
  "kdfIterations": %d,
  "kdfMemory": %d,
  "kdfParallelism": %d,
  "encKeyValidation_DO_NOT_EDIT": "`, k.salt, kdfArgon2, k.iterations, k.memory, k.threads); err != nil {
		return err
	}
	if err := validation.write(dst); err != nil {
		return err
	}
	if _, err := io.WriteString(dst, "\",\n  \"data\": \""); err != nil {
		return err
	}
	if err := data.write(dst); err != nil {
		return err
	}
	_, err = io.WriteString(dst, "\"\n}\n")
	return err
}

// write writes the encrypted string as text.
func (e *encString) write(dst io.Writer) error {
	b64 := base64.StdEncoding.EncodeToString
	if _, err := io.WriteString(dst, encType+"."+b64(e.iv)+"|"); err != nil {
		return err
	}
	enc := base64.NewEncoder(base64.StdEncoding, dst)
	if _, err := enc.Write(e.ciphertext); err != nil {
		return err
	}
	if err := enc.Close(); err != nil {
		return err
	}
	_, err := io.WriteString(dst, "|"+b64(e.mac))
	return err
}

// writer converts one document.
type writer struct {
	*formats.Recorder
	doc     *formats.Document
	paths   []map[string][][]string // by account
	folders map[string]string       // name to ID
	names   []string                // of the folders, in order
	n       int                     // the item being converted
}

func newWriter(d *formats.Document) *writer {
	w := &writer{Recorder: formats.NewRecorder().For(d), doc: d, folders: map[string]string{}}
	for i := range d.Header.Accounts {
		paths := formats.Paths(&d.Header.Accounts[i])
		w.paths = append(w.paths, paths)
	}
	return w
}

type writtenFolder struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// document writes the plain document. Folders are complete only after the items, and readers take them in either order.
func (w *writer) document(ctx context.Context, dst *bytes.Buffer) error {
	dst.WriteString(`{"encrypted":false,"items":[`)
	first := true
	err := w.items(ctx, func(it *writtenItem) error {
		if !first {
			dst.WriteByte(',')
		}
		first = false
		if err := json.MarshalWrite(dst, it); err != nil {
			return fmt.Errorf("encoding an item: %w", err)
		}
		if dst.Len() > formats.MaxDocument {
			return fmt.Errorf("a document of over %d MiB: %w", formats.MaxDocument>>20, formats.ErrTooLarge)
		}
		return nil
	})
	if err != nil {
		return err
	}
	folders := make([]writtenFolder, len(w.names))
	for i, name := range w.names {
		folders[i] = writtenFolder{w.folders[name], name}
	}
	dst.WriteString(`],"folders":`)
	if err := json.MarshalWrite(dst, folders); err != nil {
		return fmt.Errorf("encoding the folders: %w", err)
	}
	dst.WriteByte('}')
	return nil
}

// items converts every item and hands on what becomes of it.
func (w *writer) items(ctx context.Context, emit func(*writtenItem) error) error {
	for e, err := range w.doc.All() {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		for _, it := range w.convert(e) {
			if err := emit(it); err != nil {
				return err
			}
		}
		w.n++
	}
	return nil
}

// folder gives the ID of the folder an item goes to, nil for none. Bitwarden makes folders nest by slashes in their names.
func (w *writer) folder(e formats.Entry) *string {
	paths := w.paths[e.Account][e.Item.ID]
	if len(paths) == 0 {
		return nil
	}
	if len(paths) > 1 {
		w.lose(e.Item, lossFolders, cxf.Notice, formats.CodeNotKept, "", "goes to the first of its folders only")
	}
	name := strings.Join(paths[0], "/")
	if name == "" {
		return nil
	}
	id, ok := w.folders[name]
	if !ok {
		sum := sha256.Sum256([]byte("folder\x00" + name))
		id = uuid(sum[:16])
		w.folders[name] = id
		w.names = append(w.names, name)
	}
	return &id
}

// lose records that something of an item does not go along.
func (w *writer) lose(it *cxf.Item, sentence string, s cxf.Severity, code cxf.Code, part, message string) {
	path := []string{it.Title}
	if part != "" {
		path = append(path, part)
	}
	w.Lose(sentence, cxf.Diagnostic{Severity: s, Code: code, Path: path, Message: message, Account: -1, Item: w.n, Credential: -1, ItemID: it.ID})
}
