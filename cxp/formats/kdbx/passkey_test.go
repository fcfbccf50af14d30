package kdbx

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
	"github.com/keyferry/keyferry/cxp/formats/formatstest"
)

// fixture is a passkey and the attributes that hold it.
type fixture struct {
	*cxf.Passkey
	pem string
}

func newFixture(t testing.TB) *fixture {
	p := newPasskey(t, "ES256")
	return &fixture{p, formats.EncodePEM(p.Key)}
}

// attributes are the usual ones, with those in change instead, or besides, or not at all where the value is "-".
func (f *fixture) attributes(change ...string) []string {
	list := []string{
		keyTitle, "A", attrUsername, "ann", "!" + attrID, b64(f.CredentialID), "!" + attrKey, f.pem,
		attrRelyingParty, "example.com", "!" + attrHandle, b64(f.UserHandle),
	}
	for i := 0; i < len(change); i += 2 {
		at := -1
		for j := 0; j < len(list); j += 2 {
			if list[j] == change[i] {
				at = j
			}
		}
		switch {
		case at < 0:
			list = append(list, change[i], change[i+1])
		case change[i+1] == "-":
			list = append(list[:at], list[at+2:]...)
		default:
			list[at+1] = change[i+1]
		}
	}
	return list
}

// labels are the names of the custom fields of the first item.
func labels(r *formats.Result) string {
	var out []string
	for _, c := range r.Header.Accounts[0].Items[0].Credentials {
		if s, ok := c.(*cxf.CustomFields); ok {
			for _, f := range s.Fields {
				name := f.Label
				if f.Type == cxf.FieldConcealedString {
					name += "(hidden)"
				}
				out = append(out, name)
			}
		}
	}
	return strings.Join(out, " ")
}

// TestPasskeyAttributes reads what the programs write, and what they disagree on.
func TestPasskeyAttributes(t *testing.T) {
	f := newFixture(t)
	other := bytes.Repeat([]byte{1}, 16)
	oneLine := strings.ReplaceAll(strings.TrimSpace(f.pem), "\n", "")
	for _, c := range []struct {
		name   string
		change []string
		id     []byte
		user   string
		fields string
		report []string
	}{
		{"as usual", nil, f.CredentialID, "ann", "", nil},
		{"the older ID alone", []string{"!" + attrID, "-", "!" + attrIDOld, b64(other)}, other, "ann", "", nil},
		{"both the same", []string{"!" + attrIDOld, b64(f.CredentialID)}, f.CredentialID, "ann", "", nil},
		{"both, padded", []string{"!" + attrIDOld, base64.URLEncoding.EncodeToString(f.CredentialID)}, f.CredentialID, "ann", "", nil},
		{"both, different", []string{attrIDOld, b64(other)}, other, "ann", attrID + "(hidden)",
			[]string{"A → passkey 1: has two credential IDs; " + attrIDOld + " is used, the one in " + attrID + " is kept as a field"}},
		{"the older is the user handle", []string{attrIDOld, b64(f.UserHandle)}, f.CredentialID, "ann", attrIDOld + "(hidden)",
			[]string{"A → passkey 1: has two credential IDs; " + attrID + " is used, the one in " + attrIDOld + " is kept as a field"}},
		{"the older is damaged", []string{attrIDOld, "?!"}, f.CredentialID, "ann", attrIDOld + "(hidden)",
			[]string{"A → passkey 1: has two credential IDs; " + attrID + " is used, the one in " + attrIDOld + " is kept as a field"}},
		{"the newer is damaged", []string{"!" + attrID, "?!", attrIDOld, b64(other)}, other, "ann", attrID + "(hidden)",
			[]string{"A → passkey 1: has two credential IDs; " + attrIDOld + " is used, the one in " + attrID + " is kept as a field"}},
		{"the old user name alone", []string{attrUsername, "-", attrUsernameOld, "bob"}, f.CredentialID, "bob", "", nil},
		{"both user names", []string{attrUsernameOld, "bob"}, f.CredentialID, "bob", attrUsername,
			[]string{"A → passkey 1: has two user names; the one in " + attrUsernameOld + " is used, as KeePassXC does"}},
		{"the entry's user name", []string{attrUsername, "-", keyUser, "eve"}, f.CredentialID, "eve", "", nil},
		{"a key on one line", []string{"!" + attrKey, oneLine}, f.CredentialID, "ann", "", nil},
		{"unknown attributes", []string{"KPEX_PASSKEY_NEW", "1", "!KPEX_OTHER", "2"}, f.CredentialID, "ann", "KPEX_PASSKEY_NEW KPEX_OTHER(hidden)", nil},
		{"a short PRF secret", []string{"!" + attrPRF, "AAAA"}, f.CredentialID, "ann", attrPRF + "(hidden)",
			[]string{"A → passkey 1: has a PRF secret that is not 32 bytes in base64; it was kept as a hidden field"}},
		{"odd flags", []string{attrEligible, "yes"}, f.CredentialID, "ann", "",
			[]string{"A → passkey 1: has backup flags that are neither 0 nor 1; they were ignored"}},
		{"impossible flags", []string{attrEligible, "0", attrBackedUp, "1"}, f.CredentialID, "ann", "",
			[]string{"A → passkey 1: is backed up though it must not be, by its flags; they were ignored"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := read(t, database(t, entryOf("<Tags>Passkey</Tags>", f.attributes(c.change...)...)), "x")
			formatstest.Consistent(t, r)
			formatstest.Reports(t, r.Report, c.report...)
			p := formatstest.Passkeys(r)[0]
			if !bytes.Equal(p.CredentialID, c.id) || p.Username != c.user || !bytes.Equal(p.Key, f.Key) ||
				!bytes.Equal(p.UserHandle, f.UserHandle) || p.RPID != "example.com" {
				t.Errorf("read %x of %q", p.CredentialID, p.Username)
			}
			if got := labels(r); got != c.fields {
				t.Errorf("fields %q, want %q", got, c.fields)
			}
			it := r.Header.Accounts[0].Items[0]
			for _, x := range it.Credentials {
				if x.CredentialType() == cxf.TypeBasicAuth {
					t.Error("the passkey's user name is taken for a login")
				}
			}
			if len(it.Tags) > 0 {
				t.Errorf("tags %q", it.Tags)
			}
		})
	}
}

