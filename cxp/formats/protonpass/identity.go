package protonpass

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
)

// take removes a member and returns its text.
func (c identityContent) take(name string) string {
	var t text
	if v, ok := c[name]; !ok || formats.Decode(v, &t) != nil {
		return ""
	}
	delete(c, name)
	return string(t)
}

// addIdentity takes a person apart into what CXF knows; the rest becomes fields under names made of Proton's own.
func addIdentity(it *formats.ItemBuilder, c identityContent) {
	field := func(name string) *cxf.EditableField { return formats.TextField(c.take(name)) }
	name := cxf.PersonName{Given: field("firstName"), Given2: field("middleName"), Surname: field("lastName")}
	if name.Given == nil && name.Given2 == nil && name.Surname == nil {
		name.Given = field("fullName") // whole: an exporter should not split a name by guessing (CXF §3.3)
	} else if full, whole := c["fullName"], c.take("fullName"); whole != formats.FullName(&name) && whole != "" {
		c["fullName"] = full // says something that the parts do not
	}
	street := strings.Trim(c.take("streetAddress")+"\n"+c.take("floor"), "\n")
	address := cxf.Address{
		StreetAddress: formats.TextField(street), PostalCode: field("zipOrPostalCode"), City: field("city"),
		Territory: field("stateOrProvince"), Country: field("countryOrRegion"), Tel: field("phoneNumber"),
	}
	for _, cred := range []cxf.Credential{
		&name, &address,
		&cxf.Passport{PassportNumber: field("passportNumber")},
		&cxf.DriversLicense{LicenseNumber: field("licenseNumber")},
		&cxf.IdentityDocument{IdentificationNumber: field("socialSecurityNumber")},
	} {
		if fields, ok := formats.Flatten(cred); ok && len(fields) > 0 {
			it.Add(cred)
		}
	}
	var rest []cxf.EditableField
	for _, key := range slices.Sorted(maps.Keys(c)) {
		switch c[key].Kind() {
		case '[':
			addIdentityList(it, key, c[key])
		case '"', '0':
			if value := c.take(key); value != "" {
				rest = append(rest, cxf.EditableField{Type: cxf.FieldString, Label: words(key), Value: value})
			}
		}
	}
	it.AddFields("", rest)
}

// addIdentityList adds the person's own fields, or sections of them.
func addIdentityList(it *formats.ItemBuilder, key string, v jsontext.Value) {
	var sections []section
	var fields []field
	var err error
	if key == "extraSections" {
		err = formats.Decode(v, &sections)
	} else {
		err = formats.Decode(v, &fields)
	}
	if err != nil {
		it.BadPart(words(key), err.Error())
		return
	}
	addSections(it, sections)
	addFields(it, words(key), fields)
}

// words makes a label of a member's name: "jobTitle" becomes "Job title".
func words(member string) string {
	var b strings.Builder
	for i, c := range member {
		switch {
		case i == 0:
			b.WriteRune(unicode.ToUpper(c))
		case unicode.IsUpper(c):
			b.WriteByte(' ')
			b.WriteRune(unicode.ToLower(c))
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}

// addTexts keeps the texts of a content that is not known, as hidden fields.
func addTexts(it *formats.ItemBuilder, content jsontext.Value) {
	var members map[string]jsontext.Value
	if len(content) == 0 || formats.Decode(content, &members) != nil {
		return
	}
	var out []cxf.EditableField
	for _, key := range slices.Sorted(maps.Keys(members)) {
		var t text
		if formats.Decode(members[key], &t) == nil && t != "" {
			out = append(out, cxf.EditableField{Type: cxf.FieldConcealedString, Label: words(key), Value: string(t)})
		}
	}
	it.AddFields("", out)
}
