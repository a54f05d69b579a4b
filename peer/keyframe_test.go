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
