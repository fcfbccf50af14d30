package cxp_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/keyferry/keyferry/cxp"
	"github.com/keyferry/keyferry/cxp/cxf"
)

// vault is a document with one login and one attached file.
func vault() (*cxf.Header, cxp.FileSource) {
	const note = "the key is under the mat\n"
	sum := sha256.Sum256([]byte(note))
	doc := &cxf.Header{
		ExporterRPID: "exporter.example", ExporterDisplayName: "Exporter", Timestamp: 1_780_000_000,
		Accounts: []cxf.Account{{ID: "YWNjb3VudA", Items: []cxf.Item{{
			ID: "aXRlbQ", Title: "Example Shop",
			Credentials: []cxf.Credential{
				&cxf.BasicAuth{Username: cxf.Field(cxf.FieldString, "anna"), Password: cxf.Field(cxf.FieldConcealedString, "correct horse")},
				&cxf.File{ID: "bm90ZQ", Name: "note.txt", DecryptedSize: uint64(len(note)), IntegrityHash: sum[:]},
			},
		}}}},
	}
	return doc, func(_ context.Context, f cxf.File) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(note)), nil
	}
}

// askPerson shows which groups to type; here the person has the other screen before them.
func askPerson(otherScreen cxp.Fingerprint, challenge *cxp.Challenge) (*cxp.Confirmation, error) {
	groups := otherScreen.Groups()
	var typed []string
	for _, n := range challenge.Positions() {
		typed = append(typed, groups[n-1])
	}
	return challenge.Answer(typed...)
}

// Two strangers move a vault by files.
func Example() {
	ctx := context.Background()

	// The importer writes a request and shows its fingerprint.
	pending, err := cxp.NewRequest(cxp.RequestOptions{Mode: cxp.Indirect, Importer: "importer.example"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer pending.Close()
	requestFile := bytes.NewReader(pending.Request().Bytes())

	// The exporter reads it, has three groups typed, and writes a response.
	request, err := cxp.ReadRequest(ctx, requestFile)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(request.Importer().Text(), "asks")
	challenge, err := request.Fingerprint().Ask()
	if err != nil {
		fmt.Println(err)
		return
	}
	confirmation, err := askPerson(pending.Request().Fingerprint(), challenge)
	if err != nil {
		fmt.Println(err)
		return
	}
	doc, files := vault()
	exporter, err := cxp.NewExporter(request, cxp.ExportOptions{Document: doc, Files: files, Confirmation: confirmation})
	if err != nil {
		fmt.Println(err)
		return
	}
	var responseFile bytes.Buffer
	result, err := exporter.WriteResponse(ctx, &responseFile)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("sealed with", exporter.Suite())

	// The importer scans the response, has three of its groups typed, and opens it.
	response, err := cxp.ScanResponse(ctx, bytes.NewReader(responseFile.Bytes()), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	if challenge, err = response.Fingerprint().Ask(); err != nil {
		fmt.Println(err)
		return
	}
	if confirmation, err = askPerson(result.Fingerprint, challenge); err != nil {
		fmt.Println(err)
		return
	}
	im, err := pending.Open(ctx, bytes.NewReader(responseFile.Bytes()), response, cxp.OpenOptions{Confirmation: confirmation})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, item := range im.Document().Accounts[0].Items {
		fmt.Println("item:", item.Title)
	}
	for {
		file, err := im.NextFile()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			fmt.Println(err)
			return
		}
		content, err := io.ReadAll(file) // an error here means: throw away what was read
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("file %s: %s", file.Refs[0].File.Name, content)
	}
	fmt.Println("verified:", im.Verified())

	// The vault has committed: now, and only now, the keys go.
	fmt.Println("committed:", pending.Commit() == nil, "- closed:", errors.Is(pending.Err(), cxp.ErrRequestClosed))

	// Output:
	// importer.example asks
	// sealed with X-Wing, HKDF-SHA256, AES-256-GCM
	// item: Example Shop
	// file note.txt: the key is under the mat
	// verified: true
	// committed: true - closed: true
}

// Over a transport between two programs of one person, envelope and payload travel side by side.
func ExampleExporter_WritePayload() {
	ctx := context.Background()
	pending, err := cxp.NewRequest(cxp.RequestOptions{Mode: cxp.Direct, Importer: "importer.example"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer pending.Close()

	doc, files := vault()
	exporter, err := cxp.NewExporter(pending.Request(), cxp.ExportOptions{Document: doc, Files: files})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, w := io.Pipe()
	go func() {
		_, err := exporter.WritePayload(ctx, w)
		w.CloseWithError(err)
	}()
	im, err := pending.OpenParts(ctx, exporter.Envelope(), r, cxp.OpenOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(im.Document().Accounts[0].Items[0].Title, im.Drain(), im.Verified())
	// Output: Example Shop <nil> true
}

// A backup is read back before the person is told that it is there.
func ExampleWriteBackup() {
	ctx := context.Background()
	passphrase := []byte("six words that nobody would guess")
	doc, files := vault()
	var file bytes.Buffer
	_, err := cxp.WriteBackup(ctx, &file, passphrase, cxp.BackupOptions{
		Document: doc, CXF: &cxf.WriteOptions{Archive: true}, Files: files,
		KDF: cxp.KDF{Memory: 64 << 10, Time: 3, Threads: 2}, // the least allowed; leave it out for DefaultKDF
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	scanned, err := cxp.ScanResponse(ctx, bytes.NewReader(file.Bytes()), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	im, err := cxp.OpenBackup(ctx, bytes.NewReader(file.Bytes()), scanned, passphrase, cxp.OpenOptions{CXF: &cxf.ReadOptions{Archive: true}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("backup:", scanned.Backup(), "- verified:", im.Drain() == nil)
	_, err = cxp.OpenBackup(ctx, bytes.NewReader(file.Bytes()), scanned, []byte("a guess"), cxp.OpenOptions{})
	fmt.Println("wrong passphrase:", errors.Is(err, cxp.ErrPassphrase))
	// Output:
	// backup: true - verified: true
	// wrong passphrase: true
}

func ExampleParseFingerprint() {
	f, err := cxp.ParseFingerprint("gqja 1nqr 7qkx 2jqk fb7v 9i3t")
	fmt.Println(f, err)
	// Output: GQJA-1NQR-7QKX-2JQK-FB7V-913T <nil>
}
