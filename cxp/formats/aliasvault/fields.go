package aliasvault

import (
	"io"
	"net/url"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
)

type item struct {
	ID       text             `json:"id"`
	Name     text             `json:"name"`
	Created  text             `json:"createdAt"`
	Updated  text             `json:"updatedAt"`
	FolderID text             `json:"folderId"`
	Archived text             `json:"archivedAt"`
	Values   []value          `json:"fieldValues"`
	History  []oldValue       `json:"fieldHistories"`
	Files    []attachment     `json:"attachments"`
	TOTP     []totp           `json:"totpCodes"`
	Passkeys []jsontext.Value `json:"passkeys"`
}

// value is the value of a field: of AliasVault's own by its key, or of the person's by its definition.
type value struct {
	Key        text `json:"fieldKey"`
	Definition text `json:"fieldDefinitionId"`
	Value      text `json:"value"`
}

type oldValue struct {
	Key        text `json:"fieldKey"`
	Definition text `json:"fieldDefinitionId"`
	Value      text `json:"valueSnapshot"`
	Changed    text `json:"changedAt"`
}

type attachment struct {
	Name text `json:"filename"`
	Path text `json:"relativePath"`
}

type totp struct {
	Name      text `json:"name"`
	Secret    text `json:"secretKey"`
	Algorithm text `json:"algorithm"`
	Digits    text `json:"digits"`
	Period    text `json:"period"`
}

// items reads the items.
func (r *reader) items(d *jsontext.Decoder, name string) error {
	if name != "items" {
		return formats.Skip(d)
	}
	return formats.EachElement(d, r.item)
}

// item reads one entry. What is wrong with it is reported; an error ends the reading.
func (r *reader) item(v jsontext.Value) error {
	var src item
	if err := formats.DecodeEntry(v, &src); err != nil {
		var named struct {
			Name text `json:"name"`
		}
		if formats.Decode(v, &named) != nil {
			named.Name = ""
		}
		r.b.BadItem(string(named.Name), err.Error()+", so the entry was left out")
		return nil
	}
	it := r.b.NewItem(string(src.ID), string(src.Name))
	it.CreationAt, it.ModifiedAt = formats.ParseTime(string(src.Created)), formats.ParseTime(string(src.Updated))
	it.Tags = r.tagsOf[src.ID]
	if src.Archived != "" {
		it.Tags = append(it.Tags, "Archived")
	}
	own := newOwnFields(src.Values)
	for _, p := range src.Passkeys {
		addPasskey(it, p, own.one("login.username"))
	}
	own.add(it)
	for _, t := range src.TOTP {
		it.AddTOTP(t.uri())
	}
	r.addDefined(it, src.Values)
	it.AddFields("", own.rest())
	r.addHistory(it, src.History)
	for _, f := range src.Files {
		if err := it.AddFile(string(f.Name), func() (io.ReadCloser, error) { return r.archive.Open(string(f.Path)) }); err != nil {
			return err
		}
	}
	if f := r.folders[src.FolderID]; f != nil {
		f.Put(it.ID)
	} else if src.FolderID != "" {
		it.Report(cxf.Notice, cxf.CodeDangling, "", "was in a folder that is not in the file")
	}
	return it.Done()
}

// uri writes a one-time password as other managers do.
func (t totp) uri() string {
	if t.Secret == "" {
		return ""
	}
	query := url.Values{}
	for name, value := range map[string]text{"secret": t.Secret, "algorithm": t.Algorithm, "digits": t.Digits, "period": t.Period} {
		if value != "" {
			query.Set(name, string(value))
		}
	}
	return "otpauth://totp/" + url.PathEscape(string(t.Name)) + "?" + query.Encode()
}

// ownFields are the values of AliasVault's own fields, in their order.
type ownFields struct {
	keys   []text
	values map[text][]string
}

func newOwnFields(list []value) *ownFields {
	o := &ownFields{values: map[text][]string{}}
	for _, v := range list {
		if v.Key == "" || v.Value == "" {
			continue
		}
		if o.values[v.Key] == nil {
			o.keys = append(o.keys, v.Key)
		}
		o.values[v.Key] = append(o.values[v.Key], string(v.Value))
	}
	return o
}

