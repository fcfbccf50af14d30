package vault

import (
	"fmt"
	"runtime/debug"
	"time"

	"golang.org/x/crypto/argon2"
)

// Cost is the work of Argon2id (RFC 9106) for a passphrase slot.
type Cost struct {
	MemoryKiB uint32
	Passes    uint32
	Lanes     uint8
}

// The floor below which no slot is made or opened, and the ceiling above which a header is taken for forged: a
// changed header must not make an open take all memory.
var (
	costFloor   = Cost{MemoryKiB: 64 << 10, Passes: 3, Lanes: 1}
	costCeiling = Cost{MemoryKiB: 1 << 20, Passes: 64, Lanes: 16}
)

const (
	costTarget   = 500 * time.Millisecond
	calibrateMem = 256 << 10 // memory grows up to here before passes do
	argonLanes   = 4
	seedSize     = 32
)

// derive does the work and gives Argon2's memory back to the system at once: an agent lives for hours, and a quarter
// of a gigabyte would stay with it until the collector's next idle cycle.
func (c Cost) derive(secret, salt []byte) []byte {
	seed := argon2.IDKey(secret, salt, c.Passes, c.MemoryKiB, c.Lanes, seedSize)
	if c.MemoryKiB >= costFloor.MemoryKiB {
		debug.FreeOSMemory()
	}
	return seed
}

func (c Cost) check(floor Cost) error {
	if c.MemoryKiB < floor.MemoryKiB || c.Passes < floor.Passes || c.Lanes < floor.Lanes {
		return fmt.Errorf("%d KiB, %d passes, %d lanes: %w", c.MemoryKiB, c.Passes, c.Lanes, ErrWeakCost)
	}
	if c.MemoryKiB > costCeiling.MemoryKiB || c.Passes > costCeiling.Passes || c.Lanes > costCeiling.Lanes {
		return fmt.Errorf("argon2id cost of %d KiB and %d passes is over the ceiling: %w", c.MemoryKiB, c.Passes, ErrInvalid)
	}
	return nil
}

// Calibrate finds the cost that takes about half a second on this machine, never below 64 MiB and 3 passes. It takes
// as long as one derivation at the floor.
func Calibrate() Cost {
	c := Cost{MemoryKiB: costFloor.MemoryKiB, Passes: costFloor.Passes, Lanes: argonLanes}
	salt := make([]byte, 16)
	start := time.Now()
	c.derive(salt, salt)
	return c.scale(time.Since(start))
}

// scale grows a cost that took that long to about the target: memory first, since it is what an attacker's hardware
// lacks, then passes.
func (c Cost) scale(took time.Duration) Cost {
	factor := float64(costTarget) / float64(max(took, time.Millisecond))
	for factor >= 2 && c.MemoryKiB*2 <= calibrateMem {
		c.MemoryKiB *= 2
		factor /= 2
	}
	if factor > 1 {
		c.Passes = min(uint32(float64(c.Passes)*factor), costCeiling.Passes)
	}
	return c
}
