package cxf

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// objectWriter writes the members of one JSON object: the strict half of codec.
type objectWriter struct {
	w     *writer
	start int    // where the object begins in w.buf
	rest  *Extra // members we do not know

	// seen are the members of the description so far, written those of them that
	// were written: what is in rest under a seen name could not be understood
	// when it was read.
	seen    []string
	written []string

	byDefault    FieldType
	childDefault FieldType
	// why says why the object must not be written, "" while all is well.
	why     string
	whyCode Code
}

// beforeWrite is what a type that the standard says more about than its schema
// does before it is written: it may fail the object.
type beforeWrite interface{ beforeWrite(o *objectWriter) }

func (o *objectWriter) fail(code Code, why string) {
	if o.why == "" {
		o.why, o.whyCode = why, code
	}
}

func (o *objectWriter) extra(p *Extra) { o.rest = p }

// begin writes the name of a member; its value must follow.
func (o *objectWriter) begin(name string) {
	o.seen = append(o.seen, name)
	o.written = append(o.written, name)
	o.w.member(o.start, name)
}

// skip says that a member of the description is not written.
func (o *objectWriter) skip(name string) { o.seen = append(o.seen, name) }

// skipDefault skips a member that says nothing, unless it was explicitly there
// when the object was read.
func (o *objectWriter) skipDefault(name, explicit string) {
	if o.rest != nil && len(*o.rest) > 0 && string(o.rest.Get(name)) == explicit {
		o.begin(name)
		o.w.buf = append(o.w.buf, explicit...)
		return
	}
	o.skip(name)
}

func (o *objectWriter) text(name string, p *string, n need, _ ...string) {
	if *p == "" {
		switch n {
		case optional:
			o.skipDefault(name, `""`)
			return
		case required:
			o.missing(name)
		}
	}
	o.begin(name)
	o.w.string(name, *p)
}

// missing fails the object, except in an archive, which keeps what there is.
func (o *objectWriter) missing(name string) {
	if !o.w.opts.Archive {
		o.fail(CodeMissing, "the "+name+" is missing")
	}
}

func (o *objectWriter) enum(name string, p *string, n need, _ []string, _ ...string) {
	o.text(name, p, n)
}

func (o *objectWriter) texts(name string, p *[]string, n need) {
	if len(*p) == 0 && n == optional {
		o.skip(name)
		return
	}
	o.begin(name)
	o.w.buf = append(o.w.buf, '[')
	for i, text := range *p {
		if i > 0 {
			o.w.buf = append(o.w.buf, ',')
		}
		o.w.string(name, text)
	}
	o.w.buf = append(o.w.buf, ']')
}

func (o *objectWriter) urls(name string, p *[]string) {
	o.texts(name, p, expected)
	for i, text := range *p {
		if _, ok := absoluteURL(text); !ok && !o.w.opts.Archive {
			o.w.add(Notice, CodeURL, name+" "+strconv.Itoa(i+1), "is no absolute URL")
		}
	}
}

func (o *objectWriter) binary(name string, p *[]byte, n need, _ ...string) {
	if len(*p) == 0 {
		switch {
		case n == optional && *p == nil:
			o.skip(name)
			return
		case n == required:
			o.missing(name)
		}
	}
	o.begin(name)
	o.w.buf = append(o.w.buf, '"')
	o.w.buf = base64.RawURLEncoding.AppendEncode(o.w.buf, *p)
	o.w.buf = append(o.w.buf, '"')
}

func (o *objectWriter) userHandle(name string, p *[]byte) {
	if len(*p) > 64 && !o.w.opts.Archive {
		o.fail(CodeNotWritten, "the user handle is longer than 64 bytes")
	}
	o.binary(name, p, expected)
}

func (o *objectWriter) boolean(name string, p *bool) {
	if !*p {
		o.skipDefault(name, "false")
		return
	}
	o.begin(name)
	o.w.buf = append(o.w.buf, "true"...)
}

func (o *objectWriter) unsigned(name string, v uint64) {
	o.begin(name)
	o.w.buf = strconv.AppendUint(o.w.buf, v, 10)
}

func (o *objectWriter) uint8(name string, p *uint8) { o.unsigned(name, uint64(*p)) }

func (o *objectWriter) uint16(name string, p *uint16, byDefault uint16) {
	v := *p
	if v == 0 {
		v = byDefault
	}
	o.unsigned(name, uint64(v))
}