// one gives the first value of a field without taking it.
func (o *ownFields) one(key text) string {
	if list := o.values[key]; len(list) > 0 {
		return list[0]
	}
	return ""
}

// take takes the first value of a field; others stay, and become fields.
func (o *ownFields) take(key text) string {
	v := o.one(key)
	if v != "" {
		o.values[key] = o.values[key][1:]
	}
	return v
}

// add adds what CXF has a place for.
func (o *ownFields) add(it *formats.ItemBuilder) {
	username := o.take("login.username")
	if username == "" {
		username = o.take("login.email")
	}
	it.AddLogin(username, o.take("login.password"))
	it.AddSites(o.values["login.url"]...)
	delete(o.values, "login.url")
	if c := (&cxf.CreditCard{
		Number: formats.ConcealedField(o.take("card.number")), FullName: formats.TextField(o.take("card.cardholder_name")),
		VerificationNumber: formats.ConcealedField(o.take("card.cvv")), PIN: formats.ConcealedField(o.take("card.pin")),
	}); c.Number != nil || c.FullName != nil || c.VerificationNumber != nil || c.PIN != nil {
		if expiry := formats.YearMonth(o.one("card.expiry_year"), o.one("card.expiry_month")); expiry != "" {
			c.ExpiryDate = cxf.Field(cxf.FieldYearMonth, expiry)
			o.take("card.expiry_year")
			o.take("card.expiry_month")
		}
		it.Add(c)
	}
	if n := (&cxf.PersonName{Given: formats.TextField(o.take("alias.first_name")), Surname: formats.TextField(o.take("alias.last_name"))}); n.Given != nil || n.Surname != nil {
		it.Add(n)
	}
	it.AddNote(o.take("notes.content"))
}

// rest makes fields of what is left.
func (o *ownFields) rest() []cxf.EditableField {
	var out []cxf.EditableField
	for _, key := range o.keys {
		for _, v := range o.values[key] {
			t := cxf.FieldString
			if key == "login.password" || strings.HasPrefix(string(key), "card.") {
				t = cxf.FieldConcealedString
			}
			out = append(out, cxf.EditableField{Type: t, Label: label(string(key)), Value: v})
		}
	}
	return out
}

// label makes words of a key: "alias.first_name" becomes "First name".
func label(key string) string {
	_, last, ok := strings.Cut(key, ".")
	if !ok || last == "" {
		return key
	}
	last = strings.ReplaceAll(last, "_", " ")
	return strings.ToUpper(last[:1]) + last[1:]
}

// addDefined adds the person's own fields.
func (r *reader) addDefined(it *formats.ItemBuilder, list []value) {
	var out []cxf.EditableField
	for _, v := range list {
		if v.Key == "" && v.Value != "" {
			out = append(out, r.defined(v.Definition, v.Value))
		}
	}
	it.AddFields("", out)
}

// defined makes a field by its definition; one without is kept as hidden text.
func (r *reader) defined(id, v text) cxf.EditableField {
	d, ok := r.definitions[id]
	t := cxf.FieldString
	if !ok || d.Hidden == "true" || d.Type == "Password" || d.Type == "Hidden" {
		t = cxf.FieldConcealedString
	}
	return cxf.EditableField{Type: t, Label: string(d.Label), Value: string(v)}
}

// addHistory keeps earlier values, hidden: most are passwords.
func (r *reader) addHistory(it *formats.ItemBuilder, list []oldValue) {
	var out []cxf.EditableField
	for _, h := range list {
		if h.Value == "" {
			continue
		}
		what := label(string(h.Key))
		if h.Key == "" {
			what = r.defined(h.Definition, "").Label
		}
		out = append(out, cxf.EditableField{
			Type: cxf.FieldConcealedString, Label: strings.TrimSpace(what + " " + string(h.Changed)), Value: string(h.Value),
		})
	}
	it.AddFields("History", out)
}
