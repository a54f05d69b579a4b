package capture

import (
	"testing"
	"time"
)

func TestCadence(t *testing.T) {
	t0 := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	ms := func(n ...int) (d []time.Duration) {
		for _, n := range n {
			d = append(d, time.Duration(n)*time.Millisecond)
		}
		return d
	}
	repeat := func(n int, d ...time.Duration) (out []time.Duration) {
		for range n {
			out = append(out, d...)
		}
		return out
	}
	tests := []struct {
		name     string
		nominal  float64
		steps    []time.Duration
		min, max time.Duration
	}{
		{"no times yet", 25, nil, 40 * time.Millisecond, 40 * time.Millisecond},
		{"steady", 10, repeat(50, ms(100)...), 100 * time.Millisecond, 100 * time.Millisecond},
		{"dark room", 30, repeat(40, ms(66)...), 65 * time.Millisecond, 67 * time.Millisecond},
		{"faster than said", 10, repeat(40, ms(33)...), 33 * time.Millisecond, 35 * time.Millisecond},
		{"jitter", 30, repeat(40, ms(23, 43)...), 31 * time.Millisecond, 35 * time.Millisecond},
		{"every other one late", 30, repeat(40, ms(33, 67)...), 46 * time.Millisecond, 54 * time.Millisecond},
		{"pause", 30, append(repeat(40, ms(33)...), time.Hour), 33 * time.Millisecond, 48 * time.Millisecond},
		{"stuck clock", 30, repeat(40, 0), 33 * time.Millisecond, 34 * time.Millisecond},
		{"backwards", 25, append(repeat(40, ms(40)...), -time.Hour), 40 * time.Millisecond, 40 * time.Millisecond},
		{"slower than one a second", 1, repeat(40, time.Minute), time.Second, time.Second},
		{"absurdly fast", 240, repeat(40, time.Microsecond), time.Second / 240, time.Second / 240},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := NewCadence(tt.nominal)
			now := t0
			got := c.Next(&Frame{Time: now})
			for _, step := range tt.steps {
				now = now.Add(step)
				got = c.Next(&Frame{Time: now})
			}
			if got < tt.min || got > tt.max {
				t.Errorf("interval %v, want %v to %v", got, tt.min, tt.max)
			}
		})
	}
}

// TestCadenceSlates: what stands in for the camera is no measure of its rate.
func TestCadenceSlates(t *testing.T) {
	const interval = 40 * time.Millisecond
	c := NewCadence(30)
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	pass := func(n int, step time.Duration, slate bool) {
		t.Helper()
		for range n {
			now = now.Add(step)
			if got := c.Next(&Frame{Time: now, Slate: slate}); got != interval {
				t.Fatalf("slate %v: interval %v, want %v", slate, got, interval)
			}
		}
	}
	c.Next(&Frame{Time: now})
	pass(10, interval, false)
	pass(20, 500*time.Millisecond, true)
	now = now.Add(time.Second)
	pass(1, 0, false) // the first one back
	pass(10, interval, false)
}
