package bitwarden

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
)

// item reads one entry. What is wrong with it is reported; an error ends the reading.
func (r *reader) item(v jsontext.Value) error {
	var src item
	if err := formats.DecodeEntry(v, &src); err != nil {
		r.b.BadItem(titleOf(v), err.Error()+", so the entry was left out")
		return nil
	}
	if src.Deleted != "" {
		r.b.Skip(cxf.Notice, formats.CodeTrashed, string(src.Name), "was in Bitwarden's trash and was left there")
		delete(r.files, string(src.ID))
		return nil
	}
	it := r.b.NewItem(string(src.ID), string(src.Name))
	it.CreationAt, it.ModifiedAt = formats.ParseTime(string(src.Creation)), formats.ParseTime(string(src.Revision))
	it.Favorite = src.Favorite == "true"
	known := true
	switch {
	case src.Login != nil:
		r.login(it, src.Login)
	case src.Card != nil:
		addCard(it, src.Card)
	case src.Identity != nil:
		addIdentity(it, src.Identity)
	case src.SSHKey != nil:
		it.AddSSHKey(string(src.SSHKey.PrivateKey), "")
	case src.Bank != nil:
		addBank(it, src.Bank)
	case src.License != nil:
		addLicense(it, src.License)
	case src.Passport != nil:
		addPassport(it, src.Passport)
	default:
		known = src.Type == typeNote
	}
	if !known {
		addUnknown(it, &src, v)
	}
	it.AddNote(string(src.Notes))
	addFields(it, src.Fields)
	addHistory(it, src.History)
	if src.Reprompt == "1" {
		it.Report(cxf.Notice, formats.CodeNoPlace, "", "was to be shown only after asking for the master password again; Keyferry has no such setting")
	}
	if src.Archived != "" {
		it.Report(cxf.Notice, formats.CodeNoPlace, "", `was archived; it was taken with the tag "Archived"`)
		it.Tags = append(it.Tags, "Archived")
	}
	if err := r.addFiles(it, string(src.ID)); err != nil {
		return err
	}
	for _, id := range append(src.CollectionIDs, src.FolderID) {
		if id != "" {
			r.placed = append(r.placed, placement{string(id), it.ID})
		}
	}
	return it.Done()
}

// titleOf finds the name of an entry that cannot be read as a whole.
func titleOf(v jsontext.Value) string {
	var named struct {
		Name text `json:"name"`
	}
	if formats.Decode(v, &named) != nil {
		return ""
	}
	return string(named.Name)
}

func (r *reader) login(it *formats.ItemBuilder, l *login) {
	for _, v := range l.Passkeys {
		addPasskey(it, v)
	}
	it.AddLogin(string(l.Username), string(l.Password))
	it.AddTOTP(string(l.TOTP))
	var sites, never, patterns []string
	for _, u := range l.URIs {
		switch u.Match {
		case matchNever:
			never = append(never, string(u.URI))
		case matchRegular:
			patterns = append(patterns, string(u.URI))
		default:
			sites = append(sites, string(u.URI))
		}
	}
	it.AddSites(sites...)
	it.AddRules(never, patterns)
}

func addFields(it *formats.ItemBuilder, list []field) {
	var out []cxf.EditableField
	for _, f := range list {
		t := cxf.FieldString
		switch f.Type {
		case fieldHidden:
			t = cxf.FieldConcealedString
		case fieldBoolean:
			if t = cxf.FieldBoolean; f.Value != "true" {
				f.Value = "false"
			}
		case fieldLinked:
			it.Report(cxf.Notice, formats.CodeNoPlace, "field "+string(f.Name), "only repeated another field and was left out")
			continue
		}
		out = append(out, cxf.EditableField{Type: t, Label: string(f.Name), Value: string(f.Value)})
	}
	it.AddFields("", out)
}

func addHistory(it *formats.ItemBuilder, list []oldPassword) {
	var out []cxf.EditableField
	for _, h := range list {
		if h.Password != "" {
			out = append(out, cxf.EditableField{Type: cxf.FieldConcealedString, Label: string(h.LastUsed), Value: string(h.Password)})
		}
	}
	it.AddFields(historyLabel, out)
}

