package bitwarden

import (
	"strconv"
	"strings"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
)

// historyLabel is the section of fields that earlier passwords are kept in.
const historyLabel = "Password history"

func writeCard(v *cxf.CreditCard) *writtenItem {
	out := &writtenItem{Type: typeCard, Card: &writtenCard{
		Cardholder: optional(v.FullName.Text()), Brand: optional(v.CardType.Text()), Number: optional(v.Number.Text()),
		Code: optional(v.VerificationNumber.Text()),
	}}
	year, month, ok := strings.Cut(v.ExpiryDate.Text(), "-")
	if n, err := strconv.Atoi(month); ok && err == nil {
		out.Card.ExpYear, out.Card.ExpMonth = optional(year), optional(strconv.Itoa(n))
	} else if v.ExpiryDate.Text() != "" {
		out.Fields = append(out.Fields, writtenField{Name: "Expiry date", Value: v.ExpiryDate.Text()})
	}
	if v.PIN.Text() != "" {
		out.Fields = append(out.Fields, writtenField{Name: "PIN", Value: v.PIN.Text(), Type: fieldHidden})
	}
	if v.ValidFrom.Text() != "" {
		out.Fields = append(out.Fields, writtenField{Name: "Valid from", Value: v.ValidFrom.Text()})
	}
	return out
}

// sshKey writes the key as OpenSSH's own form, which Bitwarden makes itself.
func (c *conversion) sshKey(v *cxf.SSHKey) {
	private, public, fingerprint, err := formats.OpenSSH(v)
	if err != nil {
		fields, _ := formats.Flatten(v)
		c.lose(lossType, cxf.Notice, formats.CodeType, v, "becomes fields")
		c.add("", fields)
		return
	}
	c.others = append(c.others, &writtenItem{Type: typeSSHKey, SSHKey: &writtenSSHKey{PrivateKey: private, PublicKey: public, Fingerprint: fingerprint}})
	c.add("", formats.SSHKeyDetails(v))
}

// identity puts a name, an address or a document into the item's identity. What has no member there, and the second of a
// kind, becomes fields.
func (c *conversion) identity(cred cxf.Credential) {
	if c.person == nil {
		c.person = &writtenItem{Type: typeIdentity, Identity: &writtenIdentity{}}
	}
	id := c.person.Identity
	take := func(dst **string, src **cxf.EditableField) {
		if *dst == nil && (*src).Text() != "" {
			*dst, *src = optional((*src).Text()), nil
		}
	}
	var rest cxf.Credential
	switch v := cred.(type) {
	case *cxf.PersonName:
		n := *v
		take(&id.Title, &n.Title)
		take(&id.FirstName, &n.Given)
		take(&id.MiddleName, &n.Given2)
		take(&id.LastName, &n.Surname)
		rest = &n
	case *cxf.Address:
		a := *v
		if lines := strings.SplitN(a.StreetAddress.Text(), "\n", 3); id.Address1 == nil && lines[0] != "" {
			a.StreetAddress = nil
			for i, dst := range []**string{&id.Address1, &id.Address2, &id.Address3} {
				if i < len(lines) {
					*dst = optional(strings.ReplaceAll(lines[i], "\n", ", "))
				}
			}
		}
		take(&id.City, &a.City)
		take(&id.State, &a.Territory)
		take(&id.PostalCode, &a.PostalCode)
		take(&id.Country, &a.Country)
		take(&id.Phone, &a.Tel)
		rest = &a
	case *cxf.Passport:
		p := *v
		take(&id.Passport, &p.PassportNumber)
		rest = &p
	case *cxf.DriversLicense:
		l := *v
		take(&id.License, &l.LicenseNumber)
		rest = &l
	case *cxf.IdentityDocument:
		d := *v
		take(&id.SSN, &d.IdentificationNumber)
		rest = &d
	}
	if fields, ok := formats.Flatten(rest); ok && len(fields) > 0 {
		c.lose(lossType, cxf.Notice, formats.CodeType, cred, "becomes fields in part")
		c.add("", fields)
	}
}

// steam recognises a one-time password of Steam's own kind, which CXF keeps as an unknown algorithm.
func steam(cred cxf.Credential) (string, bool) {
	u, ok := cred.(*cxf.Unknown)
	if !ok || u.Type != cxf.TypeTOTP {
		return "", false
	}
	var t struct {
		Secret    string `json:"secret"`
		Algorithm string `json:"algorithm"`
	}
	if formats.Decode([]byte(u.Raw), &t) != nil || t.Algorithm != "steam" {
		return "", false
	}
	return t.Secret, true
}
