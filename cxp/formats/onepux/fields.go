package onepux

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
)

// Categories of items that become something else than fields.
const (
	categoryCard     = "002"
	categoryIdentity = "004"
	categoryLicense  = "103"
	categoryPassport = "106"
	categorySocial   = "108" // a social security number
	categoryWIFI     = "109"
	categoryAPIKey   = "112"
)

// Dates of birth may be before 1970, but nothing is before the year 1 or after the year 9999 (in UNIX seconds).
const (
	minDate = -62135596800
	maxDate = 253402300800
)

// converter turns one entry into credentials.
type converter struct {
	r      *reader
	it     *formats.ItemBuilder
	e      *entry
	fields []field // of all sections, until somebody takes them
}

// field is a field of a section.
type field struct {
	section, id, title string
	kind, text         string
	hidden             bool
}

func (c *converter) convert() error {
	c.login()
	for _, s := range c.e.Details.Sections {
		for _, f := range s.Fields {
			if err := c.field(string(s.Title), string(f.ID), string(f.Title), f.Value, f.Guarded); err != nil {
				return err
			}
		}
	}
	c.category()
	c.it.AddNote(string(c.e.Details.NotesPlain))
	c.sections()
	if n := len(c.e.Details.PasswordHistory); n > 0 {
		c.it.Report(cxf.Notice, formats.CodeNoPlace, "", fmt.Sprintf("has %d earlier passwords, which were not taken", n))
	}
	if d := c.e.Details.Document; d != nil {
		return c.it.AddFile(string(d.FileName), c.r.file(string(d.DocumentID)))
	}
	return nil
}

// login reads the form's fields: user name, password, and what else was in the form.
func (c *converter) login() {
	username, password := "", string(c.e.Details.Password)
	var rest []cxf.EditableField
	for _, f := range c.e.Details.LoginFields {
		switch {
		case f.Value == "":
		case f.Designation == "username" && username == "":
			username = string(f.Value)
		case f.Designation == "password" && password == "":
			password = string(f.Value)
		case f.FieldType == "P":
			rest = append(rest, cxf.EditableField{Type: cxf.FieldConcealedString, Label: string(f.Name), Value: string(f.Value)})
		case slices.Contains([]formats.Loose{"T", "E", "U", "N", "A", "TEL"}, f.FieldType):
			rest = append(rest, cxf.EditableField{Type: cxf.FieldString, Label: string(f.Name), Value: string(f.Value)})
		} // what is left are buttons and check boxes of the form
	}
	if l := formats.Login(username, password); l != nil {
		c.it.Add(l)
	}
	c.it.AddFields("", rest)
}

// field reads a field of a section: an object with one member, which says what it is.
func (c *converter) field(section, id, title string, v jsontext.Value, guarded bool) error {
	f := field{section: section, id: id, title: title, hidden: guarded}
	var value map[string]jsontext.Value
	if len(v) == 0 || formats.Decode(v, &value) != nil {
		c.it.Report(cxf.Warning, formats.CodeEntry, "field "+title, "is not of the expected form and was left out")
		return nil
	}
	for kind, raw := range value {
		f.kind = kind
		switch kind {
		case "file":
			var d struct{ FileName, DocumentID formats.Loose }
			if formats.Decode(raw, &d) == nil && d.DocumentID != "" {
				if err := c.it.AddFile(string(d.FileName), c.r.file(string(d.DocumentID))); err != nil {
					return err
				}
			}
			return nil
		case "address":
			c.address(raw, title)
			return nil
		case "sshKey":
			var k struct{ PrivateKey formats.Loose }
			if formats.Decode(raw, &k) == nil {
				c.it.AddSSHKey(string(k.PrivateKey), title)
			}
			return nil
		case "email":
			var e struct {
				Address formats.Loose `json:"email_address"`
			}
			if formats.Decode(raw, &e) == nil {
				f.text = string(e.Address)
				break
			}
			fallthrough
		default:
			var text formats.Loose
			if formats.Decode(raw, &text) != nil {
				c.it.Report(cxf.Warning, formats.CodeNoPlace, "field "+title, "is of a kind that is not known; it was kept as text")
				text = formats.Loose(raw)
			}
			f.text = string(text)
		}
	}
	switch {
	case f.text == "":
	case f.kind == "totp":
		c.it.AddTOTP(f.text)
	case f.kind == "reference":
		c.it.Report(cxf.Notice, formats.CodeNoPlace, "field "+title, "is a link to another item, which was not taken")
	default:
		c.fields = append(c.fields, f)
	}
	return nil
}

