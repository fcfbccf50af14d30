package agent

import (
	"context"
	"errors"

	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/vault"
)

// ErrLocked is [Run]'s: the vault was locked and the process is to end, since it does not re-execute itself.
var ErrLocked = errors.New("the agent locked its vault and ends")

// toProtocol turns an error into what crosses the socket. An error that is nobody's business but the log's becomes a
// plain "internal".
func (a *agent) toProtocol(err error) *protocol.Error {
	var known *protocol.Error
	var inUse *vault.InUseError
	var damaged *vault.DamagedError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return known
	case errors.Is(err, consent.ErrRefused):
		return protocol.Errorf(protocol.CodeDenied, "cancelled; nothing was changed")
	case errors.Is(err, consent.ErrTimeout):
		return protocol.Errorf(protocol.CodeTimeout, "the dialog was not answered in time; ask again")
	case errors.Is(err, consent.ErrNoDialog):
		return protocol.Errorf(protocol.CodeNoDialog, "%s", consent.ErrNoDialog.Error())
	case errors.Is(err, vault.ErrWrongSecret):
		return protocol.Errorf(protocol.CodeWrongSecret, "%s", vault.ErrWrongSecret.Error())
	case errors.Is(err, vault.ErrNoVault):
		return protocol.Errorf(protocol.CodeNoVault, "there is no vault yet; make one first")
	case errors.Is(err, vault.ErrVaultExists):
		return protocol.Errorf(protocol.CodeVaultExists, "%s", err.Error())
	case errors.As(err, &inUse):
		return protocol.Errorf(protocol.CodeVaultInUse, "%s", inUse.Error())
	case errors.As(err, &damaged):
		return protocol.Errorf(protocol.CodeVaultDamaged, "%s", damaged.Error())
	case errors.Is(err, vault.ErrDiskFull):
		return protocol.Errorf(protocol.CodeDiskFull, "%s", vault.ErrDiskFull.Error())
	case errors.Is(err, vault.ErrReadOnly):
		return protocol.Errorf(protocol.CodeReadOnly, "%s", vault.ErrReadOnly.Error())
	case errors.Is(err, vault.ErrClosed):
		return errLockedVault()
	case errors.Is(err, vault.ErrNotFound):
		return protocol.Errorf(protocol.CodeNotFound, "%s", vault.ErrNotFound.Error())
	case errors.Is(err, vault.ErrExists), errors.Is(err, vault.ErrLastSlot):
		return protocol.Errorf(protocol.CodeConflict, "%s", err.Error())
	case errors.Is(err, vault.ErrInvalid), errors.Is(err, vault.ErrTooLarge):
		return protocol.Errorf(protocol.CodeBadRequest, "%s", err.Error())
	case errors.Is(err, vault.ErrNewer):
		return protocol.Errorf(protocol.CodeVersion, "%s", err.Error())
	case errors.Is(err, vault.ErrKeyring):
		return protocol.Errorf(protocol.CodeUnsupportedSystem, "%s", err.Error())
	case errors.Is(err, context.Canceled):
		return protocol.Errorf(protocol.CodeCanceled, "cancelled")
	case errors.Is(err, context.DeadlineExceeded):
		return protocol.Errorf(protocol.CodeTimeout, "it took too long; ask again")
	}
	a.log.Error().Err(err).Msg("request failed")
	return protocol.Errorf(protocol.CodeInternal, "something went wrong in Keyferry; its log has more")
}

func errLockedVault() *protocol.Error {
	return protocol.Errorf(protocol.CodeLocked, "the vault is locked; unlock it first")
}

func errNotPaired() *protocol.Error {
	return protocol.Errorf(protocol.CodeNotPaired, "this browser profile is not paired; pair it from the welcome page or the settings")
}

func badRequest(format string, args ...any) *protocol.Error {
	return protocol.Errorf(protocol.CodeBadRequest, format, args...)
}