// TestSeveralInOneEntry reads passkeys that stand in one entry, numbered; one of them is bad, and its attributes stay.
func TestSeveralInOneEntry(t *testing.T) {
	first := newFixture(t)
	list := append(first.attributes(), "Plain_1", "stays")
	var want []*cxf.Passkey
	for _, suffix := range []string{"_1", "_2", "_10"} {
		p := newFixture(t)
		for i, attributes := 0, p.attributes(); i < len(attributes); i += 2 {
			if attributes[i] == keyTitle || suffix == "_2" && attributes[i] == attrRelyingParty {
				continue
			}
			list = append(list, attributes[i]+suffix, attributes[i+1])
		}
		if suffix != "_2" {
			want = append(want, p.Passkey)
		}
	}
	r := read(t, database(t, entryOf("", list...)), "x")
	formatstest.Consistent(t, r)
	formatstest.Reports(t, r.Report, "A → passkey 3: names no relying party")
	got := formatstest.Passkeys(r)
	if len(got) != 3 || !got[0].SameCeremony(first.Passkey) || !got[1].SameCeremony(want[0]) || !got[2].SameCeremony(want[1]) {
		t.Fatalf("%d passkeys", len(got))
	}
	if got := labels(r); got != "Plain_1 "+attrUsername+"_2(hidden) "+attrID+"_2(hidden) "+attrKey+"_2(hidden) "+attrHandle+"_2(hidden)" {
		t.Errorf("fields %q", got)
	}
}

