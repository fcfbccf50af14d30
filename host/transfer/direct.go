package transfer

import (
	"context"
	_ "embed"
	"encoding/base64"
	"io"

	"github.com/keyferry/keyferry/cxp"
	"github.com/keyferry/keyferry/cxp/localexchange"
)

// Direct exchange with another app of this machine (cxp/LOCAL.md): what Keyferry registers as, and an answer to a direct
// request as a [Source].

// icon is what other apps show beside our name: extension/icons/48.png.
//
//go:embed icon.png
var icon []byte

// ProfileRPID is the name by which a profile's vault calls itself in a direct exchange: profiles are separate vaults,
// which may exchange with each other.
func ProfileRPID(profile string) string {
	if profile == "" || profile == "default" {
		return RPID
	}
	return profile + "." + RPID
}

// ProfileDisplayName is a profile's name for people.
func ProfileDisplayName(profile string) string {
	if profile == "" || profile == "default" {
		return DisplayName
	}
	return DisplayName + " (" + profile + ")"
}

// Registration is what a profile registers with other apps; command is absolute and ends in "exchange".
func Registration(profile string, command []string) localexchange.Registration {
	return localexchange.Registration{
		Version: 1, RPID: ProfileRPID(profile), DisplayName: ProfileDisplayName(profile), Icon: "data:image/png;base64," + base64.StdEncoding.EncodeToString(icon),
		Roles: []localexchange.Role{localexchange.RoleImporter, localexchange.RoleExporter}, Command: command,
	}
}

// Direct is the answer to a direct request, as it came: its envelope, and its payload kept to be read twice.
type Direct struct {
	Envelope []byte
	Open     func() io.Reader // the payload
	Pending  *cxp.Pending
	Exporter string // whom the greeting named; a document of another name is refused
	Options  cxp.OpenOptions
}

// Read implements [Source].
func (s Direct) Read(ctx context.Context, to Sink) (*Reading, error) {
	o := s.Options
	ahead, wait := readAhead(to.Item)
	o.CXF = readOptions(false, Sink{Item: ahead, Keys: to.Keys})
	im, err := s.Pending.OpenParts(ctx, s.Envelope, s.Open(), o)
	if failed := wait(); failed != nil { // else what it was given to do may have failed last
		err = failed
	}
	if err != nil {
		return nil, err
	}
	if im.Document().ExporterRPID != s.Exporter {
		return nil, localexchange.ErrOtherName
	}
	return readFiles(im, to.File)
}
