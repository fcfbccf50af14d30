package cxf

import "encoding/json"

// Extra holds the members of a JSON object that this package does not know, in
// their order, so that nothing is lost between reading and writing. A member
// that is known but could not be understood stands here too, under its own
// name; the strict writer leaves that one out.
type Extra []Member

// Member is one member of a JSON object.
type Member struct {
	Name string
	// Value is one compact JSON value.
	Value json.RawMessage
}

// Get returns the value of the named member, nil if there is none.
func (e Extra) Get(name string) json.RawMessage {
	for i := range e {
		if e[i].Name == name {
			return e[i].Value
		}
	}
	return nil
}

// Set replaces the value of the named member, or adds it at the end.
func (e *Extra) Set(name string, value json.RawMessage) {
	for i := range *e {
		if (*e)[i].Name == name {
			(*e)[i].Value = value
			return
		}
	}
	*e = append(*e, Member{Name: name, Value: value})
}

// Delete removes the named member if it is there.
func (e *Extra) Delete(name string) {
	for i := range *e {
		if (*e)[i].Name == name {
			*e = append((*e)[:i:i], (*e)[i+1:]...)
			return
		}
	}
}
