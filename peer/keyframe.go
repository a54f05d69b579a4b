package peer

import (
	"sync/atomic"
	"time"
)

// keyframe is when the viewer was last sent one, and whether another is about to
// come. Any goroutine may use it.
type keyframe struct {
	unixNano atomic.Int64
	expected atomic.Bool
}

func (k *keyframe) sent(now time.Time) {
	k.unixNano.Store(now.UnixNano())
	k.expected.Store(false)
}

// expect says that nothing but a keyframe, of another rung, is sent now.
func (k *keyframe) expect(expected bool) { k.expected.Store(expected) }

// isUnderWay reports whether the viewer cannot have seen it yet when it said
// what has come now.
func (k *keyframe) isUnderWay(now time.Time, roundTrip time.Duration) bool {
	return k.expected.Load() || now.Sub(time.Unix(0, k.unixNano.Load())) < roundTrip
}

// wantKeyframe heeds that the viewer asks for a keyframe. One that is under way,
// or about to be, is the answer. Viewers ask again after 200 ms, and where a queue
// on the path holds more than that, each further keyframe would make it longer, be
// cut short by it like the one before, and end the repair of that.
func (v *sending) wantKeyframe(now time.Time) {
	if !v.keyframe.isUnderWay(now, time.Duration(v.session.counters.roundTrip.Load())) {
		v.subscription.RequestKeyframe()
	}
}
