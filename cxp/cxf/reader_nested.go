package cxf

// object reads a member that is an object into d.
func (o *objectReader) object(name string, d describer, n need) bool {
	return o.objectAs(name, d, n, "")
}

// scalar is what a type does that earlier drafts, or some exporters, write as a
// bare value instead of an object.
type scalar interface {
	readScalar(o *objectReader, name string, value []byte, byDefault FieldType) bool
}

func (o *objectReader) objectAs(name string, d describer, n need, byDefault FieldType, aliases ...string) bool {
	m := o.take(name, n, aliases...)
	if m == nil {
		return false
	}
	if m.value[0] != '{' {
		if s, ok := d.(scalar); ok && s.readScalar(o, name, m.value, byDefault) {
			return true
		}
		o.wrongKind(m, n, name, "an object")
		return false
	}
	o.r.push(name, 0)
	defer o.r.pop()
	child := o.r.open(m.value)
	if child == nil {
		return false
	}
	defer o.r.close(child)
	child.byDefault = byDefault
	kept, dropped := o.r.mark()
	if child.run(d) {
		return true
	}
	o.r.rewind(kept, dropped)
	if n == required {
		o.fail(child.whyCode, "the "+name+" cannot be read: "+child.why)
		return false
	}
	m.used = false
	o.r.add(Warning, child.whyCode, "", "cannot be read and is kept aside: "+child.why)
	return false
}

// array reads a member that is an array of objects, element by element.
func (o *objectReader) array(name string, n need, size uintptr, start func(int), element func(*objectReader) bool) {
	m, count := o.list(name, n)
	if count == 0 || !o.r.charge(int64(count)*int64(size)) {
		return
	}
	start(count)
	i := 0
	eachElement(m.value, func(v []byte) {
		if i++; o.r.err != nil {
			return
		}
		o.r.push(name, i)
		defer o.r.pop()
		if v[0] != '{' {
			o.r.add(Warning, CodeWrongKind, "", "is not an object and is kept aside")
			o.aside = append(o.aside, member{name: []byte(name), value: v})
			return
		}
		child := o.r.open(v)
		if child == nil {
			return
		}
		defer o.r.close(child)
		kept, dropped := o.r.mark()
		if !element(child) {
			o.r.rewind(kept, dropped)
			o.r.add(Warning, child.whyCode, "", "cannot be read and is kept aside: "+child.why)
			o.aside = append(o.aside, member{name: []byte(name), value: v})
		}
	})
}

// list finds a member that is an array and counts its elements, of which there
// are none where there is nothing to read.
func (o *objectReader) list(name string, n need) (*member, int) {
	m := o.take(name, n)
	if m == nil {
		return nil, 0
	}
	if m.value[0] != '[' {
		o.wrongKind(m, n, name, "a list")
		return nil, 0
	}
	count := countElements(m.value)
	if count == 0 && n == optional {
		o.r.add(Notice, CodeEmptyArray, name, "is an empty list, which should be absent")
	}
	return m, count
}

func (o *objectReader) texts(name string, p *[]string, n need) {
	m, count := o.list(name, n)
	if count == 0 || !o.r.charge(16*int64(count)) {
		return
	}
	out := make([]string, 0, count)
	eachElement(m.value, func(v []byte) {
		if v[0] == '"' {
			out = append(out, unquote(v))
		}
	})
	if len(out) != count {
		o.wrongKind(m, n, name, "a list of text")
		return
	}
	*p = out
}
