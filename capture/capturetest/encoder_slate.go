package capturetest

import (
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
)

// SlateConformance checks that a camera's absence, during which a few Slates
// are encoded, leaves no mark on what comes after it: the picture is back as
// good as it was, and takes no more of the network.
func SlateConformance(t *testing.T, codec capture.Codec, newEncoder NewEncoder) {
	const (
		frameRate = 30
		before    = 3 * frameRate // pictures of the camera
		slates    = 20            // two a second
		after     = 2 * frameRate
		bitrate   = 600 * capture.Kbps
	)
	size := capture.Size{Width: 320, Height: 180}
	e, err := newEncoder(capture.EncoderConfig{Bitrate: bitrate, FrameRate: frameRate})
	if err != nil {
		t.Fatal(err)
	}
	defer closeEncoder(t, e)
	scene := NewScene(size, frameRate, time.Unix(1e9, 0))
	var frames []*capture.Frame
	for i := range before {
		frames = append(frames, scene.Frame(i, 0))
	}
	now := frames[before-1].Time
	for i := range slates {
		frames = append(frames, slate(size, i, now.Add(time.Duration(i)*time.Second/2)))
	}
	now = now.Add(slates * time.Second / 2)
	for i := range after {
		f := scene.Frame(before+i, 0)
		f.Time = now.Add(time.Duration(i) * time.Second / frameRate)
		frames = append(frames, f)
	}
	var units []*capture.AccessUnit
	for i, f := range frames {
		au, err := e.Encode(f, i == before || i == before+slates)
		if err != nil || au == nil {
			t.Fatalf("picture %d: %v, %v", i, au, err)
		}
		units = append(units, au)
	}
	const average = int(bitrate) / 8 / frameRate
	decoded := DecodeLuma(t, codec, size, units)
	if len(decoded) != len(units) {
		t.Fatalf("ffmpeg found %d pictures, want %d", len(decoded), len(units))
	}
	steady, back := 0.0, 0.0 // dB, of a second each
	for i := range frameRate {
		steady += psnr(frames[before-1-i], decoded[before-1-i]) / frameRate
		back += psnr(frames[before+slates+i], decoded[before+slates+i]) / frameRate
	}
	second := 0
	for _, au := range units[before+slates:][:frameRate] {
		second += len(au.Payload)
	}
	keyframe := float64(len(units[before+slates].Payload)) / float64(average)
	first := float64(len(units[before].Payload)) / float64(average)
	words := psnr(frames[before+slates-1], decoded[before+slates-1])
	t.Logf("back: keyframe of %.1f average pictures, first second %.2f of the bitrate, %.1f dB (%.1f before); slate: keyframe of %.1f, %.1f dB",
		keyframe, float64(second)/float64(bitrate/8), back, steady, first, words)
	if keyframe > MaxRateKeyframe || first > MaxRateKeyframe {
		t.Errorf("keyframe of %.1f average pictures to the slate, %.1f back, want at most %d", first, keyframe, MaxRateKeyframe)
	}
	// Some of it makes up for what the Slates did not take.
	if most := int(bitrate) / 8 * 3 / 2; second > most {
		t.Errorf("%d bytes in the first second, want at most %d", second, most)
	}
	if back < steady-3 {
		t.Errorf("%.1f dB in the first second, %.1f before", back, steady)
	}
	if words < 35 {
		t.Errorf("slate of %.1f dB, want 35 to be read well", words)
	}
}

// slate looks to an encoder like one: hard bright strokes on a dark ground, of
// which a few change.
func slate(size capture.Size, index int, t time.Time) *capture.Frame {
	f := capture.NewFrame(size)
	f.Slate, f.Time = true, t
	for i := range f.Y {
		x, y := i%size.Width, i/size.Width
		f.Y[i] = 35
		line := y*12/size.Height%2 == 1 && x > size.Width/8 && x < size.Width*7/8
		if line && (x*7+y*3)%13 < 3 {
			f.Y[i] = 190
		}
		if line && y > size.Height*10/12 && (x+5*index)%11 < 3 {
			f.Y[i] = 190
		}
	}
	for i := range f.U {
		f.U[i], f.V[i] = 136, 124
	}
	return f
}
