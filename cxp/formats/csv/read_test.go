package csv

import (
	"archive/zip"
	"bytes"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
	"github.com/keyferry/keyferry/cxp/formats/formatstest"
)

// detect returns the ID of the best match, "" for none.
func detect(t testing.TB, data string) string {
	t.Helper()
	matches, err := formats.Detect(Formats(), formatstest.Input([]byte(data), ""))
	if err != nil {
		if unknown := (*formats.UnknownError)(nil); errors.As(err, &unknown) {
			return ""
		}
		t.Fatal(err)
	}
	return matches[0].Format.ID()
}

// flat writes a document so that a test can show it: one line per item.
func flat(r *formats.Result) []string {
	var out []string
	paths := formats.Paths(&r.Header.Accounts[0])
	for _, it := range r.Header.Accounts[0].Items {
		line := it.Title
		if it.Favorite {
			line += " *"
		}
		for _, p := range paths[it.ID] {
			line += " in " + strings.Join(p, "/")
		}
		if s := formats.Sites(it.Scope); len(s) > 0 {
			line += " @ " + strings.Join(s, " ")
		}
		for _, c := range it.Credentials {
			line += " | " + string(c.CredentialType())
			if t, ok := c.(*cxf.TOTP); ok {
				line += " " + t.Secret
			}
			fields, _ := formats.Flatten(c)
			for _, f := range fields {
				line += " " + f.Label + "=" + f.Value
			}
		}
		out = append(out, strings.ReplaceAll(line, "\n", "\\n"))
	}
	return out
}

