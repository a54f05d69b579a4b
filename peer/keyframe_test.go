package peer

import (
	"testing"
	"time"
)

func TestKeyframeUnderWay(t *testing.T) {
	now := time.Now()
	var k keyframe
	if k.isUnderWay(now, time.Second) {
		t.Error("none was sent, and one is under way")
	}
	k.sent(now)
	const roundTrip = 800 * time.Millisecond
	for after, want := range map[time.Duration]bool{
		0: true, 200 * time.Millisecond: true, roundTrip - 1: true, roundTrip: false, time.Minute: false,
	} {
		if got := k.isUnderWay(now.Add(after), roundTrip); got != want {
			t.Errorf("after %v: %t, want %t", after, got, want)
		}
	}
	if k.isUnderWay(now.Add(time.Millisecond), 0) {
		t.Error("under way where the round trip is not known")
	}
}

// TestKeyframeExpected: while nothing but a keyframe is to be sent, another need
// not be asked for.
func TestKeyframeExpected(t *testing.T) {
	k, now := keyframe{}, time.Now()
	k.sent(now.Add(-time.Minute))
	for _, expected := range []bool{false, true, false, true} {
		k.expect(expected)
		if got := k.isUnderWay(now, time.Second); got != expected {
			t.Errorf("expected %v: under way %v", expected, got)
		}
	}
	k.sent(now)
	if k.isUnderWay(now.Add(time.Minute), time.Second) {
		t.Error("what was sent a minute ago is still expected")
	}
}
