package peertest

import (
	"testing/synctest"
	"time"
)

// Pass lets so much time pass, and all happen that is due until then. It is for
// the goroutine of a test under testing/synctest, whose clock jumps.
func Pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}
