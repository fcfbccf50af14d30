package cxf

import (
	"bytes"
	"slices"
	"strings"
)

// objectReader reads the members of one JSON object: the lenient half of codec.
type objectReader struct {
	r       *reader
	members []member
	rest    *Extra

	// byDefault is the field type that the standard gives the member we read.
	byDefault FieldType
	// aside are elements of arrays that could not be read, by the array's name.
	aside []member
	// why says why the object means nothing, "" while all is well.
	why     string
	whyCode Code
	// unsupported: the object satisfies the standard, but must be ignored.
	unsupported bool
	// streamed: the items, or accounts, of the object have already been read.
	streamed bool
}

// afterRead is what a type that must look at itself as a whole does once it is read.
type afterRead interface{ afterRead(o *objectReader) }

// run reads the object into d and says whether it means anything.
func (o *objectReader) run(d describer) bool {
	d.describe(o)
	if o.why == "" {
		if d, ok := d.(afterRead); ok {
			d.afterRead(o)
		}
	}
	if o.why != "" {
		return false
	}
	o.keepRest()
	return true
}

// fail says that the object means nothing. The first reason stays.
func (o *objectReader) fail(code Code, why string) {
	if o.why == "" {
		o.why, o.whyCode = why, code
	}
}

func (o *objectReader) extra(p *Extra) { o.rest = p }

// keepRest keeps every member that nobody took.
func (o *objectReader) keepRest() {
	n := 0
	for i := range o.members {
		if !o.members[i].used {
			n++
		}
	}
	if n+len(o.aside) == 0 || o.rest == nil {
		return
	}
	*o.rest = make(Extra, 0, n)
	for _, m := range o.members {
		if !m.used && o.r.charge(int64(64+len(m.name)+len(m.value))) {
			*o.rest = append(*o.rest, Member{Name: string(m.name), Value: compact(m.value)})
		}
	}
	for _, m := range o.aside {
		name := privatePrefix + "unreadable/" + string(m.name)
		if !o.r.charge(int64(64 + len(name) + len(m.value))) {
			return
		}
		list := o.rest.Get(name)
		if len(list) < 2 || list[0] != '[' {
			o.rest.Set(name, append(append([]byte{'['}, compact(m.value)...), ']'))
			continue
		}
		list = append(list[:len(list)-1], ',')
		o.rest.Set(name, append(append(list, compact(m.value)...), ']'))
	}
}

// find returns the member of that name, or of the first alias that is there.
func (o *objectReader) find(name string, aliases []string) *member {
	for i := range o.members {
		if string(o.members[i].name) == name && !o.members[i].used {
			return &o.members[i]
		}
	}
	for _, alias := range aliases {
		for i := range o.members {
			if string(o.members[i].name) == alias && !o.members[i].used {
				o.r.add(Notice, CodeOldShape, name, "was called "+alias+" in an earlier draft")
				return &o.members[i]
			}
		}
	}
	return nil
}

// take returns a member and marks it as used; nil where it is absent or null,
// which has then been dealt with.
func (o *objectReader) take(name string, n need, aliases ...string) *member {
	m := o.find(name, aliases)
	if m != nil {
		m.used = true
		if m.value[0] != 'n' {
			return m
		}
	}
	switch n {
	case expected:
		o.r.add(Notice, CodeMissing, name, "is missing")
	case required:
		o.fail(CodeMissing, "the "+name+" is missing")
	}
	return nil
}

// wrongKind deals with a member that cannot be read as what it should be: it is
// kept among the unknown ones.
func (o *objectReader) wrongKind(m *member, n need, name, what string) {
	if n == required {
		o.fail(CodeWrongKind, "the "+name+" is not "+what)
		return
	}
	m.used = false
	o.r.add(Warning, CodeWrongKind, name, "is not "+what+" and is kept aside")
}

func (o *objectReader) text(name string, p *string, n need, aliases ...string) {
	m := o.take(name, n, aliases...)
	if m == nil {
		return
	}
	switch m.value[0] {
	case '"':
		*p = unquote(m.value)
		if *p == "" && n == optional {
			m.used = false // so that "" and absent stay two things
		}
	case '{', '[':
		o.wrongKind(m, n, name, "text")
	default:
		*p = string(m.value)
		o.r.add(Notice, CodeWrongKind, name, "is not text but was read as such")
	}
}

func (o *objectReader) enum(name string, p *string, n need, known []string, aliases ...string) {
	o.text(name, p, n, aliases...)
	if *p == "" || slices.Contains(known, *p) {
		return
	}
	if low := strings.ToLower(*p); slices.Contains(known, low) {
		*p = low
		o.r.add(Notice, CodeUnknownValue, name, "was not written in lower case")
		return
	}
	o.r.add(Warning, CodeUnknownValue, name, "has a value that the standard does not know, and must be ignored")
}

func (o *objectReader) boolean(name string, p *bool) {
	m := o.take(name, optional)
	if m == nil {
		return
	}
	switch string(bytes.ToLower(m.value)) {
	case `true`:
		*p = true
	case `false`:
		m.used = false // so that false and absent stay two things
	case `"true"`, `1`, `"1"`:
		*p = true
		o.r.add(Notice, CodeWrongKind, name, "is not true or false but was read as such")
	case `"false"`, `0`, `"0"`:
		o.r.add(Notice, CodeWrongKind, name, "is not true or false but was read as such")
	default:
		o.wrongKind(m, optional, name, "true or false")
	}
}
