package csv

import (
	"strings"
	"time"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
)

// noteAddress is what LastPass gives notes for an address.
const noteAddress = "http://sn"

// readLastPass reads a row of LastPass. Cards and the like are notes in a form of their own.
func readLastPass(r *row) error {
	address := r.take("url")
	if address == noteAddress || address == "http://group" {
		address = ""
	}
	it := r.t.b.NewItem("", title(r.take("name"), address))
	it.Favorite = r.take("fav") == "1"
	for i, n := range r.t.names { // "0" is no field
		if key(n) == "fav" && i < len(r.taken) {
			r.taken[i] = true
		}
	}
	login(it, r.take("username"), r.take("password"))
	it.AddSites(address)
	it.AddTOTP(r.take("totp"))
	if extra := r.take("extra"); strings.HasPrefix(extra, "NoteType:") {
		lastPassNote(it, extra)
	} else {
		it.AddNote(extra)
	}
	return r.done(it, strings.FieldsFunc(r.take("grouping"), func(c rune) bool { return c == '\\' })...)
}

// lastPassNote reads lines of "name:value", the last of which, "Notes:", goes on to the end.
func lastPassNote(it *formats.ItemBuilder, text string) {
	kind := ""
	var order []string
	values := map[string]string{}
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	last := "Notes" // lines before the first name, if there are any
	for i, line := range lines {
		name, value, named := strings.Cut(line, ":")
		_, twice := values[name]
		switch {
		case i == 0:
			kind = value
		case named && name == "Notes":
			values["Notes"] = strings.Trim(strings.Join(append([]string{values["Notes"], value}, lines[i+1:]...), "\n"), "\n")
			lines = nil
		case named && !twice:
			values[name], last = value, name
			order = append(order, name)
		default: // a value of several lines, such as a key
			values[last] = strings.TrimPrefix(values[last]+"\n"+line, "\n")
		}
		if lines == nil {
			break
		}
	}
	take := func(name string) string {
		v := values[name]
		delete(values, name)
		return v
	}
	switch kind {
	case "Credit Card":
		it.Add(&cxf.CreditCard{
			FullName: formats.TextField(take("Name on Card")), CardType: formats.TextField(take("Type")),
			Number: formats.ConcealedField(take("Number")), VerificationNumber: formats.ConcealedField(take("Security Code")),
			ExpiryDate: lastPassMonth(values, "Expiration Date"), ValidFrom: lastPassMonth(values, "Start Date"),
		})
	case "SSH Key":
		it.AddSSHKey(take("Private Key"), "")
	case "Wi-Fi Password":
		it.Add(&cxf.WIFI{SSID: formats.TextField(take("SSID")), Passphrase: formats.ConcealedField(take("Password"))})
	}
	it.AddNote(take("Notes"))
	var fields []cxf.EditableField
	for _, name := range order {
		if v := values[name]; v != "" && name != "Notes" && name != "Language" {
			fields = append(fields, cxf.EditableField{Type: cxf.FieldString, Label: name, Value: v})
		}
	}
	it.AddFields(kind, fields)
}

// lastPassMonth reads "March,2029"; anything else stays a field.
func lastPassMonth(values map[string]string, name string) *cxf.EditableField {
	at, err := time.Parse("January,2006", values[name])
	if err != nil {
		return nil
	}
	delete(values, name)
	return cxf.Field(cxf.FieldYearMonth, at.Format("2006-01"))
}
