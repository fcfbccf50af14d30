package protonpass

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
	"github.com/ProtonMail/go-crypto/openpgp/s2k"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
	kit "github.com/keyferry/keyferry/cxp/formats/formatstest"
)

const passphrase = "a ferry over the river"

// gpg makes a function that runs GnuPG with a home of its own.
func gpg(t *testing.T) func(stdin []byte, args ...string) []byte {
	t.Helper()
	program := kit.Tool(t, "gpg")
	home, err := os.MkdirTemp("", "gpg") // short: its agent's socket lies in there
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if out, err := exec.Command(kit.Tool(t, "gpgconf"), "--homedir", home, "--kill", "all").CombinedOutput(); err != nil {
			t.Errorf("ending gpg's agent: %v\n%s", err, out)
		}
		if err := os.RemoveAll(home); err != nil {
			t.Error(err)
		}
	})
	return func(stdin []byte, args ...string) []byte {
		args = append([]string{
			"--homedir", home, "--batch", "--quiet", "--no-symkey-cache", "--s2k-count", "1048576", "--pinentry-mode", "loopback", "--passphrase", passphrase,
		}, args...)
		cmd := exec.CommandContext(t.Context(), program, args...)
		var stderr bytes.Buffer
		cmd.Stdin, cmd.Stderr = bytes.NewReader(stdin), &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("gpg: %v\n%s", err, stderr.String())
		}
		return out
	}
}

func TestGnuPGOpensWhatWeSeal(t *testing.T) {
	p, public := kit.NewPasskey(t, "gpg.example", "ada@gpg.example", "EdDSA", 32)
	doc := kit.NewDocument([]cxf.Item{kit.NewItem("gpg.example", kit.PRF(p))}, nil)
	doc.Header.Accounts[0].Items[0].Credentials = append(doc.Header.Accounts[0].Items[0].Credentials, kit.Attach(doc, "codes.txt", []byte("1234")))
	data, written := kit.Written(t, Format{}, doc, formats.WriteOptions{Passphrase: []byte(passphrase)})
	if len(written.Losses) != 0 || bytes.Contains(data, []byte("gpg.example")) {
		t.Errorf("lost %v", written.Losses)
	}
	plain := gpg(t)(data, "--decrypt")
	theirs, ours := kit.MustRead(t, Format{}, plain, ""), kit.MustRead(t, Format{}, data, passphrase)
	for _, r := range []*formats.Result{theirs, ours} {
		kit.Reports(t, r.Report)
		got := kit.Only[*cxf.Passkey](t, kit.Item(t, r, "gpg.example"))
		kit.SignIn(t, got, public)
		with, without, ok := got.PRF()
		wantWith, wantWithout, _ := p.PRF()
		if !ok || !bytes.Equal(with, wantWith) || !bytes.Equal(without, wantWithout) {
			t.Error("the PRF secrets changed")
		}
		if string(kit.File(t, r, "codes.txt")) != "1234" {
			t.Error("the file changed")
		}
	}
	if theirs.Plaintext == ours.Plaintext {
		t.Errorf("plaintext %v and %v", theirs.Plaintext, ours.Plaintext)
	}
}

func TestWeOpenWhatGnuPGSeals(t *testing.T) {
	run := gpg(t)
	for _, args := range [][]string{
		{"--symmetric", "--armor"},
		{"--symmetric"},
		{"--symmetric", "--compress-algo", "zlib", "--cipher-algo", "AES256", "--s2k-digest-algo", "SHA512", "--s2k-count", "65011712"},
		{"--symmetric", "--armor", "--compress-algo", "none", "--cipher-algo", "AES128"},
	} {
		for what, data := range map[string][]byte{"zip": everything(t), "json": kit.Testdata(t, "everything.json")} {
			r := kit.MustRead(t, Format{}, run(data, args...), passphrase)
			if kit.Item(t, r, "Everything"); r.Plaintext {
				t.Errorf("%v of %s is plaintext", args, what)
			}
		}
		inside := kit.Zip(t, [2]string{sealedName, string(run(kit.Testdata(t, "everything.json"), args...))}, [2]string{filesName + "0123456789abcdef-codes.txt", "1234"})
		r := kit.MustRead(t, Format{}, inside, passphrase)
		if string(kit.File(t, r, "codes.txt")) != "1234" || !r.Plaintext {
			t.Errorf("%v in a zip: %v", args, r.Plaintext)
		}
	}
}

