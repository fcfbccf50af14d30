package protonpass

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
)

// What Proton Pass has no room for.
const (
	lossKey     = "Proton Pass keeps passkeys with P-256 and Ed25519 keys only"
	lossCounter = "A site may refuse a passkey with a signature counter in Proton Pass, or the one that stays here, since two count apart"
	lossBlob    = "Proton Pass keeps no data that sites stored with a passkey"
	lossFile    = "An attached file is not there any more"
	lossFolders = "Proton Pass keeps an item in one vault"
	lossSplit   = "Proton Pass keeps one password per login, and logins, cards and the like in items of their own"
	lossType    = "Proton Pass has no type for it, so it becomes fields"
	lossUnknown = "Proton Pass has no place for it"
	lossOwned   = "Proton Pass gets nothing that belongs to somebody else"
)

// conversion is one item on its way.
type conversion struct {
	w      *writer
	src    *cxf.Item
	logins []*writtenLogin
	others []*writtenItem
	person map[string]any
	notes  []string
	fields []writtenField
	files  []string
	nth    map[cxf.CredentialType]int
	err    error
}

// convert makes one item, or several where Proton Pass keeps only one of a kind in each. What belongs to the item as a whole
// goes to the first.
func (w *writer) convert(e formats.Entry) ([]*writtenItem, error) {
	it := e.Item
	if it.SharedWithMe {
		w.lose(it, lossOwned, cxf.Problem, cxf.CodeNotOwned, "", "was left out, since somebody else owns it")
		w.Report().LeftOut += len(it.Credentials)
		return nil, nil
	}
	c := &conversion{w: w, src: it, nth: map[cxf.CredentialType]int{}}
	for _, cred := range it.Credentials {
		t := cred.CredentialType()
		c.nth[t]++
		if c.credential(cred) {
			w.Report().Credentials[t]++
		} else {
			w.Report().LeftOut++
		}
	}
	if len(it.Tags) > 0 {
		c.field("text", "Tags", strings.Join(it.Tags, ", "))
	}
	return c.assemble(), c.err
}

// credential finds a place for one credential, and reports whether there is one.
func (c *conversion) credential(cred cxf.Credential) bool {
	switch v := cred.(type) {
	case *cxf.Passkey:
		return c.passkey(v)
	case *cxf.BasicAuth:
		l := c.login(func(l *writtenLogin) bool {
			return l.Password == "" && (l.name() == "" || l.name() == v.Username.Text())
		})
		l.setName(v.Username.Text())
		l.Password = v.Password.Text()
	case *cxf.TOTP:
		c.totp(v.OTPAuth())
	case *cxf.Note:
		c.notes = append(c.notes, v.Content.Text())
	case *cxf.CustomFields:
		c.add(v.Label, v.Fields)
	case *cxf.CreditCard:
		c.card(v)
	case *cxf.WIFI:
		c.wifi(v)
	case *cxf.SSHKey:
		c.sshKey(v)
	case *cxf.File:
		name, err := c.w.file(v)
		if err != nil {
			c.err = err
		} else if name == "" {
			c.lose(lossFile, cxf.Problem, formats.CodeFile, cred, "was left out: its content is gone")
			return false
		}
		c.files = append(c.files, name)
	case *cxf.PersonName, *cxf.Address, *cxf.Passport, *cxf.DriversLicense, *cxf.IdentityDocument:
		c.identity(cred)
	default:
		fields, ok := formats.Flatten(cred)
		if !ok {
			c.lose(lossUnknown, cxf.Problem, formats.CodeNotKept, cred, "was left out")
			return false
		}
		c.lose(lossType, cxf.Notice, formats.CodeType, cred, "becomes fields")
		c.add("", fields)
	}
	return true
}

func (c *conversion) lose(sentence string, s cxf.Severity, code cxf.Code, cred cxf.Credential, message string) {
	t := cred.CredentialType()
	c.w.lose(c.src, sentence, s, code, fmt.Sprintf("%s %d", t, c.nth[t]), message)
}

// name is the login's user name.
func (l *writtenLogin) name() string {
	if l.Username != "" {
		return l.Username
	}
	return l.Email
}

// setName puts a user name where Proton Pass has it: addresses apart.
func (l *writtenLogin) setName(name string) {
	if user, host, ok := strings.Cut(name, "@"); ok && user != "" && strings.Contains(host, ".") && !strings.Contains(name, " ") {
		l.Email = name
	} else {
		l.Username = name
	}
}

// login gives the first login that has room, or a new one.
func (c *conversion) login(room func(*writtenLogin) bool) *writtenLogin {
	for _, l := range c.logins {
		if room(l) {
			return l
		}
	}
	l := &writtenLogin{URLs: formats.Sites(c.src.Scope), Passkeys: []writtenPasskey{}}
	if l.URLs == nil {
		l.URLs = []string{}
	}
	c.logins = append(c.logins, l)
	return l
}

