package bitwarden

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
)

// envelope is the password-protected file, but for its two encrypted strings.
type envelope struct {
	Salt        string          `json:"salt"`
	KDF         *int64          `json:"kdfType"`
	Iterations  formats.Seconds `json:"kdfIterations"`
	Memory      formats.Seconds `json:"kdfMemory"`
	Parallelism formats.Seconds `json:"kdfParallelism"`

	validation, data *encString
}

const (
	kdfPBKDF2 = 0
	kdfArgon2 = 1
)

// sealed reads a password-protected document. Its text is held in memory, once: decoding makes the ciphertext, which is
// decrypted where it stands and then read item by item.
func (r *reader) sealed(ctx context.Context, in *formats.Input, src io.Reader, size int64) error {
	e, err := readEnvelope(src, size)
	if err != nil {
		return err
	}
	k, err := e.kdf()
	if err != nil {
		return err
	}
	plaintext, err := e.open(ctx, in, k)
	if err != nil {
		return err
	}
	defer clear(plaintext)
	r.b.Result().Variant = "password-protected, PBKDF2"
	if k.argon2 {
		r.b.Result().Variant = "password-protected, Argon2id"
	} else if k.iterations < 100_000 {
		r.b.Note(cxf.Notice, formats.CodeWeak, fmt.Sprintf("the file is encrypted with only %d iterations of PBKDF2; do not leave it lying about", k.iterations))
	}
	return r.plain(jsontext.NewDecoder(bytes.NewBuffer(plaintext)))
}

// readEnvelope reads the outer document, of size bytes if it is what it says. The encrypted strings are decoded as they are
// met, so that the text can go.
func readEnvelope(src io.Reader, size int64) (*envelope, error) {
	raw := bytes.NewBuffer(make([]byte, 0, min(size, formats.MaxDocument)+bytes.MinRead))
	if n, err := raw.ReadFrom(io.LimitReader(src, formats.MaxDocument+1)); err != nil {
		return nil, err
	} else if n > formats.MaxDocument {
		return nil, fmt.Errorf("the document has over %d MiB: %w", formats.MaxDocument>>20, formats.ErrTooLarge)
	}
	e := new(envelope)
	members := map[string]any{
		"salt": &e.Salt, "kdfType": &e.KDF, "kdfIterations": &e.Iterations, "kdfMemory": &e.Memory, "kdfParallelism": &e.Parallelism,
	}
	d := jsontext.NewDecoder(raw) // reads from the buffer's own memory
	err := formats.EachMember(d, func(name string) error {
		v, err := d.ReadValue()
		if err != nil {
			return formats.JSONError(err)
		}
		switch name {
		case "data":
			e.data, err = encoded(v)
		case "encKeyValidation_DO_NOT_EDIT":
			e.validation, err = encoded(v)
		default:
			if into := members[name]; into != nil {
				if err := formats.Decode(v, into); err != nil {
					return formats.Damaged(name, err)
				}
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := formats.End(d); err != nil {
		return nil, err
	}
	if e.Salt == "" || e.KDF == nil || e.data == nil || e.validation == nil {
		return nil, formats.Damaged("envelope", errors.New("something that every password-protected export has is missing"))
	}
	return e, nil
}

// kdf judges what the envelope asks for.
func (e *envelope) kdf() (*kdf, error) {
	k := &kdf{iterations: int64(e.Iterations), memory: int64(e.Memory), threads: int64(e.Parallelism), salt: e.Salt}
	switch *e.KDF {
	case kdfPBKDF2:
	case kdfArgon2:
		k.argon2 = true
	default:
		return nil, &formats.VersionError{Format: name, Found: fmt.Sprintf("with key derivation %d", *e.KDF), Newer: true}
	}
	return k, k.check()
}

// open asks for the password and decrypts the document.
func (e *envelope) open(ctx context.Context, in *formats.Input, k *kdf) ([]byte, error) {
	secret, err := in.Ask(ctx, formats.Question{Text: "the password that was chosen for the file when it was exported from Bitwarden"})
	if err != nil {
		return nil, err
	}
	defer secret.Clear()
	keys, err := k.derive(secret.Password)
	if err != nil {
		return nil, err
	}
	defer keys.clear()
	if _, err := e.validation.open(keys); errors.Is(err, errMAC) {
		return nil, formats.ErrWrongPassword
	} else if err != nil {
		return nil, err
	}
	plaintext, err := e.data.open(keys)
	if errors.Is(err, errMAC) {
		return nil, formats.Damaged("encryption", errors.New("the password is right, but the data was altered"))
	}
	return plaintext, err
}

// encoded takes an encrypted string out of its JSON.
func encoded(v jsontext.Value) (*encString, error) {
	if v.Kind() != '"' {
		return nil, formats.Damaged("envelope", errors.New("something that should be encrypted is not"))
	}
	inner := []byte(v[1 : len(v)-1])
	if bytes.IndexByte(inner, '\\') >= 0 { // somebody escaped the slashes of the base64
		var err error
		if inner, err = jsontext.AppendUnquote(nil, v); err != nil {
			return nil, formats.Damaged("envelope", errors.New("an encrypted text is no text"))
		}
	}
	return parseEncString(inner)
}
