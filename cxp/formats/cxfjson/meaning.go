package cxfjson

import (
	"errors"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
)

func kindOf(b byte) jsontext.Kind { return jsontext.Kind(b) }

// meaning gives package cxf's errors the meaning they have for all formats.
func meaning(err error) error {
	var syntax *cxf.SyntaxError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &syntax):
		return formats.Damaged("JSON", err)
	case errors.Is(err, cxf.ErrNotCXF):
		return fmt.Errorf("%w: %w", formats.ErrNotThis, err)
	case errors.Is(err, cxf.ErrTooLarge), errors.Is(err, cxf.ErrTooDeep):
		return fmt.Errorf("%w: %w", formats.ErrTooLarge, err)
	case errors.Is(err, cxf.ErrVersion):
		return &formats.VersionError{Format: "CXF", Found: "2 or later", Newer: true}
	}
	return err
}
