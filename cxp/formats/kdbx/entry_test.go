package kdbx

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
	"github.com/keyferry/keyferry/cxp/formats/formatstest"
)

// TestOTP reads one-time passwords as the programs keep them.
func TestOTP(t *testing.T) {
	const secret = "JBSWY3DPEHPK3PXP"
	plain := cxf.TOTP{Secret: secret, Period: 30, Digits: 6, Algorithm: "sha1"}
	for _, c := range []struct {
		name   string
		fields []string
		want   []cxf.TOTP
		report []string
	}{
		{"a URI", []string{"otp", "otpauth://totp/Example:ann?secret=" + secret + "&period=60&digits=8&algorithm=SHA256&issuer=Example"},
			[]cxf.TOTP{{Secret: secret, Period: 60, Digits: 8, Algorithm: "sha256", Username: "ann", Issuer: "Example"}}, nil},
		{"a bare secret", []string{"!otp", secret}, []cxf.TOTP{plain}, nil},
		{"KeeOtp", []string{"otp", "key=" + secret + "&step=60&size=8&otpHashMode=Sha512"}, []cxf.TOTP{{Secret: secret, Period: 60, Digits: 8, Algorithm: "sha512"}}, nil},
		{"KeePassXC, once", []string{"TOTP Seed", "jbsw y3dp ehpk 3pxp", "TOTP Settings", "60;8"}, []cxf.TOTP{{Secret: secret, Period: 60, Digits: 8, Algorithm: "sha1"}}, nil},
		{"KeePass", []string{"TimeOtp-Secret-Base32", secret, "TimeOtp-Period", "60", "TimeOtp-Length", "8", "TimeOtp-Algorithm", "HMAC-SHA-512"},
			[]cxf.TOTP{{Secret: secret, Period: 60, Digits: 8, Algorithm: "sha512"}}, nil},
		{"KeePass, text", []string{"!TimeOtp-Secret", "Hello!\xc3\x9e\xc2\xad"}, []cxf.TOTP{{Secret: "JBSWY3DPEHBZ5QVN", Period: 30, Digits: 6, Algorithm: "sha1"}}, nil},
		{"KeePass, hexadecimal", []string{"TimeOtp-Secret-Hex", "48656c6c6f21deadbeef"}, []cxf.TOTP{plain}, nil},
		{"KeePass, base64", []string{"TimeOtp-Secret-Base64", "SGVsbG8h3q2+7w=="}, []cxf.TOTP{plain}, nil},
		{"the same in two forms", []string{"otp", "otpauth://totp/x?secret=" + secret, "TimeOtp-Secret-Base32", secret},
			[]cxf.TOTP{{Secret: secret, Period: 30, Digits: 6, Algorithm: "sha1", Username: "x"}}, nil},
		{"damaged", []string{"TimeOtp-Secret-Hex", "zz"}, nil, []string{"A → TimeOtp-Secret-Hex: cannot be read; it was kept as a hidden field"}},
		{"none", []string{"otp", "otpauth://hotp/x?secret=" + secret}, nil,
			[]string{"A → totp 1: this is no time-based one-time password: it counts, or is of another kind; it was kept as a hidden field"}},
		{"a counter", []string{"HmacOtp-Secret", "x", "HmacOtp-Counter", "4"}, nil, []string{"A: has a one-time password that counts; it was kept as fields"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := read(t, database(t, entryOf("", append([]string{keyTitle, "A"}, c.fields...)...)), "x")
			formatstest.Reports(t, r.Report, c.report...)
			var got []cxf.TOTP
			for _, x := range r.Header.Accounts[0].Items[0].Credentials {
				if x, ok := x.(*cxf.TOTP); ok {
					got = append(got, *x)
				}
			}
			if !slices.EqualFunc(got, c.want, func(a, b cxf.TOTP) bool {
				return a.Secret == b.Secret && a.Period == b.Period && a.Digits == b.Digits && a.Algorithm == b.Algorithm && a.Username == b.Username && a.Issuer == b.Issuer
			}) {
				t.Errorf("read %+v, want %+v", got, c.want)
			}
		})
	}
}

