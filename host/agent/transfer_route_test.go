package agent

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"testing"

	kit "github.com/keyferry/keyferry/cxp/formats/formatstest"
	"github.com/keyferry/keyferry/host/protocol"
)

// A person who brings a file need not know what it is: the answer to a request and a backup are taken as such.
func TestAnyFileIsTakenForWhatItIs(t *testing.T) {
	from, to := newRig(t, everVerified), newRig(t, everVerified)
	out, _ := from.withVault()
	in, _ := to.withVault()
	from.fill(2)

	made := in.request()
	got := in.bring(protocol.TransferFile, made.Request)
	if got.State != protocol.StateFailed || got.Error.Code != protocol.CodeBadFile || !strings.Contains(got.Error.Message, "another app's request") {
		t.Errorf("a request: %+v", got)
	}

	sent, sealed := out.seal(made)
	if got := out.bring(protocol.TransferFile, sealed); got.Error == nil || got.Error.Code != protocol.CodeRequestGone {
		t.Errorf("an answer to somebody else: %+v", got)
	}
	got = in.bring(protocol.TransferFile, sealed)
	if got.Kind != protocol.TransferSealed || got.State != protocol.StateAsking || len(got.Ask) != 3 || got.NeedsPassphrase {
		t.Fatalf("an answer: %+v %v", got, got.Error)
	}
	if got = in.store(in.answer(got, sent.Fingerprint)); got.Outcome == nil || to.passkeys() != 2 {
		t.Errorf("stored: %+v %v", got, got.Error)
	}

	var tr protocol.Transfer
	out.must(transferPage, "transfer.export", protocol.TransferExport{Kind: protocol.TransferBackup}, &tr)
	tr = out.settled(tr)
	start := protocol.TransferStart{ID: tr.ID, Secret: protocol.Secret{Passphrase: goodPhrase}, New: protocol.Secret{Passphrase: "a different lantern quarry"}}
	out.must(transferPage, "transfer.start", start, &tr)
	backup := out.fetch(out.settled(tr))
	got = in.bring(protocol.TransferFile, backup)
	if got.Kind != protocol.TransferBackup || got.State != protocol.StateAsking || !got.NeedsPassphrase {
		t.Fatalf("a backup: %+v %v", got, got.Error)
	}
	in.must(transferPage, "transfer.answer", protocol.TransferAnswer{ID: got.ID, Secret: start.New}, &got)
	if got = in.store(in.settled(got)); got.Outcome == nil || !got.Outcome.Unchanged {
		t.Errorf("restored: %+v %v", got, got.Error)
	}

	for what, raw := range map[string][]byte{
		"an encrypted transfer (CXP)":        []byte(`{"version":0,"hpke":{},"exporter":"a.example","payload":""}`),
		"an encrypted transfer (CXP payload": kit.Zip(t, [2]string{"CXP-Export/index.jwe", "x"}),
	} {
		if got := in.bring(protocol.TransferFile, raw); got.Error == nil || got.Error.Code != protocol.CodeBadFile || !strings.Contains(got.Error.Message, what) {
			t.Errorf("%s: %v", what, got.Error)
		}
	}
}

// Attached files travel in a plain archive, and come back as they were; one that is damaged is lost alone, and that is said.
func TestPlainArchivesCarryFiles(t *testing.T) {
	from, to := newRig(t, everVerified), newRig(t, everVerified)
	out, _ := from.withVault()
	in, _ := to.withVault()
	content := strings.Repeat("the file's content ", 1000)
	hash := func(s string) string {
		sum := sha256.Sum256([]byte(s))
		return base64.RawURLEncoding.EncodeToString(sum[:])
	}
	document := func(files string) string {
		return fmt.Sprintf(`{"version":{"major":1,"minor":0},"exporterRpId":"x.example","exporterDisplayName":"X","timestamp":1700000000,"accounts":[{"id":"AA","username":"","email":"",`+
			`"collections":[],"items":[{"id":"AQ","title":"Papers","credentials":[%s{"type":"note","content":{"fieldType":"string","value":"n"}}]}]}]}`, files)
	}
	good := fmt.Sprintf(`{"type":"file","id":"ZmlsZQ","name":"../paper.txt","decryptedSize":%d,"integrityHash":%q},`, len(content), hash(content))
	bad := fmt.Sprintf(`{"type":"file","id":"YmFk","name":"bad.txt","decryptedSize":3,"integrityHash":%q},`, hash("was"))
	gone := fmt.Sprintf(`{"type":"file","id":"Z29uZQ","name":"gone.txt","decryptedSize":3,"integrityHash":%q},`, hash("was"))
	brought := kit.Zip(t, [2]string{"index.json", document(good + bad + gone)}, [2]string{"documents/ZmlsZQ", content}, [2]string{"documents/YmFk", "is!"})

	for _, kind := range []string{protocol.TransferPlain, protocol.TransferFile} {
		got := in.bring(kind, brought)
		if remarks := strings.Join(got.Remarks, "\n"); remarks != "file gone.txt: is not in the export\nfile bad.txt: is damaged or too large and was left out" || !got.Plaintext {
			t.Errorf("%s: remarks\n%s\n%v", kind, remarks, got.Error)
		}
		in.must(transferPage, "transfer.cancel", protocol.TransferRef{ID: got.ID}, nil)
	}
	if got := out.store(out.bring(protocol.TransferPlain, brought)); got.Outcome == nil || got.Outcome.Files != 1 {
		t.Fatalf("taken in: %+v %v", got.Outcome, got.Error)
	}
	var tr protocol.Transfer
	out.must(transferPage, "transfer.export", protocol.TransferExport{Kind: protocol.TransferPlain}, &tr)
	tr = out.settled(tr)
	out.must(transferPage, "transfer.start", protocol.TransferStart{ID: tr.ID, Secret: protocol.Secret{Passphrase: goodPhrase}}, &tr)
	tr = out.settled(tr)
	file := out.fetch(tr)
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatalf("with attached files it is no archive: %v", err)
	}
	names := []string{}
	for _, f := range z.File {
		names = append(names, f.Name)
	}
	if strings.Join(names, " ") != "index.json documents/ZmlsZQ" {
		t.Errorf("the archive holds %q", names)
	}
	if got := in.store(in.bring(protocol.TransferFile, file)); got.Outcome == nil || got.Outcome.Files != 1 {
		t.Fatalf("taken in again: %+v %v", got.Outcome, got.Error)
	}
	in.must(transferPage, "transfer.export", protocol.TransferExport{Kind: protocol.TransferPlain}, &tr)
	tr = in.settled(tr)
	in.must(transferPage, "transfer.start", protocol.TransferStart{ID: tr.ID, Secret: protocol.Secret{Passphrase: goodPhrase}}, &tr)
	again := in.fetch(in.settled(tr))
	read := func(raw []byte) string {
		z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
		if err != nil {
			t.Fatal(err)
		}
		f, err := z.Open("documents/ZmlsZQ")
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		return string(got)
	}
	if read(file) != content || read(again) != content {
		t.Error("the file is not what it was")
	}
}
