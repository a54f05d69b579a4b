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
		unspent  time.Duration
		want     rate
	}{
		{"as announced", capture.Mbps, 25, 40 * time.Millisecond, 0, rate{1000, 480}},
		{"half the rate, twice the bits", capture.Mbps, 25, 80 * time.Millisecond, 0, rate{2000, 960}},
		{"too little spent", capture.Mbps, 25, 40 * time.Millisecond, 200 * time.Millisecond, rate{1200, 480}},
		{"too much spent", capture.Mbps, 25, 40 * time.Millisecond, -time.Second, rate{900, 480}},
		{"more than libx264 takes", 200 * capture.Mbps, 240, time.Second, 0, rate{maxKbps, maxKbps}},
		{"less than libx264 takes", 10 * capture.Kbps, 1, time.Second / 240, 0, rate{1, 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := budget{unspent: tt.unspent}
			got := b.rate(capture.EncoderConfig{Bitrate: tt.bitrate, FrameRate: tt.nominal}, tt.interval)
			if got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
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
