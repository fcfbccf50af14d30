package kdbx

import (
	"crypto"
	"encoding/base64"
)

func signer(key any) crypto.Signer { return key.(crypto.Signer) }

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
