package x264

import (
	"bytes"
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/capturetest"
	"github.com/pushcam/pushcam/capture/h264"
)

// TestLayersOfAllPresets holds what is sent to libx264's own stream: with every
// picture there is ffmpeg decodes the same from both, and without layer 1 what is
// left of it.
func TestLayersOfAllPresets(t *testing.T) {
	size := capture.Size{Width: 192, Height: 112}
	for i, preset := range Presets("placebo") {
		t.Run(preset.Name, func(t *testing.T) {
			t.Parallel()
			config := capture.EncoderConfig{Bitrate: 400 * capture.Kbps, FrameRate: 30, Preset: preset.Name, Threads: 1 + i%4}
			original, sent := layeredFilm(t, config, size)
			want := capturetest.DecodeLuma(t, capture.H264, size, original)
			checkFilm(t, size, sent, want)
			var base []*capture.AccessUnit
			var kept [][]byte
			for i, au := range sent {
				if au.Layer == 0 {
					base, kept = append(base, au), append(kept, want[i])
				}
			}
			if n := len(sent) - len(base); n < 20 {
				t.Errorf("%d of %d pictures are in layer 1", n, len(sent))
			}
			checkFilm(t, size, base, kept)
		})
	}
}

func checkFilm(t *testing.T, size capture.Size, units []*capture.AccessUnit, want [][]byte) {
	t.Helper()
	got := capturetest.DecodeLuma(t, capture.H264, size, units)
	if len(got) != len(want) {
		t.Fatalf("ffmpeg found %d pictures, want %d", len(got), len(want))
	}
	for i := range got {
		if !bytes.Equal(got[i], want[i]) {
			t.Fatalf("picture %d of %d is not libx264's", i, len(got))
		}
	}
}

// layeredFilm is libx264's stream, and what becomes of it. Layers are on but
// for some pictures in the middle.
func layeredFilm(t *testing.T, config capture.EncoderConfig, size capture.Size) (original, sent []*capture.AccessUnit) {
	t.Helper()
	e, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	scene := capturetest.NewScene(size, 30, time.Unix(0, 0))
	for i := range 60 {
		e.SetLayered(i > 5 && i < 20 || i > 25)
		f, force := scene.Frame(i, 0), i == 40
		if err := e.ready(size, time.Second/30, force); err != nil {
			t.Fatal(err)
		}
		payload, layer, err := e.original(f, force)
		if err != nil {
			t.Fatal(err)
		}
		original = append(original, &capture.AccessUnit{Payload: payload})
		payload, err = e.layering.layers.Rewrite(payload, layer > 0)
		if err != nil {
			t.Fatalf("picture %d: %v", i, err)
		}
		sent = append(sent, &capture.AccessUnit{Layer: layer, Payload: payload})
	}
	return original, sent
}

// TestLayersGivenUp: when libx264's stream is not what is expected, a keyframe
// begins one that has no layers.
func TestLayersGivenUp(t *testing.T) {
	size := capture.Size{Width: 320, Height: 180}
	e, err := New(capture.EncoderConfig{Bitrate: 400 * capture.Kbps, FrameRate: 30})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	e.SetLayered(true)
	scene := capturetest.NewScene(size, 30, time.Unix(0, 0))
	var units []*capture.AccessUnit
	const failure = 11
	for i := range 30 {
		if i == failure {
			e.layering.layers = h264.Layers{} // it has lost what it knew
		}
		au, err := e.Encode(scene.Frame(i, 0), i == 20)
		if err != nil {
			t.Fatal(err)
		}
		if want := i == 0 || i == failure || i == 20; au.Keyframe != want {
			t.Errorf("picture %d: keyframe %v", i, au.Keyframe)
		}
		if want := i < failure && i%2 == 1; (au.Layer > 0) != want || au.LayerSync != want {
			t.Errorf("picture %d: layer %d, sync %v", i, au.Layer, au.LayerSync)
		}
		units = append(units, au)
	}
	if n := len(capturetest.DecodeLuma(t, capture.H264, size, units)); n != len(units) {
		t.Errorf("ffmpeg found %d pictures in %d", n, len(units))
	}
}
