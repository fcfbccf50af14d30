package csv

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/keyferry/keyferry/cxp/formats"
	"github.com/keyferry/keyferry/cxp/formats/formatstest"
)

// maker makes files of one manager. row's cells are, in turn: title, address, user name, password; it quotes nothing.
type maker struct {
	id, header string
	row        func(title, address, user, password string) string
}

func makers() []maker {
	return []maker{
		{"chrome", "name,url,username,password,note", func(t, a, u, p string) string { return t + "," + a + "," + u + "," + p + ",n" }},
		{"firefox", "url,username,password,httpRealm,formActionOrigin,guid,timeCreated,timeLastUsed,timePasswordChanged",
			func(t, a, u, p string) string { return a + "," + u + "," + p + "," + t + ",,,1600000000000,," }},
		{"apple", "Title,URL,Username,Password,Notes,OTPAuth", func(t, a, u, p string) string { return t + "," + a + "," + u + "," + p + ",n," }},
		{"dashlane", "username,username2,username3,title,password,note,url,category,otpUrl",
			func(t, a, u, p string) string { return u + ",,," + t + "," + p + ",n," + a + ",Work," }},
		{"nordpass", "name,url,additional_urls,username,password,note,cardholdername,cardnumber,folder,type",
			func(t, a, u, p string) string { return t + "," + a + ",," + u + "," + p + ",n,,,Work,password" }},
		{"lastpass", "url,username,password,totp,extra,name,grouping,fav", func(t, a, u, p string) string { return a + "," + u + "," + p + ",,n," + t + ",Work,0" }},
		{"enpass", "Title,Field,*,Field,*,Field,*",
			func(t, a, u, p string) string { return t + ",Username," + u + ",*Password," + p + ",URL," + a + ",n" }},
		{"roboform", "Name,Url,MatchUrl,Login,Pwd,Note,Folder,RfFieldsV2",
			func(t, a, u, p string) string { return t + "," + a + ",," + u + "," + p + ",n,/Work," }},
		{"keeper", "", func(t, a, u, p string) string { return "Work," + t + "," + u + "," + p + "," + a + ",n," }},
		{"csv", "Account,Login Name,Password,Web Site,Comments", func(t, a, u, p string) string { return t + "," + u + "," + p + "," + a + ",n" }},
	}
}

// file is a header, a good row, what is broken, and another good row.
func (m *maker) file(broken ...string) string {
	lines := append([]string{m.header, m.good("First")}, broken...)
	if m.header == "" {
		lines = lines[1:]
	}
	return strings.Join(append(lines, m.good("Last")), "\n") + "\n"
}

func (m *maker) good(title string) string {
	return m.row(title, "https://"+strings.ToLower(title)+".example", "ann", "pw")
}

// utf16LE is text as some programs on Windows save it.
func utf16LE(text string) string {
	var out bytes.Buffer
	_ = binary.Write(&out, binary.LittleEndian, append([]uint16{0xfeff}, utf16.Encode([]rune(text))...)) // a buffer takes everything
	return out.String()
}

// breakages are what can be wrong with a file of any manager.
func breakages(m *maker) [][2]string {
	bad := m.good("Bad")
	return [][2]string{
		{"a cell too many", m.file(bad + ",surplus,and more")},
		{"cells missing", m.file(strings.Join(strings.Split(bad, ",")[:2], ","))},
		{"a stray quote", m.file(m.row("Bad", "https://bad.example", "ann", `p"w`))},
		{"not UTF-8", m.file(m.row("B\xe4d", "https://bad.example", "ann", "pw"))},
		{"a row of nothing", m.file(strings.Repeat(",", strings.Count(bad, ",")))},
		{"an address that is none", m.file(m.row("Bad", "who knows", "ann", "pw"))},
		{"a title that hides and turns text", m.file(m.row("Ba\x1b[2J\u202ed", "who knows", "ann", "pw"))},
		{"a quote that never closes", m.file(m.row("Bad", "https://bad.example", "ann", `"pw`))},
		{"the header once more", m.file(m.header)},
		{"no header", strings.TrimPrefix(m.file(), m.header+"\n")},
		{"nothing but a header", m.header + "\n"},
		{"another header", "date,amount,account,purpose\n2020-01-01,1,2,3\n"},
		{"UTF-16", utf16LE(m.file())},
		{"a picture", "\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR"},
		{"an empty file", ""},
		{"cut short", strings.TrimSuffix(m.file(), m.row("", "", "", "")[1:]+"\n")[:len(m.file())-9]},
	}
}

// TestBrokenFilesOfEachManager reads sixteen broken files of each manager: what is read of them, and what is said, is exactly what
// testdata/broken.txt has. KEYFERRY_GOLDEN=write writes that file anew, for a person to read.
func TestBrokenFilesOfEachManager(t *testing.T) {
	var out strings.Builder
	for _, m := range makers() {
		f := formats.ByID(Formats(), m.id)
		fmt.Fprintf(&out, "%s\n", m.id)
		for _, b := range breakages(&m) {
			r, err := f.Read(t.Context(), formatstest.Input([]byte(b[1]), ""))
			fmt.Fprintf(&out, "  %s: ", b[0])
			if err != nil {
				if !errors.Is(err, formats.ErrDamaged) && !errors.Is(err, formats.ErrNotThis) {
					t.Errorf("%s, %s: %v is of no kind", m.id, b[0], err)
				}
				fmt.Fprintf(&out, "refused: %s\n", strings.ReplaceAll(err.Error(), "\n", ": "))
				continue
			}
			formatstest.Consistent(t, r)
			var titles []string
			for _, it := range r.Header.Accounts[0].Items {
				titles = append(titles, fmt.Sprintf("%q", it.Title))
			}
			fmt.Fprintf(&out, "reads %s\n", strings.Join(titles, ", "))
			for _, line := range r.Report.Strings() {
				fmt.Fprintf(&out, "    %s\n", line)
			}
		}
	}
	path := filepath.Join("testdata", "broken.txt")
	if os.Getenv("KEYFERRY_GOLDEN") == "write" {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got, lines := strings.Split(out.String(), "\n"), strings.Split(string(want), "\n")
	for i := range max(len(got), len(lines)) {
		if i >= len(got) || i >= len(lines) || got[i] != lines[i] {
			t.Fatalf("line %d of %s:\nreads %q\nnot   %q", i+1, path, append(got, "")[min(i, len(got))], append(lines, "")[min(i, len(lines))])
		}
	}
}
