package vault

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"
)

// Everything at once, for the race detector: readers and writers go on while keys are changed and the trash is emptied.
func TestConcurrentUse(t *testing.T) {
	ctx := context.Background()
	v := newVaultIn(t, fastDir(t)+"/v")
	v = reopen(t, v)
	const writers, each = 4, 25
	var wg sync.WaitGroup
	fail := make(chan error, 100)
	try := func(err error) {
		if err != nil {
			select {
			case fail <- err:
			default:
			}
		}
	}
	for w := range writers {
		wg.Go(func() {
			for n := range each {
				p := torturePasskey(fmt.Sprintf("w%d.example", w), n)
				try(v.AddPasskey(ctx, p))
				got, err := v.PasskeyByCredential(ctx, p.RPID, p.CredentialID)
				if try(err); err == nil {
					got.Clear()
				}
				v.Touch(p.ID, time.Now())
				v.Log(AuditEvent{Action: "used", ID: p.ID})
				if n%10 == 9 {
					try(v.Trash(ctx, p.ID))
				}
				_, err = v.Search(ctx, "user", "", 10)
				try(err)
				_, err = v.ListTrash(ctx, "user", "", 10)
				try(err)
				v.Health()
				v.Slots()
			}
		})
	}
	wg.Go(func() {
		for range 3 {
			try(v.Rekey(ctx))
			_, err := v.EmptyTrash(ctx, time.Time{})
			try(err)
			try(v.Verify(ctx, secret()))
			_, err = v.AuditLog(ctx, "", "", 10)
			try(err)
		}
	})
	wg.Go(func() {
		s, err := v.Stage(ctx)
		if err != nil {
			try(err)
			return
		}
		for n := range 150 {
			try(s.AddPasskey(ctx, torturePasskey("import.example", n)))
		}
		try(s.Commit(ctx))
	})
	wg.Wait()
	select {
	case err := <-fail:
		t.Fatal(err)
	default:
	}
	if _, err := v.EmptyTrash(ctx, time.Time{}); err != nil {
		t.Fatal(err)
	}
	v = reopen(t, v)
	if h, err := v.AwaitHealth(ctx); err != nil || h.State != HealthWhole {
		t.Fatalf("%+v %v", h, err)
	}
	for rp, want := range map[string]int{"w0.example": each - 2, "w3.example": each - 2, "import.example": 150} {
		if l, err := v.PasskeysByRP(ctx, rp); err != nil || len(l) != want {
			t.Fatalf("%s: %d, want %d, %v", rp, len(l), want, err)
		}
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	if err := v.AddPasskey(ctx, torturePasskey("late.example", 1)); !errors.Is(err, ErrClosed) {
		t.Fatalf("write after close: %v", err)
	}
	if _, err := v.PasskeysByRP(ctx, "w0.example"); !errors.Is(err, ErrClosed) {
		t.Fatalf("read after close: %v", err)
	}
}
