package cxf

import (
	"math"
	"net/url"
	"strconv"
	"strings"
)

func (o *objectReader) field(name string, p **EditableField, t FieldType, aliases ...string) {
	o.fieldNeeded(name, p, t, optional, aliases)
}

func (o *objectReader) requiredField(name string, p **EditableField, t FieldType) {
	o.fieldNeeded(name, p, t, required, nil)
}

func (o *objectReader) lines(name string, p **EditableField) {
	o.fieldNeeded(name, p, FieldString, optional, nil)
}

func (o *objectReader) documentCode(name string, p **EditableField) {
	o.fieldNeeded(name, p, FieldString, optional, nil)
	if v := (*p).Text(); v != "" && !validDocumentCode(v) {
		o.r.add(Notice, CodeFieldValue, name, "is not a document code such as P or PP")
	}
}

func (o *objectReader) fieldNeeded(name string, p **EditableField, t FieldType, n need, aliases []string) {
	f := new(EditableField)
	if o.objectAs(name, f, n, t, aliases...) {
		*p = f
	}
}

// readScalar accepts a bare value, as the 2024 draft had it in many places.
func (f *EditableField) readScalar(o *objectReader, name string, value []byte, byDefault FieldType) bool {
	text, ok := scalarText(value)
	if !ok {
		return false
	}
	f.Type, f.Value = byDefault, text
	o.r.add(Notice, CodeOldShape, name, "is a bare value instead of a field")
	return true
}

// readScalar accepts the bare number of the 2024 draft.
func (v *Version) readScalar(o *objectReader, name string, value []byte, _ FieldType) bool {
	major, err := strconv.ParseUint(string(value), 10, 64)
	if err != nil {
		return false
	}
	v.Major = uint8(min(major, math.MaxUint8))
	return true
}

// scalarText returns the text of a JSON string, number or boolean.
func scalarText(value []byte) (string, bool) {
	switch value[0] {
	case '"':
		return unquote(value), true
	case '{', '[', 'n':
		return "", false
	}
	return string(value), true
}

func (o *objectReader) fieldValue(t *FieldType, value *string) {
	byDefault := o.byDefault
	if byDefault == "" {
		byDefault = FieldString
	}
	*t = byDefault
	if m := o.find("fieldType", nil); m != nil && m.value[0] == '"' {
		m.used = true
		*t = knownFieldType(rawText(m.value))
		if low := FieldType(strings.ToLower(string(*t))); low != *t && low.known() {
			*t = low
			o.r.add(Notice, CodeFieldType, "", "has a field type that is not in lower case")
		}
		if !t.known() {
			o.r.add(Notice, CodeFieldType, "", "has a field type that the standard does not know; it is shown as text")
		}
	} else {
		o.r.add(Notice, CodeFieldType, "", "has no field type")
	}
	m := o.take("value", required)
	if m == nil {
		return
	}
	text, ok := scalarText(m.value)
	if !ok {
		o.fail(CodeWrongKind, "the value is not text")
		return
	}
	if m.value[0] != '"' {
		o.r.add(Notice, CodeWrongKind, "", "has a value that is not text but was read as such")
	}
	*value = text
	if why := t.check(text); why != "" {
		o.r.add(Notice, CodeFieldValue, "", why)
	}
}

func (o *objectReader) urls(name string, p *[]string) {
	o.texts(name, p, expected)
	for i, text := range *p {
		if u, ok := absoluteURL(text); !ok {
			o.r.add(Warning, CodeURL, name+" "+strconv.Itoa(i+1), "is no absolute URL")
		} else if u != text {
			(*p)[i] = u
			o.r.add(Notice, CodeURL, name+" "+strconv.Itoa(i+1), "was a bare host and was read as https")
		}
	}
}

// absoluteURL returns an absolute URL as it is and a bare host as an https URL.
func absoluteURL(text string) (string, bool) {
	u, err := url.Parse(text)
	if err == nil && u.Scheme != "" && (u.Host != "" || u.Opaque != "" || u.Path != "") {
		if !strings.Contains(u.Scheme, ".") && !isPort(u.Opaque) {
			return text, true
		}
	}
	host := text
	if i := strings.IndexAny(host, "/?#"); i >= 0 {
		host = host[:i]
	}
	// A bare host has a dot, or is localhost: anything else is guesswork.
	if !strings.Contains(host, ".") && host != "localhost" && !strings.HasPrefix(host, "localhost:") {
		return text, false
	}
	u, err = url.Parse("https://" + text)
	if err != nil || u.Hostname() == "" || u.User != nil || strings.ContainsAny(host, " @\\") {
		return text, false
	}
	return "https://" + text, true
}

// isPort tells "localhost:8080", whose "scheme" would be localhost, from a URL.
func isPort(opaque string) bool {
	i := strings.IndexAny(opaque, "/?#")
	if i < 0 {
		i = len(opaque)
	}
	_, err := strconv.ParseUint(opaque[:i], 10, 16)
	return err == nil
}
