package x264

import (
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
)

func TestBudgetRate(t *testing.T) {
	tests := []struct {
		name     string
		bitrate  capture.Bitrate
		nominal  float64
		interval time.Duration
		budget   budget
		keyframe bool
		want     rate
	}{
		{"as announced", capture.Mbps, 25, 40 * time.Millisecond, budget{}, false, rate{1000, 300}},
		{"keyframe", capture.Mbps, 25, 40 * time.Millisecond, budget{}, true, rate{1000, 300}},
		{"half the rate, twice the bits", capture.Mbps, 25, 80 * time.Millisecond, budget{}, false, rate{2000, 224}},
		{"few pictures", capture.Mbps, 5, 200 * time.Millisecond, budget{}, false, rate{1000, 560}},
		{"too little spent", capture.Mbps, 25, 40 * time.Millisecond, budget{unspent: 200 * time.Millisecond}, false, rate{1200, 300}},
		{"too much spent", capture.Mbps, 25, 40 * time.Millisecond, budget{unspent: -time.Second}, false, rate{900, 300}},
		{"another target", capture.Mbps, 25, 40 * time.Millisecond, budget{settling: time.Second}, false, rate{1200, 40}},
		{"settles", capture.Mbps, 25, 40 * time.Millisecond, budget{settling: 600 * time.Millisecond}, false, rate{1200, 120}},
		{"keyframe meanwhile", capture.Mbps, 25, 40 * time.Millisecond, budget{settling: time.Second}, true, rate{4000, 160}},
		{"more than libx264 takes", 200 * capture.Mbps, 240, 2 * time.Second, budget{}, false, rate{maxKbps, 1_120_000}},
		{"less than libx264 takes", 10 * capture.Kbps, 1, time.Second / 240, budget{}, false, rate{1, 3}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := tt.budget.rate(capture.EncoderConfig{Bitrate: tt.bitrate, FrameRate: tt.nominal}, tt.interval, tt.keyframe)
			if got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

// TestBudgetSettles within a second of pictures, and only after a change that is
// worth it.
func TestBudgetSettles(t *testing.T) {
	for _, step := range []struct {
		from, to capture.Bitrate
		settles  bool
	}{
		{capture.Mbps, capture.Mbps, false},
		{capture.Mbps, 810 * capture.Kbps, false},
		{810 * capture.Kbps, capture.Mbps, false},
		{capture.Mbps, 790 * capture.Kbps, true},
		{500 * capture.Kbps, 2 * capture.Mbps, true},
	} {
		b := budget{unspent: -time.Second}
		b.retarget(step.from, step.to)
		if settles := b.settling > 0; settles != step.settles || settles != (b.unspent == 0) {
			t.Errorf("%v to %v: settling %v, unspent %v", step.from, step.to, b.settling, b.unspent)
		}
		for range 25 {
			b.spend(1000, step.to, 40*time.Millisecond)
		}
		if b.settling != 0 {
			t.Errorf("%v to %v: %v left after a second", step.from, step.to, b.settling)
		}
	}
}

func TestBudgetBounds(t *testing.T) {
	var b budget
	spend := func(n, bytes int) time.Duration {
		for range n {
			b.spend(bytes, 8*capture.Kbps, 100*time.Millisecond) // 100 bytes are on target
		}
		return b.unspent
	}
	for _, step := range []struct {
		pictures, bytes int
		want            time.Duration
	}{
		{10, 100, 0},
		{1, 50, 50 * time.Millisecond},
		{1, 150, 0},
		{1000, 0, maxUnspent},
		{1, 1e9, minUnspent},
		{1, 50, minUnspent + 50*time.Millisecond},
	} {
		if got := spend(step.pictures, step.bytes); got != step.want {
			t.Errorf("after %d pictures of %d bytes: %v, want %v", step.pictures, step.bytes, got, step.want)
		}
	}
}

func TestThreads(t *testing.T) {
	one := threads(capture.EncoderConfig{}, capture.Size{Width: 640, Height: 480})
	hd := threads(capture.EncoderConfig{}, capture.Size{Width: 1920, Height: 1080})
	asked := threads(capture.EncoderConfig{Threads: 7}, capture.Size{Width: 16, Height: 16})
	if one != 1 || hd < 1 || hd > maxThreads || asked != 7 {
		t.Errorf("threads for VGA, 1080p and 7 asked for: %d, %d, %d", one, hd, asked)
	}
}
