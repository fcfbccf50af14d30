package cxf

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

func TestOTPAuthURIs(t *testing.T) {
	for text, want := range map[string]*TOTP{
		"JBSWY3DPEHPK3PXP":      {Secret: "JBSWY3DPEHPK3PXP"},
		" jbsw y3dp ehpk 3pxp ": {Secret: "JBSWY3DPEHPK3PXP"},
		"otpauth://totp/ada@example.com?secret=JBSWY3DPEHPK3PXP":               {Secret: "JBSWY3DPEHPK3PXP", Username: "ada@example.com"},
		"OTPAUTH://TOTP/Ex%20A:%20ada?secret=jbswy3dpehpk3pxp%3D%3D":           {Secret: "JBSWY3DPEHPK3PXP", Username: "ada", Issuer: "Ex A"},
		"otpauth://totp/X:ada?secret=MZXW6&issuer=Y&algorithm=SHA-256":         {Secret: "MZXW6", Username: "ada", Issuer: "Y", Algorithm: "sha256"},
		"otpauth://totp/?secret=MZXW6&digits=8&period=60&algorithm=HmacSHA512": {Secret: "MZXW6", Digits: 8, Period: 60, Algorithm: "sha512"},
	} {
		if want.Period == 0 {
			want.Period = 30
		}
		if want.Digits == 0 {
			want.Digits = 6
		}
		if want.Algorithm == "" {
			want.Algorithm = "sha1"
		}
		got, err := ParseOTPAuth(text)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
		again, err := ParseOTPAuth(want.OTPAuth())
		if err != nil || !reflect.DeepEqual(again, want) {
			t.Errorf("%s: %+v, %v", want.OTPAuth(), again, err)
		}
		stable(t, header(item(got)))
	}
	for _, text := range []string{"steam://JBSWY3DPEHPK3PXP", "otpauth://totp/S:a?secret=JBSWY3DPEHPK3PXP&encoder=steam", "otpauth://totp/a?secret=JBSWY3DPEHPK3PXP&algorithm=md5"} {
		got, err := ParseOTPAuth(text)
		if u, ok := got.(*Unknown); err != nil || !ok || u.Broken {
			t.Errorf("%s: %#v, %v", text, got, err)
			continue
		}
		if doc := stable(t, header(item(got))); !strings.Contains(doc, `"secret":"JBSWY3DPEHPK3PXP"`) {
			t.Errorf("%s was lost: %s", text, doc)
		}
	}
	for _, text := range []string{"", "secret!", "https://example.com", "otpauth://hotp/a?secret=MZXW6&counter=1", "otpauth://totp/a", "otpauth://totp/a?secret=18",
		"otpauth://totp/a?secret=MZXW6&digits=0", "otpauth://totp/a?secret=MZXW6&digits=99", "otpauth://totp/a?secret=MZXW6&period=x", "otpauth://totp/%zz?secret=MZXW6", "otpauth://totp/a?secret=%zz"} {
		_, err := ParseOTPAuth(text)
		if !errors.Is(err, ErrTOTP) || text != "" && strings.Contains(err.Error(), text) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzParseOTPAuth(f *testing.F) {
	for _, seed := range []string{"JBSWY3DPEHPK3PXP", "otpauth://totp/X:ada?secret=MZXW6&issuer=Y&algorithm=SHA-256&digits=8&period=60", "steam://MZXW6", "otpauth://totp/%3A:?secret=a"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := ParseOTPAuth(text)
		if err != nil {
			return
		}
		totp, ok := got.(*TOTP)
		if !ok {
			return
		}
		again, err := ParseOTPAuth(totp.OTPAuth())
		if err != nil || again.(*TOTP).Secret != totp.Secret || again.(*TOTP).Period != totp.Period {
			t.Errorf("%q became %q: %v", text, totp.OTPAuth(), err)
		}
	})
}
