package bitwarden

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
)

// What Bitwarden has no room for.
const (
	lossKey     = "Bitwarden keeps passkeys with P-256 keys only"
	lossCounter = "Bitwarden goes on counting signatures, and a site may then refuse the passkey that stays here"
	lossID      = "Bitwarden signs in with credential IDs of 16 bytes everywhere, with others only in newer versions and not in all apps"
	lossPRF     = "Bitwarden keeps no PRF secrets"
	lossBlob    = "Bitwarden keeps no data that sites stored with a passkey"
	lossFiles   = "Bitwarden's encrypted file holds no attached files"
	lossFolders = "Bitwarden keeps an item in one folder"
	lossSplit   = "Bitwarden keeps one passkey, one password and one of everything else per item"
	lossType    = "Bitwarden has no type for it, so it becomes fields"
	lossUnknown = "Bitwarden has no place for it"
	lossOwned   = "Bitwarden gets nothing that belongs to somebody else"
)

// conversion is one item on its way.
type conversion struct {
	w      *writer
	src    *cxf.Item
	logins []*writtenLogin
	others []*writtenItem // cards, SSH keys, and at most one identity
	person *writtenItem
	notes  []string
	fields []writtenField
	past   []writtenOld
	nth    map[cxf.CredentialType]int
	created,
	revised int64
}

// convert makes one item, or several where Bitwarden keeps only one of a kind in each. What belongs to the item as a whole
// (notes, fields) goes to the first.
func (w *writer) convert(e formats.Entry) []*writtenItem {
	it := e.Item
	if it.SharedWithMe {
		w.lose(it, lossOwned, cxf.Problem, cxf.CodeNotOwned, "", "was left out, since somebody else owns it")
		w.Report().LeftOut += len(it.Credentials)
		return nil
	}
	c := &conversion{w: w, src: it, nth: map[cxf.CredentialType]int{}, created: it.CreationAt, revised: it.ModifiedAt}
	if c.created == 0 {
		c.created = c.revised
	}
	if c.revised == 0 {
		c.revised = c.created
	}
	for _, cred := range it.Credentials {
		c.nth[cred.CredentialType()]++
		c.credential(cred)
	}
	if len(it.Tags) > 0 {
		c.fields = append(c.fields, writtenField{Name: "Tags", Value: strings.Join(it.Tags, ", ")})
	}
	return c.assemble(w.folder(e))
}

// credential finds a place for one credential.
func (c *conversion) credential(cred cxf.Credential) {
	counted := c.w.Report().Credentials
	counted[cred.CredentialType()]++
	switch v := cred.(type) {
	case *cxf.Passkey:
		if !c.passkey(v) {
			counted[cred.CredentialType()]--
		}
	case *cxf.BasicAuth:
		l := c.login(func(l *writtenLogin) bool {
			return l.Password == nil && (l.Username == nil || *l.Username == v.Username.Text())
		})
		l.Username, l.Password = optional(v.Username.Text()), optional(v.Password.Text())
	case *cxf.TOTP:
		c.login(func(l *writtenLogin) bool { return l.TOTP == nil }).TOTP = optional(v.OTPAuth())
	case *cxf.CreditCard:
		c.others = append(c.others, writeCard(v))
	case *cxf.SSHKey:
		c.sshKey(v)
	case *cxf.Note:
		c.notes = append(c.notes, v.Content.Text())
	case *cxf.CustomFields:
		c.custom(v)
	case *cxf.PersonName, *cxf.Address, *cxf.Passport, *cxf.DriversLicense, *cxf.IdentityDocument:
		c.identity(cred)
	default:
		if secret, ok := steam(cred); ok {
			c.login(func(l *writtenLogin) bool { return l.TOTP == nil }).TOTP = optional("steam://" + secret)
			return
		}
		if fields, ok := formats.Flatten(cred); ok {
			c.lose(lossType, cxf.Notice, formats.CodeType, cred, "becomes fields")
			c.add("", fields)
			return
		}
		counted[cred.CredentialType()]--
		c.w.Report().LeftOut++
		if _, isFile := cred.(*cxf.File); isFile {
			c.lose(lossFiles, cxf.Problem, formats.CodeFile, cred, "was left out")
		} else {
			c.lose(lossUnknown, cxf.Problem, formats.CodeNotKept, cred, "was left out")
		}
	}
}

func (c *conversion) lose(sentence string, s cxf.Severity, code cxf.Code, cred cxf.Credential, message string) {
	t := cred.CredentialType()
	c.w.lose(c.src, sentence, s, code, fmt.Sprintf("%s %d", t, c.nth[t]), message)
}

// login gives the first login that has room, or a new one.
func (c *conversion) login(room func(*writtenLogin) bool) *writtenLogin {
	for _, l := range c.logins {
		if room(l) {
			return l
		}
	}
	l := &writtenLogin{URIs: []writtenURI{}}
	for _, address := range formats.Sites(c.src.Scope) {
		l.URIs = append(l.URIs, writtenURI{URI: address})
	}
	c.logins = append(c.logins, l)
	return l
}

