package capture

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// scene is a machine and a camera as a thrift meets them, without a clock.
type scene struct {
	rate     float64                              // of the camera
	encode   func(t time.Duration) time.Duration  // of a full picture, by the first preset
	worse    float64                              // so many times what encode says, at the first step only
	decode   time.Duration                        // of a picture
	thins    bool                                 // see load
	cores    int                                  // of the machine
	presets  []Preset                             //
	size     Size                                 // 0 for 1280x720
	maxCores float64                              // that may be used
	others   float64                              // cores that the rest of the process uses
	hot      func(t time.Duration, e Effort) bool // nil: never
}

// change is a move that was made.
type change struct {
	at  time.Duration
	to  Effort
	why cause
}

// live runs a thrift for so long and returns its moves.
func (w scene) live(long time.Duration) (t *thrift, moves []change) {
	if w.size == (Size{}) {
		w.size = Size{1280, 720}
	}
	t = newThrift(w.presets, w.cores)
	var cpu float64
	var seen, passed float64 // what is left of pictures
	since := time.Duration(0)
	for now := time.Duration(0); now < long; now += stewardTick {
		s := t.steps[t.at]
		decoded := w.rate
		if w.thins {
			decoded /= float64(s.every())
		}
		// A camera whose pictures are decoded too slowly loses some.
		keep := min(1, 1/max(decoded*w.decode.Seconds(), 1e-9))
		rate := w.rate * keep
		seconds := stewardTick.Seconds()
		each := time.Duration(float64(w.encode(now)) * s.cost / t.steps[0].cost)
		if w.worse > 0 && t.at == 0 {
			each = time.Duration(float64(each) * w.worse)
		}
		seen += rate * seconds
		passed += rate * seconds / float64(s.every())
		l := load{
			elapsed: stewardTick, seen: int(seen), size: w.size, rate: w.rate, thins: w.thins, maxCores: w.maxCores,
		}
		l.decoding = time.Duration(float64(l.seen) * decoded / w.rate * float64(w.decode))
		seen -= float64(l.seen)
		l.encoded = int(passed)
		passed -= float64(l.encoded)
		if most := int(stewardTick/max(each, 1)) + 1; l.encoded > most {
			l.late, l.encoded = l.encoded-most, most
		}
		l.encoding = time.Duration(l.encoded) * each
		cpu = w.others + min(l.encoding.Seconds()/seconds, 1) + l.decoding.Seconds()/seconds
		if since += stewardTick; since >= cpuLeast {
			l.cpu = cpu
		}
		l.hot = w.hot != nil && w.hot(now, s.Effort)
		to, why := t.consider(l)
		if why == noCause {
			continue
		}
		t.moved(to, why)
		since = 0
		moves = append(moves, change{now, t.effort(), why})
	}
	return t, moves
}

func steady(d time.Duration) func(time.Duration) time.Duration {
	return func(time.Duration) time.Duration { return d }
}

// between is high from one time to another, else low.
func between(low, high, from, to time.Duration) func(time.Duration) time.Duration {
	return func(t time.Duration) time.Duration {
		if t >= from && t < to {
			return high
		}
		return low
	}
}

const ms = time.Millisecond