func (c *converter) address(raw jsontext.Value, title string) {
	var a struct{ Street, City, Country, Zip, State formats.Loose }
	if formats.Decode(raw, &a) != nil {
		c.it.Report(cxf.Warning, formats.CodeEntry, "field "+title, "is not of the expected form and was left out")
		return
	}
	address := &cxf.Address{
		StreetAddress: formats.TextField(string(a.Street)), City: formats.TextField(string(a.City)),
		PostalCode: formats.TextField(string(a.Zip)), Territory: formats.TextField(string(a.State)),
	}
	if len(a.Country) == 2 {
		address.Country = cxf.Field(cxf.FieldCountryCode, strings.ToUpper(string(a.Country)))
	} else {
		address.Country = formats.TextField(string(a.Country))
	}
	if fields, _ := formats.Flatten(address); len(fields) > 0 {
		c.it.Add(address)
	}
}

// take removes the first field with that identifier and returns it as a field of a credential, nil where there is none.
func (c *converter) take(ids ...string) *cxf.EditableField {
	for _, id := range ids {
		for i, f := range c.fields {
			if f.id == id {
				c.fields = append(c.fields[:i], c.fields[i+1:]...)
				e := f.editable()
				e.Label = ""
				return &e
			}
		}
	}
	return nil
}

// category makes the credential that an item of this category stands for. The identifiers of fields are 1Password's.
func (c *converter) category() {
	var made cxf.Credential
	switch c.e.CategoryUUID {
	case categoryCard:
		made = &cxf.CreditCard{
			FullName: c.take("cardholder"), CardType: c.take("type"), Number: c.take("ccnum"), VerificationNumber: c.take("cvv"),
			ExpiryDate: c.take("expiry"), ValidFrom: c.take("validFrom"), PIN: c.take("pin"),
		}
	case categoryIdentity:
		made = &cxf.PersonName{Given: c.take("firstname"), Given2: c.take("initial"), Surname: c.take("lastname")}
	case categoryLicense:
		made = &cxf.DriversLicense{
			FullName: c.take("fullname"), BirthDate: c.take("birthdate"), LicenseNumber: c.take("number"), LicenseClass: c.take("class"),
			Territory: c.take("state"), Country: c.take("country"), ExpiryDate: c.take("expiry_date"),
		}
	case categoryPassport:
		made = &cxf.Passport{
			PassportType: c.take("type"), IssuingCountry: c.take("issuing_country"), PassportNumber: c.take("number"), FullName: c.take("fullname"),
			Sex: c.take("sex"), Nationality: c.take("nationality"), IssuingAuthority: c.take("issuing_authority"), BirthDate: c.take("birthdate"),
			BirthPlace: c.take("birthplace"), IssueDate: c.take("issue_date"), ExpiryDate: c.take("expiry_date"),
		}
	case categorySocial:
		made = &cxf.IdentityDocument{FullName: c.take("name"), IdentificationNumber: c.take("number")}
	case categoryWIFI:
		made = &cxf.WIFI{SSID: c.take("network_name"), Passphrase: c.take("wireless_password")}
	case categoryAPIKey:
		made = &cxf.APIKey{
			Username: c.take("username"), Key: c.take("credential"), KeyType: c.take("type"), URL: c.take("hostname"),
			ValidFrom: c.take("validFrom"), ExpiryDate: c.take("expires"),
		}
	default:
		return
	}
	if fields, _ := formats.Flatten(made); len(fields) > 0 {
		c.it.Add(made)
	}
}

// sections keeps what nobody took, section by section.
func (c *converter) sections() {
	var list []cxf.EditableField
	for i, f := range c.fields {
		list = append(list, f.editable())
		if i+1 == len(c.fields) || c.fields[i+1].section != f.section {
			c.it.AddFields(f.section, list)
			list = nil
		}
	}
	c.fields = nil
}

func (f *field) editable() cxf.EditableField {
	e := cxf.EditableField{Type: cxf.FieldString, Label: f.title, Value: f.text}
	switch f.kind {
	case "concealed", "creditCardNumber":
		e.Type = cxf.FieldConcealedString
	case "email":
		e.Type = cxf.FieldEmail
	case "date":
		if seconds, err := strconv.ParseInt(f.text, 10, 64); err == nil && seconds > minDate && seconds < maxDate {
			e.Type, e.Value = cxf.FieldDate, time.Unix(seconds, 0).UTC().Format(time.DateOnly)
		}
	case "monthYear":
		if len(f.text) == 6 {
			if ym := formats.YearMonth(f.text[:4], f.text[4:]); ym != "" {
				e.Type, e.Value = cxf.FieldYearMonth, ym
			}
		}
	}
	if f.hidden && e.Type == cxf.FieldString {
		e.Type = cxf.FieldConcealedString
	}
	return e
}
