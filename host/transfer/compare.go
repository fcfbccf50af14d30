package transfer

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/vault"
)

// digest names an item's content: its canonical JSON without ids and times, which exporters make anew each time.
func digest(item []byte) string {
	d := json.NewDecoder(bytes.NewReader(item))
	d.UseNumber()
	var tree any
	if err := d.Decode(&tree); err != nil {
		return "" // never for what MarshalItem wrote; an item without a digest is like no other
	}
	raw, err := json.Marshal(withoutIDs(tree))
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(raw)
	clear(raw)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func withoutIDs(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range []string{"id", "creationAt", "modifiedAt"} {
			delete(v, name)
		}
		for name, value := range v {
			v[name] = withoutIDs(value)
		}
	case []any:
		for i := range v {
			v[i] = withoutIDs(v[i])
		}
	}
	return v
}

// like names what an item is about: title, kinds of credentials, sites and user name. Two items that are alike but not
// the same differ.
func like(it *cxf.Item) string {
	words := []string{it.Title, userName(it)}
	if it.Scope != nil {
		sites := slices.Clone(it.Scope.URLs)
		slices.Sort(sites)
		words = append(words, sites...)
	}
	kinds := []string{}
	for _, c := range it.Credentials {
		kinds = append(kinds, string(c.CredentialType()))
	}
	slices.Sort(kinds)
	sum := sha256.Sum256([]byte(strings.Join(append(words, slices.Compact(kinds)...), "\x00")))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// sameKey reports whether two PKCS#8 keys are one private key, however they are written.
func sameKey(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	x, err := cxf.ParsePrivateKey(a)
	if err != nil {
		return false
	}
	y, err := cxf.ParsePrivateKey(b)
	if err != nil {
		return false
	}
	px, err := x.PublicKeyDER()
	if err != nil {
		return false
	}
	py, err := y.PublicKeyDER()
	return err == nil && bytes.Equal(px, py)
}

// differences names the members in which two records of one passkey differ, in plain words.
func differences(mine, theirs *vault.Passkey) []string {
	var out []string
	for _, f := range []struct {
		name string
		same bool
	}{
		{"title", mine.Title == theirs.Title || mine.Title == "" && theirs.Title == titleOf(mine)},
		{"user name", mine.UserName == theirs.UserName},
		{"display name", mine.UserDisplayName == theirs.UserDisplayName || saysNothing(theirs)},
		{"prf secrets", bytes.Equal(mine.CredWithUV, theirs.CredWithUV) && bytes.Equal(mine.CredWithoutUV, theirs.CredWithoutUV)},
		{"stored blob", bytes.Equal(mine.CredBlob, theirs.CredBlob)},
		{"large blob", bytes.Equal(mine.LargeBlob, theirs.LargeBlob)},
	} {
		if !f.same {
			out = append(out, f.name)
		}
	}
	return out
}

// saysNothing: formats that know no display name (KeePass) have the user name in its place.
func saysNothing(p *vault.Passkey) bool {
	return p.UserDisplayName == "" || p.UserDisplayName == p.UserName
}

// merge fills what is empty in mine, and says whether there was anything to fill.
func merge(mine, theirs *vault.Passkey) (changed bool) {
	text := func(to *string, from string) {
		if *to == "" && from != "" {
			*to, changed = from, true
		}
	}
	data := func(to *[]byte, from []byte) {
		if len(*to) == 0 && len(from) > 0 {
			*to, changed = bytes.Clone(from), true
		}
	}
	text(&mine.Title, theirs.Title)
	text(&mine.UserName, theirs.UserName)
	text(&mine.UserDisplayName, theirs.UserDisplayName)
	if len(mine.CredWithUV) == 0 && len(mine.CredWithoutUV) == 0 { // the two belong together
		data(&mine.CredWithUV, theirs.CredWithUV)
		data(&mine.CredWithoutUV, theirs.CredWithoutUV)
	}
	data(&mine.CredBlob, theirs.CredBlob)
	data(&mine.LargeBlob, theirs.LargeBlob)
	return changed
}
