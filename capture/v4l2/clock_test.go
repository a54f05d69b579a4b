package v4l2

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestClock(t *testing.T) {
	const boot = 1000 * time.Hour
	for _, tt := range []struct {
		name string
		// of the stamp, at 40 ms steps of the clock
		ages []time.Duration
		want []time.Duration
		ok   []bool
	}{
		{"steady", ms(10, 10, 10), ms(10, 10, 10), []bool{true, true, true}},
		{"camera's jitter is told", ms(10, 14, 8), ms(10, 14, 8), []bool{true, true, true}},
		{"a little ahead", ms(-60, -60), ms(-60, -60), []bool{true, true}},
		{"far ahead", ms(-1000, 10), ms(0, 10), []bool{false, true}},
		{"another clock", ms(100_000, 100_000), ms(0, 0), []bool{false, false}},
		{"stands still", ms(10, 50, 90), ms(10, 0, 0), []bool{true, false, false}},
		{"goes back", ms(10, 60, 20), ms(10, 0, 20), []bool{true, false, true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				c := newClock(func() time.Duration { return time.Since(start) + boot })
				for i, age := range tt.ages {
					<-time.After(40 * time.Millisecond)
					got, ok := c.time(time.Since(start) + boot - age)
					if time.Since(got) != tt.want[i] || ok != tt.ok[i] {
						t.Errorf("picture %d is %v old, %v; want %v, %v", i, time.Since(got), ok, tt.want[i], tt.ok[i])
					}
				}
			})
		})
	}
}

// Between the readings of the two clocks the machine may do something else.
func TestClockTakesTheFastestPair(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		calls := 0
		c := newClock(func() time.Duration {
			if calls++; calls != 5 { // the third pair is not disturbed
				<-time.After(time.Duration(calls) * time.Millisecond)
			}
			return time.Since(start)
		})
		if off := c.mono - c.at.Sub(start); off < -time.Millisecond*4 || off > time.Millisecond*4 {
			t.Errorf("clocks are %v apart", off)
		}
	})
}

func ms(n ...int) (d []time.Duration) {
	for _, n := range n {
		d = append(d, time.Duration(n)*time.Millisecond)
	}
	return d
}