// TestSteam keeps Steam's one-time passwords, which CXF does not know.
func TestSteam(t *testing.T) {
	for _, fields := range [][]string{
		{"TOTP Seed", "JBSWY3DPEHPK3PXP", "TOTP Settings", "30;S"}, {"otp", "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP&encoder=steam"},
	} {
		r := read(t, database(t, entryOf("", append([]string{keyTitle, "A"}, fields...)...)), "x")
		for range 2 {
			u := formatstest.Only[*cxf.Unknown](t, formatstest.Item(t, r, "A"))
			if u.Type != cxf.TypeTOTP || !strings.Contains(string(u.Raw), "steam") || !strings.Contains(string(u.Raw), "JBSWY3DPEHPK3PXP") {
				t.Errorf("%s %s", u.Type, u.Raw)
			}
			data, w := write(t, &formats.Document{Header: r.Header}, "x")
			if len(w.Losses) > 0 {
				t.Errorf("losses %v", w.Losses)
			}
			r = read(t, data, "x")
		}
	}
}

// TestBrokenEntries reads databases with something wrong in one entry: exactly the rest is read, and exactly this is said.
func TestBrokenEntries(t *testing.T) {
	bin := `<Group><UUID>` + uuidText([16]byte{9}) + `</UUID><Name>Bin</Name>` + entryOf("", keyTitle, "Old") + `<Group><Name>Within</Name>` + entryOf("") + `</Group></Group>`
	good := entryOf("<Times><CreationTime>2020-01-02T03:04:05Z</CreationTime></Times>", keyTitle, "Good", keyPassword, "pw")
	ref := func(name, id string) string {
		return `<Binary><Key>` + name + `</Key><Value Ref="` + id + `"/></Binary>`
	}
	inline := func(attrs, content string) string {
		return `<Binary><Key>a.txt</Key><Value` + attrs + `>` + content + `</Value></Binary>`
	}
	for _, c := range []struct {
		name, entries string
		items         int
		report        []string
	}{
		{"recycle bin", bin, 1, []string{"Old: lay in the recycle bin and was not taken", "entry 2: lay in the recycle bin and was not taken"}},
		{"a missing file", entryOf(ref("a.txt", "7"), keyTitle, "A"), 2, []string{"A → file a.txt: was left out: the database does not contain it"}},
		{"a file that is no base64", entryOf(inline("", "?"), keyTitle, "A"), 2, []string{"A → file a.txt: was left out: it is damaged"}},
		{"a file that is not compressed", entryOf(inline(` Compressed="True"`, "AAAA"), keyTitle, "A"), 2, []string{"A → file a.txt: was left out: it is damaged"}},
		{"a field twice", entryOf("", keyTitle, "A", keyPassword, "1", keyPassword, "2"), 2, []string{"A → Password: stands there twice; the second was kept as a field"}},
		{"a bad time", entryOf("<Times><CreationTime>oops</CreationTime></Times>", keyTitle, "A"), 2, []string{"A: has a time that cannot be read"}},
		{"a time to come", entryOf("<Times><LastModificationTime>"+base64.StdEncoding.EncodeToString([]byte("\xff\xff\xff\xff\xff\xff\xff\x7f"))+"</LastModificationTime></Times>", keyTitle, "A"), 2,
			[]string{"A: has a time that cannot be read"}},
		{"an address that is none", entryOf("", keyTitle, "A", keyURL, "who knows"), 2, []string{"A → address: is no address that is known; it was kept as a field"}},
		{"a reference", entryOf("", keyTitle, "A", keyPassword, "{REF:P@I:00}"), 2, []string{"A: refers to a field of another entry, which was not looked up"}},
		{"older versions", entryOf("<History>"+entryOf("", keyTitle, "A", "!"+keyPassword, "older")+"</History>", keyTitle, "A", "!"+keyPassword, "pw"), 2,
			[]string{"history: older versions of 1 entries are not taken"}},
		{"auto-type", entryOf("<AutoType><Enabled>True</Enabled><DefaultSequence>{PASSWORD}</DefaultSequence></AutoType><OverrideURL>cmd://x</OverrideURL>", keyTitle, "A"), 2,
			[]string{"auto-type: what 1 entries have of their own for auto-type is not taken"}},
		{"a short UUID and unknown elements", entryOf("<UUID>AAAA</UUID><Future a=\"b\"><More/></Future>", keyTitle, "A"), 2, nil},
		{"an entry without anything", "<Entry/>", 2, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := read(t, database(t, c.entries+good), "x")
			formatstest.Consistent(t, r)
			if n := len(r.Header.Accounts[0].Items); n != c.items {
				t.Errorf("%d items", n)
			}
			formatstest.Reports(t, r.Report, c.report...)
			if it := formatstest.Item(t, r, "Good"); it.CreationAt != 1577934245 {
				t.Errorf("%+v", it)
			}
		})
	}
}

