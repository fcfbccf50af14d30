package agent

import (
	"errors"
	"net"
)

// Flags that other systems' agents hand descriptors over with.
const (
	FlagListener = "--inherit-listener"
	FlagPIN      = "--inherit-pin"
)

// Handover is empty: Windows has no exec; a lock ends the process, and the next request starts a new one.
type Handover struct {
	ListenerFD int
	PINFD      int
}

// Listener takes nothing over.
func (h Handover) Listener() (net.Listener, error) { return nil, nil }

func (a *agent) again(ln net.Listener, _ bool) error {
	a.keep.takePIN(false)
	return errors.Join(ErrLocked, ln.Close())
}

func readHandedOver(int, int) ([]byte, error) {
	return nil, errors.New("nothing is handed over on this system")
}
