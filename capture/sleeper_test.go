package capture

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestSleeper(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s Sleeper
		closed := make(chan struct{})
		begun := time.Now()
		for _, d := range []time.Duration{time.Second, 0, -time.Second, 2 * time.Second} {
			if !s.Sleep(d, closed) {
				t.Errorf("sleep of %v was cut short", d)
			}
		}
		if took := time.Since(begun); took != 3*time.Second {
			t.Errorf("slept %v, want 3s", took)
		}
		go func() {
			<-time.After(time.Second)
			close(closed)
		}()
		if s.Sleep(time.Hour, closed) || time.Since(begun) != 4*time.Second {
			t.Errorf("not cut short: %v", time.Since(begun))
		}
	})
}
