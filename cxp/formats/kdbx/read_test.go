package kdbx

import (
	"bytes"
	"context"
	"testing"

	"github.com/keyferry/keyferry/cxp/formats"
)

// input makes an input of a file's bytes and the secret that opens it.
func input(data []byte, password string, keyFile []byte) *formats.Input {
	return &formats.Input{
		ReaderAt: bytes.NewReader(data), Size: int64(len(data)),
		Secret: func(context.Context, formats.Question) (formats.Secret, error) {
			return formats.Secret{Password: []byte(password), KeyFile: bytes.Clone(keyFile), HasPassword: password != ""}, nil
		},
	}
}

func read(t *testing.T, data []byte, password string) *formats.Result {
	t.Helper()
	r, err := Format{}.Read(t.Context(), input(data, password, nil))
	if err != nil {
		t.Fatal(err)
	}
	return r
}
