package transfer

import (
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats/kdbx"
	"github.com/keyferry/keyferry/vault"
)

// parts is a CXF item taken apart: the passkeys that the vault can sign in with, and the rest.
type parts struct {
	source   string
	account  int
	order    int
	shell    cxf.Item       // without credentials
	passkeys []*cxf.Passkey // usable
	at       []int          // their places
	creds    [][]byte       // they themselves as texts, without their private keys
	rest     []cxf.Credential
	restAt   []int
	broken   []int // places of what could not be read, within the item
	refused  map[int]string
	text     []byte // the shell, where a passkey is to carry it
	large    bool   // the shell is too large to lie beside a passkey
	bytes    int    // about how much of it is kept beside its largest passkey
	keys     *Keys
}

// takeApart never fails: what the vault can't take as a passkey stays with the rest, and refused says why.
func takeApart(source string, account, order int, it *cxf.Item) *parts {
	p := &parts{source: source, account: account, order: order, shell: *it, refused: map[int]string{}}
	p.shell.Credentials = nil
	for i, c := range it.Credentials {
		if u, ok := c.(*cxf.Unknown); ok && u.Broken {
			p.broken = append(p.broken, i)
		}
		if k, ok := c.(*cxf.Passkey); ok {
			cred, why := fit(k)
			if why == "" {
				p.bytes = max(p.bytes, len(cred))
				p.passkeys = append(p.passkeys, k)
				p.creds = append(p.creds, cred)
				p.at = append(p.at, i)
				continue
			}
			p.refused[i] = why
		}
		p.rest = append(p.rest, c)
		p.restAt = append(p.restAt, i)
	}
	if len(p.passkeys) > 0 && len(p.rest) == 0 {
		var err error
		p.text, err = cxf.MarshalItem(&p.shell)
		p.large = err != nil || len(p.text) > 32<<10
		p.bytes += len(p.text)
	}
	return p
}

// fit is a passkey as a text, without its private key, or why the vault can't sign in with it.
func fit(k *cxf.Passkey) (cred []byte, why string) {
	switch {
	case k.RPID == "" || len(k.RPID) > vault.MaxRPID:
		return nil, "it names no site that could be"
	case len(k.CredentialID) == 0 || len(k.CredentialID) > vault.MaxCredentialID:
		return nil, "its credential ID is empty or too long"
	case len(k.UserHandle) > vault.MaxUserHandle:
		return nil, "its user handle is too long"
	case len(k.Key) > vault.MaxPrivateKey:
		return nil, "its private key is too long"
	case len(k.Username) > vault.MaxName || len(k.UserDisplayName) > vault.MaxName:
		return nil, "a name in it is too long"
	}
	if f := k.Fido2Extensions; f != nil && len(f.CredBlob) > 4096 {
		return nil, "its credBlob is too long"
	}
	bare := *k
	bare.Key = placeholder()
	cred, err := cxf.MarshalCredential(&bare)
	if err != nil || len(cred) > vault.MaxExtra*3/4 {
		clear(cred) // it may hold other secrets
		return nil, "what comes with it is too large"
	}
	return cred, ""
}

// forget erases the private keys of the item it came from, and what takeApart made that may hold other secrets.
func (p *parts) forget(it *cxf.Item) {
	forget(it)
	for _, c := range p.creds {
		clear(c)
	}
}

// hasItem says whether the item gets a vault item of its own. One whose credentials are all passkeys does not: the
// passkeys carry it, so that nothing shows twice in lists.
func (p *parts) hasItem() bool { return len(p.rest) > 0 || len(p.passkeys) == 0 || p.large }

