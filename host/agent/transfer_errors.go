package agent

import (
	"context"
	"errors"

	"github.com/keyferry/keyferry/cxp"
	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/host/transfer"
)

// transferError gives errors of the exchange their codes. None of them quotes the file.
func transferError(err error) error {
	var known *protocol.Error
	var peer *cxp.PeerError
	var syntax *cxf.SyntaxError
	switch {
	case err == nil, errors.As(err, &known), errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &peer):
		return protocol.Errorf(protocol.CodeDenied, "the other side refused: %s", peer.Code)
	case errors.Is(err, cxp.ErrFingerprint), errors.Is(err, cxp.ErrNotConfirmed):
		return protocol.Errorf(protocol.CodeFingerprint, "%s", err)
	case errors.Is(err, cxp.ErrRequestExpired), errors.Is(err, cxp.ErrRequestClosed), errors.Is(err, cxp.ErrNoRequest),
		errors.Is(err, cxp.ErrOtherRequest), errors.Is(err, cxp.ErrClock):
		return protocol.Errorf(protocol.CodeRequestGone, "%s", err)
	case errors.Is(err, cxp.ErrPassphrase):
		return protocol.Errorf(protocol.CodeWrongSecret, "%s", err)
	case foreignError(err) != nil:
		return foreignError(err)
	case errors.Is(err, transfer.ErrChanged):
		return protocol.Errorf(protocol.CodeStale, "%s", transfer.ErrChanged)
	case errors.Is(err, transfer.ErrChoice):
		return protocol.Errorf(protocol.CodeBadRequest, "%s", err)
	case errors.Is(err, transfer.ErrUndone):
		return protocol.Errorf(protocol.CodeNotFound, "%s", err)
	case errors.Is(err, cxp.ErrTooLarge), errors.Is(err, cxf.ErrTooLarge), errors.Is(err, cxf.ErrTooDeep),
		errors.Is(err, transfer.ErrTooMany), errors.Is(err, transfer.ErrSpoolFull):
		return protocol.Errorf(protocol.CodeTooLarge, "%s", err)
	}
	for _, bad := range []error{
		cxp.ErrSyntax, cxp.ErrVersion, cxp.ErrNoSuite, cxp.ErrMissingKey, cxp.ErrBadKey, cxp.ErrMode, cxp.ErrSuiteNotOffered,
		cxp.ErrPayload, cxp.ErrDecrypt, cxp.ErrIntegrity, cxp.ErrExporter, cxp.ErrChanged, cxp.ErrKDF, cxf.ErrNotCXF, cxf.ErrVersion,
	} {
		if errors.Is(err, bad) {
			return protocol.Errorf(protocol.CodeBadFile, "%s", err)
		}
	}
	if errors.As(err, &syntax) {
		return protocol.Errorf(protocol.CodeBadFile, "%s", err)
	}
	return err
}
