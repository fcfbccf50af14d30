package onepux

import (
	"errors"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
)

// reader turns one export into a document.
type reader struct {
	b     *formats.Builder
	zip   *formats.Zip
	files map[string]string // entry of the archive by the file's identifier
}

// index finds the attached files, which are called files/IDENTIFIER__NAME.
func (r *reader) index() {
	r.files = map[string]string{}
	for _, name := range r.zip.Names() {
		if rest, ok := strings.CutPrefix(name, "files/"); ok {
			id, _, _ := strings.Cut(rest, "__")
			r.files[id] = name
		}
	}
}

func (r *reader) document(d *jsontext.Decoder) error {
	several := false
	return formats.EachMember(d, func(name string) error {
		if name != "accounts" {
			return formats.Skip(d)
		}
		return elements(d, func() error {
			first := !several
			several = true
			return r.account(d, first)
		})
	})
}

var errList = formats.Damaged("JSON", errors.New("a list is not put together as it should be"))

// elements is like formats.EachElement for elements that are too long to be held: f reads each from d.
func elements(d *jsontext.Decoder, f func() error) error {
	if d.PeekKind() != '[' {
		return formats.Next(d, &[]struct{}{}) // null is an empty list; anything else says what is wrong
	}
	if _, err := d.ReadToken(); err != nil {
		return errList
	}
	for {
		switch d.PeekKind() {
		case ']':
			if _, err := d.ReadToken(); err != nil {
				return errList
			}
			return nil
		case '{':
			if err := f(); err != nil {
				return err
			}
		default:
			if err := formats.Skip(d); err != nil {
				return err
			}
		}
	}
}

type attributes struct {
	UUID, Name, AccountName, Email formats.Loose
}

func (r *reader) account(d *jsontext.Decoder, first bool) error {
	return formats.EachMember(d, func(name string) error {
		switch name {
		case "attrs":
			var a attributes
			if err := formats.Next(d, &a); err != nil {
				return err
			}
			if account := r.b.Account(); first {
				account.Username, account.Email, account.FullName = string(a.AccountName), string(a.Email), string(a.Name)
			}
			return nil
		case "vaults":
			return elements(d, func() error { return r.vault(d) })
		}
		return formats.Skip(d)
	})
}

// vault reads a vault; its attributes stand before its items.
func (r *reader) vault(d *jsontext.Decoder) error {
	var folder *formats.Folder
	open := func(a attributes) (err error) {
		if folder == nil {
			folder, err = r.b.NewFolder(nil, string(a.UUID), string(a.Name))
		}
		return err
	}
	return formats.EachMember(d, func(name string) error {
		switch name {
		case "attrs":
			var a attributes
			if err := formats.Next(d, &a); err != nil {
				return err
			}
			return open(a)
		case "items":
			if err := open(attributes{}); err != nil {
				return err
			}
			return formats.EachElement(d, func(v jsontext.Value) error { return r.element(v, folder) })
		}
		return formats.Skip(d)
	})
}

// entry is an item of the export.
type entry struct {
	UUID                 formats.Loose
	FavIndex             formats.Seconds
	CreatedAt, UpdatedAt formats.Seconds
	State                formats.Loose
	Trashed              bool
	CategoryUUID         formats.Loose
	Overview             struct {
		Title, Subtitle, URL formats.Loose
		URLs                 []struct{ Label, URL formats.Loose }
		Tags                 []formats.Loose
	}
	Details struct {
		LoginFields []struct {
			Value                        formValue
			Name, FieldType, Designation formats.Loose
		}
		NotesPlain formats.Loose
		Password   formats.Loose
		Sections   []section
		Document   *struct {
			FileName, DocumentID formats.Loose
		} `json:"documentAttributes"`
		PasswordHistory []jsontext.Value
	}
}

// formValue is a value of a form: text, or an object with that where it comes from another account.
type formValue string

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (v *formValue) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	if d.PeekKind() != '{' {
		var text formats.Loose
		err := text.UnmarshalJSONFrom(d)
		*v = formValue(text)
		return err
	}
	raw, err := d.ReadValue()
	if err != nil {
		return err
	}
	var of struct {
		Address formats.Loose `json:"email_address"`
		Text    formats.Loose `json:"string"`
	}
	err = formats.Decode(raw, &of)
	*v = formValue(of.Address)
	if *v == "" {
		*v = formValue(of.Text)
	}
	return err
}

type section struct {
	Title, Name formats.Loose
	Fields      []struct {
		Title, ID formats.Loose
		Value     jsontext.Value
		Guarded   bool
	}
}

func (r *reader) element(v jsontext.Value, folder *formats.Folder) error {
	var e entry
	if err := formats.Decode(v, &e); err != nil {
		var named struct{ Overview struct{ Title formats.Loose } }
		_ = formats.Decode(v, &named) // what there is of a name will do
		r.b.BadItem(string(named.Overview.Title), err.Error())
		return nil
	}
	title := string(e.Overview.Title)
	if e.Trashed || e.State == "deleted" || e.State == "trashed" {
		r.b.Skip(cxf.Notice, formats.CodeTrashed, title, "was deleted and was not taken")
		return nil
	}
	it := r.b.NewItem(string(e.UUID), title)
	it.CreationAt, it.ModifiedAt = max(int64(e.CreatedAt), 0), max(int64(e.UpdatedAt), 0)
	it.Favorite = e.FavIndex > 0
	it.Subtitle = string(e.Overview.Subtitle)
	for _, tag := range e.Overview.Tags {
		if tag != "" {
			it.Tags = append(it.Tags, string(tag))
		}
	}
	if e.State == "archived" {
		it.Report(cxf.Notice, formats.CodeNoPlace, "", `was archived; it was taken with the tag "Archived"`)
		it.Tags = append(it.Tags, "Archived")
	}
	sites := []string{string(e.Overview.URL)}
	for _, u := range e.Overview.URLs {
		if u.URL != "" && u.URL != e.Overview.URL {
			sites = append(sites, string(u.URL))
		}
	}
	it.AddSites(sites...)
	c := &converter{r: r, it: it, e: &e}
	if err := c.convert(); err != nil {
		return err
	}
	folder.Put(it.ID)
	return it.Done()
}

// file opens an attached file.
func (r *reader) file(id string) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) {
		name := r.files[id]
		if name == "" {
			return nil, formats.ErrNoFile
		}
		return r.zip.Open(name)
	}
}