// message seals text with this library, for what GnuPG of Debian cannot do.
func message(t testing.TB, text string, config *packet.Config) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := openpgp.SymmetricallyEncrypt(&out, []byte(passphrase), nil, config)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// argon2Message seals with Argon2, of 2^exponent KiB where the file says so.
func argon2Message(t testing.TB, exponent byte) []byte {
	t.Helper()
	data := message(t, string(kit.Testdata(t, "everything.json")), &packet.Config{
		DefaultCipher: packet.CipherAES256, AEADConfig: &packet.AEADConfig{},
		S2KConfig: &s2k.Config{S2KMode: s2k.Argon2S2K, Argon2Config: &s2k.Argon2Config{NumberOfPasses: 1, DegreeOfParallelism: 1, Memory: 1 << 10}},
	})
	at := bytes.IndexByte(data[:16], s2kArgon2)
	if at < 0 {
		t.Fatal("no Argon2")
	}
	if exponent > 0 {
		data[at+19] = exponent
	}
	return data
}

func TestArgon2OfAMessageIsBounded(t *testing.T) {
	r := kit.MustRead(t, Format{}, argon2Message(t, 0), passphrase)
	kit.Item(t, r, "Everything")
	for _, exponent := range []byte{21, 30, 31, 255} {
		if _, err := kit.Read(t, Format{}, argon2Message(t, exponent), passphrase); !errors.Is(err, formats.ErrKDF) {
			t.Errorf("2^%d KiB: %v", exponent, err)
		}
	}
}

