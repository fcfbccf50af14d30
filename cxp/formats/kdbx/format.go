package kdbx

import (
	"encoding/binary"

	"github.com/keyferry/keyferry/cxp/formats"
)

// Format is the format of KeePass databases.
type Format struct{}

// ID implements formats.Format.
func (Format) ID() string { return "kdbx" }

// Name implements formats.Format.
func (Format) Name() string { return "KeePass database (KDBX)" }

// Holds implements formats.Format.
func (Format) Holds() formats.Holds {
	return formats.Holds{Passkeys: true, PRF: true, Passwords: true, Files: true, Folders: true, Encrypted: true}
}

// Detect implements formats.Format. It also takes the databases of KeePass 1, so that Read can say what they are.
func (Format) Detect(p *formats.Probe) formats.Confidence {
	if len(p.Head) < 8 || binary.LittleEndian.Uint32(p.Head) != signature1 {
		return formats.No
	}
	switch binary.LittleEndian.Uint32(p.Head[4:]) {
	case signature2, signature1x, signaturePre:
		return formats.Certain
	}
	return formats.No
}