// TestDialects reads a file of each manager, made up after what it writes.
func TestDialects(t *testing.T) {
	for _, c := range []struct {
		name, id, data string
		want, report   []string
	}{
		{"chrome", "chrome", "name,url,username,password,note\nExample,https://example.com/,ann,\"a,\"\"b\",hello\nApp,android://aGFzaA==@com.example.app/,bob,pw,\n",
			[]string{
				`Example @ https://example.com/ | basic-auth User name=ann Password=a,"b | note Note=hello`,
				`App @ androidapp://com.example.app | basic-auth User name=bob Password=pw`,
			}, nil},
		{"edge without notes", "chrome", "\ufeffname,url,username,password\r\n,https://example.com/x,ann,pw\r\n",
			[]string{`example.com @ https://example.com/x | basic-auth User name=ann Password=pw`}, nil},
		{"firefox", "firefox", `"url","username","password","httpRealm","formActionOrigin","guid","timeCreated","timeLastUsed","timePasswordChanged"` + "\n" +
			`"https://example.com","ann","pw","Realm","https://example.com","{00112233-4455-6677-8899-aabbccddeeff}","1600000000123","1600000001000","1600000002000"` + "\n",
			[]string{`example.com @ https://example.com | basic-auth User name=ann Password=pw | custom-fields httpRealm=Realm`}, nil},
		{"apple", "apple", "Title,URL,Username,Password,Notes,OTPAuth\nExample (ann),https://example.com/,ann,pw,\"two\nlines\",otpauth://totp/Example:ann?secret=JBSWY3DPEHPK3PXP\n",
			[]string{`Example (ann) @ https://example.com/ | basic-auth User name=ann Password=pw | totp JBSWY3DPEHPK3PXP | note Note=two\nlines`}, nil},
		{"dashlane", "dashlane", "username,username2,username3,title,password,note,url,category,otpUrl\nann,other,,Test,pw,n,https://example.com,Work,\n",
			[]string{`Test in Work @ https://example.com | basic-auth User name=ann Password=pw | note Note=n | custom-fields username2=other`}, nil},
		{"dashlane payments", "dashlane", "type,account_name,account_holder,cc_number,code,expiration_month,expiration_year,routing_number,account_number,country,issuing_bank,note,name\n" +
			"payment_card,Ann Example,,4111111111111111,123,07,2031,,,US,,,Card\n",
			[]string{`Card | credit-card Card number=4111111111111111 Cardholder=Ann Example Verification number=123 Expiry date=2031-07 | custom-fields country=US`}, nil},
		{"dashlane ids", "dashlane", "type,number,name,issue_date,expiration_date,place_of_issue,state\npassport,P123,Ann Example,2020-01-02,2030-01-02,Bern,\n",
			[]string{`passport | passport Passport number=P123 Full name=Ann Example Issue date=2020-01-02 Expiry date=2030-01-02 Issuing authority=Bern`}, nil},
		{"nordpass", "nordpass", "name,url,additional_urls,username,password,note,cardholdername,cardnumber,cvc,pin,expirydate,zipcode,folder,full_name,phone_number,email,address1,address2,city,country,state,type,custom_fields\n" +
			`Example,https://example.com,"[""https://b.example.com""]",ann,pw,n,,,,,,,Work,,,,,,,,,password,"[{""type"":""hidden"",""label"":""PIN"",""value"":""1""}]"` + "\n" +
			"Card,,,,,,Ann,4111111111111111,123,9,02/31,,,,,,,,,,,credit_card,\n" +
			"Work,,,,,,,,,,,,,,,,,,,,,folder,\n" +
			"Me,,,,,,,,,,,8000,,Ann Example,+41,ann@example.com,Street 1,,Bern,CH,,identity,\n",
			[]string{
				`Example in Work @ https://example.com https://b.example.com | basic-auth User name=ann Password=pw | note Note=n | custom-fields PIN=1`,
				`Card | credit-card Card number=4111111111111111 Cardholder=Ann Verification number=123 PIN=9 Expiry date=2031-02`,
				`Me | custom-fields Full name=Ann Example | address Street address=Street 1 Postal code=8000 City=Bern Telephone=+41 | custom-fields email=ann@example.com country=CH`,
			}, nil},
		{"lastpass", "lastpass", "url,username,password,totp,extra,name,grouping,fav\nhttps://example.com,ann,pw,JBSWY3DPEHPK3PXP,n,Example,Work\\Sub,1\n" +
			"http://sn,,,,\"NoteType:Credit Card\nName on Card:Ann\nType:Visa\nNumber:4111\nSecurity Code:123\nStart Date:,\nExpiration Date:March,2031\nNotes:one\ntwo\",Card,,0\n",
			[]string{
				`Example * in Work/Sub @ https://example.com | basic-auth User name=ann Password=pw | totp JBSWY3DPEHPK3PXP | note Note=n`,
				`Card | credit-card Card number=4111 Cardholder=Ann Card type=Visa Verification number=123 Expiry date=2031-03 | note Note=one\ntwo | custom-fields Start Date=,`,
			}, nil},
		{"enpass", "enpass", "\"Title\",\"Field\",\"*\",\"Field\",\"*\"\n\"Example\",\"Username\",\"ann\",\"*Password\",\"pw\",\"URL\",\"https://example.com\",\"Extra*\",\"x\",\"note\"\n\"Only note\",\"text\"\n",
			[]string{
				`Example @ https://example.com | basic-auth User name=ann Password=pw | note Note=note | custom-fields Extra=x`,
				`Only note | note Note=text`,
			}, nil},
		{"roboform", "roboform", "Name,Url,MatchUrl,Login,Pwd,Note,Folder,RfFieldsV2\nExample,https://example.com,https://example.com,ann,pw,n,/Work/Sub,\"User ID$,,,txt,ann\",\"Password$,,,pwd,pw\",\"Code$,,,txt,7\",\"TOTP KEY$,,,txt,JBSWY3DPEHPK3PXP\"\n",
			[]string{`Example in Work/Sub @ https://example.com | basic-auth User name=ann Password=pw | note Note=n | totp JBSWY3DPEHPK3PXP | custom-fields Code=7`}, nil},
		{"roboform, escaped", "roboform", "Name,Url,MatchUrl,Login,Pwd,Note,Folder,RfFieldsV2\nExample,,,'@ann,''quoted,,,\"Password$,,,pwd,''quoted\"\nOther,,,ann,'plain,,,\n",
			[]string{`Example | basic-auth User name=@ann Password='quoted`, `Other | basic-auth User name=ann Password='plain`}, nil},
		{"keeper", "keeper", "Work\\Sub,Example,ann,pw,https://example.com,n,,TFC:Keeper,otpauth://totp/x?secret=JBSWY3DPEHPK3PXP,Code,7\n",
			[]string{`Example in Work/Sub @ https://example.com | basic-auth User name=ann Password=pw | note Note=n | totp JBSWY3DPEHPK3PXP | custom-fields Code=7`}, nil},
		{"keeper with a header", "keeper", "Folder,Title,Login,Password,Website Address,Notes,Shared Folder,Custom Fields\n,Example,ann,pw,https://example.com,,,\n",
			[]string{`Example @ https://example.com | basic-auth User name=ann Password=pw`}, nil},
		{"another", "csv", "Group,Account,Login Name,Password,Web Site,Comments,Color\nA/B,Example,ann,pw,example.com,n,red\n",
			[]string{`Example in A/B @ https://example.com | basic-auth User name=ann Password=pw | note Note=n | custom-fields Color=red`}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := detect(t, c.data); got != c.id {
				t.Fatalf("detected as %q", got)
			}
			f := formats.ByID(Formats(), c.id)
			r := formatstest.MustRead(t, f, []byte(c.data), "")
			if got := flat(r); !reflect.DeepEqual(got, c.want) {
				t.Errorf("read\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(c.want, "\n\t"))
			}
			formatstest.Reports(t, r.Report, c.report...)
			if !r.Plaintext || !strings.Contains(r.NoPasskeys, "never holds") {
				t.Errorf("plaintext %v, passkeys %q", r.Plaintext, r.NoPasskeys)
			}
		})
	}
}