// passkey makes the record of passkey n. ErrKey when its key can't be used.
func (p *parts) passkey(n int, group string, item vault.ID) (*vault.Passkey, error) {
	k := p.passkeys[n]
	algorithm, err := p.keys.algorithm(k.Key)
	if err != nil {
		return nil, err
	}
	out := &vault.Passkey{
		ItemID: item, RPID: k.RPID, CredentialID: k.CredentialID, UserHandle: k.UserHandle,
		UserName: k.Username, UserDisplayName: k.UserDisplayName, Title: shorten(p.shell.Title),
		Algorithm: int64(algorithm), PrivateKey: k.Key,
		BackupEligible: true, BackupState: true, Discoverable: len(k.UserHandle) > 0, SignCount: k.SignCount,
		CreatedAt: unix(p.shell.CreationAt), ModifiedAt: unix(p.shell.ModifiedAt),
	}
	// CXF says nothing of the backup flags; where another manager's file did, the site would miss what it has seen before.
	if eligible, backedUp, known := kdbx.BackupFlags(k); known {
		out.BackupEligible, out.BackupState = eligible, backedUp
	}
	date(&out.CreatedAt, &out.ModifiedAt)
	if withUV, withoutUV, ok := k.PRF(); ok && len(withUV) <= 64 && len(withoutUV) <= 64 {
		out.CredWithUV, out.CredWithoutUV = withUV, withoutUV
	}
	if f := k.Fido2Extensions; f != nil {
		out.CredBlob = f.CredBlob
		if f.LargeBlob != nil {
			if plain, err := f.LargeBlob.Inflate(vault.MaxLargeBlob); err == nil {
				out.LargeBlob = plain
			}
		}
	}
	if out.Extra, err = p.kept(n, group, out); err != nil {
		return nil, err
	}
	return out, nil
}

// placeholder stands where the private key was: the key of thirty-two zeros, Ed25519, PKCS#8 (RFC 8410, §7).
func placeholder() []byte {
	return append([]byte{0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20}, make([]byte, 32)...)
}

func (p *parts) kept(n int, group string, out *vault.Passkey) ([]byte, error) {
	k := keptPasskey{
		V: keptVersion, Source: p.source, Group: group, Order: p.order, At: p.at[n], Cred: p.creds[n],
		Mod: millis(out.ModifiedAt), Title: out.Title, User: out.UserName, Name: out.UserDisplayName,
	}
	if !p.hasItem() {
		k.Item = p.text
	}
	raw, err := json.Marshal(k)
	if err == nil && len(raw) > vault.MaxExtra {
		return nil, fmt.Errorf("what comes with this passkey is too large: %w", vault.ErrTooLarge)
	}
	return raw, err
}

// item makes the record of the rest; its body comes from kept.
func (p *parts) item() (*vault.Item, *keptItem, error) {
	whole := p.shell
	whole.Credentials = p.rest
	raw, err := cxf.MarshalItem(&whole)
	if err != nil {
		return nil, nil, fmt.Errorf("keeping an item: %w", err)
	}
	out := &vault.Item{
		ID: vault.NewID(), Title: shorten(p.shell.Title), Subtitle: shorten(p.shell.Subtitle), Terms: terms(&whole),
		CreatedAt: unix(p.shell.CreationAt), ModifiedAt: unix(p.shell.ModifiedAt),
	}
	date(&out.CreatedAt, &out.ModifiedAt)
	k := &keptItem{
		Kind: kindItem, Source: p.source, Order: p.order, At: p.restAt, Item: raw, Mod: millis(out.ModifiedAt),
		Digest: digest(raw), Like: like(&whole),
	}
	return out, k, nil
}

// terms are what a search finds an item by besides its title: sites and user names.
func terms(it *cxf.Item) []string {
	var out []string
	size := 0
	add := func(s string) {
		if s = shorten(s); s != "" && len(out) < 64 && size+len(s) <= 16<<10 {
			out = append(out, s)
			size += len(s)
		}
	}
	if it.Scope != nil {
		for _, u := range it.Scope.URLs {
			if parsed, err := url.Parse(u); err == nil && parsed.Host != "" {
				u = parsed.Host
			}
			add(u)
		}
	}
	add(userName(it))
	for _, t := range it.Tags {
		add(t)
	}
	return out
}

// userName is the first user name that an item holds.
func userName(it *cxf.Item) string {
	for _, c := range it.Credentials {
		switch c := c.(type) {
		case *cxf.BasicAuth:
			if s := c.Username.Text(); s != "" {
				return s
			}
		case *cxf.Passkey:
			if c.Username != "" {
				return c.Username
			}
		case *cxf.TOTP:
			if c.Username != "" {
				return c.Username
			}
		}
	}
	return ""
}

// shorten cuts what is longer than the vault's names may be, at a rune. The whole stays in what is kept.
func shorten(s string) string {
	if len(s) <= vault.MaxName {
		return s
	}
	cut := vault.MaxName
	for cut > 0 && s[cut]&0xC0 == 0x80 {
		cut--
	}
	return s[:cut]
}

// date fills in what the document does not say, as the vault would, so that a later change can be told.
func date(created, modified *time.Time) {
	if created.IsZero() {
		*created = time.Now().Truncate(time.Millisecond)
	}
	if modified.IsZero() {
		*modified = *created
	}
}

func unix(seconds int64) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0)
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