// passkey reports whether Bitwarden can keep it.
func (c *conversion) passkey(p *cxf.Passkey) bool {
	drop := func(sentence string, code cxf.Code, message string) bool {
		c.w.Report().LeftOut++
		c.lose(sentence, cxf.Problem, code, p, message)
		return false
	}
	key, err := cxf.ParsePrivateKey(p.Key)
	if err != nil {
		return drop(lossUnknown, cxf.CodeKey, "was left out: "+err.Error())
	}
	if key.Algorithm != cxf.ES256 {
		return drop(lossKey, formats.CodeAlgorithm, "was left out: it has a key of another kind than P-256")
	}
	der, err := cxf.MarshalPrivateKey(key)
	if err != nil {
		return drop(lossUnknown, cxf.CodeKey, "was left out: "+err.Error())
	}
	if p.SignCount != 0 {
		c.lose(lossCounter, cxf.Warning, cxf.CodeCounter, p, fmt.Sprintf("has a signature counter (%d)", p.SignCount))
	}
	if len(p.CredentialID) != 16 {
		c.lose(lossID, cxf.Warning, formats.CodeIDLength, p, fmt.Sprintf("has a credential ID of %d bytes", len(p.CredentialID)))
	}
	if x := p.Fido2Extensions; x != nil {
		if x.HMACCredentials != nil {
			c.lose(lossPRF, cxf.Warning, formats.CodePRF, p, "loses its PRF secrets: what the site encrypted with them cannot be opened from Bitwarden")
		}
		if x.CredBlob != nil || x.LargeBlob != nil || x.Payments {
			c.lose(lossBlob, cxf.Warning, formats.CodeBlob, p, "loses what the site stored with it")
		}
	}
	l := c.login(func(l *writtenLogin) bool {
		return len(l.Passkeys) == 0 && (l.Username == nil || *l.Username == p.Username || p.Username == "" || len(c.logins) == 1)
	})
	l.Passkeys = append(l.Passkeys, encodePasskey(p, der, c.created))
	if l.Username == nil {
		l.Username = optional(p.Username)
	}
	return true
}

// custom keeps sections of fields; a label of the section stands before the field's.
func (c *conversion) custom(v *cxf.CustomFields) {
	if v.Label == historyLabel {
		for _, f := range v.Fields {
			c.past = append(c.past, writtenOld{f.Label, f.Value})
		}
		return
	}
	c.add(v.Label, v.Fields)
}

func (c *conversion) add(section string, fields []cxf.EditableField) {
	for _, f := range fields {
		out := writtenField{Name: f.Label, Value: f.Value}
		if section != "" {
			out.Name = strings.TrimSuffix(section+": "+f.Label, ": ")
		}
		switch f.Type {
		case cxf.FieldConcealedString:
			out.Type = fieldHidden
		case cxf.FieldBoolean:
			out.Type = fieldBoolean
		}
		c.fields = append(c.fields, out)
	}
}

// assemble puts the parts into items.
func (c *conversion) assemble(folder *string) []*writtenItem {
	var parts []*writtenItem
	for _, l := range c.logins {
		if l.Passkeys == nil {
			l.Passkeys = []*writtenPasskey{}
		}
		parts = append(parts, &writtenItem{Type: typeLogin, Login: l})
	}
	parts = append(parts, c.others...)
	if c.person != nil {
		parts = append(parts, c.person)
	}
	if len(parts) == 0 {
		if len(c.notes) == 0 && len(c.fields) == 0 && len(c.src.Credentials) > 0 {
			return nil // nothing of it could be taken, and all of that is reported
		}
		parts = append(parts, &writtenItem{Type: typeNote, Note: &writtenNote{}})
	}
	if len(parts) > 1 {
		c.w.lose(c.src, lossSplit, cxf.Notice, formats.CodeSplit, "", fmt.Sprintf("becomes %d items", len(parts)))
	}
	first := parts[0]
	first.Notes = optional(strings.Join(c.notes, "\n\n"))
	first.Fields = append(c.fields, first.Fields...)
	first.History = c.past
	for i, p := range parts {
		p.ID, p.FolderID, p.Name, p.Favorite = itemUUID(c.src.ID, i), folder, c.src.Title, c.src.Favorite
		if i > 0 {
			p.Name = fmt.Sprintf("%s (%d)", c.src.Title, i+1)
		}
		if p.Name == "" {
			p.Name = "(no title)" // Bitwarden refuses items without
		}
		p.Creation, p.Revision = formats.FormatTime(c.created), formats.FormatTime(c.revised)
		if p.Fields == nil {
			p.Fields = []writtenField{}
		}
	}
	c.w.Report().Items += len(parts)
	return parts
}

// itemUUID makes a UUID of an item's ID, the same each time.
func itemUUID(id string, part int) string {
	if raw, err := base64.RawURLEncoding.DecodeString(id); err == nil && len(raw) == 16 && part == 0 {
		return uuid(raw)
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "item\x00%d\x00%s", part, id))
	return uuid(sum[:16])
}
