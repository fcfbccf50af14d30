package cxf

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"
)

// The functions here take JSON apart that jsontext has already found valid
// (syntax, UTF-8, no duplicate names), so they need not look at that again and
// copy nothing.

// member is one member of a JSON object, as it stands in the input.
type member struct {
	name  []byte
	value []byte
	used  bool
}

// appendMembers takes a valid JSON object apart, up to limit members.
func appendMembers(dst []member, object []byte, limit int) []member {
	i := skipSpace(object, 1)
	for n := 0; object[i] != '}' && n < limit; n++ {
		end := skipString(object, i)
		name := object[i+1 : end-1]
		if bytes.IndexByte(name, '\\') >= 0 {
			name, _ = jsontext.AppendUnquote(nil, object[i:end])
		}
		i = skipSpace(object, end) // at the colon
		i = skipSpace(object, i+1) // at the value
		end = skipValue(object, i)
		dst = append(dst, member{name: name, value: object[i:end]})
		i = skipSpace(object, end)
		if object[i] == ',' {
			i = skipSpace(object, i+1)
		}
	}
	return dst
}

// eachElement calls f with each element of a valid JSON array.
func eachElement(array []byte, f func(value []byte)) {
	i := skipSpace(array, 1)
	for array[i] != ']' {
		end := skipValue(array, i)
		f(array[i:end])
		i = skipSpace(array, end)
		if array[i] == ',' {
			i = skipSpace(array, i+1)
		}
	}
}

// countElements counts the elements of a valid JSON array.
func countElements(array []byte) int {
	n := 0
	eachElement(array, func([]byte) { n++ })
	return n
}

// depth returns how deep arrays and objects nest in a valid JSON value.
func depth(value []byte) int {
	deepest, now := 0, 0
	for i := 0; i < len(value); {
		switch value[i] {
		case '"':
			i = skipString(value, i)
			continue
		case '{', '[':
			if now++; now > deepest {
				deepest = now
			}
		case '}', ']':
			now--
		}
		i++
	}
	return deepest
}

func skipSpace(b []byte, i int) int {
	for b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r' {
		i++
	}
	return i
}

// skipString returns the index after the string that begins at i.
func skipString(b []byte, i int) int {
	for i++; ; {
		n := bytes.IndexByte(b[i:], '"')
		slashes := 0
		for j := i + n - 1; j >= i && b[j] == '\\'; j-- {
			slashes++
		}
		i += n + 1
		if slashes%2 == 0 {
			return i
		}
	}
}

// skipValue returns the index after the value that begins at i.
func skipValue(b []byte, i int) int {
	switch b[i] {
	case '"':
		return skipString(b, i)
	case '{', '[':
		open := 0
		for {
			switch b[i] {
			case '"':
				i = skipString(b, i)
				continue
			case '{', '[':
				open++
			case '}', ']':
				if open--; open == 0 {
					return i + 1
				}
			}
			i++
		}
	}
	for i < len(b) && b[i] != ',' && b[i] != '}' && b[i] != ']' && b[i] > ' ' {
		i++
	}
	return i
}

// unquote returns the text of a valid JSON string.
func unquote(b []byte) string {
	if bytes.IndexByte(b, '\\') < 0 {
		return string(b[1 : len(b)-1])
	}
	text, _ := jsontext.AppendUnquote(nil, b) // cannot fail: jsontext has validated b
	return string(text)
}

// compact returns a copy of a valid JSON value without white space.
func compact(b []byte) []byte {
	v := jsontext.Value(bytes.Clone(b))
	if err := v.Compact(); err != nil {
		return bytes.Clone(b) // cannot happen: jsontext has validated b
	}
	return v
}
