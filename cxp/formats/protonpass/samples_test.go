package protonpass

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/keyferry/keyferry/cxp/cxf"
	kit "github.com/keyferry/keyferry/cxp/formats/formatstest"
)

func TestSampleOfOnePasskey(t *testing.T) {
	r := kit.MustRead(t, Format{}, kit.Sample(t, "managers/protonpass-with-passkey.synthetic.json"), "")
	kit.Reports(t, r.Report)
	it := kit.Item(t, r, "webauthn.io")
	p := kit.Only[*cxf.Passkey](t, it)
	if len(it.Credentials) != 1 || p.Username != "KPXC_BITWARDEN" || !r.Plaintext || r.Header.Accounts[0].Collections[0].Title != "Personal" {
		t.Errorf("read %+v", it)
	}
	again, ok, err := encodeContent(p)
	if err != nil || !ok {
		t.Fatal(err)
	}
	var doc struct {
		Vaults map[string]struct {
			Items []struct {
				Data struct {
					Content struct {
						Passkeys []struct{ Content []byte }
					}
				}
			}
		}
	}
	if err := json.Unmarshal(kit.Sample(t, "managers/protonpass-with-passkey.synthetic.json"), &doc); err != nil {
		t.Fatal(err)
	}
	if want := doc.Vaults["VAULT_A"].Items[0].Data.Content.Passkeys[0].Content; !bytes.Equal(again, want) {
		t.Errorf("written as\n%x\nnot as\n%x", again, want)
	}
}

// The vectors have a nonsense key, so that they show the layers and not a passkey.
func TestSampleVectorsOfContent(t *testing.T) {
	var vectors map[string]json.RawMessage
	if err := json.Unmarshal(kit.Sample(t, "managers/protonpass-passkey-content-vectors.json"), &vectors); err != nil {
		t.Fatal(err)
	}
	seen := 0
	for name, raw := range vectors {
		var v struct {
			Content []byte         `json:"content_base64"`
			Inner   map[string]any `json:"decoded_inner"`
		}
		if json.Unmarshal(raw, &v) != nil || v.Content == nil {
			continue
		}
		seen++
		outer, err := unpack(v.Content)
		if err != nil {
			t.Fatal(name, err)
		}
		inner, err := byteList(outer.(map[string]any)["c"])
		if err != nil {
			t.Fatal(name, err)
		}
		got, err := unpack(inner)
		if err != nil {
			t.Fatal(name, err)
		}
		text, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		want, err := json.Marshal(v.Inner)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(text, want) {
			t.Errorf("%s is\n%s\nwant\n%s", name, text, want)
		}
		if _, err := decodeContent(v.Content); err == nil || err.Error() != "has a key on a curve that is not known" && err.Error() != errPack.Error() {
			t.Errorf("%s: %v", name, err)
		}
	}
	if seen != 3 {
		t.Errorf("%d vectors", seen)
	}
}