// totp puts a one-time password into the login, and further ones into fields.
func (c *conversion) totp(uri string) {
	l := c.login(func(*writtenLogin) bool { return true })
	if l.TOTP == "" {
		l.TOTP = uri
		return
	}
	c.fields = append(c.fields, writtenField{Name: "TOTP", Type: "totp", Data: writtenFieldData{TOTP: &uri}})
}

func (c *conversion) passkey(p *cxf.Passkey) bool {
	content, ok, err := encodeContent(p)
	if err != nil {
		c.lose(lossUnknown, cxf.Problem, cxf.CodeKey, p, "was left out: "+err.Error())
		return false
	}
	if !ok {
		c.lose(lossKey, cxf.Problem, formats.CodeAlgorithm, p, "was left out: it has a key of another kind than P-256 and Ed25519")
		return false
	}
	if p.SignCount != 0 {
		c.lose(lossCounter, cxf.Warning, cxf.CodeCounter, p, fmt.Sprintf("has a signature counter (%d)", p.SignCount))
	}
	if x := p.Fido2Extensions; x != nil && (x.CredBlob != nil || x.LargeBlob != nil || x.Payments) {
		c.lose(lossBlob, cxf.Warning, formats.CodeBlob, p, "loses what the site stored with it")
	}
	l := c.login(func(l *writtenLogin) bool { return l.name() == "" || p.Username == "" || l.name() == p.Username })
	if l.name() == "" {
		l.setName(p.Username)
	}
	l.Passkeys = append(l.Passkeys, writtenPasskey{
		KeyID: base64.RawURLEncoding.EncodeToString(p.CredentialID), Content: content, Domain: p.RPID, RPID: p.RPID, RPName: p.RPID,
		UserName: p.Username, UserDisplayName: p.UserDisplayName, UserID: p.UserHandle, CreateTime: c.src.CreationAt,
		CredentialID: p.CredentialID, UserHandle: p.UserHandle, CreationData: passkeyOrigins{AppVersion: "keyferry"},
	})
	return true
}

// field adds one of the person's own fields.
func (c *conversion) field(kind, label, value string) {
	c.fields = append(c.fields, writtenField{Name: label, Type: kind, Data: writtenFieldData{Content: &value}})
}

// add adds a section of fields; its label stands before theirs.
func (c *conversion) add(section string, fields []cxf.EditableField) {
	for _, f := range fields {
		kind, label := "text", f.Label
		if f.Type == cxf.FieldConcealedString {
			kind = "hidden"
		}
		if section != "" {
			label = strings.TrimSuffix(section+": "+label, ": ")
		}
		c.field(kind, label, f.Value)
	}
}

// assemble puts the parts into items.
func (c *conversion) assemble() []*writtenItem {
	var parts []*writtenItem
	for _, l := range c.logins {
		parts = append(parts, &writtenItem{Data: writtenData{Type: "login", Content: l}})
	}
	parts = append(parts, c.others...)
	if c.person != nil {
		parts = append(parts, &writtenItem{Data: writtenData{Type: "identity", Content: c.person}})
	}
	if len(parts) == 0 {
		switch {
		case len(c.fields) > 0 && len(c.notes) == 0:
			parts = append(parts, &writtenItem{Data: writtenData{Type: "custom", Content: writtenCustom{Sections: []writtenSection{}}}})
		case len(c.notes) > 0 || len(c.files) > 0 || len(c.src.Credentials) == 0:
			parts = append(parts, &writtenItem{Data: writtenData{Type: "note", Content: struct{}{}}})
		default:
			return nil // nothing of it could be taken, and all of that is reported
		}
	}
	if len(parts) > 1 {
		c.w.lose(c.src, lossSplit, cxf.Notice, formats.CodeSplit, "", fmt.Sprintf("becomes %d items", len(parts)))
	}
	created, modified := c.src.CreationAt, c.src.ModifiedAt
	if created == 0 {
		created = modified
	}
	for i, p := range parts {
		sum := sha256.Sum256(fmt.Appendf(nil, "item\x00%d\x00%s", i, c.src.ID))
		p.ItemID = base64.RawURLEncoding.EncodeToString(sum[:16])
		p.Data.Metadata = writtenMetadata{Name: c.src.Title, UUID: hex.EncodeToString(sum[:4])}
		if i > 0 {
			p.Data.Metadata.Name = fmt.Sprintf("%s (%d)", c.src.Title, i+1)
		}
		p.Data.ExtraFields, p.Files = []writtenField{}, []string{}
		p.State, p.Version = 1, 7
		p.Create, p.Modify, p.Pinned = created, max(modified, created), c.src.Favorite
	}
	first := parts[0]
	first.Data.Metadata.Note = strings.Join(c.notes, "\n\n")
	first.Data.ExtraFields = append(first.Data.ExtraFields, c.fields...)
	first.Files = append(first.Files, c.files...)
	c.w.Report().Items += len(parts)
	return parts
}
