package formats

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/keyferry/keyferry/cxp/cxf"
)

// ItemBuilder is an item in the making. Set what there is no method for directly.
type ItemBuilder struct {
	cxf.Item
	b     *Builder
	count map[cxf.CredentialType]int // how many of a type the file has, for paths like "passkey 2"
}

// NewItem starts an item; foreign is the manager's own identifier of it, "" if it has none.
func (b *Builder) NewItem(foreign, title string) *ItemBuilder {
	b.entries++
	return &ItemBuilder{
		Item: cxf.Item{ID: b.ID("item", foreign), Title: title},
		b:    b, count: map[cxf.CredentialType]int{},
	}
}

// Skip records that an entry was left out.
func (b *Builder) Skip(s cxf.Severity, code cxf.Code, title, message string) {
	b.entries++
	b.report.LeftOut++
	b.Add(cxf.Diagnostic{Severity: s, Code: code, Path: []string{b.place(title)}, Message: message, Account: 0, Item: -1, Credential: -1})
}

// BadItem records an entry that could not be read at all. It takes a place in the counting of entries without title.
func (b *Builder) BadItem(title, message string) {
	b.entries++
	b.report.Unreadable++
	b.Add(cxf.Diagnostic{Severity: cxf.Problem, Code: CodeEntry, Path: []string{b.place(title)}, Message: message, Account: 0, Item: -1, Credential: -1})
}

// place is what to call the entry at hand.
func (b *Builder) place(title string) string {
	if Plain(title) == "" {
		return "entry " + strconv.Itoa(b.entries)
	}
	return title
}

// Report records something about the item; part, e.g. "passkey 2" or "note", may be "".
func (it *ItemBuilder) Report(s cxf.Severity, code cxf.Code, part, message string) {
	path := []string{it.b.place(it.Title)}
	if part != "" {
		path = append(path, part)
	}
	it.b.Add(cxf.Diagnostic{
		Severity: s, Code: code, Path: path, Message: message,
		Account: 0, Item: it.b.items, Credential: -1, ItemID: it.ID,
	})
}

// Add adds a credential that the caller has checked, apart from passkeys, for which there is AddPasskey.
func (it *ItemBuilder) Add(c cxf.Credential) {
	it.Credentials = append(it.Credentials, c)
	it.b.report.Credentials[c.CredentialType()]++
}

// AddPasskey checks a passkey and adds it, with its key in the form that all of Keyferry writes. What cannot sign in is
// reported and left out. p.PublicKey, where set, must belong to the key.
func (it *ItemBuilder) AddPasskey(p *cxf.Passkey) {
	part := it.NextPart(cxf.TypePasskey)
	if err := checkPasskey(p); err != nil {
		it.BadPart(part, err.Error())
		return
	}
	if p.SignCount != 0 {
		it.Report(cxf.Warning, cxf.CodeCounter, part, fmt.Sprintf("has a signature counter (%d), which is kept but no longer counts up", p.SignCount))
	}
	if len(p.UserHandle) > 64 {
		it.Report(cxf.Warning, cxf.CodeFieldValue, part, "has a user handle of more than 64 bytes, which is against the standard")
	}
	it.Add(p)
}

// NextPart names the next credential of a type: "passkey" with the number from the second on.
func (it *ItemBuilder) NextPart(t cxf.CredentialType) string {
	it.count[t]++
	return string(t) + " " + strconv.Itoa(it.count[t])
}

// BadPart records a part of the item that cannot be read and is left out.
func (it *ItemBuilder) BadPart(part, message string) {
	it.b.report.Unreadable++
	it.Report(cxf.Problem, cxf.CodeUnreadable, part, message)
}

// checkPasskey makes a passkey fit to sign in with, or says what is wrong with it.
func checkPasskey(p *cxf.Passkey) error {
	switch {
	case p.RPID == "":
		return errors.New("names no relying party")
	case len(p.CredentialID) == 0:
		return errors.New("has no credential ID")
	case len(p.CredentialID) > 1023:
		return errors.New("has a credential ID of more than 1023 bytes")
	case len(p.Key) == 0:
		return errors.New("has no private key")
	}
	key, err := cxf.ParsePrivateKey(p.Key)
	if err != nil {
		return err
	}
	if p.Key, err = cxf.MarshalPrivateKey(key); err != nil {
		return err
	}
	if p.PublicKey == nil {
		return nil
	}
	pub, err := key.PublicKeyDER()
	if err != nil {
		return err
	}
	if string(pub) != string(p.PublicKey) {
		return errors.New("has a private key that does not belong to its public key")
	}
	return nil
}

