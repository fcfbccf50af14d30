package cxf

// FieldType says how to show and check the value of an [EditableField] (CXF
// §3.4.3). The enumeration is open: an unknown type is shown as text.
type FieldType string

// The field types of CXF 1.0.
const (
	FieldString                  FieldType = "string"
	FieldConcealedString         FieldType = "concealed-string"
	FieldEmail                   FieldType = "email"
	FieldNumber                  FieldType = "number"
	FieldBoolean                 FieldType = "boolean"
	FieldDate                    FieldType = "date"
	FieldYearMonth               FieldType = "year-month"
	FieldWIFINetworkSecurityType FieldType = "wifi-network-security-type"
	FieldCountryCode             FieldType = "country-code"
	FieldSubdivisionCode         FieldType = "subdivision-code"
)

// EditableField is a value that the person may edit (CXF §3.4.2).
type EditableField struct {
	// ID is optional.
	ID string
	// Type "" lets the writer put in the type the standard gives the member.
	Type FieldType
	// Value is always text: "true" and "false" for booleans, decimal digits for numbers.
	Value string
	// Label is optional.
	Label      string
	Extensions []Extension
	// Extra holds members this package does not know.
	Extra Extra
}

// Field makes a field of the given type without id and label.
func Field(t FieldType, value string) *EditableField {
	return &EditableField{Type: t, Value: value}
}

// Text returns the field's value, "" for a nil field.
func (f *EditableField) Text() string {
	if f == nil {
		return ""
	}
	return f.Value
}

func (f *EditableField) describe(c codec) {
	c.extra(&f.Extra)
	c.id("id", &f.ID, fieldID)
	c.fieldValue(&f.Type, &f.Value)
	c.text("label", &f.Label, optional)
	c.extensions(&f.Extensions, false)
}
