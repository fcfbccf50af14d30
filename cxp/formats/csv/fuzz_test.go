package csv

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/keyferry/keyferry/cxp/formats"
	"github.com/keyferry/keyferry/cxp/formats/formatstest"
)

// FuzzRead reads anything as every dialect: it never panics, and what it returns is consistent.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		chromeHeader + "A,https://a.example,ann,pw,note\n",
		"Title,URL,Username,Password,Notes,OTPAuth\nA,,ann,pw,,otpauth://totp/x?secret=JBSWY3DPEHPK3PXP\n",
		"url,username,password,totp,extra,name,grouping,fav\nhttp://sn,,,,\"NoteType:SSH Key\nPrivate Key:a\nb\nNotes:n\",A,b\\c,1\n",
		"name,url,username,password,note,cardholdername,cardnumber,type,custom_fields,expirydate\nA,,ann,pw,,,4,credit_card,[],02/31\n",
		"Title,Field,*\nA,Number,4111,Expiry date,02/31,n\n", "Name,Url,MatchUrl,Login,Pwd,Note,Folder,RfFieldsV2\nA,,,,,,/a,\"x$,,,pwd,y\"\n",
		"F,T,l,p,https://a.example,n,,TFC:Keeper,x\n", "type,number,name,issue_date,expiration_date\npassport,1,a,2020-01-01,x\n",
		"\ufeffpassword,user\n\"a\",b\n", "a\n\"",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, format := range Formats() {
			r, err := format.Read(t.Context(), formatstest.Input(data, ""))
			if err == nil {
				formatstest.Consistent(t, r)
			}
		}
	})
}

// BenchmarkRead reads 10,000 rows of Chrome's.
func BenchmarkRead(b *testing.B) {
	const n = 10_000
	var s strings.Builder
	s.WriteString(chromeHeader)
	for i := range n {
		fmt.Fprintf(&s, "Site %d,https://site%d.example/login,user%d,password %d,note\n", i, i, i, i)
	}
	data := []byte(s.String())
	format := formats.ByID(Formats(), "chrome")
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := format.Read(b.Context(), &formats.Input{ReaderAt: bytes.NewReader(data), Size: int64(len(data))}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "items/s")
}
