package cxp

import (
	"encoding/base64"
	"fmt"
	"io"
	"slices"

	"github.com/go-json-experiment/json"

	"github.com/keyferry/keyferry/cxp/cxf"
)

// The only place that reads and writes CXF documents: the rest of the package sees bytes.

// writeDocument writes the index.
func writeDocument(w io.Writer, h *cxf.Header, o *cxf.WriteOptions) (*cxf.Report, error) {
	return cxf.Write(w, h, o)
}

// restrict narrows what is written to what the request asks for (PROFILE.md §1): types it names and we
// know, and of those only what the options let through; where none is left, the accounts alone.
func restrict(q *Request, h *cxf.Header, o *cxf.WriteOptions) (*cxf.Header, *cxf.WriteOptions) {
	if h == nil || q.allTypes {
		return h, o
	}
	var narrow cxf.WriteOptions
	if o != nil {
		narrow = *o
	}
	var types []cxf.CredentialType
	for _, t := range cxf.CredentialTypes() {
		if slices.Contains(q.types, string(t)) && (len(narrow.Types) == 0 || slices.Contains(narrow.Types, t)) {
			types = append(types, t)
		}
	}
	narrow.Types = types
	if len(types) > 0 {
		return h, &narrow
	}
	narrow.Items = nil
	bare := *h
	bare.Accounts = slices.Clone(h.Accounts)
	for i := range bare.Accounts {
		bare.Accounts[i].Items = nil
	}
	return &bare, &narrow
}

// documentReader reads the index and collects the files it speaks of.
type documentReader struct {
	unreadable []string // decoded ids in file credentials that could not be read
}

func (d *documentReader) read(r io.Reader, o *cxf.ReadOptions) (*cxf.Header, *cxf.Report, error) {
	var opts cxf.ReadOptions
	if o != nil {
		opts = *o
	}
	opts.MaxBytes = MaxIndexSize
	if next := opts.OnItem; next != nil {
		opts.OnItem = func(account int, item cxf.Item) error {
			d.item(&item)
			return next(account, item)
		}
	}
	h, report, err := cxf.Read(r, &opts)
	if err != nil {
		return nil, report, fmt.Errorf("document: %w", err)
	}
	for a := range h.Accounts {
		for i := range h.Accounts[a].Items {
			d.item(&h.Accounts[a].Items[i])
		}
	}
	return h, report, nil
}

// item notes the files of credentials that the reader kept raw: one credential that can't be read must
// not make its file look smuggled in, and the whole payload with it.
func (d *documentReader) item(item *cxf.Item) {
	for _, c := range item.Credentials {
		u, ok := c.(*cxf.Unknown)
		if !ok || u.Type != cxf.TypeFile {
			continue
		}
		var f struct {
			ID string `json:"id"`
		}
		if json.Unmarshal(u.Raw, &f) != nil {
			continue // it names no file that we could tell
		}
		if id, err := decodeB64(f.ID); err == nil {
			d.unreadable = append(d.unreadable, string(id))
		}
	}
}

// wanted lists the files that may come, by decoded id and in document order. Credentials whose id is
// none can't have a file; they stay in the list, to be reported as missing.
func (d *documentReader) wanted(report *cxf.Report) (map[string]*wantedFile, []*wantedFile) {
	byID := make(map[string]*wantedFile)
	var order []*wantedFile
	for _, ref := range report.Files {
		id, err := fileIDOf(ref.File)
		if err != nil {
			order = append(order, &wantedFile{refs: []cxf.FileRef{ref}})
			continue
		}
		w := byID[string(id)]
		if w == nil {
			w = &wantedFile{}
			byID[string(id)] = w
			order = append(order, w)
		}
		w.refs = append(w.refs, ref)
		w.hashes = append(w.hashes, ref.File.IntegrityHash)
	}
	for _, id := range d.unreadable {
		if byID[id] == nil {
			byID[id] = &wantedFile{}
		}
	}
	return byID, order
}

// exportedFiles lists the files of a document just written, each once. Two credentials may share a
// file, but then they must agree on what it is.
func exportedFiles(report *cxf.Report) ([]cxf.File, error) {
	seen := make(map[string]int)
	var out []cxf.File
	for _, ref := range report.Files {
		id, err := fileIDOf(ref.File)
		if err != nil {
			return nil, err
		}
		at, twice := seen[string(id)]
		if !twice {
			seen[string(id)] = len(out)
			out = append(out, ref.File)
			continue
		}
		if string(out[at].IntegrityHash) != string(ref.File.IntegrityHash) {
			return nil, fmt.Errorf("two different files with the id %s: %w", base64.RawURLEncoding.EncodeToString(id), ErrIntegrity)
		}
	}
	return out, nil
}

func fileIDOf(f cxf.File) ([]byte, error) {
	id, err := decodeB64(f.ID)
	if err != nil || len(id) == 0 || len(id) > MaxFileIDSize {
		return nil, fmt.Errorf("an attached file's id is not base64url of 1 to %d bytes: %w", MaxFileIDSize, ErrPayload)
	}
	return id, nil
}
