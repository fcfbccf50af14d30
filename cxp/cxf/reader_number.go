package cxf

import (
	"math"
	"strconv"
	"strings"
)

const (
	// epoch2001 is 2001-01-01T00:00:00Z in UNIX seconds: where Apple's clocks start.
	epoch2001 = 978307200
	day       = 24 * 60 * 60
	// earliestDocument is 2020-01-01: nobody wrote CXF documents before.
	earliestDocument = 1577836800
)

// parseSeconds reads a JSON number, or a string that holds one. exact says that
// it was a whole number, as it should be.
func parseSeconds(raw []byte) (t int64, exact, ok bool) {
	text := string(raw)
	exact = true
	if raw[0] == '"' {
		text, exact = strings.TrimSpace(unquote(raw)), false
	}
	if t, err := strconv.ParseInt(text, 10, 64); err == nil {
		return t, exact, true
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(f) || f >= math.MaxInt64 || f <= math.MinInt64 {
		return 0, false, false
	}
	return int64(math.Floor(f)), false, true
}

// correctTime undoes what exporters do to times; 0 = absent.
func (r *reader) correctTime(t int64) (int64, Code) {
	latest := r.now + day
	switch {
	case t > latest && t-epoch2001 <= latest && t-epoch2001 > epoch2001:
		return t - epoch2001, CodeTime2001
	case t > latest || t <= 0:
		return 0, CodeTimeRange
	case !r.unixTimes && t+epoch2001 <= latest && t < epoch2001:
		// Before November 1995 if it were counted from 1970, and the exporter has
		// not shown that it does that.
		return t + epoch2001, CodeTime2001
	}
	return t, ""
}

func (o *objectReader) seconds(name string, p *int64) {
	m := o.take(name, optional)
	if m == nil {
		return
	}
	t, exact, ok := parseSeconds(m.value)
	switch {
	case m.value[0] == '{' || m.value[0] == '[' || m.value[0] == 't' || m.value[0] == 'f':
		o.wrongKind(m, optional, name, "a time")
		return
	case o.r.opts.Archive && ok && exact:
		*p = t
		return
	case !ok:
		o.r.add(Warning, CodeTimeRange, name, "is no possible time and was taken as absent")
		return
	case !exact:
		o.r.add(Notice, CodeTimeForm, name, "is not a whole number of seconds")
	}
	t, code := o.r.correctTime(t)
	switch code {
	case CodeTime2001:
		o.r.add(Notice, code, name, "was counted from 2001 on one side and from 1970 on the other; corrected by 31 years")
	case CodeTimeRange:
		o.r.add(Notice, code, name, "is no possible time and was taken as absent")
	}
	*p = t
}

func (o *objectReader) timestamp(name string, p *int64) {
	if o.find(name, nil) == nil {
		o.take(name, expected)
		return
	}
	o.seconds(name, p)
}

// sawTimestamp lets the document's own time, where it stands before the
// accounts, say from when the exporter counts.
func (r *reader) sawTimestamp(raw []byte) {
	t, _, ok := parseSeconds(raw)
	if ok && t >= earliestDocument && t <= r.now+day {
		r.unixTimes = true
	}
}

// unsigned reads a whole number between 0 and limit, leniently also from text.
func (o *objectReader) unsigned(m *member, name string, limit uint64) (uint64, bool) {
	text := string(m.value)
	if m.value[0] == '"' {
		text = strings.TrimSpace(unquote(m.value))
	}
	if v, err := strconv.ParseUint(text, 10, 64); err == nil && v <= limit {
		if m.value[0] == '"' {
			o.r.add(Notice, CodeWrongKind, name, "is text but was read as a number")
		}
		return v, true
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil && f == math.Trunc(f) && f >= 0 && f <= float64(min(limit, 1<<53)) {
		o.r.add(Notice, CodeWrongKind, name, "is not written as a whole number but was read as one")
		return uint64(f), true
	}
	return 0, false
}

// uint8 reads part of a version. One beyond 255 is read as 255: newer than anything we know.
func (o *objectReader) uint8(name string, p *uint8) {
	m := o.take(name, required)
	if m == nil {
		return
	}
	v, ok := o.unsigned(m, name, math.MaxInt64)
	if !ok {
		o.wrongKind(m, required, name, "a number")
		return
	}
	*p = uint8(min(v, math.MaxUint8))
}

func (o *objectReader) uint16(name string, p *uint16, byDefault uint16) {
	*p = byDefault
	m := o.take(name, optional)
	if m == nil {
		o.r.add(Notice, CodeMissing, name, "is missing and was taken as "+strconv.Itoa(int(byDefault)))
		return
	}
	v, ok := o.unsigned(m, name, math.MaxUint16)
	if !ok || v == 0 {
		// Guessing here would make wrong codes.
		o.fail(CodeWrongKind, "the "+name+" is not a number from 1 to 65535")
		return
	}
	*p = uint16(v)
}

func (o *objectReader) size(name string, p *uint64, aliases ...string) {
	m := o.take(name, required, aliases...)
	if m == nil {
		return
	}
	v, ok := o.unsigned(m, name, math.MaxInt64)
	if !ok {
		o.wrongKind(m, required, name, "a size in bytes")
		return
	}
	*p = v
}

func (o *objectReader) private(name string, p *bool) {
	if !o.r.opts.Archive {
		return
	}
	if m := o.find(privatePrefix+name, nil); m != nil && string(m.value) == "true" {
		m.used, *p = true, true
	}
}

func (o *objectReader) signCount(p *uint32) {
	if !o.r.opts.Archive {
		return
	}
	if m := o.find(privatePrefix+"signCount", nil); m != nil {
		if v, err := strconv.ParseUint(string(m.value), 10, 32); err == nil {
			m.used, *p = true, uint32(v)
		}
	}
}

// privatePrefix begins the names of members that are ours, in archives only.
const privatePrefix = "keyferry.app/"
