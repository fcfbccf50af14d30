package formats

import (
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Loose is text in somebody's JSON: a string, or null, a number or a boolean that stands for one.
type Loose string

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (l *Loose) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	switch d.PeekKind() {
	case 'n':
		*l = ""
		return d.SkipValue()
	case '"', 't', 'f', '0':
		t, err := d.ReadToken()
		if err != nil {
			return err
		}
		*l = Loose(t.String())
		return nil
	case 0:
		_, err := d.ReadToken()
		return err
	}
	return errShape
}

var errShape = errors.New("an object or a list where text should be")

// Seconds is a whole number in somebody's JSON, as a number or as text; 0 for null and for what is none.
type Seconds int64

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (s *Seconds) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	var text Loose
	if err := text.UnmarshalJSONFrom(d); err != nil {
		return err
	}
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil || f != f || f < -1<<53 || f > 1<<53 {
		*s = 0
		return nil
	}
	*s = Seconds(f)
	return nil
}

// DecodeEntry is Decode for what must be an object.
func DecodeEntry(value jsontext.Value, v any) error {
	if value.Kind() != '{' {
		return errors.New("is not of the expected form")
	}
	return Decode(value, v)
}

// Decode reads one JSON value of a document into v, a pointer. Unknown members are ignored, names match in any case. The
// error says in plain words where it went wrong and quotes nothing.
func Decode(value jsontext.Value, v any) error {
	err := json.Unmarshal(value, v, json.MatchCaseInsensitiveNames(true))
	if err == nil {
		return nil
	}
	where := ""
	var semantic *json.SemanticError
	if errors.As(err, &semantic) {
		where = strings.Trim(string(semantic.JSONPointer), "/")
	}
	if where == "" {
		return errors.New("is not of the expected form")
	}
	return errors.New("has something unexpected at " + Plain(where))
}

// EachMember reads a JSON object and calls f for each member; f must read the value. The name is only good until then.
func EachMember(d *jsontext.Decoder, f func(name string) error) error {
	if err := begin(d, '{'); err != nil {
		return err
	}
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return JSONError(err)
		}
		if err := f(name.String()); err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return JSONError(err)
}

// EachElement reads a JSON array, or null, and calls f with each element, which is only good until f returns.
func EachElement(d *jsontext.Decoder, f func(v jsontext.Value) error) error {
	if d.PeekKind() == 'n' {
		return JSONError(d.SkipValue())
	}
	if err := begin(d, '['); err != nil {
		return err
	}
	for d.PeekKind() != ']' {
		v, err := d.ReadValue()
		if err != nil {
			return JSONError(err)
		}
		if err := f(v); err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return JSONError(err)
}

func begin(d *jsontext.Decoder, kind jsontext.Kind) error {
	t, err := d.ReadToken()
	if err != nil {
		return JSONError(err)
	}
	if t.Kind() != kind {
		return Damaged("JSON", errors.New("the document is not put together as it should be"))
	}
	return nil
}

// Skip passes over the next value.
func Skip(d *jsontext.Decoder) error { return JSONError(d.SkipValue()) }

// Next reads the next value into v.
func Next(d *jsontext.Decoder, v any) error {
	value, err := d.ReadValue()
	if err != nil {
		return JSONError(err)
	}
	if err := Decode(value, v); err != nil {
		return Damaged("JSON", err)
	}
	return nil
}

// End checks that nothing follows the document.
func End(d *jsontext.Decoder) error {
	switch _, err := d.ReadToken(); {
	case errors.Is(err, io.EOF):
		return nil
	case err == nil:
		return Damaged("JSON", errors.New("something follows the document"))
	default:
		return JSONError(err)
	}
}

// JSONError tells damage from errors of the reader underneath, which stay what they are.
func JSONError(err error) error {
	if err == nil {
		return nil
	}
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
			return Damaged("JSON", errors.New("it ends in the middle; it may have been cut short"))
		}
		if errors.Is(err, jsontext.ErrDuplicateName) {
			return Damaged("JSON", errors.New("a member stands there twice"))
		}
		return Damaged("JSON", errors.New("it is no JSON from byte "+strconv.FormatInt(syntax.ByteOffset, 10)+" on"))
	}
	return err
}

// Check is Decode for JSON that stands in a text, which has to be checked as JSON first.
func Check(value string, v any) error {
	d := jsontext.NewDecoder(strings.NewReader(value))
	raw, err := d.ReadValue()
	if err != nil {
		return JSONError(err)
	}
	if err := Decode(raw, v); err != nil {
		return err
	}
	return End(d)
}
