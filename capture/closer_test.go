package capture

import (
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestCloser: the first of many ends what was opened, after the Read, and all
// wait until that is done.
func TestCloser(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := NewCloser()
		began := time.Now()
		var all sync.WaitGroup
		var read time.Duration // when it returned
		all.Go(func() {
			c.StartRead()
			defer c.EndRead()
			<-c.Begun()
			<-time.After(time.Second) // to be done with its picture
			read = time.Since(began)
		})
		synctest.Wait()
		if c.HasBegun() {
			t.Fatal("has begun before Once")
		}
		ends, failures := 0, 0
		fails := errors.New("cable")
		for range 3 {
			all.Go(func() {
				err := c.Once(func() error {
					c.AwaitRead()
					if read != time.Second {
						t.Errorf("ended while a Read was under way")
					}
					<-time.After(time.Second)
					ends++
					return fails
				})
				if took := time.Since(began); took != 2*time.Second || !c.HasBegun() {
					t.Errorf("returned after %v, want 2s", took)
				}
				if errors.Is(err, fails) {
					failures++
				} else if err != nil {
					t.Error(err)
				}
			})
			synctest.Wait() // one after the other, for the counters
		}
		all.Wait()
		if ends != 1 || failures != 1 {
			t.Errorf("ended %d times, %d told of the error, want once and one", ends, failures)
		}
	})
}
