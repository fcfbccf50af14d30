package protonpass

import (
	"bytes"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
)

// item reads one entry. What is wrong with it is reported; an error ends the reading.
func (r *reader) item(v jsontext.Value, in *vaultFolders) error {
	var src item
	if err := formats.DecodeEntry(v, &src); err != nil {
		r.b.BadItem(titleOf(v), err.Error()+", so the entry was left out")
		return nil
	}
	title := string(src.Data.Metadata.Name)
	if src.State == stateTrashed {
		r.b.Skip(cxf.Notice, formats.CodeTrashed, title, "was in Proton Pass's trash and was left there")
		for _, f := range src.Files {
			if i, ok := r.byID[string(f)]; ok {
				r.used[r.files[i]] = true
			} else if r.used != nil {
				r.used[filesName+string(f)] = true
			}
		}
		return nil
	}
	it := r.b.NewItem(string(src.ItemID), title)
	it.CreationAt, it.ModifiedAt = int64(max(src.CreateTime, 0)), int64(max(src.ModifyTime, 0))
	it.Favorite = src.Pinned == "true"
	addContent(it, &src)
	it.AddNote(string(src.Data.Metadata.Note))
	addFields(it, "", src.Data.ExtraFields)
	if err := r.addFiles(it, src.Files); err != nil {
		return err
	}
	in.put(it.ID, string(src.FolderID))
	return it.Done()
}

// titleOf finds the name of an entry that cannot be read as a whole.
func titleOf(v jsontext.Value) string {
	var named struct {
		Data struct {
			Metadata struct {
				Name text `json:"name"`
			} `json:"metadata"`
		} `json:"data"`
	}
	if formats.Decode(v, &named) != nil {
		return ""
	}
	return string(named.Data.Metadata.Name)
}

// addContent adds what the item is, by its type.
func addContent(it *formats.ItemBuilder, src *item) {
	decode := func(v any) bool {
		if len(src.Data.Content) == 0 {
			return true
		}
		if err := formats.Decode(src.Data.Content, v); err != nil {
			it.BadPart(string(src.Data.Type), err.Error())
			return false
		}
		return true
	}
	switch src.Data.Type {
	case "login":
		if c := new(loginContent); decode(c) {
			addLogin(it, c)
		}
	case "alias":
		if src.AliasEmail != "" {
			it.Add(&cxf.BasicAuth{Username: cxf.Field(cxf.FieldEmail, string(src.AliasEmail))})
			it.Report(cxf.Notice, formats.CodeNoPlace, "", "is an alias of Proton's; its address was kept, but only Proton Pass can manage it")
		}
	case "note":
	case "creditCard":
		if c := new(cardContent); decode(c) {
			addCard(it, c)
		}
	case "identity":
		if c := (identityContent{}); decode(&c) {
			addIdentity(it, c)
		}
	case "sshKey":
		if c := new(sshContent); decode(c) {
			it.AddSSHKey(string(c.PrivateKey), comment(string(c.PublicKey)))
			addSections(it, c.Sections)
		}
	case "wifi":
		if c := new(wifiContent); decode(c) {
			addWIFI(it, c)
			addSections(it, c.Sections)
		}
	case "custom":
		if c := new(customContent); decode(c) {
			addSections(it, c.Sections)
		}
	default:
		it.Report(cxf.Warning, formats.CodeType, "", "is of a kind that Keyferry does not know; its texts were kept as fields")
		addTexts(it, src.Data.Content)
	}
}

func addLogin(it *formats.ItemBuilder, c *loginContent) {
	for _, v := range c.Passkeys {
		addPasskey(it, v)
	}
	username, email := string(c.Username), string(c.Email)
	if username == "" {
		username = string(c.OldName)
	}
	if username == "" {
		username, email = email, ""
	}
	it.AddLogin(username, string(c.Password))
	if email != "" && email != username {
		it.AddFields("", []cxf.EditableField{{Type: cxf.FieldEmail, Label: "Email", Value: email}})
	}
	it.AddTOTP(string(c.TOTP))
	addSites(it, c)
}

// addSites adds the addresses: those of the usual mode stand in both lists, rules in the newer one alone.
func addSites(it *formats.ItemBuilder, c *loginContent) {
	var never, patterns []string
	for _, u := range c.URLs {
		it.AddSites(string(u))
	}
	for _, u := range c.Autofill {
		switch {
		case u.Mode == modeNever:
			never = append(never, string(u.URL))
		case u.Mode == modePattern || u.Mode == modeRegular:
			patterns = append(patterns, string(u.URL))
		case !slices.Contains(c.URLs, u.URL):
			it.AddSites(string(u.URL))
		}
	}
	it.AddRules(never, patterns)
}