// TestThriftSettles is about what does not change: the step that is right is
// taken at once, and kept.
func TestThriftSettles(t *testing.T) {
	x264 := []Preset{{"medium", 4}, {"veryfast", 2}, {"ultrafast", 1}}
	for _, c := range []struct {
		name  string
		world scene
		want  Effort
		why   cause
		moves int
	}{
		{"enough time", scene{rate: 30, encode: steady(20 * ms), decode: 10 * ms, cores: 4}, Effort{}, noCause, 0},
		{"side by side", scene{rate: 30, encode: steady(25 * ms), decode: 20 * ms, cores: 2}, Effort{}, noCause, 0},
		{"the same on one core", scene{rate: 30, encode: steady(25 * ms), decode: 20 * ms, cores: 1, thins: true}, Effort{Every: 2}, causeSlow, 1},
		{"a little too slow", scene{rate: 30, encode: steady(35 * ms), cores: 2}, Effort{Every: 2}, causeSlow, 1},
		{"two and a half times", scene{rate: 30, encode: steady(75 * ms), cores: 2}, Effort{Every: 3}, causeSlow, 1},
		{"four times", scene{rate: 30, encode: steady(130 * ms), cores: 2}, Effort{Every: 2, Halvings: 1}, causeSlow, 1},
		{"eight times", scene{rate: 30, encode: steady(260 * ms), cores: 2}, Effort{Every: 3, Halvings: 1}, causeSlow, 1},
		{"hopeless", scene{rate: 30, encode: steady(5000 * ms), cores: 2}, Effort{Every: 3, Halvings: 2}, causeSlow, 1},
		{"a faster preset will do", scene{rate: 30, encode: steady(50 * ms), cores: 2, presets: x264}, Effort{Preset: "veryfast"}, causeSlow, 1},
		{"the fastest preset will do", scene{rate: 30, encode: steady(90 * ms), cores: 2, presets: x264}, Effort{Preset: "ultrafast"}, causeSlow, 1},
		{"not even that", scene{rate: 30, encode: steady(200 * ms), cores: 2, presets: x264}, Effort{Preset: "ultrafast", Every: 2}, causeSlow, 1},
		{"60 pictures a second", scene{rate: 60, encode: steady(20 * ms), cores: 2}, Effort{Every: 2}, causeSlow, 1},
		{"ten stay five", scene{rate: 10, encode: steady(300 * ms), cores: 2}, Effort{Every: 2, Halvings: 1}, causeSlow, 1},
		{"five stay five", scene{rate: 5, encode: steady(300 * ms), cores: 2}, Effort{}, noCause, 0},
		{"small stays", scene{rate: 30, size: Size{240, 180}, encode: steady(300 * ms), cores: 2}, Effort{Every: 3}, causeSlow, 1},
		{"decoding is the trouble", scene{rate: 30, encode: steady(10 * ms), decode: 40 * ms, cores: 2, thins: true}, Effort{Every: 2}, causeDecoding, 1},
		{"and cannot be left out", scene{rate: 30, encode: steady(10 * ms), decode: 40 * ms, cores: 2}, Effort{}, noCause, 0},
		{"a tenth of a core", scene{rate: 30, encode: steady(20 * ms), cores: 2, maxCores: 0.1, others: 0.01}, Effort{Every: 3, Halvings: 1}, causeCap, 1},
		{"half a core", scene{rate: 60, encode: steady(10 * ms), decode: 5 * ms, thins: true, cores: 4, maxCores: 0.5, others: 0.05}, Effort{Every: 3}, causeCap, 1},
		{"others use it all", scene{rate: 30, encode: steady(1 * ms), cores: 2, maxCores: 0.5, others: 0.6}, Effort{}, noCause, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			thrift, moves := c.world.live(10 * time.Minute)
			if thrift.effort() != c.want || len(moves) != c.moves {
				t.Fatalf("effort %v after %v, want %v after %d moves", thrift.effort(), moves, c.want, c.moves)
			}
			if c.moves > 0 && (moves[0].why != c.why || moves[0].at > 4*time.Second) {
				t.Errorf("moved %v, want it because of %v in 4 s", moves, c.why)
			}
		})
	}
}

func TestThriftIgnoresASpike(t *testing.T) {
	for offset := time.Duration(0); offset < stewardTick; offset += 50 * ms {
		from := 20*time.Second + offset
		w := scene{rate: 30, cores: 2, encode: between(15*ms, 60*ms, from, from+time.Second)}
		if _, moves := w.live(time.Minute); len(moves) > 0 {
			t.Errorf("at %v: %v", from, moves)
		}
	}
}

func TestThriftComesBack(t *testing.T) {
	for name, w := range map[string]scene{
		"from little":  {rate: 30, cores: 2, encode: between(15*ms, 40*ms, 20*time.Second, 30*time.Second)},
		"from the end": {rate: 30, cores: 2, encode: between(15*ms, 900*ms, 20*time.Second, 30*time.Second)},
		"from a faster preset": {
			rate: 30, cores: 2, encode: between(15*ms, 50*ms, 20*time.Second, 30*time.Second), presets: []Preset{{"medium", 4}, {"ultrafast", 1}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			thrift, moves := w.live(3 * time.Minute)
			if thrift.effort() != (Effort{}) || len(moves) < 2 {
				t.Fatalf("effort %v after %v", thrift.effort(), moves)
			}
			for i, m := range moves[1:] {
				if m.why != causeEase || m.at-moves[i].at < upAfter {
					t.Errorf("moves %v: want one up at a time, each after %v", moves, upAfter)
				}
			}
		})
	}
}

