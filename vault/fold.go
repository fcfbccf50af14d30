package vault

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// fold makes texts comparable for search: case folded and accents taken off, so that "jose" finds "José" and "STRASSE"
// finds "straße". Precomposed Latin letters are mapped by a table, combining marks are dropped.
func fold(s string) string {
	plain := true
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= utf8.RuneSelf || 'A' <= c && c <= 'Z' {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	base := baseOf()
	for _, r := range s {
		switch {
		case r < utf8.RuneSelf:
			b.WriteByte(byte(unicode.ToLower(r)))
		case unicode.Is(unicode.Mn, r):
		default:
			r = unicode.ToLower(r)
			if base, ok := base[r]; ok {
				b.WriteString(base)
			} else {
				b.WriteRune(r)
			}
		}
	}
	return b.String()
}

// letters lists the lower-case precomposed letters of the Latin blocks, Greek and Cyrillic behind their base letters.
const letters = "aàáâãäåāăąǎǟǡǻȁȃȧḁạảấầẩẫậắằẳẵặ bḃḅḇ cçćĉċčḉ dďḋḍḏḑḓ eèéêëēĕėęěȅȇȩḕḗḙḛḝẹẻẽếềểễệ fḟ gĝğġģǧǵḡ hĥȟḣḥḧḩḫẖ" +
	" iìíîïĩīĭįǐȉȋḭḯỉịı jĵǰ kķǩḱḳḵ lĺļľḷḹḻḽł mḿṁṃ nñńņňǹṅṇṉṋ oòóôõöøōŏőơǒǫǭǿȍȏȫȭȯȱṍṏṑṓọỏốồổỗộớờởỡợ pṕṗ rŕŗřȑȓṙṛṝṟ" +
	" sśŝşšșṡṣṥṧṩ tţťțṫṭṯṱẗ uùúûüũūŭůűųưǔǖǘǚǜȕȗṳṵṷṹṻụủứừửữự vṽṿ wŵẁẃẅẇẉẘ xẋẍ yýÿŷȳẏẙỳỵỷỹ zźżžẑẓẕ dđ hħ" +
	" αάἀἁ εέἐἑ ηήἠἡ ιίϊΐἰἱ οόὀὁ υύϋΰὐὑ ωώὠὡ σς иѝ еѐ"

var baseOf = sync.OnceValue(func() map[rune]string {
	m := map[rune]string{'ß': "ss", 'æ': "ae", 'ǽ': "ae", 'œ': "oe", 'þ': "th", 'ð': "d"}
	for _, group := range strings.Fields(letters) {
		base, n := utf8.DecodeRuneInString(group)
		for _, r := range group[n:] {
			m[r] = string(base)
		}
	}
	return m
})