const chromeHeader = "name,url,username,password,note\n"

// TestBroken reads files with something wrong in them: exactly the rest is read, and exactly this is said.
func TestBroken(t *testing.T) {
	good := "Good,https://good.example,ann,pw,\n"
	for _, c := range []struct {
		name, id, data string
		items          int
		report         []string
	}{
		{"too many columns", "chrome", chromeHeader + "A,https://a.example,ann,p,w,x\n" + good, 1,
			[]string{"line 2: has 6 columns where the header has 5; it was left out"}},
		{"too few columns", "chrome", chromeHeader + "A,https://a.example,ann\n" + good, 1,
			[]string{"line 2: has 3 columns where the header has 5; it was left out"}},
		{"empty cells too many", "chrome", chromeHeader + "Good,https://good.example,ann,pw,,,\n", 1, nil},
		{"a stray quote", "chrome", chromeHeader + "A,https://a.example,ann,p\"w,\n" + good, 1,
			[]string{"line 2: has quotes where none may be; it was left out"}},
		{"not UTF-8", "chrome", chromeHeader + "A,https://a.example,ann,p\xfcw,\n" + good, 1,
			[]string{"line 2: is not UTF-8 text; save the file as UTF-8 and import it again"}},
		{"empty row", "chrome", chromeHeader + ",,,,\n\n" + good, 1, []string{"line 2: is empty and was left out"}},
		{"no address", "chrome", chromeHeader + "A,who knows,ann,pw,\n", 1,
			[]string{"A → address: is no address that is known; it was kept as a field"}},
		{"bad TOTP", "apple", "Title,URL,Username,Password,Notes,OTPAuth\nA,,ann,pw,,otpauth://hotp/x?secret=AAAA\n", 1,
			[]string{"A → totp 1: this is no time-based one-time password: it counts, or is of another kind; it was kept as a hidden field"}},
		{"bad fields", "nordpass", "name,url,username,password,note,cardholdername,cardnumber,type,custom_fields\nA,,ann,pw,,,,password,{oops\n", 1,
			[]string{"A → custom fields: could not be told apart; they were kept as one"}},
		{"bad key", "lastpass", "url,username,password,totp,extra,name,grouping,fav\nhttp://sn,,,,\"NoteType:SSH Key\nPrivate Key:oops\nNotes:n\",A,,0\n", 1,
			[]string{"A → ssh-key 1: is no SSH key that can be read; it was kept as a hidden field"}},
		{"no fields", "enpass", "Title,Field,*\nA\nB,Password,pw\n", 1, []string{"A: has no fields; it was left out"}},
		{"without addresses", "keeper", "Work,A,ann,pw,,n,\n,B,bob,pw,,,\n", 2, nil},
		{"short row", "keeper", "Folder,Title,Login,Password,Website Address,Notes\n,A,b\n,Good,ann,pw,https://good.example,\n", 1,
			[]string{"A: has too few columns for Keeper; it was left out"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := formats.ByID(Formats(), c.id).Read(t.Context(), formatstest.Input([]byte(c.data), ""))
			if err != nil {
				t.Fatal(err)
			}
			formatstest.Consistent(t, r)
			if n := len(r.Header.Accounts[0].Items); n != c.items {
				t.Errorf("%d items", n)
			}
			formatstest.Reports(t, r.Report, c.report...)
		})
	}
}

