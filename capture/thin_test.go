package capture

import (
	"errors"
	"slices"
	"testing"
	"time"
)

func TestThinning(t *testing.T) {
	at := func(ms int) *Frame { return &Frame{Time: time.UnixMilli(int64(1000 + ms))} }
	after := func(omitted, ms int) *Frame {
		f := at(ms)
		f.Omitted = omitted
		return f
	}
	for _, c := range []struct {
		name   string
		every  int
		frames []*Frame
		want   []bool
	}{
		{"all", 1, []*Frame{at(0), at(33), at(66)}, []bool{true, true, true}},
		{"each second", 2, []*Frame{at(0), at(33), at(66), at(100), at(133)}, []bool{true, false, true, false, true}},
		{"each third", 3, []*Frame{at(0), at(33), at(66), at(100), at(133)}, []bool{true, false, false, true, false}},
		{"thinned by the camera", 2, []*Frame{at(0), after(1, 66), after(1, 133)}, []bool{true, true, true}},
		{"thinned by the camera, not enough", 3, []*Frame{at(0), after(1, 66), after(1, 133)}, []bool{true, false, true}},
		{"just told to", 3, []*Frame{at(0), at(33), after(1, 100)}, []bool{true, false, true}},
		{"too slow a camera", 3, []*Frame{at(0), at(250), at(500)}, []bool{true, true, true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var gate Thinning
			var got []bool
			for _, f := range c.frames {
				got = append(got, gate.passes(f, c.every))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
}

// TestNothingOfACodedStreamIsLeftOut: its pictures need each other.
func TestNothingOfACodedStreamIsLeftOut(t *testing.T) {
	s, err := NewSource(SourceConfig{Camera: nameOnly{}, Encoding: EncoderConfig{Bitrate: Mbps, FrameRate: 30}})
	if err != nil {
		t.Fatal(err)
	}
	key := renditionKey{H264, Full}
	r := newRendition(s, key, newThrift(nil, 2))
	s.renditions[key] = r
	r.thrift.now.Store(&Effort{Every: 3, Halvings: 1, Preset: "fast"})
	start := time.UnixMilli(1000)
	if plain := (&Frame{Time: start}); s.thinLocked(plain) != 3 || !r.passes(plain) {
		t.Fatal("the effort is not in force")
	}
	for i := range 10 {
		at := start.Add(time.Duration(i+1) * 10 * time.Millisecond)
		for _, f := range []*Frame{{Time: at, Coded: &Coded{}}, {Time: at, Slate: true}} {
			if !r.passes(f) {
				t.Fatalf("frame %+v was left out", f)
			}
			if f.Coded != nil && s.thinLocked(f) != 1 {
				t.Error("a camera that encodes is told to leave pictures out")
			}
		}
	}
	if got := s.Stats().Drops[DropSpared]; got != 0 {
		t.Errorf("%d counted as spared", got)
	}
	if l := r.meter.read(time.Now()); l.seen != 1 {
		t.Errorf("%d pictures measured, want the one that was not coded", l.seen)
	}
}

func TestHalve(t *testing.T) {
	src := NewFrame(Size{854, 482})
	src.Time = time.UnixMilli(5)
	for y := range src.Height {
		for x := range src.Width {
			src.Y[y*src.YStride+x] = byte(x / 4 % 2 * 100)
		}
	}
	scaled := 0
	h := halver{scale: func(dst, src *Frame) error { scaled++; return halveFrame(dst, src) }}
	for halvings, want := range map[int]Size{1: {426, 240}, 2: {212, 120}} {
		f, err := h.reduce(src, halvings)
		if err != nil {
			t.Fatal(err)
		}
		if f.Size != want || f.Time != src.Time || f.Validate() != nil {
			t.Errorf("halved %d times: %v of %v, %v", halvings, f.Size, f.Time, f.Validate())
		}
		columns := 4 >> halvings
		for x := range 100 {
			if got, want := f.Y[3*f.YStride+x], byte(x/columns%2*100); got != want {
				t.Errorf("halved %d times: column %d is %d, want %d", halvings, x, got, want)
			}
		}
		f.Release()
	}
	if f, err := h.reduce(src, 0); err != nil || f != src {
		t.Errorf("not halved: %v, %v", f, err)
	}
	if scaled != 2 {
		t.Errorf("scaled %d times for two sizes", scaled)
	}
	tiny := NewFrame(Size{30, 30})
	if f, err := h.reduce(tiny, 1); err != nil || f != tiny {
		t.Errorf("of 30x30: %v, %v", f, err)
	}
}

// TestHalvesAreShared: one of each size is made for all, and is given back with
// the last of those who use it.
func TestHalvesAreShared(t *testing.T) {
	var pool FramePool
	scaled := 0
	h := halver{scale: func(*Frame, *Frame) error { scaled++; return nil }}
	for range 3 {
		src := pool.Get(Size{64, 64})
		half, err := h.reduce(src, 1)
		if err != nil {
			t.Fatal(err)
		}
		again, err := h.reduce(src, 1)
		if err != nil || again != half {
			t.Fatalf("%p and %p, %v", half, again, err)
		}
		half.Release()
		src.Release()
		if len(h.frames[0].free) != 0 {
			t.Fatal("given back while it is used")
		}
		again.Release()
		if len(h.frames[0].free) != 1 || len(pool.free) != 1 {
			t.Fatalf("%d and %d frames back, want one each", len(h.frames[0].free), len(pool.free))
		}
	}
	if scaled != 3 {
		t.Errorf("scaled %d times for 3 pictures", scaled)
	}
	h.scale = func(*Frame, *Frame) error { return errors.New("no") }
	src := pool.Get(Size{64, 64})
	for range 2 {
		if f, err := h.reduce(src, 2); err == nil {
			t.Errorf("%v of a scaler that fails", f)
		}
	}
	src.Release()
	if len(h.frames[0].free) != 1 || len(pool.free) != 1 {
		t.Error("frames are lost when scaling fails")
	}
}

func TestCPUMeter(t *testing.T) {
	var m cpuMeter
	start := time.UnixMilli(0)
	used := time.Duration(0)
	for i := range 40 {
		at := start.Add(time.Duration(i) * stewardTick)
		cores := m.add(at, used)
		known := at.Sub(start) >= cpuLeast
		if known && (cores < 0.49 || cores > 0.51) || !known && cores != 0 {
			t.Errorf("after %v: %v cores", at.Sub(start), cores)
		}
		used += stewardTick / 2
	}
	if len(m.samples) > int(cpuMost/stewardTick)+1 {
		t.Errorf("%d samples kept", len(m.samples))
	}
	m.reset()
	if cores := m.add(start.Add(time.Hour), used); cores != 0 {
		t.Errorf("after a reset: %v cores", cores)
	}
}

// nameOnly is a camera that nobody opens.
type nameOnly struct{ Camera }

func (nameOnly) Name() string { return "camera" }
