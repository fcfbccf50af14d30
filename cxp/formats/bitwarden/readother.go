package bitwarden

import (
	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
)

// Types of items that came in 2026. They are read only: versions of Bitwarden from before refuse files with them.

// addBank keeps a bank account, for which CXF has no type, as fields.
func addBank(it *formats.ItemBuilder, b *bankAccount) {
	var out []cxf.EditableField
	for _, f := range []struct {
		label  string
		value  text
		hidden bool
	}{
		{"Bank", b.Bank, false}, {"Name on account", b.Name, false}, {"Account type", b.Type, false}, {"Account number", b.Number, true},
		{"Routing number", b.Routing, false}, {"Branch number", b.Branch, false}, {"PIN", b.PIN, true}, {"SWIFT code", b.SWIFT, false},
		{"IBAN", b.IBAN, true}, {"Telephone of the bank", b.Phone, false},
	} {
		kind := cxf.FieldString
		if f.hidden {
			kind = cxf.FieldConcealedString
		}
		if f.value != "" {
			out = append(out, cxf.EditableField{Type: kind, Label: f.label, Value: string(f.value)})
		}
	}
	it.AddFields("Bank account", out)
}

func addLicense(it *formats.ItemBuilder, l *license) {
	name := addName(it, l.FirstName, l.MiddleName, l.LastName)
	it.Add(&cxf.DriversLicense{
		FullName: name, BirthDate: formats.DateField(string(l.Birth)), LicenseNumber: formats.TextField(string(l.Number)),
		Country: formats.CountryField(string(l.Country)), Territory: formats.TextField(string(l.State)),
		IssueDate: formats.DateField(string(l.Issued)), ExpiryDate: formats.DateField(string(l.Expires)),
		IssuingAuthority: formats.TextField(string(l.Authority)), LicenseClass: formats.TextField(string(l.Class)),
	})
}

func addPassport(it *formats.ItemBuilder, p *passport) {
	name := addName(it, p.Given, "", p.Surname)
	it.Add(&cxf.Passport{
		FullName: name, BirthDate: formats.DateField(string(p.Birth)), Sex: formats.TextField(string(p.Sex)),
		BirthPlace: formats.TextField(string(p.BirthPlace)), Nationality: formats.TextField(string(p.Nationality)),
		IssuingCountry: formats.CountryField(string(p.Country)), PassportNumber: formats.TextField(string(p.Number)),
		PassportType: formats.TextField(string(p.Type)), NationalIdentificationNumber: formats.TextField(string(p.National)),
		IssuingAuthority: formats.TextField(string(p.Authority)), IssueDate: formats.DateField(string(p.Issued)),
		ExpiryDate: formats.DateField(string(p.Expires)),
	})
}

// addName adds a person's name in its parts, which CXF's documents do not have, and gives the whole of it.
func addName(it *formats.ItemBuilder, given, middle, surname text) *cxf.EditableField {
	n := &cxf.PersonName{
		Given: formats.TextField(string(given)), Given2: formats.TextField(string(middle)), Surname: formats.TextField(string(surname)),
	}
	full := formats.FullName(n)
	if full != "" {
		it.Add(n)
	}
	return formats.TextField(full)
}
