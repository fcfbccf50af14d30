package cxf

import (
	"slices"
	"strconv"
	"testing"
)

// The documents of other projects, with exactly what there is to say about them.

func TestAppendixAOfTheErrata(t *testing.T) {
	doc := sample(t, "appendix-a.errata-2026-03-09.json")
	h, report := mustRead(t, doc)
	reports(t, report)
	if report.Items != 14 || len(report.Credentials) != 15 {
		t.Errorf("read %d items of %d types", report.Items, len(report.Credentials))
	}
	got, report := mustWrite(t, h)
	reports(t, report)
	sameJSON(t, got, doc)
	stable(t, h)
	stable(t, vault(t, h))

	for _, it := range h.Accounts[0].Items {
		for _, c := range it.Credentials {
			if p, ok := c.(*Passkey); ok {
				plain, err := p.Fido2Extensions.LargeBlob.Inflate(MaxLargeBlob)
				if err != nil || len(plain) != 129 {
					t.Errorf("the large blob inflates to %d bytes, %v", len(plain), err)
				}
			}
		}
	}
}

func TestAppendixABeforeTheErrata(t *testing.T) {
	h, report := mustRead(t, sample(t, "appendix-a.ps-2025-08-14.json"))
	reports(t, report,
		"WebAuthn.io → passkey 1 → fido2Extensions → hmacSecret: is a PRF secret of an earlier draft that cannot be used; it is kept aside",
		"Wifi → wifi 1 → networkSecurityType: is not a kind of Wi-Fi security that the standard knows",
		"Driver License → drivers-license 1 → territory: is not an ISO 3166-2 code such as US-CA",
		"House Address → address 1 → territory: is not an ISO 3166-2 code such as US-CA",
		"SSH Key → ssh-key 1 → expiryDate → extensions: is an empty list, which should be absent",
		"ID card → file 1 → integrityHash: is not a SHA-256, so the file cannot be verified",
		"Passport → passport 1 → passportType: is not a document code such as P or PP",
	)
	_, report = mustWrite(t, h)
	reports(t, report,
		"Driver License → drivers-license 1 → territory: is not an ISO 3166-2 code such as US-CA and was written as plain text",
		"House Address → address 1 → territory: is not an ISO 3166-2 code such as US-CA and was written as plain text",
		"ID card → file 1: was left out: its integrity hash is not a SHA-256",
		"Passport → passport 1 → passportType: is not a document code such as P or PP and was left out",
	)
	stable(t, h)
	stable(t, vault(t, h))
}

func TestAppleEncoder(t *testing.T) {
	h, report := mustRead(t, sample(t, "apple-ios26.4-encoder.json"))
	const shifted = "was counted from 2001 on one side and from 1970 on the other; corrected by 31 years"
	reports(t, report,
		"GitHub → creationAt: "+shifted,
		"GitHub → modifiedAt: "+shifted,
		"GitHub → totp 1 → secret: is Base32, but not upper case without padding",
		"GitHub → passkey 1: the key is not PKCS#8",
		"collections: is missing",
		"exporterDisplayName: is missing",
		"timestamp: is missing",
	)
	it := h.Accounts[0].Items[0]
	if it.CreationAt != 1_700_000_000 || it.ModifiedAt != 1_750_000_000 {
		t.Errorf("times are %d and %d", it.CreationAt, it.ModifiedAt)
	}
	if secret := it.Credentials[1].(*TOTP).Secret; secret != "JJBFGV2ZGNCFARKIKBFTGUCYKA" {
		t.Errorf("the secret is %s", secret)
	}
	_, report = mustWrite(t, h)
	reports(t, report, "GitHub → passkey 1: was left out: it could not be read and breaks the standard")
	stable(t, h)
}

func TestDashlane(t *testing.T) {
	h, report := mustRead(t, sample(t, "dashlane-ios-account.json"))
	var want []string
	for i, title := range []string{"", "adobe.com", "Dashlane note", "Dashlane address", "", "", "", "", "", "WifiOrg", "Dashlane company", "Dashlane Person"} {
		if title == "" {
			title = "item " + strconv.Itoa(i+1)
		}
		const shifted = "was counted from 2001 on one side and from 1970 on the other; corrected by 31 years"
		want = append(want, title+" → creationAt: "+shifted, title+" → modifiedAt: "+shifted)
		if title == "adobe.com" {
			want = append(want, "adobe.com → scope → urls 1: was a bare host and was read as https")
		}
	}
	reports(t, report, append(want, "the document is a bare account without a header")...)
	if !slices.Equal(h.Accounts[0].Items[1].Scope.URLs, []string{"https://adobe.com"}) {
		t.Errorf("the scope is %v", h.Accounts[0].Items[1].Scope)
	}
	for _, it := range h.Accounts[0].Items {
		if it.CreationAt != 1756930268 { // 2025-09-03
			t.Errorf("%q was created at %d", it.Title, it.CreationAt)
		}
	}
	_, report = mustWrite(t, h)
	reports(t, report)
	stable(t, h)
}
