package csv

import (
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
)

// readNordPass reads a row of NordPass, of which "type" says what it is.
func readNordPass(r *row) error {
	kind := strings.ToLower(r.take("type"))
	if kind == "folder" {
		_, err := r.t.b.Folder(nil, r.take("name"))
		return err
	}
	address := r.take("url")
	it := r.t.b.NewItem("", title(r.take("name"), address))
	username := r.take("username")
	if kind == "password" || kind == "" {
		if username == "" {
			username = r.take("email")
		}
	}
	login(it, username, r.take("password"))
	it.AddSites(append([]string{address}, list(r.take("additional_urls"))...)...)
	if number := r.take("cardnumber"); number != "" || kind == "credit_card" {
		it.Add(&cxf.CreditCard{
			Number: formats.ConcealedField(number), FullName: formats.TextField(r.take("cardholdername")),
			VerificationNumber: formats.ConcealedField(r.take("cvc")), PIN: formats.ConcealedField(r.take("pin")),
			ExpiryDate: r.cardExpiry("expirydate"),
		})
	}
	if kind == "identity" {
		if name := r.take("full_name"); name != "" {
			it.AddFields("", []cxf.EditableField{{Type: cxf.FieldString, Label: "Full name", Value: name}})
		}
		it.Add(&cxf.Address{
			StreetAddress: formats.TextField(strings.Trim(r.take("address1")+"\n"+r.take("address2"), "\n")),
			City:          formats.TextField(r.take("city")), PostalCode: formats.TextField(r.take("zipcode")),
			Tel: formats.TextField(r.take("phone_number")),
		})
	}
	it.AddNote(r.take("note"))
	r.nordPassFields(it)
	return r.done(it, r.take("folder"))
}

// nordPassFields reads the person's own fields, which are JSON in a cell; what is none stays text.
func (r *row) nordPassFields(it *formats.ItemBuilder) {
	text := r.take("custom_fields")
	if text == "" {
		return
	}
	var own []struct{ Type, Label, Value string }
	if err := formats.Decode([]byte(text), &own); err != nil {
		it.Report(cxf.Notice, formats.CodeEntry, "custom fields", "could not be told apart; they were kept as one")
		it.AddFields("", []cxf.EditableField{{Type: cxf.FieldString, Label: "custom_fields", Value: text}})
		return
	}
	var out []cxf.EditableField
	for _, f := range own {
		t := cxf.FieldString
		if f.Type == "hidden" {
			t = cxf.FieldConcealedString
		}
		out = append(out, cxf.EditableField{Type: t, Label: f.Label, Value: f.Value})
	}
	it.AddFields("", out)
}

// list reads a JSON array of texts, or texts with commas between.
func list(text string) []string {
	var out []string
	if json.Unmarshal([]byte(text), &out) == nil {
		return out
	}
	return strings.Split(text, ",")
}

// cardExpiry reads "MM/YY", "MM/YYYY" or "YYYY-MM"; anything else stays where it is.
func (r *row) cardExpiry(column string) *cxf.EditableField {
	i, ok := r.t.index[column]
	if !ok || i >= len(r.cells) {
		return nil
	}
	text := strings.ReplaceAll(r.cells[i], "-", "/")
	month, year, _ := strings.Cut(text, "/")
	if len(month) == 4 {
		month, year = year, month
	}
	ym := expiry(formats.YearMonth(year, month))
	if ym != nil {
		r.taken[i] = true
	}
	return ym
}

func expiry(ym string) *cxf.EditableField {
	if ym == "" {
		return nil
	}
	return cxf.Field(cxf.FieldYearMonth, ym)
}

// readEnpass reads rows of a title, pairs of names and values, and a note.
func readEnpass(r *row) error {
	cells := r.cells
	if len(cells) < 2 {
		r.t.b.BadItem(cells[0], "has no fields; it was left out")
		return nil
	}
	it := r.t.b.NewItem("", cells[0])
	note := ""
	if len(cells)%2 == 0 {
		note, cells = cells[len(cells)-1], cells[:len(cells)-1]
	}
	var fields []cxf.EditableField
	known := map[string]string{}
	for i := 1; i+1 < len(cells); i += 2 {
		label, value := strings.TrimSpace(cells[i]), cells[i+1]
		// Enpass marks hidden fields by a star.
		hidden := strings.Contains(label, "*")
		label = strings.Trim(label, "* ")
		k := strings.ToLower(label)
		if value == "" {
			continue
		}
		switch _, twice := known[k]; {
		case !twice && enpassKnown(k):
			known[k] = value
		default:
			t := cxf.FieldString
			if hidden {
				t = cxf.FieldConcealedString
			}
			fields = append(fields, cxf.EditableField{Type: t, Label: label, Value: value})
		}
	}
	if known["username"] == "" {
		known["username"], known["e-mail"], known["email"] = known["e-mail"]+known["email"], "", ""
	}
	login(it, known["username"], known["password"])
	if number := known["number"]; number != "" {
		month, year, _ := strings.Cut(known["expiry date"], "/")
		it.Add(&cxf.CreditCard{
			Number: formats.ConcealedField(number), FullName: formats.TextField(known["cardholder"]),
			VerificationNumber: formats.ConcealedField(known["cvc"]), PIN: formats.ConcealedField(known["pin"]),
			ExpiryDate: expiry(formats.YearMonth(year, month)),
		})
	}
	for _, k := range []string{"e-mail", "email", "cardholder", "cvc", "pin", "expiry date"} {
		if known[k] != "" && (known["number"] == "" || strings.Contains(k, "mail")) {
			fields = append(fields, cxf.EditableField{Type: cxf.FieldString, Label: k, Value: known[k]})
		}
	}
	it.AddSites(known["url"], known["website"])
	it.AddTOTP(known["totp"] + known["one-time code"])
	it.AddNote(note)
	it.AddFields("", fields)
	for i := range r.taken {
		r.taken[i] = true
	}
	return r.done(it)
}

