package governor

import (
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
)

// deciding is a Selector with a clock.
type deciding struct {
	Selector
	now time.Time
}

func newDeciding(estimate capture.Bitrate) *deciding {
	d := &deciding{now: time.Unix(0, 0)}
	d.Start(ladder, estimate, d.now)
	d.now = d.now.Add(time.Minute)
	return d
}

// hold keeps an estimate for some time and returns the rungs that it led to.
func (d *deciding) hold(estimate capture.Bitrate, strained bool, length time.Duration) (rungs []capture.Rung) {
	before := d.Rung()
	for end := d.now.Add(length); d.now.Before(end); d.now = d.now.Add(100 * time.Millisecond) {
		d.Decide(ladder, Allowance{Estimate: estimate, Target: estimate, Strained: strained}, d.now)
		if d.Rung() != before {
			before = d.Rung()
			rungs = append(rungs, before)
		}
	}
	return rungs
}

func TestSelectorStarts(t *testing.T) {
	for estimate, want := range map[capture.Bitrate]capture.Rung{
		2 * capture.Mbps:    capture.Full,
		800 * capture.Kbps:  capture.Full,
		799 * capture.Kbps:  capture.Half,
		100 * capture.Kbps:  capture.Quarter,
		10 * capture.Kbps:   capture.Quarter,
		100 * capture.Mbps:  capture.Full,
		250 * capture.Kbps:  capture.Half,
		1100 * capture.Kbps: capture.Full,
	} {
		if got := newDeciding(estimate).Rung(); got != want {
			t.Errorf("at %v: %v, want %v", estimate, got, want)
		}
	}
}

func TestSelectorMoves(t *testing.T) {
	type step struct {
		estimate capture.Bitrate
		strained bool
		length   time.Duration
		want     []capture.Rung
	}
	const k = capture.Kbps
	for name, steps := range map[string][]step{
		"far below, at once":           {{300 * k, true, 200 * time.Millisecond, []capture.Rung{capture.Half}}},
		"very far below, in one":       {{100 * k, true, time.Second, []capture.Rung{capture.Quarter}}},
		"a little below, for a moment": {{750 * k, false, time.Second, nil}, {900 * k, false, 10 * time.Second, nil}},
		"a little below, for long":     {{750 * k, false, 3 * time.Second, []capture.Rung{capture.Half}}},
		"up when there is more than enough": {
			{400 * k, false, time.Second, []capture.Rung{capture.Half}},
			{900 * k, false, time.Minute, nil},
			{950 * k, true, time.Minute, nil},
			{950 * k, false, 3 * time.Second, []capture.Rung{capture.Full}},
		},
		"up by two": {
			{100 * k, false, time.Second, []capture.Rung{capture.Quarter}},
			{2000 * k, false, 10 * time.Second, []capture.Rung{capture.Full}},
		},
		"after a try that failed, not soon again": {
			{400 * k, false, time.Second, []capture.Rung{capture.Half}},
			{1000 * k, false, 10 * time.Second, []capture.Rung{capture.Full}},
			{400 * k, false, time.Second, []capture.Rung{capture.Half}},
			{1000 * k, false, 13 * time.Second, nil},
			{1000 * k, false, 5 * time.Second, []capture.Rung{capture.Full}},
			{400 * k, false, time.Second, []capture.Rung{capture.Half}},
			{1000 * k, false, 55 * time.Second, nil},
			{1000 * k, false, 10 * time.Second, []capture.Rung{capture.Full}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDeciding(2 * capture.Mbps)
			for i, s := range steps {
				got := d.hold(s.estimate, s.strained, s.length)
				if len(got) != len(s.want) || len(got) > 0 && got[0] != s.want[0] {
					t.Fatalf("step %d: %v, want %v", i, got, s.want)
				}
			}
		})
	}
}

