package cxp

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/windows"
)

// freeMemory is how many bytes of physical memory this machine could still give.
func freeMemory() (uint64, error) {
	// MEMORYSTATUSEX of sysinfoapi.h.
	status := struct {
		length, load                                                                          uint32
		totalPhys, availPhys, totalPage, availPage, totalVirtual, availVirtual, availExtended uint64
	}{}
	status.length = uint32(unsafe.Sizeof(status))
	proc := windows.NewLazySystemDLL("kernel32.dll").NewProc("GlobalMemoryStatusEx")
	if ok, _, err := proc.Call(uintptr(unsafe.Pointer(&status))); ok == 0 {
		return 0, fmt.Errorf("GlobalMemoryStatusEx: %w", err)
	}
	return status.availPhys, nil
}
