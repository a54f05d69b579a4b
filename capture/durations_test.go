package capture

import (
	"testing"
	"time"
)

func TestDurations(t *testing.T) {
	var d Durations
	for _, took := range []time.Duration{-1, 0, time.Millisecond, time.Millisecond + 1, 3 * time.Second, time.Minute} {
		d.Add(took)
	}
	s := d.Stats()
	if s.Count != 6 || s.Sum != time.Minute+3*time.Second+2*time.Millisecond || len(s.AtMost) != len(durationBounds) {
		t.Errorf("%+v", s)
	}
	for bound, want := range map[time.Duration]uint64{time.Millisecond: 3, 2 * time.Millisecond: 4, 2 * time.Second: 4, 5 * time.Second: 5, 10 * time.Second: 5} {
		if got := s.AtMost[bound]; got != want {
			t.Errorf("at most %v: %d, want %d", bound, got, want)
		}
	}
}
