package x264

import (
	"testing"

	"github.com/pushcam/pushcam/capture"
)

func TestPresetsCostLessAndLess(t *testing.T) {
	all := Presets("placebo")
	if len(all) != 10 || all[9].Name != DefaultPreset {
		t.Fatalf("presets %v", all)
	}
	last := all[0].Cost + 1
	for _, p := range all {
		if p.Cost >= last {
			t.Errorf("%s costs %g, no less than the one before", p.Name, p.Cost)
		}
		last = p.Cost
		if _, err := New(capture.EncoderConfig{Bitrate: capture.Mbps, FrameRate: 30, Preset: p.Name}); err != nil {
			t.Error(err)
		}
	}
	if got := Presets(""); len(got) != 1 || got[0].Name != DefaultPreset {
		t.Errorf("of the default: %v", got)
	}
	if got := Presets("fastest"); got != nil {
		t.Errorf("of none: %v", got)
	}
}

func TestThreadsAreBounded(t *testing.T) {
	hd := capture.Size{Width: 1920, Height: 1080}
	for _, c := range []struct{ threads, most, want int }{{7, 2, 2}, {0, 1, 1}, {1, 3, 1}} {
		if got := threads(capture.EncoderConfig{Threads: c.threads, MaxThreads: c.most}, hd); got != c.want {
			t.Errorf("%d threads of %d at most: %d, want %d", c.threads, c.most, got, c.want)
		}
	}
}
