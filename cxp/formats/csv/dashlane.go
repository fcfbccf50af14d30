package csv

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
)

const dashlaneID = "dashlane"

// dashlaneFiles are the files of Dashlane's archive, each a CSV of its own, and columns that tell them apart.
var dashlaneFiles = []struct {
	name    string
	columns []string
}{
	{"credentials.csv", []string{"username", "username2", "username3", "title", "password", "url"}},
	{"securenotes.csv", []string{"title", "note"}},
	{"payments.csv", []string{"type", "account_name", "cc_number", "code"}},
	{"ids.csv", []string{"type", "number", "name", "issue_date", "expiration_date"}},
	{"personalinfo.csv", []string{"type", "first_name", "last_name", "item_name"}},
}

func judgeDashlane(names []string) formats.Confidence {
	for i, f := range dashlaneFiles {
		if among(f.columns)(names) == formats.Likely && (i != 1 || len(names) <= 3 && !slices.Contains(names, "password")) {
			return formats.Likely
		}
	}
	return formats.No
}

func dashlaneZip(z *formats.Zip) bool { return z != nil && dashlaneEntry(z, "credentials.csv") != "" }

// dashlaneEntry finds a file whatever the case of its name.
func dashlaneEntry(z *formats.Zip, name string) string {
	for _, n := range z.Names() {
		if base := strings.ToLower(n[strings.LastIndexByte(n, '/')+1:]); base == name {
			return n
		}
	}
	return ""
}

func (f Format) readZip(b *formats.Builder, in *formats.Input) error {
	z, err := formats.OpenZip(in.ReaderAt, in.Size)
	if err != nil {
		return err
	}
	if !dashlaneZip(z) {
		return fmt.Errorf("an archive without credentials.csv: %w", formats.ErrNotThis)
	}
	for _, file := range dashlaneFiles {
		name := dashlaneEntry(z, file.name)
		if name == "" {
			continue
		}
		if z.Size(name) > maxFile {
			return fmt.Errorf("%s has %d MiB: %w", file.name, z.Size(name)>>20, formats.ErrTooLarge)
		}
		r, err := z.Open(name)
		if err != nil {
			return err
		}
		err = f.d.table(b, bounded(r))
		if e := r.Close(); err == nil {
			err = e
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// readDashlane reads a row of any of the files.
func readDashlane(r *row) error {
	switch {
	case r.has("cc_number"):
		return r.dashlanePayment()
	case r.has("issue_date"):
		return r.dashlaneID()
	case r.has("item_name"):
		return r.dashlanePerson()
	case !r.has("password"):
		it := r.t.b.NewItem("", r.take("title"))
		it.AddNote(r.take("note"))
		return r.done(it)
	}
	address := r.take("url")
	it := r.t.b.NewItem("", title(r.take("title"), address))
	login(it, r.take("username", "username2", "username3"), r.take("password"))
	it.AddSites(address)
	it.AddTOTP(r.take("otpurl", "otpsecret"))
	it.AddNote(r.take("note"))
	return r.done(it, r.take("category"))
}

func (r *row) dashlanePayment() error {
	it := r.t.b.NewItem("", title(r.take("name"), ""))
	if it.Title == "" {
		it.Title = r.take("account_name")
	}
	if kind := r.take("type"); kind == "payment_card" || kind == "credit_card" {
		card := &cxf.CreditCard{
			Number: formats.ConcealedField(r.take("cc_number")), VerificationNumber: formats.ConcealedField(r.take("code")),
			FullName: formats.TextField(r.take("account_holder", "account_name")),
		}
		card.ExpiryDate = expiry(formats.YearMonth(r.take("expiration_year"), r.take("expiration_month")))
		it.Add(card)
	}
	it.AddNote(r.take("note"))
	return r.done(it)
}

func (r *row) dashlaneID() error {
	kind := r.take("type")
	it := r.t.b.NewItem("", strings.ReplaceAll(kind, "_", " "))
	name, number := formats.TextField(r.take("name")), formats.TextField(r.take("number"))
	issued, expires := formats.DateField(r.take("issue_date")), formats.DateField(r.take("expiration_date"))
	place := formats.TextField(r.take("place_of_issue"))
	switch kind {
	case "passport":
		it.Add(&cxf.Passport{PassportNumber: number, FullName: name, IssueDate: issued, ExpiryDate: expires, IssuingAuthority: place})
	case "license", "driver_license", "drivers_license":
		it.Add(&cxf.DriversLicense{LicenseNumber: number, FullName: name, IssueDate: issued, ExpiryDate: expires, IssuingAuthority: place})
	default:
		it.Add(&cxf.IdentityDocument{DocumentNumber: number, FullName: name, IssueDate: issued, ExpiryDate: expires, IssuingAuthority: place})
	}
	return r.done(it)
}

func (r *row) dashlanePerson() error {
	it := r.t.b.NewItem("", title(r.take("item_name"), ""))
	if kind := r.take("type"); it.Title == "" {
		it.Title = kind
	}
	name := &cxf.PersonName{
		Title: formats.TextField(r.take("title")), Given: formats.TextField(r.take("first_name")),
		Given2: formats.TextField(r.take("middle_name")), Surname: formats.TextField(r.take("last_name")),
	}
	if formats.FullName(name) != "" {
		it.Add(name)
	}
	address := &cxf.Address{
		StreetAddress: formats.TextField(r.take("address")), City: formats.TextField(r.take("city")),
		PostalCode: formats.TextField(r.take("zip")), Tel: formats.TextField(r.take("phone_number")),
	}
	if fields, _ := formats.Flatten(address); len(fields) > 0 {
		it.Add(address)
	}
	return r.done(it)
}
