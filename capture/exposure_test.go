package capture

import (
	"math"
	"testing"
	"time"
)

// lit is a picture of a scene in this light: texture that moves with n.
func lit(light float64, n int) *Frame {
	f := NewFrame(Size{160, 90})
	for i := range f.Y {
		x, y := i%160+n, i/160
		v := 110 + 40*math.Sin(float64(x)/9+float64(y)/11) + 30*math.Sin(float64(y)/5-float64(x)/17)
		f.Y[i] = byte(min(16+light*v+float64((i*7+n*13)%5), 235))
	}
	return f
}

func TestExposure(t *testing.T) {
	const interval = time.Second / 30
	for name, tt := range map[string]struct {
		frame    func(n int) *Frame
		min, max int // pictures until one is fit
	}{
		"settled from the start": {func(int) *Frame { return lit(1, 0) }, 6, 6},
		"moving camera":          {func(n int) *Frame { return lit(1, 5*n) }, 6, 8},
		"brightens":              {func(n int) *Frame { return lit(min(0.1+0.06*float64(n), 1), n) }, 16, 24},
		"brightens in steps":     {func(n int) *Frame { return lit(min(0.1+0.2*float64(n/4), 1), n) }, 20, 28},
		"brightens slowly":       {func(n int) *Frame { return lit(min(0.5+0.012*float64(n), 1), n) }, 40, 50},
		"darkens":                {func(n int) *Frame { return lit(1.2-0.8*(1-math.Exp(-float64(n)/6)), n) }, 12, 32},
		"overshoots": {func(n int) *Frame {
			return lit(1+0.8*math.Exp(-float64(n)/8)*math.Cos(float64(n)/3), n)
		}, 15, 40},
		"black at first": {func(n int) *Frame {
			if n < 20 {
				return lit(0, n)
			}
			return lit(1, n)
		}, 25, 27},
		"somebody walks by": {func(n int) *Frame {
			f := lit(0.8, 0)
			for y := 20; y < 90; y++ {
				for x := n * 8; x < n*8+40 && x < 160; x++ {
					f.Y[y*160+x] = 20
				}
			}
			return f
		}, 6, 8},
		"lamp in a dark room": {func(n int) *Frame {
			f := lit(0.1, n)
			for y := range 20 {
				for x := range 30 {
					f.Y[y*160+x] = 235
				}
			}
			return f
		}, 6, 8},
		"noisy":        {func(n int) *Frame { f := lit(0.3, 0); shake(f, uint32(n+1)); return f }, 6, 12},
		"flickers":     {func(n int) *Frame { return lit(0.5+0.4*float64(n&1), n) }, exposureFrames, exposureFrames},
		"always black": {func(int) *Frame { return lit(0, 0) }, exposureFrames, exposureFrames},
	} {
		t.Run(name, func(t *testing.T) {
			var e exposure
			now := time.Unix(1e9, 0)
			for n := range 2 * exposureFrames {
				if e.add(tt.frame(n), now) {
					if n++; n < tt.min || n > tt.max {
						t.Errorf("picture %d is taken, want %d to %d", n, tt.min, tt.max)
					}
					return
				}
				now = now.Add(interval)
			}
			t.Error("none is taken")
		})
	}
}

// shake adds noise as of a small sensor in little light.
func shake(f *Frame, seed uint32) {
	for i := range f.Y {
		seed ^= seed << 13
		seed ^= seed >> 17
		seed ^= seed << 5
		f.Y[i] = byte(int(f.Y[i]) + int(seed%25) - 12)
	}
}

// TestExposureOfSlowCamera: the bound is in time where pictures are few.
func TestExposureOfSlowCamera(t *testing.T) {
	var e exposure
	now := time.Unix(1e9, 0)
	n := 1
	for ; !e.add(lit(0.5+0.4*float64(n&1), n), now); n++ {
		now = now.Add(time.Second)
	}
	if n != 3 {
		t.Errorf("picture %d is taken, want the third, two seconds after the first", n)
	}
	for range 100 {
		if !e.add(lit(float64(n&1), n), now) {
			t.Fatal("what was settled is waited for again")
		}
	}
}

func TestExposureOfAnySize(t *testing.T) {
	for _, size := range []Size{{16, 16}, {16, 4000}, {4000, 16}, {1282, 722}} {
		f := NewFrame(size)
		for i := range f.Y {
			f.Y[i] = 116
		}
		for i, cell := range brightness(f) {
			if cell != 100*exposureUnit {
				t.Fatalf("%v: cell %d is %d, want %d", size, i, cell, 100*exposureUnit)
			}
		}
	}
}

func BenchmarkExposure(b *testing.B) {
	f := NewFrame(Size{1920, 1080})
	for b.Loop() {
		brightness(f)
	}
}
