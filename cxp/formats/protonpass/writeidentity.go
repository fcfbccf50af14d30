package protonpass

import (
	"strings"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
)

// identity puts a name, an address or a document into the item's identity. What has no member there, and the second of a
// kind, becomes fields.
func (c *conversion) identity(cred cxf.Credential) {
	if c.person == nil {
		c.person = map[string]any{}
		for _, name := range identityTexts() {
			c.person[name] = ""
		}
		for _, name := range identityLists() {
			c.person[name] = []writtenField{}
		}
	}
	take := func(name string, src **cxf.EditableField) {
		if c.person[name] == "" && (*src).Text() != "" {
			c.person[name], *src = (*src).Text(), nil
		}
	}
	var rest cxf.Credential
	switch v := cred.(type) {
	case *cxf.PersonName:
		n := *v
		if c.person["fullName"] == "" {
			c.person["fullName"] = formats.FullName(v)
		}
		take("firstName", &n.Given)
		take("middleName", &n.Given2)
		take("lastName", &n.Surname)
		rest = &n
	case *cxf.Address:
		a := *v
		take("streetAddress", &a.StreetAddress)
		take("zipOrPostalCode", &a.PostalCode)
		take("city", &a.City)
		take("stateOrProvince", &a.Territory)
		take("countryOrRegion", &a.Country)
		take("phoneNumber", &a.Tel)
		if street, ok := c.person["streetAddress"].(string); ok {
			c.person["streetAddress"] = strings.ReplaceAll(street, "\n", ", ")
		}
		rest = &a
	case *cxf.Passport:
		p := *v
		take("passportNumber", &p.PassportNumber)
		take("birthdate", &p.BirthDate)
		rest = &p
	case *cxf.DriversLicense:
		l := *v
		take("licenseNumber", &l.LicenseNumber)
		rest = &l
	case *cxf.IdentityDocument:
		d := *v
		take("socialSecurityNumber", &d.IdentificationNumber)
		rest = &d
	}
	if fields, ok := formats.Flatten(rest); ok && len(fields) > 0 {
		c.lose(lossType, cxf.Notice, formats.CodeType, cred, "becomes fields in part")
		c.add("", fields)
	}
}
