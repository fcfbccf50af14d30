package cxf

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
)

// seedDocuments are what the fuzzers start from.
func seedDocuments(f *testing.F) []string {
	f.Helper()
	seeds := []string{
		document(""), withCredential(passkeyJSON(f, "")), `{"payload":"e30"}`, `{}`, `[]`, ``,
		`{"id":"YQ","username":"","email":"","items":[{"credentials":[{"ty":"x"}]}],"collections":[{"items":[{}]}]}`,
		withCredential(`{"type":"totp","secret":"a==","digits":"6"}`) + " ", withCredential(`{"type":"note","content":"x"},5,null`),
		document(`{"id":1,"title":null,"creationAt":-1e9,"modifiedAt":"2735237468.5","tags":[],"extensions":[{"name":"shared","accessors":{}}],"credentials":{}}`),
	}
	// Small ones, item by item: the fuzzer spends its time on cutting long ones short.
	h, _ := mustRead(f, testdata(f, "everything.json"))
	for i := range h.Accounts[0].Items {
		b, err := MarshalItem(&h.Accounts[0].Items[i])
		if err != nil {
			f.Fatal(err)
		}
		seeds = append(seeds, document(string(b)))
	}
	return seeds
}

// Whatever is read can be written, the result satisfies the schema, and from then
// on reading and writing change nothing.
func FuzzRead(f *testing.F) {
	for _, seed := range seedDocuments(f) {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		_, _, err := Read(bytes.NewReader(data), readOptions())
		if err != nil {
			var syntax *SyntaxError
			if !errors.As(err, &syntax) && !errors.Is(err, ErrNotCXF) && !errors.Is(err, ErrVersion) && !errors.Is(err, ErrTooLarge) && !errors.Is(err, ErrTooDeep) {
				t.Errorf("an error of no kind: %v", err)
			}
			return
		}
		survives(t, string(data))
	})
}

func FuzzUnmarshalItem(f *testing.F) {
	h, _, err := Read(strings.NewReader(testdata(f, "everything.json")), readOptions())
	if err != nil {
		f.Fatal(err)
	}
	for _, a := range h.Accounts {
		for i := range a.Items {
			b, err := MarshalItem(&a.Items[i])
			if err != nil {
				f.Fatal(err)
			}
			f.Add(b)
		}
	}
	f.Add([]byte(`5`))
	f.Fuzz(func(t *testing.T, data []byte) {
		it, _, err := UnmarshalItem(data, readOptions())
		if err != nil {
			return
		}
		first, err := MarshalItem(it)
		if err != nil {
			t.Fatal(err)
		}
		it, _, err = UnmarshalItem(first, readOptions())
		if err != nil {
			t.Fatalf("%v: %s", err, first)
		}
		second, err := MarshalItem(it)
		if err != nil || !bytes.Equal(first, second) {
			t.Errorf("storing again gives something else (%v):\n%s\n%s", err, first, second)
		}
	})
}

func FuzzParsePrivateKey(f *testing.F) {
	for _, seed := range testKeys {
		der, err := base64.StdEncoding.DecodeString(seed)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(der)
	}
	f.Fuzz(func(t *testing.T, der []byte) {
		key, err := ParsePrivateKey(der)
		if err != nil {
			if !errors.Is(err, ErrKey) {
				t.Errorf("an error of no kind: %v", err)
			}
			return
		}
		if err := checkKey(der, true); err != nil {
			t.Errorf("sound, but not in form: %v", err)
		}
		out, err := MarshalPrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParsePrivateKey(out)
		if err != nil {
			t.Fatal(err)
		}
		a, errA := key.PublicKeyDER()
		b, errB := again.PublicKeyDER()
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			t.Errorf("another key came out: %v, %v", errA, errB)
		}
	})
}

func FuzzBase32(f *testing.F) {
	for _, seed := range []string{"JBSWY3DPEHPK3PXP", "jbsw y3dp", "A", "====", "MZXX", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		first, ok := canonicalBase32(text)
		if !ok {
			return
		}
		if second, ok := canonicalBase32(first); !ok || second != first {
			t.Errorf("%q became %q became %q", text, first, second)
		}
	})
}