func addCard(it *formats.ItemBuilder, c *card) {
	out := &cxf.CreditCard{
		Number: formats.ConcealedField(string(c.Number)), FullName: formats.TextField(string(c.Cardholder)),
		CardType: formats.TextField(string(c.Brand)), VerificationNumber: formats.ConcealedField(string(c.Code)),
	}
	if expiry := formats.YearMonth(string(c.ExpYear), string(c.ExpMonth)); expiry != "" {
		out.ExpiryDate = cxf.Field(cxf.FieldYearMonth, expiry)
	} else if c.ExpMonth != "" || c.ExpYear != "" {
		it.Report(cxf.Notice, cxf.CodeFieldValue, "expiry date", "is no year and month; it was kept as a field")
		it.AddFields("", []cxf.EditableField{{Type: cxf.FieldString, Label: "Expiry date", Value: strings.Trim(string(c.ExpMonth+"/"+c.ExpYear), "/")}})
	}
	it.Add(out)
}

func addIdentity(it *formats.ItemBuilder, id *identity) {
	field := func(t text) *cxf.EditableField { return formats.TextField(string(t)) }
	if id.Title+id.FirstName+id.MiddleName+id.LastName != "" {
		it.Add(&cxf.PersonName{Title: field(id.Title), Given: field(id.FirstName), Given2: field(id.MiddleName), Surname: field(id.LastName)})
	}
	var lines []string
	for _, line := range []text{id.Address1, id.Address2, id.Address3} {
		if line != "" {
			lines = append(lines, string(line))
		}
	}
	if len(lines) > 0 || id.City+id.State+id.PostalCode+id.Country+id.Phone != "" {
		it.Add(&cxf.Address{
			StreetAddress: formats.TextField(strings.Join(lines, "\n")), City: field(id.City), Territory: field(id.State),
			PostalCode: field(id.PostalCode), Country: field(id.Country), Tel: field(id.Phone),
		})
	}
	if id.Passport != "" {
		it.Add(&cxf.Passport{PassportNumber: field(id.Passport)})
	}
	if id.License != "" {
		it.Add(&cxf.DriversLicense{LicenseNumber: field(id.License)})
	}
	if id.SSN != "" {
		it.Add(&cxf.IdentityDocument{IdentificationNumber: field(id.SSN)})
	}
	var rest []cxf.EditableField
	for _, f := range []struct {
		label string
		t     cxf.FieldType
		value text
	}{{"Company", cxf.FieldString, id.Company}, {"Email", cxf.FieldEmail, id.Email}, {"User name", cxf.FieldString, id.Username}} {
		if f.value != "" {
			rest = append(rest, cxf.EditableField{Type: f.t, Label: f.label, Value: string(f.value)})
		}
	}
	it.AddFields("", rest)
}

// addUnknown keeps an entry of a type that came after this was written: what it holds becomes fields.
func addUnknown(it *formats.ItemBuilder, src *item, v jsontext.Value) {
	var members map[string]jsontext.Value
	if formats.Decode(v, &members) != nil {
		members = nil
	}
	var names []string
	for _, name := range sortedKeys(members) {
		var inner map[string]jsontext.Value
		if members[name].Kind() != '{' || formats.Decode(members[name], &inner) != nil {
			continue
		}
		var out []cxf.EditableField
		for _, label := range sortedKeys(inner) {
			var value text
			if formats.Decode(inner[label], &value) == nil && value != "" {
				out = append(out, cxf.EditableField{Type: cxf.FieldConcealedString, Label: label, Value: string(value)})
			}
		}
		if len(out) > 0 {
			it.AddFields(name, out)
			names = append(names, name)
		}
	}
	message := "is of a kind that Keyferry does not know (type " + strconv.FormatInt(int64(src.Type), 10) + ")"
	if len(names) > 0 {
		message += fmt.Sprintf("; what it holds was kept as fields (%s)", formats.Plain(strings.Join(names, ", ")))
	}
	it.Report(cxf.Warning, formats.CodeType, "", message)
}