// TestSelectorLimit: no better rung than the limit, less when the path carries
// less, and at once whatever was tried before.
func TestSelectorLimit(t *testing.T) {
	const k = capture.Kbps
	d := newDeciding(2 * capture.Mbps)
	limit := func(best capture.Rung, estimate capture.Bitrate, want capture.Rung) {
		t.Helper()
		d.Limit(ladder, best, estimate, d.now)
		if d.Rung() != want {
			t.Errorf("limit %v at %v: %v, want %v", best, estimate, d.Rung(), want)
		}
	}
	limit(capture.Half, 2000*k, capture.Half)
	if got := d.hold(2000*k, false, time.Minute); got != nil {
		t.Errorf("limited to half, it goes to %v", got)
	}
	if got := d.hold(100*k, false, time.Second); len(got) != 1 || got[0] != capture.Quarter {
		t.Errorf("where the path does not carry half, it goes to %v", got)
	}
	if got := d.hold(2000*k, false, 10*time.Second); len(got) != 1 || got[0] != capture.Half {
		t.Errorf("where it does again, it goes to %v", got)
	}
	limit(capture.Quarter, 2000*k, capture.Quarter)
	limit(capture.Quarter+1, 2000*k, capture.Quarter) // the Ladder's last
	limit(capture.Full, 700*k, capture.Half)
	limit(capture.Full, 2000*k, capture.Full)

	// A try fails, and for a while there would be no other.
	d.hold(400*k, false, time.Second)
	if got := d.hold(1000*k, false, 10*time.Second); got != nil {
		t.Fatalf("it goes to %v by itself", got)
	}
	limit(capture.Full, 1000*k, capture.Full)
	d.hold(400*k, false, time.Second)
	if got := d.hold(1000*k, false, 13*time.Second); got != nil {
		t.Errorf("after a failure of the viewer's own it goes to %v soon", got)
	}

	// A camera comes back with a longer Ladder.
	limit(capture.Quarter, 2000*k, capture.Quarter)
	d.Decide(ladder[:1], Allowance{Estimate: 2000 * k, Target: 2000 * k}, d.now)
	if d.Rung() != capture.Full {
		t.Errorf("%v of one rung", d.Rung())
	}
	d.Decide(ladder, Allowance{Estimate: 2000 * k, Target: 2000 * k}, d.now)
	if d.Rung() != capture.Quarter {
		t.Errorf("%v, limited to quarter", d.Rung())
	}
}

// TestSelectorLadderChanges is of a camera that comes back with smaller
// pictures, or whose pictures cannot be scaled.
func TestSelectorLadderChanges(t *testing.T) {
	d := newDeciding(100 * capture.Kbps)
	d.Decide(ladder[:1], Allowance{Estimate: 100 * capture.Kbps, Target: 100 * capture.Kbps}, d.now)
	if d.Rung() != capture.Full || !d.Layered() {
		t.Errorf("%v, layered %v, of one rung that is too much", d.Rung(), d.Layered())
	}
	d.Decide(nil, Allowance{Estimate: 100 * capture.Kbps}, d.now)
	if d.Rung() != capture.Full {
		t.Errorf("%v without a Ladder", d.Rung())
	}
}

// TestSelectorLayers sends pictures in the order of VP8's three layers.
func TestSelectorLayers(t *testing.T) {
	s := &Selector{}
	now := time.Unix(0, 0)
	ladder := ladder[2:]
	picture := 0
	// Layers of 32, 16 and 32 kbit/s.
	send := func(length time.Duration, target capture.Bitrate) (took [3]int) {
		for end := now.Add(length); now.Before(end); now = now.Add(25 * time.Millisecond) {
			au := &capture.AccessUnit{Layer: [4]uint8{0, 2, 1, 2}[picture%4], Payload: make([]byte, [4]int{400, 200, 200, 200}[picture%4])}
			au.LayerSync = picture%8 == 1 || picture%8 == 2
			au.Keyframe = picture == 0
			picture++
			if s.Takes(au, now) {
				took[au.Layer]++
			}
			s.Decide(ladder, Allowance{Estimate: target, Target: target}, now)
		}
		return took
	}
	if got := send(4*time.Second, 100*capture.Kbps); got != [3]int{40, 40, 80} {
		t.Errorf("with enough for all: %v", got)
	}
	if s.Layered() {
		t.Error("layers are asked for without need")
	}
	send(time.Second, 60*capture.Kbps)
	if got := send(4*time.Second, 60*capture.Kbps); got != [3]int{40, 40, 0} {
		t.Errorf("with 60k: %v", got)
	}
	if !s.Layered() {
		t.Error("layers are left out and not asked for")
	}
	if got := send(4*time.Second, 40*capture.Kbps); got != [3]int{40, 0, 0} {
		t.Errorf("with 40k: %v", got)
	}
	send(10*time.Second, 100*capture.Kbps)
	if got := send(4*time.Second, 100*capture.Kbps); got != [3]int{40, 40, 80} {
		t.Errorf("with enough again: %v", got)
	}
}

