package agent

import (
	"context"
	"errors"

	"github.com/keyferry/keyferry/cxp"
	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/localexchange"
	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/host/transfer"
)

// peerError gives errors of the direct exchange their codes; nil for any other error.
func peerError(err error) error {
	var wrong *localexchange.ProtocolError
	switch {
	case errors.As(err, &wrong):
		return protocol.Errorf(protocol.CodePeerProtocol, "%s; nothing was changed", consent.Clean(wrong.Error(), 200))
	case errors.Is(err, localexchange.ErrStalled):
		return protocol.Errorf(protocol.CodePeerSilent, "%s", localexchange.ErrStalled)
	case errors.Is(err, localexchange.ErrNotStarted):
		return protocol.Errorf(protocol.CodePeerGone, "the other app could not be started; look whether it is still installed")
	case errors.Is(err, localexchange.ErrChanged):
		return errProviderGone()
	case errors.Is(err, localexchange.ErrClosed):
		return protocol.Errorf(protocol.CodePeerGone, "%s", localexchange.ErrClosed)
	case errors.Is(err, localexchange.ErrOtherUser):
		return protocol.Errorf(protocol.CodePeerIdentity, "%s", localexchange.ErrOtherUser)
	case errors.Is(err, localexchange.ErrOtherName):
		return protocol.Errorf(protocol.CodePeerIdentity, "%s", localexchange.ErrOtherName)
	}
	return nil
}

// refusalText says in words why the other side refused, as far as its code tells.
func refusalText(code cxp.Code) string {
	switch code {
	case cxp.CodeUserCanceled:
		return "it was cancelled in the other app; nothing was changed"
	case cxp.CodeIncompatibleHPKE, cxp.CodeMissingImporterKey, cxp.CodeBadImporterKey:
		return "the other app knows none of the ways to encrypt that this side offers; nothing was changed"
	case cxp.CodeUnsupportedVersion:
		return "the other app speaks another version of the exchange; update one of the two"
	case cxp.CodeInvalidJSON:
		return "the other app could not make sense of what it was sent; nothing was changed"
	}
	return "the other app refused; nothing was changed"
}

// transferError gives errors of the exchange their codes. None of them quotes the file.
func transferError(err error) error {
	var known *protocol.Error
	var peer *cxp.PeerError
	var syntax *cxf.SyntaxError
	switch {
	case err == nil, errors.As(err, &known), errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &peer):
		return protocol.Errorf(protocol.CodePeerRefused, "%s", refusalText(peer.Code))
	case peerError(err) != nil:
		return peerError(err)
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
