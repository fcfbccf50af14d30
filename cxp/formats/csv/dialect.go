package csv

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
)

// dialect is one manager's CSV.
type dialect struct {
	id, name string
	holds    formats.Holds
	passkeys string // what to say about passkeys
	// judge says how sure it is that a first line is this dialect's header. names are in lower case.
	judge func(names []string) formats.Confidence
	// fixed: each row has as many cells as the header. Otherwise the dialect looks at them itself.
	fixed bool
	// headless: the first line is no header, unless judge says so.
	headless bool
	// read turns one row into an item.
	read func(*row) error
}

var passwords = formats.Holds{Passwords: true}

// dialects are in the order in which a person may be shown them. The last one fits what no other fits better.
func dialects() []*dialect {
	folders := formats.Holds{Passwords: true, Folders: true}
	others := formats.Holds{Passwords: true, Folders: true, Others: true}
	return []*dialect{
		{id: "chrome", name: "Chrome, Edge and other Chromium browsers (CSV)", holds: passwords, passkeys: chromePasskeys,
			judge: exactly([]string{"name", "url", "username", "password"}, "note"), fixed: true, read: readChrome},
		{id: "firefox", name: "Firefox (CSV)", holds: passwords, passkeys: firefoxPasskeys,
			judge: among([]string{"url", "username", "password", "formactionorigin", "guid"}), fixed: true, read: readFirefox},
		{id: "apple", name: "Apple Passwords and Safari (CSV)", holds: passwords, passkeys: applePasskeys,
			judge: exactly([]string{"title", "url", "username", "password"}, "notes", "otpauth"), fixed: true, read: readApple},
		{id: "dashlane", name: "Dashlane (CSV)", holds: formats.Holds{Passwords: true, Folders: true, Others: true}, passkeys: dashlanePasskeys,
			judge: judgeDashlane, fixed: true, read: readDashlane},
		{id: "nordpass", name: "NordPass (CSV)", holds: others, passkeys: noExport("NordPass"),
			judge: among([]string{"name", "url", "username", "password", "cardholdername", "cardnumber", "type"}), fixed: true, read: readNordPass},
		{id: "lastpass", name: "LastPass (CSV)", holds: others, passkeys: noExport("LastPass"),
			judge: among([]string{"url", "username", "password", "extra", "name", "grouping"}), fixed: true, read: readLastPass},
		{id: "enpass", name: "Enpass (CSV)", holds: formats.Holds{Passwords: true, Others: true}, passkeys: noExport("Enpass"),
			judge: judgeEnpass, read: readEnpass},
		{id: "roboform", name: "RoboForm (CSV)", holds: folders, passkeys: noExport("RoboForm"),
			judge: among([]string{"name", "url", "login", "pwd"}), read: readRoboForm},
		{id: "keeper", name: "Keeper (CSV)", holds: folders, passkeys: noExport("Keeper"),
			judge: judgeKeeper, headless: true, read: readKeeper},
		{id: "csv", name: "Another program (CSV)", holds: folders, passkeys: noExport("the program"),
			judge: judgeGeneric, fixed: true, read: readGeneric},
	}
}

// Format is the CSV of one manager.
type Format struct{ d *dialect }

// Formats lists the formats of this package.
func Formats() []formats.Format {
	var out []formats.Format
	for _, d := range dialects() {
		out = append(out, Format{d})
	}
	return out
}

// ID implements formats.Format.
func (f Format) ID() string { return f.d.id }

// Name implements formats.Format.
func (f Format) Name() string { return f.d.name }

// Holds implements formats.Format.
func (f Format) Holds() formats.Holds { return f.d.holds }

// Detect implements formats.Format.
func (f Format) Detect(p *formats.Probe) formats.Confidence {
	if p.IsZip() {
		if f.d.id == dashlaneID && dashlaneZip(p.Zip()) {
			return formats.Likely
		}
		return formats.No
	}
	if bytes.IndexByte(p.Head, 0) >= 0 {
		return formats.No
	}
	names, err := newReader(bytes.NewReader(p.Head)).Read()
	if err != nil || len(names) < 2 {
		return formats.No
	}
	for i, n := range names {
		names[i] = key(n)
	}
	return f.d.judge(names)
}

// Read implements formats.Format.
func (f Format) Read(ctx context.Context, in *formats.Input) (*formats.Result, error) {
	if err := in.CheckSize(maxFile); err != nil {
		return nil, err
	}
	b := formats.NewBuilder(ctx, f, in)
	b.Result().Plaintext, b.Result().NoPasskeys = true, f.d.passkeys
	p, err := formats.NewProbe(in)
	if err != nil {
		return nil, err
	}
	if p.IsZip() && f.d.id == dashlaneID {
		if err := f.readZip(b, in); err != nil {
			return nil, err
		}
		return b.Finish()
	}
	// A dialect without a header may not know its own first line; the person has chosen it then.
	if f.Detect(p) == formats.No && (!f.d.headless || p.IsZip() || p.Size == 0 || bytes.IndexByte(p.Head, 0) >= 0) {
		return nil, fmt.Errorf("%w: its first line is not as it should be for: %s", formats.ErrNotThis, f.d.name)
	}
	if err := f.d.table(b, in.Reader(ctx, true)); err != nil {
		return nil, err
	}
	return b.Finish()
}

// table reads one CSV.
func (d *dialect) table(b *formats.Builder, src io.Reader) error {
	if !d.headless {
		t, err := newTable(b, src)
		if err != nil {
			return err
		}
		return t.each(d.fixed, d.read)
	}
	return (&table{b: b, r: newReader(src)}).each(false, d.read)
}

// exactly judges headers that have these columns and no others but the optional ones.
func exactly(required []string, optional ...string) func([]string) formats.Confidence {
	return func(names []string) formats.Confidence {
		for _, n := range names {
			if !slices.Contains(required, n) && !slices.Contains(optional, n) {
				return formats.No
			}
		}
		return among(required)(names)
	}
}

// among judges headers that have these columns, and maybe others.
func among(required []string) func([]string) formats.Confidence {
	return func(names []string) formats.Confidence {
		for _, n := range required {
			if !slices.Contains(names, n) {
				return formats.No
			}
		}
		return formats.Likely
	}
}

// login adds a user name and password, if there are any.
func login(it *formats.ItemBuilder, username, password string) {
	if l := formats.Login(username, password); l != nil {
		it.Add(l)
	}
}

// done adds what is left of a row, puts the item into its folder and hands it over. An entry of which nothing is there is left out.
func (r *row) done(it *formats.ItemBuilder, folder ...string) error {
	it.AddFields("", r.rest())
	if len(it.Credentials) == 0 && it.Scope == nil {
		name := it.Title
		if name == "" {
			name = fmt.Sprintf("line %d", r.line)
		}
		r.t.b.Skip(cxf.Notice, formats.CodeEntry, name, "is empty and was left out")
		return nil
	}
	var in *formats.Folder
	for _, title := range folder {
		if title == "" {
			continue
		}
		f, err := r.t.b.Folder(in, title)
		if err != nil {
			return err
		}
		in = f
	}
	if in != nil {
		in.Put(it.ID)
	}
	return it.Done()
}
