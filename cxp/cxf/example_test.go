package cxf_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/keyferry/keyferry/cxp/cxf"
)

func ExampleRead() {
	document := `{"version":{"major":1,"minor":0},"exporterRpId":"vault.example","exporterDisplayName":"Vault","timestamp":1795305600,
	  "accounts":[{"id":"DZSXp7iBQY-Fg-OofakQtQ","username":"","email":"","collections":[],"items":[
	    {"id":"9OF-QjVDQo2Wp2xWPw6ZhA","title":"GitHub","scope":{"urls":["github.com"],"androidApps":[]},"credentials":[
	      {"type":"basic-auth","username":{"fieldType":"string","value":"jd"}},
	      {"type":"passkey","credentialId":"AQID","rpId":"github.com","username":"jd","userDisplayName":"","userHandle":"BA","key":"c2NhbGFy"}]}]}]}`

	header, report, err := cxf.Read(strings.NewReader(document), nil)
	if err != nil {
		log.Fatal(err) // not a CXF document, damaged, or beyond the limits
	}
	for _, d := range report.Diagnostics {
		fmt.Println(d.Severity, "-", d)
	}
	for _, credential := range header.Accounts[0].Items[0].Credentials {
		switch c := credential.(type) {
		case *cxf.BasicAuth:
			fmt.Println("user name:", c.Username.Text())
		case *cxf.Unknown:
			fmt.Println("kept as it is:", c.Type)
		}
	}
	// Output:
	// notice - GitHub → scope → urls 1: was a bare host and was read as https
	// problem - GitHub → passkey 1: the key is not PKCS#8
	// user name: jd
	// kept as it is: passkey
}

func ExampleWrite() {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	pkcs8, err := cxf.MarshalPrivateKey(key)
	if err != nil {
		log.Fatal(err)
	}
	header := &cxf.Header{
		ExporterRPID:        "vault.example",
		ExporterDisplayName: "Vault",
		Accounts: []cxf.Account{{
			ID: cxf.NewID(),
			Items: []cxf.Item{{
				ID:         cxf.NewID(),
				Title:      "Example",
				CreationAt: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC).Unix(),
				Credentials: []cxf.Credential{
					&cxf.Passkey{CredentialID: []byte{1, 2, 3}, RPID: "example.com", Username: "jd", UserHandle: []byte{4}, Key: pkcs8},
					&cxf.Passkey{CredentialID: []byte{5, 6, 7}, RPID: "example.com", Username: "old", UserHandle: []byte{8}, Key: pkcs8, SignCount: 12},
					&cxf.BasicAuth{Username: cxf.Field(cxf.FieldString, "jd"), Password: cxf.Field(cxf.FieldConcealedString, "secret")},
				},
			}},
		}},
	}
	var document bytes.Buffer
	report, err := cxf.Write(&document, header, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(report.Credentials[cxf.TypePasskey], "passkey and", report.Credentials[cxf.TypeBasicAuth], "password written")
	for _, d := range report.Diagnostics {
		fmt.Println(d)
	}
	// Output:
	// 1 passkey and 1 password written
	// Example → passkey 2: was left out: the passkey has a signature counter, and such passkeys must not be exported
}

func ExampleReadOptions_onItem() {
	document := `{"version":{"major":1,"minor":0},"exporterRpId":"vault.example","exporterDisplayName":"Vault","timestamp":1795305600,
	  "accounts":[{"id":"YQ","username":"","email":"","collections":[],"items":[
	    {"id":"Yg","title":"One","credentials":[]},{"id":"Yw","title":"Two","credentials":[]}]}]}`

	// Items are handed over one by one: a store can take each into a transaction.
	_, report, err := cxf.Read(strings.NewReader(document), &cxf.ReadOptions{
		OnItem: func(account int, item cxf.Item) error {
			stored, err := cxf.MarshalItem(&item)
			if err != nil {
				return err
			}
			fmt.Println(item.ID, len(stored), "bytes")
			return nil
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(report.Items, "items")
	// Output:
	// Yg 42 bytes
	// Yw 42 bytes
	// 2 items
}

func ExampleUnmarshalItem() {
	stored := []byte(`{"id":"Yg","title":"One","credentials":[{"type":"note","content":{"fieldType":"string","value":"text"}}],"newMember":[1.50]}`)
	item, _, err := cxf.UnmarshalItem(stored, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(item.Title, item.Credentials[0].(*cxf.Note).Content.Text(), string(item.Extra.Get("newMember")))
	// Output: One text [1.50]
}

func ExampleParsePrivateKey() {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	pkcs8, err := cxf.MarshalPrivateKey(key)
	if err != nil {
		log.Fatal(err)
	}
	parsed, err := cxf.ParsePrivateKey(pkcs8)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(parsed.Algorithm == cxf.ES256, key.PublicKey.Equal(parsed.Public()))

	_, err = cxf.ParsePrivateKey([]byte("a raw scalar is no PKCS#8 key"))
	fmt.Println(err)
	// Output:
	// true true
	// the private key cannot be used: the key is not PKCS#8
}

func ExamplePasskey_PRF() {
	passkey := &cxf.Passkey{Fido2Extensions: &cxf.Fido2Extensions{HMACCredentials: &cxf.Fido2HMACCredentials{
		Algorithm: "hmac-sha512", CredWithUV: make([]byte, 32), CredWithoutUV: make([]byte, 32)}}}
	_, _, ok := passkey.PRF()
	fmt.Println(ok) // an algorithm that CXF 1.0 does not know must be ignored
	// Output: false
}

func ExampleNewLargeBlob() {
	blob, err := cxf.NewLargeBlob([]byte(strings.Repeat("certificate ", 20)))
	if err != nil {
		log.Fatal(err)
	}
	plain, err := blob.Inflate(cxf.MaxLargeBlob)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(blob.UncompressedSize, len(plain), len(blob.Data) < 40)
	// Output: 240 240 true
}

func ExampleFile_Verify() {
	file := &cxf.File{ID: "ZmlsZQ", Name: "note.txt", DecryptedSize: 5, IntegrityHash: make([]byte, 32)}
	fmt.Println(file.Verify(strings.NewReader("hello")))
	// Output: the file is not the one that the document describes: it was damaged or exchanged
}