// TestRefusedContent are databases that open and hold no database.
func TestRefusedContent(t *testing.T) {
	inner := string(innerFields())
	for _, c := range []struct{ name, payload, says string }{
		{"no XML", inner + "oops", "payload: %s: it is cut short"},
		{"nothing", inner, "payload: %s: it is cut short"},
		{"not KeePass", inner + "<Other/>", "content: %s: it is no KeePass document"},
		{"no groups", inner + "<KeePassFile><Root/></KeePassFile>", "content: %s: it has no groups"},
		{"cut short", inner + "<KeePassFile><Root><Group>", "payload: %s: it is cut short"},
		{"wrong ends", inner + "<KeePassFile><Root></KeePassFile></Root>", "content: %s: line 1 is not XML"},
		{"a value not base64", inner + "<KeePassFile><Root><Group><Entry><String><Key>k</Key><Value Protected=\"True\">?</Value></String></Entry></Group></Root></KeePassFile>", "content: %s: a protected value is not base64"},
		{"no inner header", "\x01\x04\x00", "payload: %s: it is cut short"},
		{"an unknown stream", "\x01\x04\x00\x00\x00\x07\x00\x00\x00\x00\x00\x00\x00\x00", "header: %s: its protected values are hidden in a way that Keyferry does not know; save it with a newer program"},
		{"a short stream", "\x01\x01\x00\x00\x00\x07", "inner header: %s: a field is of a wrong length"},
		{"a file cut short", "\x03\xff\x00\x00\x00\x00abc", "payload: %s: it is cut short"},
		{"a declaration", inner + `<!DOCTYPE x [<!ENTITY e "eeee">]><KeePassFile>&e;</KeePassFile>`, "content: %s: line 1 is not XML"},
	} {
		_, err := Format{}.Read(t.Context(), input(seal(t, strings.NewReader(c.payload)), "x", nil))
		if !errors.Is(err, formats.ErrDamaged) || err.Error() != fmt.Sprintf(c.says, formats.ErrDamaged) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestFavoritesAndExpiry have no place of their own on one side each.
func TestFavoritesAndExpiry(t *testing.T) {
	r := read(t, database(t, entryOf("<Tags>a; Favorite,b</Tags><Times><ExpiryTime>2031-05-06T07:08:09Z</ExpiryTime><Expires>True</Expires></Times>", keyTitle, "A")), "x")
	it := formatstest.Item(t, r, "A")
	if !it.Favorite || !slices.Equal(it.Tags, []string{"a", "b"}) {
		t.Errorf("%+v", it)
	}
	f := formatstest.Only[*cxf.CustomFields](t, it).Fields[0]
	if f.Label != expiresLabel || f.Value != "2031-05-06" || f.Type != cxf.FieldDate {
		t.Errorf("%+v", f)
	}
}
