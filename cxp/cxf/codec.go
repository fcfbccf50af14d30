package cxf

import "reflect"

// describer is a type that tells its JSON members, in the standard's order, to
// a codec. One description serves reading and writing, so that the two cannot
// disagree.
type describer interface{ describe(codec) }

// need says how much a member is missed where it is absent or of the wrong kind.
type need uint8

const (
	// optional: nothing is amiss.
	optional need = iota
	// expected: the schema requires it, a reader can do without.
	expected
	// required: without it the whole structure means nothing.
	required
)

// idKind says what an identifier names, which decides where it must be unique.
type idKind uint8

const (
	accountID idKind = iota
	itemID
	collectionID
	fieldID
	fileID
	linkToItem
	linkToAccount
	foreignID
)

// codec reads or writes the members of one JSON object. Its two implementations
// are *objectReader and *objectWriter. extra comes first in every description.
type codec interface {
	extra(p *Extra)
	text(name string, p *string, n need, aliases ...string)
	enum(name string, p *string, n need, known []string, aliases ...string)
	texts(name string, p *[]string, n need)
	urls(name string, p *[]string)
	binary(name string, p *[]byte, n need, aliases ...string)
	userHandle(name string, p *[]byte)
	id(name string, p *string, k idKind)
	seconds(name string, p *int64)
	timestamp(name string, p *int64)
	boolean(name string, p *bool)
	uint8(name string, p *uint8)
	uint16(name string, p *uint16, byDefault uint16)
	size(name string, p *uint64, aliases ...string)
	base32(name string, p *string)
	otpAlgorithm(name string, p *string)
	field(name string, p **EditableField, t FieldType, aliases ...string)
	requiredField(name string, p **EditableField, t FieldType)
	lines(name string, p **EditableField)
	documentCode(name string, p **EditableField)
	fieldValue(t *FieldType, value *string)
	hmacCredentials(name string, p **Fido2HMACCredentials)
	extensions(p *[]Extension, sharable bool)
	shared(p **Shared)
	credentials(name string, p *[]Credential)
	items(name string, p *[]Item)
	accounts(name string, p *[]Account)
	// private and signCount are ours, not the standard's: archives only.
	private(name string, p *bool)
	signCount(p *uint32)
}

// pointer is *T where that describes itself.
type pointer[T any] interface {
	*T
	describer
}

// one is a member that is an object.
func one[T any, P pointer[T]](c codec, name string, p *T, n need) {
	switch c := c.(type) {
	case *objectReader:
		var v T
		if c.object(name, P(&v), n) {
			*p = v
		}
	case *objectWriter:
		c.object(name, P(p))
	}
}

// maybe is an optional member that is an object.
func maybe[T any, P pointer[T]](c codec, name string, p **T) {
	switch c := c.(type) {
	case *objectReader:
		if v := new(T); c.object(name, P(v), optional) {
			*p = v
		}
	case *objectWriter:
		if *p == nil {
			c.skip(name)
			return
		}
		c.object(name, P(*p))
	}
}

// many is a member that is an array of objects. An optional one is never written empty.
func many[T any, P pointer[T]](c codec, name string, p *[]T, n need) {
	switch c := c.(type) {
	case *objectReader:
		c.array(name, n, reflect.TypeFor[T]().Size(), func(count int) {
			*p = make([]T, 0, count)
		}, func(o *objectReader) bool {
			var v T
			if !o.run(P(&v)) {
				return false
			}
			*p = append(*p, v)
			return true
		})
	case *objectWriter:
		if len(*p) == 0 && n == optional {
			c.skip(name)
			return
		}
		c.array(name, len(*p), n, func(i int) describer {
			return P(&(*p)[i])
		})
	}
}