// Our own look at JSON agrees with the decoder's.
func FuzzScan(f *testing.F) {
	for _, seed := range seedDocuments(f) {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r := newReader(alone(nil))
		raw, err := r.single(data)
		if err != nil || raw[0] != '{' {
			return
		}
		rebuilt := []byte{'{'}
		for i, m := range appendMembers(nil, raw, 1<<20) {
			if i > 0 {
				rebuilt = append(rebuilt, ',')
			}
			w := newWriter(nil, nil)
			w.string("", string(m.name))
			rebuilt = append(append(append(rebuilt, w.buf...), ':'), compact(m.value)...)
		}
		rebuilt = append(rebuilt, '}')
		sameJSON(t, string(rebuilt), string(raw))
	})
}

// testKeys are PKCS#8 keys of each kind, made up for the fuzzer to start from.
var testKeys = []string{
	"MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgAAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwehRANCAARwksB38EcTNbt8jWQoxSabRDBiysXoq2Pn925urjWm23MXbM6SbaMW248qaiIrbeEMdt1ZF7F/tYYqAMdbmJqO",
	"MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDAABwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwehZANiAASzDjoXsaYZednnC2R51Yq+b1ZKUqZrr5FkZLpFhnQuvdrQVzhJRo8oBBnvw7rxUQYrk0JxmpYsss/Ecr5EAlRinVgCPHl6A8JS+qeayECfjJYsXGoEUt/7ik4LCqsMj0o=",
	"MIHuAgEAMBAGByqGSM49AgEGBSuBBAAjBIHWMIHTAgEBBEIABwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwehgYkDgYYABADoha5ADJZ07sqM8x9oZBmjMTjbSq6KIAZ9YslNYAuypI2YmqlflhXU5brNwETheYAwcvjxM+EV0l6WxVbkab2K0wAOB68fecmbWsdaSfEgzX6MyZXQCSnfDTfZQ9gbVaMG1sjA7t+HMgQfA9BzYlrvgfWewWWmqPaobbfSqnJTbTybtw==",
	"MC4CAQAwBQYDK2VwBCIEIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH",
	"MIICdQIBADANBgkqhkiG9w0BAQEFAASCAl8wggJbAgEAAoGBANeC/HZwqrmxgPHiUDAyMaNRvnOua1W5Pf7B1fu6k6zrNdS0M4Rmk1ByGfwvNIat9qFcABAA/OHRvhIyBXXb4xyYmCYY2T+Xx/pjGKiBj9RdVf4OPtUTrRaBiLzVl1iJCvBxe75xMVpdQh9VSb3UVuWA3kGkNvwhUgD728iWO5YRAgMBAAECgYAA9qf0S5qny+BctHtRS9gm98WXNM9sCbD6Q5mWT4Y7fq217rxQOjksYeY112wvsfVpUUT6zVZUGCD2adzWYw5H31hfQi52tLOH+U6ac1dLhg2gtC/QreMts78Gi6BIaU0XIdFDjeSBSzAdFmmWnXuNy8mVkKiDCjeX9nOvfS9CBQJBAN7lwYGJkNqClUUqighngIU9QXrohgahmTQotMdAJGSKeHxH09+TRX+AtewF2nP303FtfjXtcb3VsR3wr7yzlsMCQQD3hG6XjdCrlu9OWqwQiI4UQEQqCYnZnqIQc99Lpq30AkY8gHqYjjEX8FoZKoazOiF9MmvY0FtxyQrNoAI/GpqbAkA3DpFpqc057B9q4kMOKGK6hpLyBRV19dyd4aAlx1Y1724rZKKVCw+TmvtUvW1kT8bOsbkHIQuDVJFXT+hYuBN5AkAu/JPl70Tyned1z16kkNev3ndSJ5dkmWmYh/aWrOCO1rOwno8nUK7fJYBlEJ6bfWiIFL9GXF9PnWOQn1Rt2EYLAkBr74MXCqSGxvtgOn7FOSazBO4jUuCuVN4OVOdBoBBT75Tmx91SFL2f4oqxuTwCMpnyIuxZ0RWS3q+MEqmyI28t",
	"MDQCAQAwCwYJYIZIAWUDBAMRBCKAIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH",
	"MDQCAQAwCwYJYIZIAWUDBAMSBCKAIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH",
}