func addPasskey(it *formats.ItemBuilder, v jsontext.Value) {
	var src passkey
	if err := formats.Decode(v, &src); err != nil {
		it.BadPart(it.NextPart(cxf.TypePasskey), err.Error())
		return
	}
	if src.Content == "" {
		it.BadPart(it.NextPart(cxf.TypePasskey), "has no content, and so no key")
		return
	}
	content, err := formats.DecodeBase64(string(src.Content))
	if err != nil {
		it.BadPart(it.NextPart(cxf.TypePasskey), "has content that is no base64")
		return
	}
	p, err := decodeContent(content)
	if err != nil {
		it.BadPart(it.NextPart(cxf.TypePasskey), err.Error())
		return
	}
	if src.UserName != "" {
		p.Username = string(src.UserName)
	}
	if src.UserDisplayName != "" {
		p.UserDisplayName = string(src.UserDisplayName)
	}
	handle, err := formats.DecodeBase64(string(src.UserHandle))
	if err == nil && len(p.UserHandle) == 0 {
		p.UserHandle = handle
	}
	id, _ := formats.DecodeBase64(string(src.KeyID)) // compared, nothing else
	if src.RPID != "" && string(src.RPID) != p.RPID || src.KeyID != "" && !bytes.Equal(id, p.CredentialID) ||
		src.UserHandle != "" && !bytes.Equal(handle, p.UserHandle) {
		it.Report(cxf.Warning, formats.CodeConflict, "passkey", "says two different things about itself; what Proton Pass signs in with was taken")
	}
	it.AddPasskey(p)
	if src.Note != "" {
		it.AddNote(string(src.Note))
	}
}

// addFields adds fields of the person's own; one-time passwords among them become such.
func addFields(it *formats.ItemBuilder, label string, list []field) {
	var out []cxf.EditableField
	for _, f := range list {
		switch f.Type {
		case "totp":
			it.AddTOTP(string(f.Data.TOTP))
		case "hidden":
			out = append(out, cxf.EditableField{Type: cxf.FieldConcealedString, Label: string(f.Name), Value: string(f.Data.Content)})
		case "timestamp":
			out = append(out, timestamp(string(f.Name), string(f.Data.Timestamp)))
		default:
			out = append(out, cxf.EditableField{Type: cxf.FieldString, Label: string(f.Name), Value: string(f.Data.Content)})
		}
	}
	it.AddFields(label, out)
}

func timestamp(label, value string) cxf.EditableField {
	if formats.ParseTime(value) == 0 {
		return cxf.EditableField{Type: cxf.FieldString, Label: label, Value: value}
	}
	return cxf.EditableField{Type: cxf.FieldDate, Label: label, Value: value[:len("2006-01-02")]}
}

func addSections(it *formats.ItemBuilder, list []section) {
	for _, s := range list {
		addFields(it, string(s.Name), s.Fields)
	}
}

func addCard(it *formats.ItemBuilder, c *cardContent) {
	out := &cxf.CreditCard{
		Number: formats.ConcealedField(string(c.Number)), FullName: formats.TextField(string(c.Cardholder)),
		VerificationNumber: formats.ConcealedField(string(c.Code)), PIN: formats.ConcealedField(string(c.PIN)),
	}
	year, month, ok := strings.Cut(string(c.Expiry), "-")
	if !ok && len(c.Expiry) == 6 {
		year, month = string(c.Expiry[2:]), string(c.Expiry[:2])
	}
	if expiry := formats.YearMonth(year, month); expiry != "" {
		out.ExpiryDate = cxf.Field(cxf.FieldYearMonth, expiry)
	} else if c.Expiry != "" {
		it.Report(cxf.Notice, cxf.CodeFieldValue, "expiry date", "is no year and month; it was kept as a field")
		it.AddFields("", []cxf.EditableField{{Type: cxf.FieldString, Label: "Expiry date", Value: string(c.Expiry)}})
	}
	it.Add(out)
}

func addWIFI(it *formats.ItemBuilder, c *wifiContent) {
	w := &cxf.WIFI{SSID: formats.TextField(string(c.SSID)), Passphrase: formats.ConcealedField(string(c.Password))}
	if s := wifiSecurity()[string(c.Security)]; s != "" {
		w.NetworkSecurityType = cxf.Field(cxf.FieldWIFINetworkSecurityType, s)
	}
	it.Add(w)
}

// comment is the third part of a public SSH key.
func comment(public string) string {
	if parts := strings.SplitN(strings.TrimSpace(public), " ", 3); len(parts) == 3 {
		return parts[2]
	}
	return ""
}