// TestRefused are files of which nothing may be used.
func TestRefused(t *testing.T) {
	for _, c := range []struct {
		name, data string
		want       error
	}{
		{"a quote that never closes", chromeHeader + "A,https://a.example,ann,\"pw,\nB,https://b.example,bob,pw,\n", formats.ErrDamaged},
		{"another header", "a,b\n1,2\n", formats.ErrNotThis},
		{"a picture", "\x89PNG\x0d\x0a\x1a\x0a\x00", formats.ErrNotThis},
		{"nothing", "", formats.ErrNotThis},
	} {
		_, err := formats.ByID(Formats(), "chrome").Read(t.Context(), formatstest.Input([]byte(c.data), ""))
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	in := formatstest.Input([]byte(chromeHeader), "")
	in.Size = maxFile + 1
	if _, err := formats.ByID(Formats(), "chrome").Read(t.Context(), in); !errors.Is(err, formats.ErrTooLarge) {
		t.Errorf("too large: %v", err)
	}
}

// TestNotDetected are texts that no dialect takes for its own.
func TestNotDetected(t *testing.T) {
	for _, data := range []string{"a,b,c\n1,2,3\n", "just text", "name,color\nx,red\n", "{\"password\":1,\"username\":2}", "date,amount,account\n"} {
		if got := detect(t, data); got != "" {
			t.Errorf("%q is taken for %s", data, got)
		}
	}
}

// TestDashlaneZip reads the archive of several CSVs that Dashlane writes.
func TestDashlaneZip(t *testing.T) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, f := range [][2]string{
		{"credentials.csv", "username,username2,username3,title,password,note,url,category,otpUrl\nann,,,Test,pw,,https://example.com,,\n"},
		{"securenotes.csv", "title,note\nSecret,text\n"},
		{"personalInfo.csv", "type,title,first_name,middle_name,last_name,login,date_of_birth,place_of_birth,email,email_type,item_name,phone_number,address,country,state,city,zip\nname,MS,Ann,,Example,,,,,,,,,,,,\n"},
		{"ids.csv", "type,number,name,issue_date,expiration_date,place_of_issue,state\n"},
	} {
		w, err := z.Create(f[0])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(f[1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	r := formatstest.MustRead(t, formats.ByID(Formats(), "dashlane"), out.Bytes(), "")
	want := []string{
		"Test @ https://example.com | basic-auth User name=ann Password=pw", "Secret | note Note=text",
		"name | person-name Title=MS First name=Ann Last name=Example",
	}
	if got := flat(r); !slices.Equal(got, want) {
		t.Errorf("read %q", got)
	}
	formatstest.Reports(t, r.Report)
}

// TestDashlaneBomb is a small archive of a file that unpacks to more than is read, whatever its directory says.
func TestDashlaneBomb(t *testing.T) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	w, err := z.Create("credentials.csv")
	if err != nil {
		t.Fatal(err)
	}
	line := bytes.Repeat([]byte("a,"), 1<<19)
	for range maxFile>>20 + 1 {
		if _, err := w.Write(line); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := formats.ByID(Formats(), "dashlane").Read(t.Context(), formatstest.Input(out.Bytes(), "")); !errors.Is(err, formats.ErrTooLarge) {
		t.Errorf("an archive of %d bytes: %v", out.Len(), err)
	}
}

// TestSamples reads the published samples where they are.
func TestSamples(t *testing.T) {
	for name, want := range map[string]int{"chrome-passwords.csv": 3, "dashlane.csv": 3} {
		t.Run(name, func(t *testing.T) {
			data := formatstest.Sample(t, "managers/"+name)
			id, _, _ := strings.Cut(strings.TrimSuffix(name, ".csv"), "-")
			if got := detect(t, string(data)); got != id {
				t.Errorf("detected as %q", got)
			}
			r := formatstest.MustRead(t, formats.ByID(Formats(), id), data, "")
			if n := len(r.Header.Accounts[0].Items); n != want {
				t.Errorf("%d items", n)
			}
			formatstest.Reports(t, r.Report)
		})
	}
}
