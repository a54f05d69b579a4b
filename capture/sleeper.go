package capture

import "time"

// Sleeper is how a FrameReader waits for the time of a picture. Its zero value
// is ready. One goroutine uses it.
type Sleeper struct {
	timer *time.Timer // nil before the first sleep
}

// Sleep waits for d, not at all when that is past. It reports false when closed
// cut it short.
func (s *Sleeper) Sleep(d time.Duration, closed <-chan struct{}) bool {
	if d <= 0 {
		return true
	}
	if s.timer == nil {
		s.timer = time.NewTimer(d)
	} else {
		s.timer.Reset(d)
	}
	select {
	case <-s.timer.C:
		return true
	case <-closed:
		s.timer.Stop()
		return false
	}
}
