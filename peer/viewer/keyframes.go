package viewer

import (
	"sync/atomic"
	"time"
)

// keyframeRetry is how long a keyframe is waited for before it is asked for
// (again); libwebrtc's receiver waits as long.
const keyframeRetry = 200 * time.Millisecond

// keyframes asks the sender for a keyframe for as long as one is needed.
type keyframes struct {
	needed atomic.Bool
	wake   chan struct{} // has room for one, never closed
	sent   atomic.Uint64
}

func newKeyframes() keyframes { return keyframes{wake: make(chan struct{}, 1)} }

// need asks for a keyframe, at once if none was asked for just now. Any
// goroutine may call it.
func (k *keyframes) need() {
	k.needed.Store(true)
	select {
	case k.wake <- struct{}{}:
	default:
	}
}

// came ends the asking.
func (k *keyframes) came() { k.needed.Store(false) }

// run sends requests until done is closed. The first keyframe it expects
// without asking, for keyframeRetry long.
func (k *keyframes) run(done <-chan struct{}, send func()) {
	last := time.Now().Add(-keyframeRetry)
	timer := time.NewTimer(keyframeRetry)
	defer timer.Stop()
	for {
		select {
		case <-done:
			return
		case <-k.wake:
		case <-timer.C:
		}
		if !k.needed.Load() {
			continue
		}
		if wait := keyframeRetry - time.Since(last); wait > 0 {
			timer.Reset(wait)
			continue
		}
		send()
		k.sent.Add(1)
		last = time.Now()
		timer.Reset(keyframeRetry)
	}
}