func TestRefusedMessages(t *testing.T) {
	good := message(t, string(kit.Testdata(t, "everything.json")), sealConfig())
	altered := slices.Clone(good)
	altered[len(altered)-100] ^= 1
	twice := append(slices.Clone(good[:2+int(good[1])]), good...)
	long := slices.Clone(good)
	long[1] = 250
	for _, c := range []struct {
		name string
		data []byte
		pass string
		want error
		says string
	}{
		{"wrong passphrase", good, "other", formats.ErrWrongPassword, "wrong password"},
		{"nobody to ask", good, "", formats.ErrPasswordNeeded, "the file is encrypted; its password is needed: the passphrase that was chosen for the file when it was exported from Proton Pass"},
		{"altered", altered, passphrase, formats.ErrDamaged, "OpenPGP: the file is damaged; export it again: it was altered, or cut short"},
		{"cut short", good[:len(good)/2], passphrase, formats.ErrDamaged, "OpenPGP: the file is damaged; export it again: it was altered, or cut short"},
		{"cut in the first packet", good[:9], passphrase, formats.ErrDamaged, "OpenPGP: the file is damaged; export it again: it ends in the middle; it may have been cut short"},
		{"several passphrases", twice, passphrase, formats.ErrNotThis, "the message has several passphrases: the file is of another kind"},
		{"impossible length", long, passphrase, formats.ErrDamaged, "OpenPGP: the file is damaged; export it again: its first packet has an impossible length"},
		{"something else inside", message(t, "hello", sealConfig()), passphrase, formats.ErrNotThis, "it has not the members of a Proton Pass export: the file is of another kind"},
		{"a message inside", message(t, string(good), sealConfig()), passphrase, formats.ErrNotThis, "it holds yet another OpenPGP message: the file is of another kind"},
		{"armour of nothing", []byte(armorHead + "\n\n"), passphrase, formats.ErrNotThis, "the message does not open with a passphrase: the file is of another kind"},
		{"a zip without document", []byte(message(t, string(kit.Zip(t, [2]string{"a", "b"})), sealConfig())), passphrase, formats.ErrNotThis, "there is no Proton Pass/data.json in the archive: the file is of another kind"},
	} {
		if _, err := kit.Read(t, Format{}, c.data, c.pass); !errors.Is(err, c.want) || err.Error() != c.says {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	key := make([]byte, 40)
	key[0] = 0xc1 // sealed to a public key
	if _, err := (Format{}).Read(t.Context(), kit.Input(key, passphrase)); !errors.Is(err, formats.ErrNotThis) {
		t.Errorf("public key: %v", err)
	}
}

func TestLossesAreAnnounced(t *testing.T) {
	p256, public := kit.NewPasskey(t, "two.example", "ada", "ES256", 16)
	second, public2 := kit.NewPasskey(t, "two.example", "ada", "EdDSA", 64)
	p384, _ := kit.NewPasskey(t, "p384.example", "ada", "ES384", 16)
	rsa, _ := kit.NewPasskey(t, "rsa.example", "ada", "RS256", 16)
	p256.SignCount = 300
	items := append(kit.Person(),
		kit.NewItem("two.example", p256, kit.PRF(second), formats.Login("ada", "pw"), formats.Login("eve", "other")),
		kit.NewItem("p384.example", p384), kit.NewItem("rsa.example", rsa, &cxf.Note{Content: formats.TextField("kept")}),
		kit.NewItem("api.example", &cxf.APIKey{Key: formats.ConcealedField("k")}))
	doc := kit.NewDocument(items, nil)
	doc.Header.Accounts[0].Items = append(doc.Header.Accounts[0].Items, kit.NewItem("gone.example", &cxf.File{ID: "AA", Name: "gone.txt"}))
	data, written := kit.Written(t, Format{}, doc, formats.WriteOptions{Passphrase: []byte(passphrase)})
	if got, want := fmt.Sprint(written.Losses), "["+strings.Join([]string{
		"Proton Pass keeps passkeys with P-256 and Ed25519 keys only: 2 items affected",
		"An attached file is not there any more: 1 item affected",
		lossCounter + ": 1 item affected",
		"Proton Pass has no type for it, so it becomes fields: 2 items affected",
		"Proton Pass keeps one password per login, and logins, cards and the like in items of their own: 1 item affected",
	}, " ")+"]"; got != want {
		t.Errorf("announced\n%s\nwant\n%s", got, want)
	}
	r := kit.MustRead(t, Format{}, data, passphrase)
	var found []string
	for _, p := range kit.Passkeys(r) {
		found = append(found, p.RPID)
		if bytes.Equal(p.CredentialID, p256.CredentialID) {
			kit.SignIn(t, p, public)
		} else {
			kit.SignIn(t, p, public2)
		}
	}
	if !slices.Equal(found, []string{"two.example", "two.example"}) {
		t.Errorf("passkeys at %v", found)
	}
	if kit.Only[*cxf.Note](t, kit.Item(t, r, "rsa.example")).Content.Text() != "kept" {
		t.Error("a note was lost with the passkey")
	}
	if w := kit.Only[*cxf.WIFI](t, kit.Item(t, r, "wifi.example")); w.Passphrase.Text() != "over the river" || w.NetworkSecurityType.Text() != "wpa2-personal" {
		t.Errorf("wifi %+v", w)
	}
	if c := kit.Only[*cxf.CreditCard](t, kit.Item(t, r, "card.example")); c.ExpiryDate.Text() != "2031-04" || c.PIN.Text() != "9876" {
		t.Errorf("card %+v", c)
	}
	if n := kit.Only[*cxf.PersonName](t, kit.Item(t, r, "person.example")); n.Given.Text() != "Ada" {
		t.Errorf("person %+v", n)
	}
	if _, err := (Format{}).Write(t.Context(), new(bytes.Buffer), doc, formats.WriteOptions{}); !errors.Is(err, formats.ErrNoPassphrase) {
		t.Error(err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(kit.Testdata(f, "everything.json"))
	f.Add(kit.Testdata(f, "broken.json"))
	f.Add(everything(f))
	f.Add(message(f, `{"version":"1","vaults":{}}`, sealConfig()))
	f.Add(argon2Message(f, 0))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := (Format{}).Read(t.Context(), kit.Input(data, passphrase))
		if err == nil {
			kit.Consistent(t, r)
		}
	})
}

func FuzzContent(f *testing.F) {
	for _, algorithm := range []string{"ES256", "EdDSA"} {
		p, _ := kit.NewPasskey(f, "fuzz.example", "ada", algorithm, 16)
		content, ok, err := encodeContent(kit.PRF(p))
		if err != nil || !ok {
			f.Fatal(err)
		}
		f.Add(content)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := decodeContent(data)
		if err != nil {
			return
		}
		content, ok, err := encodeContent(p)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		if !ok {
			return
		}
		again, err := decodeContent(content)
		if err != nil || !again.SameCeremony(p) || again.SignCount != p.SignCount {
			t.Errorf("what was written is not what was read: %v", err)
		}
	})
}

func BenchmarkRead10000(b *testing.B) {
	data, _ := kit.Written(b, Format{}, kit.Many(b, 10_000), formats.WriteOptions{Passphrase: []byte(passphrase)})
	kit.BenchmarkRead(b, Format{}, data, passphrase, 10_000)
}

func BenchmarkWrite10000(b *testing.B) {
	kit.BenchmarkWrite(b, Format{}, kit.Many(b, 10_000), formats.WriteOptions{Passphrase: []byte(passphrase)}, 10_000)
}
