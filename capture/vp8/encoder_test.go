package vp8

import (
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/capturetest"
)

func TestPresets(t *testing.T) {
	scene := capturetest.NewScene(capture.Size{Width: 320, Height: 180}, 30, time.Unix(0, 0))
	for _, preset := range []string{"", "-16", "-4", "0", "4", "16"} {
		e, err := New(capture.EncoderConfig{Bitrate: capture.Mbps, FrameRate: 30, Preset: preset, Threads: 2})
		if err != nil {
			t.Errorf("preset %q: %v", preset, err)
			continue
		}
		for i := range 5 {
			if au, err := e.Encode(scene.Frame(i, 0), false); err != nil || au == nil {
				t.Errorf("preset %q: got %v, %v", preset, au, err)
			}
		}
		if err := e.Close(); err != nil {
			t.Errorf("preset %q: %v", preset, err)
		}
	}
	for _, preset := range []string{"-17", "17", "ultrafast", "1.5", " "} {
		if _, err := New(capture.EncoderConfig{Bitrate: capture.Mbps, FrameRate: 30, Preset: preset}); err == nil {
			t.Errorf("preset %q accepted", preset)
		}
	}
}

func TestTooLarge(t *testing.T) {
	e, err := New(capture.EncoderConfig{Bitrate: capture.Mbps, FrameRate: 30})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if au, err := e.Encode(capture.NewFrame(capture.Size{Width: 4096, Height: 2306}), false); err == nil {
		t.Errorf("got %v, want an error", au)
	}
}

func TestPartitions(t *testing.T) {
	for threads, want := range map[int]int{1: 0, 2: 1, 3: 2, 4: 2, 5: 3, 8: 3, 9: 3, 64: 3} {
		if got := partitionsLog2(threads); got != want {
			t.Errorf("%d threads: 2^%d partitions, want 2^%d", threads, got, want)
		}
	}
}
