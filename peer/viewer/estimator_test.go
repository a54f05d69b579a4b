package viewer

import (
	"testing"
	"time"
)

// simulated is a sender with 30 pictures a second that sends what it is told,
// up to most, over a path with a queue that holds everything.
type simulated struct {
	estimator
	now      time.Time
	most     float64 // bit/s
	told     float64
	free     time.Time // when the path has sent all that waits
	longest  time.Duration
	reports  int
	carries  float64 // bit/s
	sendTime uint32
}

func (s *simulated) run(d time.Duration) {
	const picture, packets = time.Second / 30, 4
	for end := s.now.Add(d); s.now.Before(end); s.now = s.now.Add(picture) {
		rate := s.most
		if s.told > 0 {
			rate = min(rate, s.told)
		}
		bytes := int(rate / 30 / 8 / packets)
		for range packets {
			if s.free.Before(s.now) {
				s.free = s.now
			}
			s.free = s.free.Add(time.Duration(float64(bytes) * 8 / s.carries * float64(time.Second)))
			s.longest = max(s.longest, s.free.Sub(s.now))
			if report := s.receive(s.sendTime, s.free, bytes); report > 0 {
				s.told = float64(report)
				s.reports++
			}
		}
		s.sendTime = (s.sendTime + uint32(picture*(1<<18)/time.Second)) & 0xffffff
	}
}

// The send time wraps in the course of it.
func newSimulated() *simulated {
	return &simulated{now: time.Unix(1e9, 0), most: 2e6, carries: 10e6, sendTime: 0xff0000}
}

func TestEstimatorFollowsThePath(t *testing.T) {
	s := newSimulated()
	s.run(4 * time.Second)
	if s.reports != 0 {
		t.Errorf("%d reports before anything is known", s.reports)
	}
	s.run(26 * time.Second)
	t.Logf("%.2f Mbit/s come: estimate %.2f", s.most/1e6, s.told/1e6)
	if s.told < 2.5e6 || s.told > 3.1e6 {
		t.Errorf("estimate %.0f where nothing is in the way of 2 Mbit/s, want half as much again", s.told)
	}

	s.carries, s.longest = 0.5e6, 0
	s.run(2 * time.Second)
	t.Logf("2 s after the path narrowed to 0.5: estimate %.2f, waited %v", s.told/1e6, s.longest)
	if s.told > 0.6e6 {
		t.Errorf("estimate %.0f on a path of 0.5 Mbit/s", s.told)
	}
	s.run(5 * time.Second)
	s.longest = 0
	s.run(20 * time.Second)
	t.Logf("then: estimate %.2f, waited %v", s.told/1e6, s.longest)
	if s.told < 0.35e6 || s.told > 0.6e6 || s.longest > 300*time.Millisecond {
		t.Errorf("estimate %.0f, packets waited %v", s.told, s.longest)
	}

	s.carries = 2.5e6
	s.run(25 * time.Second)
	t.Logf("25 s after it widened to 2.5: estimate %.2f", s.told/1e6)
	if s.told < 1.5e6 || s.told > 3.1e6 {
		t.Errorf("estimate %.0f on a path of 2.5 Mbit/s", s.told)
	}
}

// TestEstimatorLeavesKeyframesAlone: a large picture takes longer, and is no
// reason to send less.
func TestEstimatorLeavesKeyframesAlone(t *testing.T) {
	s := newSimulated()
	s.carries = 4e6
	s.run(20 * time.Second)
	before := s.told
	for range 5 {
		s.most = 8e6
		s.run(time.Second / 30)
		s.most = 2e6
		s.run(3 * time.Second)
	}
	if s.told < before*3/4 {
		t.Errorf("estimate %.0f became %.0f by keyframes", before, s.told)
	}
}

func TestSendTimeSince(t *testing.T) {
	for _, tt := range []struct {
		a, b uint32
		want time.Duration
	}{
		{1 << 18, 0, time.Second},
		{0, 1 << 18, -time.Second},
		{1 << 17, 0xffffff - 1<<17 + 1, time.Second},
		{0, 0, 0},
	} {
		if got := sendTimeSince(tt.a, tt.b); got != tt.want {
			t.Errorf("%#x since %#x: %v, want %v", tt.a, tt.b, got, tt.want)
		}
	}
}

func TestRateMeter(t *testing.T) {
	var m rateMeter
	now := time.Unix(1e9, 0)
	for range 300 {
		m.add(now, 1000)
		now = now.Add(10 * time.Millisecond)
	}
	if got := m.rate(now); got < 0.78e6 || got > 0.82e6 {
		t.Errorf("%.0f, want 800 kbit/s", got)
	}
	if got := m.rate(now.Add(time.Hour)); got != 0 {
		t.Errorf("%.0f after an hour of nothing", got)
	}
}