func enpassKnown(k string) bool {
	switch k {
	case "username", "password", "e-mail", "email", "url", "website", "totp", "one-time code",
		"cardholder", "number", "cvc", "pin", "expiry date":
		return true
	}
	return false
}

func judgeEnpass(names []string) formats.Confidence {
	if len(names) >= 2 && names[0] == "title" && (names[1] == "field" || names[1] == "*") {
		return formats.Likely
	}
	return formats.No
}

// readRoboForm reads a row of RoboForm; fields of its forms stand in columns without names of their own, as
// NAME,,,TYPE,VALUE.
func readRoboForm(r *row) error {
	address := r.take("url")
	it := r.t.b.NewItem("", title(r.take("name"), address))
	username, password := unescape(r.take("login")), unescape(r.take("pwd"))
	login(it, username, password)
	match := r.take("matchurl")
	if match == address {
		match = ""
	}
	it.AddSites(address, match)
	it.AddNote(r.take("note"))
	var fields []cxf.EditableField
	for i := range r.cells {
		parts := strings.SplitN(r.cells[i], ",", 5)
		if r.taken[i] || len(parts) != 5 || i < len(r.t.names) && !strings.HasPrefix(key(r.t.names[i]), "rffields") && key(r.t.names[i]) != "" {
			continue
		}
		r.taken[i] = true
		label, kind, value := strings.TrimSuffix(parts[0], "$"), parts[3], unescape(parts[4])
		t := cxf.FieldString
		if kind == "pwd" {
			t = cxf.FieldConcealedString
		}
		switch {
		case value == "":
		case strings.EqualFold(label, "TOTP KEY"):
			it.AddTOTP(value)
		case value == username || value == password: // the form's own copy
		default:
			fields = append(fields, cxf.EditableField{Type: t, Label: label, Value: value})
		}
	}
	it.AddFields("", fields)
	return r.done(it, strings.FieldsFunc(r.take("folder"), func(c rune) bool { return c == '/' || c == '\\' })...)
}

// unescape removes the quotation mark that RoboForm puts before a value that begins with "@" or "'".
func unescape(value string) string {
	if rest, ok := strings.CutPrefix(value, "'"); ok && (strings.HasPrefix(rest, "@") || strings.HasPrefix(rest, "'")) {
		return rest
	}
	return value
}

// readKeeper reads rows without a header: folder, title, login, password, address, notes, shared folder, and pairs of names and
// values.
func readKeeper(r *row) error {
	cells := append(r.cells, make([]string, max(0, 7-len(r.cells)))...)
	if key(cells[1]) == "title" && key(cells[3]) == "password" {
		return nil // some versions write a header after all
	}
	if len(r.cells) < 6 {
		r.t.b.BadItem(cells[1], "has too few columns for Keeper; it was left out")
		return nil
	}
	it := r.t.b.NewItem("", title(cells[1], cells[4]))
	login(it, cells[2], cells[3])
	it.AddSites(cells[4])
	it.AddNote(cells[5])
	var fields []cxf.EditableField
	for i := 7; i < len(cells); i += 2 {
		value := ""
		if i+1 < len(cells) {
			value = cells[i+1]
		}
		label := strings.TrimPrefix(cells[i], "$")
		switch {
		case value == "":
			if label != "" {
				fields = append(fields, cxf.EditableField{Type: cxf.FieldString, Label: "Field", Value: label})
			}
		case label == "TFC:Keeper", strings.HasPrefix(label, "oneTimeCode"):
			it.AddTOTP(value)
		default:
			fields = append(fields, cxf.EditableField{Type: cxf.FieldString, Label: label, Value: value})
		}
	}
	it.AddFields("", fields)
	for i := range r.taken {
		r.taken[i] = true
	}
	folder := cells[0]
	if folder == "" {
		folder = cells[6]
	}
	return r.done(it, strings.Split(folder, `\`)...)
}

func judgeKeeper(names []string) formats.Confidence {
	switch {
	case len(names) >= 6 && names[1] == "title" && names[2] == "login" && names[3] == "password":
		return formats.Likely
	case len(names) >= 7 && names[0] != "name" && names[1] != "" && names[4] != "":
		// Without a header it takes an address where Keeper has it.
		if _, ok := formats.AbsoluteURL(names[4]); ok && strings.Contains(names[4], "://") {
			return formats.Possible
		}
	}
	return formats.No
}
