package x264

import (
	"slices"
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/capturetest"
	"github.com/pushcam/pushcam/capture/h264"
)

func TestPresets(t *testing.T) {
	size := capture.Size{Width: 320, Height: 180}
	scene := capturetest.NewScene(size, 30, time.Unix(0, 0))
	for _, preset := range []string{"", "ultrafast", "superfast", "veryfast", "medium", "veryslow"} {
		t.Run("preset "+preset, func(t *testing.T) {
			e, err := New(capture.EncoderConfig{Bitrate: capture.Mbps, FrameRate: 30, Preset: preset, Threads: 2})
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			for i := range 12 {
				au, err := e.Encode(scene.Frame(i, 0), i%5 == 0)
				if err != nil {
					t.Fatal(err)
				}
				checkBaseline(t, au, "42e01f", size)
			}
		})
	}
	for _, preset := range []string{"fastest", "ultrafast ", "-8"} {
		if _, err := New(capture.EncoderConfig{Bitrate: capture.Mbps, FrameRate: 30, Preset: preset}); err == nil {
			t.Errorf("preset %q accepted", preset)
		}
	}
}

// checkBaseline holds one picture to what an SDP with that profile-level-id
// promises.
func checkBaseline(t *testing.T, au *capture.AccessUnit, profileLevelID string, size capture.Size) {
	t.Helper()
	var order []h264.Type
	for nal := range h264.NALs(au.Payload) {
		kind := h264.TypeOf(nal)
		if len(order) == 0 || order[len(order)-1] != kind {
			order = append(order, kind)
		}
		switch kind {
		case h264.TypeSPS:
			checkSPS(t, nal, profileLevelID, size)
		case h264.TypeSlice, h264.TypeIDR:
			slice, err := h264.SliceType(nal)
			if want := map[bool]int{true: 2, false: 0}[au.Keyframe]; slice != want || err != nil {
				t.Errorf("slice type %d (%v), want %d", slice, err, want)
			}
		default:
		}
	}
	want := []h264.Type{h264.TypeSlice}
	if au.Keyframe {
		want = []h264.Type{h264.TypeSPS, h264.TypePPS, h264.TypeIDR}
	}
	if !slices.Equal(order, want) {
		t.Errorf("NAL unit types %v, want %v", order, want)
	}
}

func checkSPS(t *testing.T, nal []byte, profileLevelID string, size capture.Size) {
	t.Helper()
	sps, err := h264.ParseSPS(nal)
	if err != nil {
		t.Fatal(err)
	}
	if got := sps.ProfileLevelID(); got != profileLevelID {
		t.Errorf("profile-level-id %s, want %s", got, profileLevelID)
	}
	if sps.Size != size {
		t.Errorf("SPS says %v, want %v", sps.Size, size)
	}
	// Without this promise a decoder may hold pictures back to reorder them.
	vui := sps.VUI
	if vui == nil {
		t.Fatal("no VUI")
	}
	if !vui.Restricted || vui.ReorderFrames != 0 {
		t.Errorf("reordering: restricted %v, %d frames; want a promise of none", vui.Restricted, vui.ReorderFrames)
	}
	if vui.FullRange || vui.Primaries != 1 || vui.Transfer != 1 || vui.Matrix != 6 {
		t.Errorf("colours: full range %v, %d %d %d; want BT.601 matrix in limited range",
			vui.FullRange, vui.Primaries, vui.Transfer, vui.Matrix)
	}
}

func TestLevelInStream(t *testing.T) {
	tests := []struct {
		name    string
		size    capture.Size
		rate    float64
		bitrate capture.Bitrate
		want    string
	}{
		{"720p30", capture.Size{Width: 1280, Height: 720}, 30, 2 * capture.Mbps, "42e01f"},
		{"720p60", capture.Size{Width: 1280, Height: 720}, 60, 2 * capture.Mbps, "42e020"},
		{"1080p30", capture.Size{Width: 1920, Height: 1080}, 30, 4 * capture.Mbps, "42e028"},
		{"small at a high bitrate", capture.Size{Width: 640, Height: 480}, 30, 15 * capture.Mbps, "42e020"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e, err := New(capture.EncoderConfig{Bitrate: tt.bitrate, FrameRate: tt.rate})
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			au, err := e.Encode(capture.NewFrame(tt.size), false)
			if err != nil {
				t.Fatal(err)
			}
			checkBaseline(t, au, tt.want, tt.size)
		})
	}
}

// A bitrate beyond the level in the stream needs a new SPS.
func TestBitrateBeyondLevel(t *testing.T) {
	size := capture.Size{Width: 640, Height: 480}
	e, err := New(capture.EncoderConfig{Bitrate: capture.Mbps, FrameRate: 30})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	for _, step := range []struct {
		bitrate  capture.Bitrate
		keyframe bool
		want     string
	}{
		{capture.Mbps, true, "42e01f"},
		{14 * capture.Mbps, false, ""},
		{16 * capture.Mbps, true, "42e020"},
		{capture.Mbps, false, ""},
	} {
		if err := e.SetBitrate(step.bitrate); err != nil {
			t.Fatal(err)
		}
		au, err := e.Encode(capture.NewFrame(size), false)
		if err != nil {
			t.Fatal(err)
		}
		if au.Keyframe != step.keyframe {
			t.Errorf("%v: keyframe %v, want %v", step.bitrate, au.Keyframe, step.keyframe)
		}
		checkBaseline(t, au, step.want, size)
	}
}
