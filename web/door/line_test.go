package door

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// strangers returns callers from elsewhere, each from an address of its own.
func strangers() func() Caller {
	at := netip.MustParseAddr("203.0.113.0")
	return func() Caller {
		at = at.Next()
		return Caller{Addr: at}
	}
}

// TestManyGuess: one hash runs at a time, and no more wait than may.
func TestManyGuess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDoor(t, nil)
		d.line.busy = true // somebody hashes
		var all sync.WaitGroup
		var mu sync.Mutex
		wrong, busy := 0, 0
		stranger := strangers()
		at := stranger()
		for i := range 1000 {
			if i%10 == 0 {
				at = stranger()
			}
			from := at
			all.Go(func() {
				_, err := d.Check(t.Context(), from, "", "guess")
				mu.Lock()
				defer mu.Unlock()
				var refusal *Refusal
				if errors.As(err, &refusal) && refusal.Wrong {
					wrong++
				} else if refusal != nil && refusal.Wait > 0 {
					busy++
				}
			})
		}
		synctest.Wait()
		if n := len(d.line.waiting); n != maxWaiting || busy != 1000-maxWaiting {
			t.Errorf("%d wait, %d refused", n, busy)
		}
		d.endTurn(0)
		all.Wait()
		synctest.Wait()
		if wrong != maxWaiting || d.line.busy || len(d.line.waiting) > 0 {
			t.Errorf("%d looked at, %d wait", wrong, len(d.line.waiting))
		}
	})
}

// TestWhoIsNext: those at home come before others, and those who have failed
// less; else, who came first.
func TestWhoIsNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDoor(t, nil)
		stranger := strangers()
		clumsy := stranger()
		_ = d.fail(Network(clumsy.Addr))
		neighbour := Caller{Addr: netip.MustParseAddr("192.168.1.9"), Near: true}
		_ = d.fail(Network(neighbour.Addr))
		d.line.busy = true
		var order []string
		var mu sync.Mutex
		var all sync.WaitGroup
		for _, c := range []struct {
			name string
			from Caller
		}{{"clumsy stranger", clumsy}, {"stranger", stranger()}, {"second stranger", stranger()}, {"clumsy neighbour", neighbour}, {"home", home}, {"other", other}} {
			all.Go(func() {
				if err := d.enqueue(t.Context(), Network(c.from.Addr), c.from.Near); err != nil {
					t.Error(err)
				}
				mu.Lock()
				order = append(order, c.name)
				mu.Unlock()
				d.endTurn(time.Second)
			})
			synctest.Wait()
		}
		d.endTurn(0)
		all.Wait()
		if want := []string{"home", "other", "clumsy neighbour", "stranger", "second stranger", "clumsy stranger"}; !slices.Equal(order, want) {
			t.Errorf("in turn: %q, want %q", order, want)
		}
	})
}

// TestHomeBeforeThousands: while ever new addresses guess, as many as may, who is
// at home waits for one hash and its rest, and never in vain.
func TestHomeBeforeThousands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDoor(t, nil)
		const rest = time.Second
		ctx, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		stranger := strangers()
		for range 100 { // and 100 at a time
			from := stranger()
			all.Go(func() {
				for ctx.Err() == nil {
					if d.enqueue(ctx, Network(from.Addr), false) == nil {
						d.endTurn(rest)
						continue
					}
					time.Sleep(100 * time.Millisecond) //nolint:forbidigo // the bubble's time
				}
			})
		}
		at := home
		for i := range 20 {
			time.Sleep(1234 * time.Millisecond) //nolint:forbidigo // the bubble's time
			at.Addr = at.Addr.Next()            // whom nothing delays but the others
			began := time.Now()
			v, err := d.Check(ctx, at, "", fmt.Sprint(i))
			var refusal *Refusal
			if took := time.Since(began); took > rest || !errors.As(err, &refusal) || !refusal.Wrong {
				t.Fatalf("%v, %v after %v, want it looked at after %v", v, err, took, rest)
			}
		}
		cancel()
		all.Wait()
	})
}

// TestWaitingEnds: with the request, and after a time; the others' turns come all
// the same.
func TestWaitingEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDoor(t, nil)
		d.line.busy = true
		if refusal := refused(t, d, home, "right"); refusal.Wrong || refusal.Wait == 0 {
			t.Errorf("after %v: %+v", longestTurn, refusal)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := d.Check(ctx, home, "", "right"); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
		var all sync.WaitGroup
		for range 50 { // one of the two is seen first
			ctx, cancel := context.WithCancel(t.Context())
			all.Go(func() {
				if err := d.enqueue(ctx, Network(home.Addr), true); err == nil {
					d.endTurn(0)
				}
			})
			synctest.Wait()
			cancel()
			d.endTurn(0)
			all.Wait()
			if d.line.busy {
				t.Fatal("the turn of one who has gone never ends")
			}
			d.line.busy = true
		}
	})
}

// TestRest: after a wrong secret nothing is hashed for a while.
func TestRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDoor(t, nil)
		d.line.busy = true
		began := time.Now()
		d.endTurn(restFactor * time.Second)
		if _, err := d.Check(t.Context(), other, "", "right"); err != nil || time.Since(began) != restFactor*time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}