// TestBadPasskeys are passkeys that cannot sign in: they are left out and said, their attributes and the rest of the entry stay.
func TestBadPasskeys(t *testing.T) {
	f, g := newFixture(t), newFixture(t)
	for _, c := range []struct {
		name   string
		change []string
		report string
	}{
		{"no key", []string{"!" + attrKey, "-"}, "has no private key"},
		{"no PEM", []string{"!" + attrKey, "oops"}, "has a private key that is no PEM text"},
		{"a public key", []string{"!" + attrKey, strings.ReplaceAll(f.pem, "PRIVATE", "PUBLIC")}, "has a private key that is no PKCS#8 private key"},
		{"an encrypted key", []string{"!" + attrKey, strings.ReplaceAll(f.pem, "PRIVATE", "ENCRYPTED PRIVATE")}, "has a private key that is encrypted with a password of its own"},
		{"two keys", []string{"!" + attrKey, f.pem + g.pem}, "has a private key that is followed by something else"},
		{"no relying party", []string{attrRelyingParty, "-"}, "names no relying party"},
		{"no credential ID", []string{"!" + attrID, "-"}, "has no credential ID"},
		{"a damaged credential ID", []string{"!" + attrID, "?!"}, "has a credential ID that is no base64"},
		{"a credential ID too long", []string{"!" + attrID, b64(make([]byte, 1024))}, "has a credential ID of more than 1023 bytes"},
		{"a damaged user handle", []string{"!" + attrHandle, "?!"}, "has a user handle that is no base64"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := read(t, database(t, entryOf("", f.attributes(append(c.change, keyNotes, "note")...)...)+entryOf("", g.attributes()...)), "x")
			formatstest.Consistent(t, r)
			formatstest.Reports(t, r.Report, "A → passkey 1: "+c.report)
			if r.Report.Unreadable != 1 || len(r.Header.Accounts[0].Items) != 2 || len(formatstest.Passkeys(r)) != 1 {
				t.Errorf("%d unreadable, %d items", r.Report.Unreadable, len(r.Header.Accounts[0].Items))
			}
			for _, label := range strings.Fields(labels(r)) {
				if strings.HasPrefix(label, attrPrefix) && !strings.HasSuffix(label, "(hidden)") {
					t.Errorf("%s is in the open", label)
				}
			}
		})
	}
}

// TestFlags keeps the backup flags, all that there may be.
func TestFlags(t *testing.T) {
	f := newFixture(t)
	for _, c := range []struct {
		be, bs      string
		want        [2]bool
		known, kept bool
	}{
		{"", "", [2]bool{}, false, true}, {"0", "0", [2]bool{false, false}, true, true}, {"1", "0", [2]bool{true, false}, true, true},
		{"1", "1", [2]bool{true, true}, true, true}, {"1", "", [2]bool{true, false}, true, false},
	} {
		var change []string
		if c.be != "" {
			change = append(change, attrEligible, c.be)
		}
		if c.bs != "" {
			change = append(change, attrBackedUp, c.bs)
		}
		r := read(t, database(t, entryOf("", f.attributes(change...)...)), "x")
		for range 2 { // as read, and as written and read again
			p := formatstest.Passkeys(r)[0]
			be, bs, known := BackupFlags(p)
			if known != c.known || [2]bool{be, bs} != c.want {
				t.Errorf("BE %q, BS %q: %v %v %v", c.be, c.bs, be, bs, known)
			}
			data, _ := write(t, &formats.Document{Header: r.Header}, "x")
			r = read(t, data, "x")
		}
	}
}

// TestSignIn writes passkeys of each kind and signs in with what is read.
func TestSignIn(t *testing.T) {
	for _, kind := range []string{"ES256", "EdDSA", "RS256", "ES384"} {
		t.Run(kind, func(t *testing.T) {
			before := newPasskey(t, kind)
			registered, err := cxf.ParsePrivateKey(before.Key)
			if err != nil {
				t.Fatal(err)
			}
			data, _ := write(t, document(nil, cxf.Item{Title: "A", Credentials: []cxf.Credential{before}}), "x")
			after := formatstest.Passkeys(read(t, data, "x"))[0]
			if !bytes.Equal(after.Key, before.Key) || !after.SameCeremony(before) {
				t.Error("the key is another")
			}
			formatstest.SignIn(t, after, registered.Public())
		})
	}
}