func (o *objectWriter) size(name string, p *uint64, _ ...string) {
	if *p > 1<<63-1 {
		o.fail(CodeNotWritten, "the "+name+" is impossible")
	}
	o.unsigned(name, *p)
}

// seconds writes only times that a reader will take for what they are.
func (o *objectWriter) seconds(name string, p *int64) {
	if *p == 0 {
		o.skip(name)
		return
	}
	if !o.w.opts.Archive && (*p < 0 || *p > o.w.now+day) {
		o.skip(name)
		o.w.add(Notice, CodeTimeRange, name, "is before 1970 or in the future and was left out")
		return
	}
	o.begin(name)
	o.w.buf = strconv.AppendInt(o.w.buf, *p, 10)
}

// timestamp is the document's own time: now, unless it is known and credible.
func (o *objectWriter) timestamp(name string, p *int64) {
	t := *p
	if t < earliestDocument || t > o.w.now+day {
		if t != 0 {
			o.w.add(Notice, CodeTimeRange, name, "is impossible; the present time was written")
		}
		t = o.w.now
	}
	o.begin(name)
	o.w.buf = strconv.AppendInt(o.w.buf, t, 10)
}

func (o *objectWriter) base32(name string, p *string) {
	secret, ok := canonicalBase32(*p)
	if !ok {
		if !o.w.opts.Archive {
			o.fail(CodeSecret, "the "+name+" is not Base32")
		}
		secret = *p
	}
	o.begin(name)
	o.w.string(name, secret)
}

func (o *objectWriter) otpAlgorithm(name string, p *string) {
	algorithm := *p
	if algorithm == "" {
		algorithm = defaultAlgorithm
	}
	o.begin(name)
	o.w.string(name, algorithm)
}

func (o *objectWriter) object(name string, d describer) {
	length, written := len(o.w.buf), len(o.written)
	o.begin(name)
	o.w.push(name, 0)
	code, why := o.w.objectOf(d, o.childDefault, "")
	if o.childDefault = ""; why != "" {
		o.w.buf = o.w.buf[:length]
		o.written = o.written[:written]
		o.w.add(Warning, code, "", "was left out: "+why)
	}
	o.w.pop()
}

func (o *objectWriter) array(name string, count int, n need, element func(i int) describer) {
	before, written := len(o.w.buf), len(o.written)
	o.begin(name)
	o.w.buf = append(o.w.buf, '[')
	start := len(o.w.buf)
	for i := range count {
		length := len(o.w.buf)
		if length > start {
			o.w.buf = append(o.w.buf, ',')
		}
		o.w.push(name, i+1)
		if code, why := o.w.objectOf(element(i), "", ""); why != "" {
			o.w.buf = o.w.buf[:length]
			o.w.add(Warning, code, "", "was left out: "+why)
		}
		o.w.pop()
	}
	if len(o.w.buf) == start && n == optional {
		// All elements were left out, and then the array must be, too.
		o.w.buf, o.written = o.w.buf[:before], o.written[:written]
		return
	}
	o.w.buf = append(o.w.buf, ']')
}

// close writes what we do not know and ends the object.
func (o *objectWriter) close() {
	if o.rest != nil {
		for i, m := range *o.rest {
			o.closeMember(i, m)
		}
	}
	o.w.buf = append(o.w.buf, '}')
}

func (o *objectWriter) closeMember(i int, m Member) {
	if slices.Contains(o.written, m.Name) {
		return
	}
	if (slices.Contains(o.seen, m.Name) || strings.HasPrefix(m.Name, privatePrefix)) && !o.w.opts.Archive {
		o.w.add(Notice, CodeNotWritten, m.Name, "could not be understood and was left out")
		return
	}
	for _, earlier := range (*o.rest)[:i] {
		if earlier.Name == m.Name {
			o.w.add(Warning, CodeNotWritten, m.Name, "occurs twice and was written once")
			return
		}
	}
	if !utf8.ValidString(m.Name) || !jsontext.Value(m.Value).IsValid() {
		o.w.add(Warning, CodeNotWritten, "", "has a member that is not JSON, which was left out")
		return
	}
	o.w.comma(o.start)
	o.w.buf, _ = jsontext.AppendQuote(o.w.buf, m.Name) // valid UTF-8, as just seen
	o.w.buf = append(o.w.buf, ':')
	o.w.buf = append(o.w.buf, compact(m.Value)...)
}
