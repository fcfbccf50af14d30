package transfer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/vault"
)

// keptPasskey is vault.Passkey.Extra of a passkey that an import brought.
type keptPasskey struct {
	V      int    `json:"v"`
	Source string `json:"source"`         // the account it came with, see accountKey
	Group  string `json:"group"`          // one for all that came as one CXF item
	Order  int    `json:"order"`          // the item's place in its account
	At     int    `json:"at"`             // the passkey's place among the item's credentials
	Mod    int64  `json:"mod"`            // ModifiedAt as imported, in milliseconds: another one means that a person changed something
	Title  string `json:"title"`          // as imported
	User   string `json:"user,omitempty"` // as imported
	Name   string `json:"name,omitempty"` // as imported
	// Item is the CXF item without its credentials, where all of them were passkeys: it has no vault item then.
	Item json.RawMessage `json:"item,omitempty"`
	// Cred is the CXF credential without its private key.
	Cred json.RawMessage `json:"cred"`
}

// keptItem is vault.Item.Body of an item that an import brought.
type keptItem struct {
	V      int             `json:"v"`
	Kind   string          `json:"kind"` // "item", "account", "import" or "moved"
	Source string          `json:"source,omitempty"`
	Group  string          `json:"group,omitempty"`
	Order  int             `json:"order,omitempty"`
	Mod    int64           `json:"mod,omitempty"`
	At     []int           `json:"at,omitempty"` // places of its credentials among all of the CXF item's
	Item   json.RawMessage `json:"item,omitempty"`
	// Files leads from CXF file ids to vault blobs.
	Files map[string]string `json:"files,omitempty"`
	// Digest names the content, Like what it is about; see compare.go.
	Digest string `json:"digest,omitempty"`
	Like   string `json:"like,omitempty"`

	Account json.RawMessage `json:"account,omitempty"` // kind "account": a CXF document without items
	Import  *importRecord   `json:"import,omitempty"`  // kind "import"
	Moved   *movedRecord    `json:"moved,omitempty"`   // kind "moved"

	// Blob holds the body where it is larger than vault.MaxItemBody; Kind and the members that are compared stay here.
	Blob string `json:"blob,omitempty"`
}

const keptVersion = 1

// The kinds of kept items.
const (
	kindItem    = "item"
	kindAccount = "account"
	kindImport  = "import"
	kindMoved   = "moved"
)

// errKept: a record that another version of Keyferry kept.
var errKept = errors.New("this was kept by another version of Keyferry; update to export it")

func readKeptPasskey(extra []byte) (*keptPasskey, error) {
	if len(extra) == 0 {
		return nil, nil
	}
	var k keptPasskey
	if err := json.Unmarshal(extra, &k); err != nil || k.V != keptVersion {
		return nil, errKept
	}
	return &k, nil
}

// readKeptHead reads a body as far as it lies in the item itself.
func readKeptHead(body []byte) (*keptItem, error) {
	var k keptItem
	if err := json.Unmarshal(body, &k); err != nil || k.V != keptVersion {
		return nil, errKept
	}
	return &k, nil
}

// readKeptItem reads a body whole.
func readKeptItem(ctx context.Context, v *vault.Vault, body []byte) (*keptItem, error) {
	k, err := readKeptHead(body)
	if err != nil || k.Blob == "" {
		return k, err
	}
	id, err := vault.ParseID(k.Blob)
	if err != nil {
		return nil, errKept
	}
	b, err := v.Blob(ctx, id)
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(b)
	if err != nil {
		return nil, err
	}
	return readKeptHead(raw)
}

// write makes the body of an item, with a blob where it is large.
func (k *keptItem) write(ctx context.Context, s *vault.Stage, owner vault.ID) ([]byte, error) {
	k.V = keptVersion
	raw, err := json.Marshal(k)
	if err != nil {
		return nil, fmt.Errorf("keeping an item: %w", err)
	}
	if len(raw) <= vault.MaxItemBody {
		return raw, nil
	}
	id, _, err := s.PutBlob(ctx, owner, bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	clear(raw)
	head := keptItem{V: keptVersion, Kind: k.Kind, Source: k.Source, Group: k.Group, Order: k.Order, Mod: k.Mod, Digest: k.Digest, Like: k.Like, Blob: id.String()}
	return json.Marshal(head)
}

// accountKey names an account of an exporter.
func accountKey(exporter, account string) string {
	sum := sha256.Sum256([]byte(exporter + "\x00" + account))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// writeAccount keeps all of an account but its items, in a document of its own.
func writeAccount(h *cxf.Header, n int) (json.RawMessage, error) {
	doc := *h
	doc.Timestamp = 0
	a := h.Accounts[n]
	a.Items = nil
	doc.Accounts = []cxf.Account{a}
	var b bytes.Buffer
	if _, err := cxf.Write(&b, &doc, &cxf.WriteOptions{Archive: true}); err != nil {
		return nil, fmt.Errorf("keeping an account: %w", err)
	}
	return b.Bytes(), nil
}

func readAccount(raw json.RawMessage) (*cxf.Header, error) {
	h, _, err := cxf.Read(bytes.NewReader(raw), &cxf.ReadOptions{Archive: true})
	if err != nil || len(h.Accounts) != 1 {
		return nil, errKept
	}
	return h, nil
}
