// Package all lists the formats that Keyferry reads and writes. It is apart from package formats because each format imports
// that one.
package all

import (
	"github.com/keyferry/keyferry/cxp/formats"
	"github.com/keyferry/keyferry/cxp/formats/aliasvault"
	"github.com/keyferry/keyferry/cxp/formats/bitwarden"
	"github.com/keyferry/keyferry/cxp/formats/csv"
	"github.com/keyferry/keyferry/cxp/formats/cxfjson"
	"github.com/keyferry/keyferry/cxp/formats/kdbx"
	"github.com/keyferry/keyferry/cxp/formats/keepassxc"
	"github.com/keyferry/keyferry/cxp/formats/onepux"
	"github.com/keyferry/keyferry/cxp/formats/protonpass"
)

// Formats lists every format, in the order in which to show them to a person.
func Formats() []formats.Format {
	return append([]formats.Format{
		cxfjson.Format{},
		bitwarden.Format{},
		kdbx.Format{},
		protonpass.Format{},
		keepassxc.Format{},
		aliasvault.Format{},
		onepux.Format{},
	}, csv.Formats()...)
}