// AddLogin adds a user name and password, if there is either. A user name alone that a passkey of the item has already says
// nothing more, and is left out.
func (it *ItemBuilder) AddLogin(username, password string) {
	if password == "" {
		for _, c := range it.Credentials {
			if p, ok := c.(*cxf.Passkey); ok && p.Username == username {
				return
			}
		}
	}
	if l := Login(username, password); l != nil {
		it.Add(l)
	}
}

// AddTOTP adds what a manager keeps as one-time password: an otpauth URI, a steam URI, or a bare secret. Nothing is added
// for "".
func (it *ItemBuilder) AddTOTP(text string) {
	if text == "" {
		return
	}
	part := it.NextPart(cxf.TypeTOTP)
	c, err := cxf.ParseOTPAuth(text)
	if err != nil {
		// Not lost: somebody may still read it.
		it.Report(cxf.Warning, cxf.CodeSecret, part, err.Error()+"; it was kept as a hidden field")
		it.Add(&cxf.CustomFields{Fields: []cxf.EditableField{{Type: cxf.FieldConcealedString, Label: "TOTP", Value: text}}})
		return
	}
	it.Add(c)
}

// AddNote adds a note, if there is one.
func (it *ItemBuilder) AddNote(text string) {
	if text != "" {
		it.Add(&cxf.Note{Content: cxf.Field(cxf.FieldString, text)})
	}
}

// AddFields adds a section of fields, if there are any.
func (it *ItemBuilder) AddFields(label string, fields []cxf.EditableField) {
	if len(fields) > 0 {
		it.Add(&cxf.CustomFields{Label: label, Fields: fields})
	}
}

// AddFile adds an attached file. open is called now, to learn its size and hash, and later by those who want it. A file
// that is too large or cannot be read is reported and left out; the error is only for what ends the reading as a whole.
func (it *ItemBuilder) AddFile(name string, open func() (io.ReadCloser, error)) error {
	part := "file " + name
	r, err := open()
	if err != nil {
		return it.badFile(part, err)
	}
	hash := sha256.New()
	n, err := io.Copy(hash, io.LimitReader(WithContext(it.b.ctx, r), MaxFile+1))
	if e := r.Close(); err == nil {
		err = e
	}
	if err != nil {
		return it.badFile(part, err)
	}
	if n > MaxFile {
		return it.badFile(part, fmt.Errorf("it has more than %d MiB", MaxFile>>20))
	}
	if it.b.total += n; it.b.total > MaxTotal {
		return fmt.Errorf("attached files of more than %d MiB together: %w", MaxTotal>>20, ErrTooLarge)
	}
	f := cxf.File{ID: it.b.ID("file", ""), Name: name, DecryptedSize: uint64(n), IntegrityHash: hash.Sum(nil)}
	it.b.files[f.ID] = open
	it.b.report.Files = append(it.b.report.Files, cxf.FileRef{Account: 0, ItemID: it.ID, File: f})
	it.Add(&f)
	return nil
}

func (it *ItemBuilder) badFile(part string, err error) error {
	if e := it.b.ctx.Err(); e != nil {
		return e
	}
	it.b.report.Unreadable++
	it.Report(cxf.Problem, CodeFile, part, "was left out: "+err.Error())
	return nil
}

// Done hands the item over.
func (it *ItemBuilder) Done() error {
	b := it.b
	if b.items++; b.items > MaxItems {
		return fmt.Errorf("more than %d items: %w", MaxItems, ErrTooLarge)
	}
	if err := b.ctx.Err(); err != nil {
		return err
	}
	if b.in.OnItem != nil {
		return b.in.OnItem(0, it.Item)
	}
	b.account.Items = append(b.account.Items, it.Item)
	return nil
}