// TestThriftDoesNotFlap is about machines that are now fast enough and now not.
func TestThriftDoesNotFlap(t *testing.T) {
	swing := func(period time.Duration) func(time.Duration) time.Duration {
		return func(t time.Duration) time.Duration {
			if t%period < period/2 {
				return 38 * ms
			}
			return 19 * ms
		}
	}
	for _, c := range []struct {
		name  string
		world scene
		most  int // moves in an hour
	}{
		{"every 10 s", scene{rate: 30, cores: 2, encode: swing(10 * time.Second)}, 1},
		{"every 30 s", scene{rate: 30, cores: 2, encode: swing(30 * time.Second)}, 4},
		{"every minute", scene{rate: 30, cores: 2, encode: swing(time.Minute)}, 6},
		{"every 5 minutes", scene{rate: 30, cores: 2, encode: swing(5 * time.Minute)}, 24},
		// The step up looks good each time and is too much each time.
		{"prediction fails", scene{rate: 30, cores: 2, encode: steady(20 * ms), worse: 2}, 24},
		// A full picture heats in half a minute, and cools in half a minute.
		{"heat", scene{rate: 30, cores: 4, encode: steady(20 * ms), hot: heater(30 * time.Second)}, 30},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, moves := c.world.live(time.Hour)
			if len(moves) > c.most || len(moves) == 0 {
				t.Errorf("%d moves in an hour, want 1 to %d: %v", len(moves), c.most, moves)
			}
		})
	}
}

// heater throttles after so long a time of all effort, until after as long a
// time of less.
func heater(lag time.Duration) func(time.Duration, Effort) bool {
	var heat time.Duration
	hot := false
	return func(_ time.Duration, e Effort) bool {
		if e == (Effort{}) {
			heat += stewardTick
		} else {
			heat -= stewardTick
		}
		heat = min(max(heat, 0), lag)
		hot = heat == lag || hot && heat > 0
		return hot
	}
}

func TestThriftCools(t *testing.T) {
	always := func(from time.Duration, to time.Duration) func(time.Duration, Effort) bool {
		return func(t time.Duration, _ Effort) bool { return t >= from && t < to }
	}
	w := scene{rate: 30, cores: 4, encode: steady(25 * ms), hot: always(5*time.Second, 25*time.Second)}
	thrift, moves := w.live(2 * time.Minute)
	if thrift.effort() != (Effort{}) || len(moves) < 2 || moves[0].why != causeHeat || moves[0].to != (Effort{Every: 2}) {
		t.Errorf("moves %v: want down while hot, and back", moves)
	}
	idle := scene{rate: 30, cores: 4, encode: steady(5 * ms), hot: always(0, time.Hour)}
	if _, moves := idle.live(time.Minute); len(moves) > 0 {
		t.Errorf("moves %v for heat that others make", moves)
	}
	// With all of it hot for good, one step after the other as long as it is ours.
	w.hot = always(0, time.Hour)
	thrift, moves = w.live(5 * time.Minute)
	if thrift.effort() == (Effort{}) || slices.ContainsFunc(moves, func(m change) bool { return m.why != causeHeat }) {
		t.Errorf("moves %v, want only down", moves)
	}
}

func TestThriftKnowsNothing(t *testing.T) {
	thrift := newThrift(nil, 2)
	for _, l := range []load{
		{},
		{elapsed: stewardTick},
		{elapsed: stewardTick, seen: 8},
		{seen: 8, encoded: 8, encoding: time.Hour},
	} {
		for range 100 {
			if to, why := thrift.consider(l); to != 0 || why != noCause {
				t.Errorf("load %+v: moved to %d for %v", l, to, why)
			}
		}
	}
}

// TestThriftSeesAnEncoderThatHangs: nothing is encoded, and one picture under
// way for seconds.
func TestThriftSeesAnEncoderThatHangs(t *testing.T) {
	thrift := newThrift(nil, 2)
	for i := range 8 {
		l := load{elapsed: stewardTick, seen: 8, late: 8, size: Size{1280, 720}, pending: time.Duration(i+1) * stewardTick}
		if to, why := thrift.consider(l); why == causeSlow && to > 0 {
			return
		}
	}
	t.Error("nothing was done in 2 s")
}

func TestSteps(t *testing.T) {
	all := steps([]Preset{{"medium", 4}, {"fast", 3}, {"ultrafast", 1}})
	last := 1000.0
	for _, s := range all {
		if s.work() >= last {
			t.Errorf("%v costs %.2f, no less than the step before", s, s.work())
		}
		last = s.work()
	}
	if all[0].Effort != (Effort{}) || len(all) != 8 || all[7].Preset != "ultrafast" {
		t.Errorf("steps %v", all)
	}
	for _, c := range []struct {
		effort Effort
		want   string
	}{
		{Effort{}, "all"},
		{Effort{Preset: "fast"}, "preset fast"},
		{Effort{Preset: "fast", Every: 3, Halvings: 2}, "preset fast, 1 of 3 pictures, 1/4 size"},
	} {
		if got := fmt.Sprint(c.effort); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