// TestSelectorSync holds that a layer is taken up only where it can be decoded.
func TestSelectorSync(t *testing.T) {
	s := &Selector{}
	now := time.Unix(0, 0)
	take := func(layer uint8, sync, key bool) bool {
		return s.Takes(&capture.AccessUnit{Layer: layer, LayerSync: sync, Keyframe: key}, now)
	}
	take(0, false, true)
	s.layers, s.rates = 3, [maxLayers]float64{32e3, 16e3, 32e3}
	s.decideLayer(20e3, now)
	if take(2, true, false) || take(1, true, false) {
		t.Error("a layer was sent that is too much")
	}
	for range 30 {
		now = now.Add(500 * time.Millisecond)
		s.window = now // the rates stay
		s.decideLayer(100e3, now)
	}
	for i, c := range []struct {
		layer      uint8
		sync, want bool
	}{{2, false, false}, {1, false, false}, {0, false, true}, {2, false, false}, {1, true, true}, {2, false, false}, {2, true, true}, {1, false, true}, {2, false, true}} {
		if got := take(c.layer, c.sync, false); got != c.want {
			t.Errorf("picture %d, of layer %d: taken %v", i, c.layer, got)
		}
	}
}

// TestSelectorTwoLayers: every second picture of H.264 is left out, and taken up
// again with the next one.
func TestSelectorTwoLayers(t *testing.T) {
	var s Selector
	now := time.Unix(0, 0)
	picture, took := 0, [2]int{}
	second := func(target capture.Bitrate) {
		took = [2]int{}
		for range 30 {
			// Layers of 60 and 36 kbit/s.
			layer := uint8(picture % 2)
			au := &capture.AccessUnit{Layer: layer, LayerSync: layer > 0, Payload: make([]byte, [2]int{500, 300}[layer])}
			if s.Takes(au, now) {
				took[layer]++
			}
			picture++
			now = now.Add(time.Second / 30)
		}
		s.Decide(nil, Allowance{Target: target, Estimate: target}, now)
	}
	for range 3 {
		second(capture.Mbps)
	}
	if took != [2]int{15, 15} || s.Layered() {
		t.Errorf("with room for all: %v, layered %v", took, s.Layered())
	}
	second(70 * capture.Kbps)
	second(70 * capture.Kbps)
	if took != [2]int{15, 0} || s.Layer() != 0 || !s.Layered() {
		t.Errorf("with room for layer 0: %v, up to layer %d, layered %v", took, s.Layer(), s.Layered())
	}
	for range 5 {
		second(capture.Mbps)
	}
	if took != [2]int{15, 15} || s.Layer() != 1 || s.Layered() {
		t.Errorf("with room for all again: %v, up to layer %d, layered %v", took, s.Layer(), s.Layered())
	}
}

// TestSelectorLongWithoutALayer: what is left out for long is sent now and then,
// where that needs nothing else that is left out.
func TestSelectorLongWithoutALayer(t *testing.T) {
	s := &Selector{}
	now := time.Unix(0, 0)
	s.Takes(&capture.AccessUnit{Keyframe: true}, now)
	s.layers, s.rates = 3, [maxLayers]float64{32e3, 16e3, 32e3}
	s.window = now // the rates stay
	s.decideLayer(20e3, now)
	sent, last := 0, [3]int{}
	for i := range 10 * longestWithout {
		place := i % 4
		au := &capture.AccessUnit{Layer: [4]uint8{0, 2, 1, 2}[place], LayerSync: place == 1 || place == 2}
		if !s.Takes(au, now) {
			continue
		}
		if au.Layer > 0 && !au.LayerSync {
			t.Fatalf("picture %d needs others of the layers that are left out", i)
		}
		last[au.Layer] = sent
		sent++
		for layer, at := range last {
			if sent-at > longestWithout+8 {
				t.Fatalf("%d pictures without one of layer %d", sent-at, layer)
			}
		}
	}
	if sent > 10*longestWithout/4+8 {
		t.Errorf("%d pictures sent, though only layer 0 is wanted", sent)
	}
}

// TestSelectorSkips holds that of a rung that is far too much nothing more is
// sent, up to a keyframe.
func TestSelectorSkips(t *testing.T) {
	d := newDeciding(2 * capture.Mbps)
	take := func(rung capture.Rung, key bool) bool {
		return d.Takes(&capture.AccessUnit{Rung: rung, Keyframe: key}, d.now)
	}
	if !take(capture.Full, true) || !take(capture.Full, false) {
		t.Error("a picture was skipped for no reason")
	}
	d.hold(300*capture.Kbps, true, 200*time.Millisecond)
	if take(capture.Full, false) || d.Skipping().IsZero() {
		t.Error("a picture of the rung before was sent")
	}
	if !take(capture.Half, true) || !take(capture.Half, false) || !d.Skipping().IsZero() {
		t.Error("the next rung's keyframe did not end it")
	}
	d.hold(240*capture.Kbps, false, 10*time.Second)
	if !take(capture.Half, false) {
		t.Error("skipped where there was no hurry")
	}
}
