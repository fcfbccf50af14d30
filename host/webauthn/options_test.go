package webauthn

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/keyferry/keyferry/host/protocol"
)

// creationWith gives the options of an ordinary create() with some members replaced; null takes a member away.
func creationWith(t testing.TB, replace string) json.RawMessage {
	t.Helper()
	return with(t, `{"rp":{"id":"example.com","name":"Example"},"user":{"id":"dXNlcg","name":"zoe","displayName":"Zoe"},"challenge":"AAECAw",
		"pubKeyCredParams":[{"type":"public-key","alg":-7},{"type":"public-key","alg":-257}]}`, replace)
}

func requestWith(t testing.TB, replace string) json.RawMessage {
	t.Helper()
	return with(t, `{"rpId":"example.com","challenge":"AAECAw","userVerification":"preferred"}`, replace)
}

func with(t testing.TB, base, replace string) json.RawMessage {
	t.Helper()
	var all, some map[string]json.RawMessage
	for text, m := range map[string]*map[string]json.RawMessage{base: &all, replace: &some} {
		if err := json.Unmarshal([]byte(text), m); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	for name, value := range some {
		all[name] = value
	}
	b, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func simpleCaller() Caller { return Caller{Origin: "https://www.example.com", Delegated: true} }

func now() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

func mustCreation(t testing.TB, replace string) *Creation {
	t.Helper()
	c, err := NewCreation(creationWith(t, replace), "", simpleCaller(), now())
	if err != nil {
		t.Fatalf("%s: %v", replace, err)
	}
	return c
}

func mustAssertion(t testing.TB, replace string) *Assertion {
	t.Helper()
	a, err := NewAssertion(requestWith(t, replace), "", simpleCaller(), now())
	if err != nil {
		t.Fatalf("%s: %v", replace, err)
	}
	return a
}

func TestAlgorithmIsTheFirstOfOurs(t *testing.T) {
	for params, want := range map[string]int64{
		`[]`: AlgES256, `null`: AlgES256,
		`[{"type":"public-key","alg":-8},{"type":"public-key","alg":-7}]`:                                     AlgEdDSA,
		`[{"type":"public-key","alg":-999},{"type":"public-key","alg":-35}]`:                                  AlgES384,
		`[{"type":"public-key","alg":-257}]`:                                                                  AlgRS256,
		`[{"type":"other","alg":-8},{"type":"public-key","alg":-7}]`:                                          AlgES256,
		`[{"type":"public-key","alg":"-257"},{"type":"public-key","alg":-7}]`:                                 AlgRS256, // Keycloak
		`[{"type":"public-key","alg":"NaN"},{"type":"public-key","alg":-1},{"type":"public-key","alg":"-7"}]`: AlgES256, // eBay
		`[null,7,"x",{"type":"public-key"},{"type":"public-key","alg":-7.0}]`:                                 AlgES256,
	} {
		if c := mustCreation(t, `{"pubKeyCredParams":`+params+`}`); c.Algorithm != want {
			t.Errorf("%s: %d, want %d", params, c.Algorithm, want)
		}
	}
	for _, params := range []string{`[{"type":"public-key","alg":-999}]`, `[{"type":"other","alg":-7}]`, `[{"alg":-7}]`, `[5]`, `[{"type":"public-key","alg":-36}]`} {
		_, err := NewCreation(creationWith(t, `{"pubKeyCredParams":`+params+`}`), "", simpleCaller(), now())
		wantReason(t, params, err, ReasonAlgorithm)
	}
}

func wantReason(t testing.TB, what string, err error, reason string) {
	t.Helper()
	if !errors.Is(err, &BrowserError{Reason: reason}) {
		t.Errorf("%s: %v, want it left to the browser for %q", what, err, reason)
	}
}

// What real sites get wrong, and what it must mean.
func TestOptionsOfRealSites(t *testing.T) {
	c := mustCreation(t, `{"user":{"id":"dXNlcg==","name":"zoe","displayName":null},"timeout":120000.75,
		"authenticatorSelection":{"requireResidentKey":"true","residentKey":null,"userVerification":"mandatory"},"excludeCredentials":null,"extensions":null}`)
	if c.User.DisplayName != "zoe" || c.Timeout != 2*time.Minute || !c.Deadline.Equal(now().Add(2*time.Minute)) || !c.Discoverable || c.Verification != VerificationPreferred || string(c.User.Handle) != "user" {
		t.Errorf("%+v", c)
	}
	if c := mustCreation(t, `{"rp":{"id":null,"name":null},"timeout":"90000"}`); c.RPID != "www.example.com" || c.RPName != "" || c.Timeout != 90*time.Second {
		t.Errorf("%+v", c)
	}
	for value, want := range map[string]string{
		`"-_-_"`: "\xfb\xff\xbf", `"+/+/"`: "\xfb\xff\xbf", `"-_-_AA=="`: "\xfb\xff\xbf\x00", `"AA\\u003d\\u003d"`: "\x00", `"AA\u003d\u003d"`: "\x00",
		`[1,2,255,-1]`: "\x01\x02\xff\xff", `{"0":1,"1":-128,"2":255}`: "\x01\x80\xff",
	} {
		if c := mustCreation(t, `{"user":{"id":`+value+`,"name":"n"}}`); string(c.User.Handle) != want {
			t.Errorf("user.id %s: %x, want %x", value, c.User.Handle, want)
		}
	}
	for timeout, want := range map[string]time.Duration{
		"null": DefaultTimeout, "-1": DefaultTimeout, `"soon"`: DefaultTimeout, "0": MinTimeout, "1e3": MinTimeout, "1e300": DefaultTimeout, "4294967295": MaxTimeout, "9007199254740992": MaxTimeout,
	} {
		if a := mustAssertion(t, `{"timeout":`+timeout+`}`); a.Timeout != want {
			t.Errorf("timeout %s: %v, want %v", timeout, a.Timeout, want)
		}
	}
	a := mustAssertion(t, `{"allowCredentials":[{"type":"public-key","id":"AQID","transports":["usb","nfc","smart-card"]},{"id":"BA=="},{"type":"x","id":"BQ"},{"type":"public-key","id":"!"},null]}`)
	if len(a.Allow) != 2 || string(a.Allow[0]) != "\x01\x02\x03" || string(a.Allow[1]) != "\x04" {
		t.Errorf("allow list %x", a.Allow)
	}
	if c := mustCreation(t, `{"user":{"id":"AQ","name":"a\ud800b","displayName":"`+strings.Repeat("é", MaxName)+`"}}`); c.User.Name != "a\uFFFDb" || c.User.DisplayName != strings.Repeat("é", MaxName/2) {
		t.Errorf("names %q, %d bytes", c.User.Name, len(c.User.DisplayName))
	}
	if c := mustCreation(t, `{"somethingNew":{"deep":[[[[{}]]]]},"hints":[7,"telepathy"],"attestation":"quantum","extensions":{"fromTheFuture":true}}`); c.selfAttest || string(c.extensions) != "{}" {
		t.Errorf("%+v", c)
	}
}

func TestResidentKeyAndVerification(t *testing.T) {
	for selection, want := range map[string]bool{
		`null`: true, `{}`: true, `{"residentKey":"required"}`: true, `{"residentKey":"preferred"}`: true, `{"residentKey":"sometimes"}`: true,
		`{"residentKey":"discouraged"}`: false, `{"residentKey":"discouraged","requireResidentKey":true}`: false, `{"requireResidentKey":false}`: true,
	} {
		c := mustCreation(t, `{"authenticatorSelection":`+selection+`,"extensions":{"credProps":true}}`)
		if rk := `{"credProps":{"rk":` + map[bool]string{true: "true", false: "false"}[want] + `}}`; c.Discoverable != want || string(c.extensions) != rk {
			t.Errorf("%s: discoverable %v, %s", selection, c.Discoverable, c.extensions)
		}
	}
	for value, want := range map[string]Verification{
		`"required"`: VerificationRequired, `"discouraged"`: VerificationDiscouraged, `"preferred"`: VerificationPreferred, `null`: VerificationPreferred, `"REQUIRED"`: VerificationPreferred, `1`: VerificationPreferred,
	} {
		if c := mustCreation(t, `{"authenticatorSelection":{"userVerification":`+value+`}}`); c.Verification != want {
			t.Errorf("create %s: %s", value, c.Verification)
		}
		if a := mustAssertion(t, `{"userVerification":`+value+`}`); a.Verification != want {
			t.Errorf("get %s: %s", value, a.Verification)
		}
	}
}

func TestAttestationPreference(t *testing.T) {
	for options, want := range map[string]bool{
		`{}`: false, `{"attestation":"none"}`: false, `{"attestation":"indirect"}`: false, `{"attestation":"direct"}`: true, `{"attestation":"enterprise"}`: true,
		`{"attestation":"direct","attestationFormats":["tpm","none","packed"]}`: false,
		`{"attestation":"direct","attestationFormats":["tpm","packed","none"]}`: true, `{"attestation":"direct","attestationFormats":["tpm"]}`: true,
		`{"attestation":"none","attestationFormats":["packed"]}`: false,
	} {
		if c := mustCreation(t, options); c.selfAttest != want {
			t.Errorf("%s: self attestation %v", options, c.selfAttest)
		}
	}
}

func TestLeftToTheBrowser(t *testing.T) {
	long := strings.Repeat("A", 2*MaxChallenge)
	for _, c := range []struct{ replace, reason string }{
		{`{"rp":{"id":"com"}}`, ReasonRPID}, {`{"rp":{"id":""}}`, ReasonRPID}, {`{"rp":{"id":"evil-example.com"}}`, ReasonRPID}, {`{"rp":{"id":7}}`, ReasonRPID},
		{`{"rp":null}`, ReasonOptions}, {`{"challenge":null}`, ReasonOptions}, {`{"challenge":"*"}`, ReasonOptions}, {`{"challenge":"` + long + `"}`, ReasonOptions},
		{`{"user":null}`, ReasonOptions}, {`{"user":{"id":[256],"name":"n"}}`, ReasonOptions}, {`{"user":{"id":[0.5],"name":"n"}}`, ReasonOptions}, {`{"user":{"id":{"1":1},"name":"n"}}`, ReasonOptions},
		{`{"authenticatorSelection":{"authenticatorAttachment":"cross-platform"}}`, ReasonAttachment}, {`{"hints":["security-key"]}`, ReasonAttachment},
		{`{"hints":["hybrid"],"authenticatorSelection":{"authenticatorAttachment":"platform"}}`, ReasonAttachment},
		{`{"extensions":{"payment":{"isPayment":true}}}`, ReasonExtension}, {`{"extensions":{"largeBlob":{"support":"required"}}}`, ReasonExtension},
		{`{"extensions":{"largeBlob":{"read":true}}}`, ReasonExtension}, {`{"extensions":{"prf":{"evalByCredential":{}}}}`, ReasonExtension},
		{`{"extensions":{"appid":"https://example.com"}}`, ReasonExtension}, {`{"extensions":{"remoteDesktopClientOverride":{}}}`, ReasonExtension},
		{`{"extensions":{"credentialProtectionPolicy":"userVerificationRequired","enforceCredentialProtectionPolicy":true}}`, ReasonExtension},
		{`{"excludeCredentials":[` + strings.Repeat("1,", maxList) + `1]}`, ReasonOptions},
	} {
		_, err := NewCreation(creationWith(t, c.replace), "", simpleCaller(), now())
		wantReason(t, c.replace[:min(len(c.replace), 80)], err, c.reason)
	}
	for _, c := range []struct{ replace, reason string }{
		{`{"rpId":"com"}`, ReasonRPID}, {`{"rpId":""}`, ReasonRPID}, {`{"challenge":{}}`, ""}, {`{"challenge":true}`, ReasonOptions},
		{`{"allowCredentials":[{"type":"other","id":"AA"}]}`, ReasonNoMatch}, {`{"allowCredentials":["AA"]}`, ReasonNoMatch}, {`{"allowCredentials":[{"type":"public-key","id":""}]}`, ReasonNoMatch},
		{`{"extensions":{"payment":{}}}`, ReasonExtension}, {`{"extensions":{"largeBlob":{"support":"preferred"}}}`, ReasonExtension},
		{`{"extensions":{"largeBlob":{"read":true,"write":"AA"}}}`, ReasonExtension}, {`{"extensions":{"largeBlob":{"write":"AA"}}}`, ReasonExtension},
		{`{"extensions":{"prf":{"evalByCredential":{"AA":{"first":"AA"}}}}}`, ReasonExtension}, {`{"extensions":{"remoteClientDataJSON":"{}"}}`, ReasonExtension},
	} {
		_, err := NewAssertion(requestWith(t, c.replace), "", simpleCaller(), now())
		if c.reason == "" {
			if err != nil {
				t.Errorf("%s: %v", c.replace, err)
			}
			continue
		}
		wantReason(t, c.replace, err, c.reason)
	}
	for _, text := range []string{``, `null`, `[]`, `"x"`, `{`, `{"challenge":"AA"}x`, `{"challenge":"AA","challenge":"AA"}`, `{"challenge":"AA","x":"` + strings.Repeat("x", MaxOptions) + `"}`} {
		_, err := NewAssertion(json.RawMessage(text), "", simpleCaller(), now())
		wantReason(t, text[:min(len(text), 40)], err, ReasonOptions)
	}
}

func TestMediationOriginAndPolicy(t *testing.T) {
	for _, mediation := range []string{"conditional", "silent", "immediate", "whatever"} {
		_, err := NewCreation(creationWith(t, `{}`), mediation, simpleCaller(), now())
		wantReason(t, "create "+mediation, err, ReasonMediation)
		_, err = NewAssertion(requestWith(t, `{}`), mediation, simpleCaller(), now())
		wantReason(t, "get "+mediation, err, ReasonMediation)
	}
	for _, mediation := range []string{"", "optional", "required"} {
		if _, err := NewAssertion(requestWith(t, `{}`), mediation, simpleCaller(), now()); err != nil {
			t.Errorf("get %q: %v", mediation, err)
		}
	}
	frame := Caller{Origin: "https://www.example.com", Ancestors: []string{"https://top.test"}}
	for name, c := range map[string]Caller{"a frame without delegation": frame, "a document that its site forbids": {Origin: "https://www.example.com"}} {
		_, err := NewCreation(creationWith(t, `{}`), "", c, now())
		wantReason(t, "create by "+name, err, ReasonPolicy)
		_, err = NewAssertion(requestWith(t, `{}`), "", c, now())
		wantReason(t, "get by "+name, err, ReasonPolicy)
	}
	frame.Delegated = true
	if c, err := NewCreation(creationWith(t, `{}`), "", frame, now()); err != nil || !c.CrossOrigin || c.TopOrigin != "https://top.test" {
		t.Errorf("a delegated frame: %+v, %v", c, err)
	}
	for _, origin := range []string{"null", "", "https://127.0.0.1", "http://example.com", "moz-extension://x"} {
		_, err := NewAssertion(requestWith(t, `{}`), "", Caller{Origin: origin, Delegated: true}, now())
		wantReason(t, origin, err, ReasonOrigin)
	}
}

func TestUserHandleLength(t *testing.T) {
	for _, n := range []int{0, 65, 1000} {
		_, err := NewCreation(creationWith(t, `{"user":{"id":"`+protocolBytes(n)+`","name":"n","displayName":"n"}}`), "", simpleCaller(), now())
		var de *protocol.DOMError
		if !errors.As(err, &de) || de.Name != "TypeError" {
			t.Errorf("%d bytes: %v, want a TypeError", n, err)
		}
	}
	for _, n := range []int{1, 64} {
		if c := mustCreation(t, `{"user":{"id":"`+protocolBytes(n)+`","name":"n","displayName":"n"}}`); len(c.User.Handle) != n {
			t.Errorf("%d bytes became %d", n, len(c.User.Handle))
		}
	}
}

func protocolBytes(n int) string {
	text, _ := protocol.Bytes(bytes.Repeat([]byte{1}, n)).MarshalText() // never fails
	return string(text)
}

func TestExtensionsAreAnsweredHonestly(t *testing.T) {
	c := mustCreation(t, `{"extensions":{"credProps":true,"prf":{"eval":{"first":"AA"}},"largeBlob":{"support":"preferred"},"hmacCreateSecret":true,"credBlob":"AA","minPinLength":true,"appidExclude":"https://example.com","credentialProtectionPolicy":"userVerificationRequired"}}`)
	if want := `{"credProps":{"rk":true},"prf":{"enabled":false},"largeBlob":{"supported":false},"hmacCreateSecret":false,"credBlob":false}`; string(c.extensions) != want {
		t.Errorf("create: %s", c.extensions)
	}
	a := mustAssertion(t, `{"allowCredentials":[{"type":"public-key","id":"AA"}],"extensions":{"appid":"https://example.com","prf":{"evalByCredential":{"AA":{"first":"AA"}}},"largeBlob":{"write":"AA"},"getCredBlob":true}}`)
	if want := `{"appid":false,"prf":{},"largeBlob":{"written":false}}`; string(a.extensions) != want {
		t.Errorf("get: %s", a.extensions)
	}
	if a := mustAssertion(t, `{"extensions":{"largeBlob":{"read":true},"credProps":true}}`); string(a.extensions) != `{"largeBlob":{}}` {
		t.Errorf("get: %s", a.extensions)
	}
}

// Whatever a page sends: no panic, one of the two kinds of refusal, or a ceremony that keeps its own rules.
func FuzzOptions(f *testing.F) {
	f.Add([]byte(creationWith(f, `{}`)), "", "https://www.example.com")
	f.Add([]byte(requestWith(f, `{"allowCredentials":[{"type":"public-key","id":"AA"}]}`)), "optional", "http://localhost:1")
	f.Add([]byte(creationWith(f, `{"user":{"id":{"0":-1,"1":255},"name":"\ud800","displayName":null},"timeout":"1.5","hints":["client-device"],"pubKeyCredParams":[{"type":"public-key","alg":"-8"}]}`)), "", "https://example.com")
	f.Add([]byte(creationWith(f, `{"authenticatorSelection":{"residentKey":"discouraged"},"attestation":"direct","extensions":{"prf":{},"credProps":"true","largeBlob":{"support":"preferred"}}}`)), "required", "https://www.example.com")
	f.Fuzz(func(t *testing.T, options []byte, mediation, origin string) {
		caller := Caller{Origin: origin, Ancestors: []string{origin, "https://top.test"}, Delegated: true}
		known := func(err error) {
			var be *BrowserError
			var de *protocol.DOMError
			if !errors.As(err, &be) && !errors.As(err, &de) {
				t.Fatalf("an error of neither kind: %v", err)
			}
		}
		check := func(rpID string, timeout time.Duration, ids [][]byte, clientData, extensions []byte) {
			if _, err := CheckRPID(origin, rpID); err != nil {
				t.Fatalf("RP ID %q for %q: %v", rpID, origin, err)
			}
			if timeout < MinTimeout || timeout > MaxTimeout || !json.Valid(clientData) || !json.Valid(extensions) {
				t.Fatalf("timeout %v, client data %s, extensions %s", timeout, clientData, extensions)
			}
			for _, id := range ids {
				if len(id) == 0 || len(id) > maxCredentialID {
					t.Fatalf("a credential ID of %d bytes", len(id))
				}
			}
		}
		if c, err := NewCreation(options, mediation, caller, now()); err != nil {
			known(err)
		} else {
			check(c.RPID, c.Timeout, c.Exclude, c.ClientDataJSON, c.extensions)
			if n := len(c.User.Handle); n == 0 || n > 64 || max(len(c.User.Name), len(c.User.DisplayName), len(c.RPName)) > MaxName {
				t.Fatalf("%+v", c)
			}
		}
		if a, err := NewAssertion(options, mediation, caller, now()); err != nil {
			known(err)
		} else {
			check(a.RPID, a.Timeout, a.Allow, a.ClientDataJSON, a.extensions)
		}
	})
}
