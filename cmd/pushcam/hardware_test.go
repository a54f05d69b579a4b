package main

import (
	"bytes"
	"errors"
	"io/fs"
	"log/slog"
	"strings"
	"testing"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/capturetest"
	"github.com/pushcam/pushcam/capture/v4l2"
)

func TestPickHardware(t *testing.T) {
	pi := v4l2.EncoderNode{
		Path: "/dev/video11", Card: "bcm2835-codec-encode",
		Smallest: capture.Size{Width: 32, Height: 32}, Largest: capture.Size{Width: 1920, Height: 1920},
	}
	other := v4l2.EncoderNode{Path: "/dev/video12"}
	for _, c := range []struct {
		name  string
		args  []string
		nodes []v4l2.EncoderNode
		err   error
		want  string // path
		fails string
		log   string
	}{
		{"none", nil, nil, nil, "", "", ""},
		{"one", nil, []v4l2.EncoderNode{pi}, nil, "/dev/video11", "", ""},
		{"one, and closed nodes", nil, []v4l2.EncoderNode{pi}, fs.ErrPermission, "/dev/video11", "", ""},
		{"the first of two", nil, []v4l2.EncoderNode{other, pi}, nil, "/dev/video12", "", ""},
		{"the first that is large enough", []string{"--size", "3840x2160"}, []v4l2.EncoderNode{pi, other}, nil, "/dev/video12", "", ""},
		{"too large", []string{"--size", "3840x2160"}, []v4l2.EncoderNode{pi}, nil, "", "", "32x32 to 1920x1920"},
		{"closed nodes", nil, nil, fs.ErrPermission, "", "", "permission denied"},
		{"software", []string{"--encoder", "software"}, []v4l2.EncoderNode{pi}, nil, "", "", ""},
		{"only VP8", []string{"--codec", "vp8", "--encoder", "hardware"}, nil, nil, "", "", ""},
		{"asked for", []string{"--encoder", "hardware"}, []v4l2.EncoderNode{pi}, nil, "/dev/video11", "", ""},
		{"asked for, none", []string{"--encoder", "hardware"}, nil, nil, "", "has no V4L2 encoder", ""},
		{"asked for, closed", []string{"--encoder", "hardware"}, nil, fs.ErrPermission, "", "permission denied", ""},
		{"asked for, too large", []string{"--encoder", "hardware", "--size", "3840x2160"}, []v4l2.EncoderNode{pi}, nil, "", "32x32 to 1920x1920", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var log bytes.Buffer
			config := mustParse[*serveConfig](t, c.args, nil)
			h, err := config.pickHardware(slog.New(slog.NewTextHandler(&log, nil)), func() ([]v4l2.EncoderNode, error) { return c.nodes, c.err })
			if (err == nil) != (c.fails == "") || err != nil && !strings.Contains(err.Error(), c.fails) {
				t.Errorf("error %v, want %q", err, c.fails)
			}
			got := ""
			if h.node != nil {
				got = h.node.Path
			}
			if got != c.want {
				t.Errorf("picked %q, want %q", got, c.want)
			}
			if (log.Len() == 0) != (c.log == "") || !strings.Contains(log.String(), c.log) {
				t.Errorf("logged %q, want %q", log.String(), c.log)
			}
		})
	}
}

// TestHardwareFails: a device that cannot be opened is one line in the log, and
// the picture is there all the same.
func TestHardwareFails(t *testing.T) {
	var log bytes.Buffer
	h := hardware{node: &v4l2.EncoderNode{Path: t.TempDir() + "/video11"}, log: slog.New(slog.NewTextHandler(&log, nil))}
	newEncoder := h.before(func(cfg capture.EncoderConfig) (capture.Encoder, error) {
		return capturetest.NewFakeEncoder(capture.H264, cfg)
	})
	for range 3 {
		e, err := newEncoder(capture.EncoderConfig{Bitrate: capture.Mbps, FrameRate: 30})
		if err != nil {
			t.Fatal(err)
		}
		for i := range 3 {
			au, err := e.Encode(capture.NewFrame(capture.Size{Width: 64, Height: 48}), false)
			if err != nil || au.Keyframe != (i == 0) {
				t.Fatalf("picture %d: %v, %v", i, au, err)
			}
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}
	if n := strings.Count(log.String(), "\n"); n != 1 || !strings.Contains(log.String(), "hardware encoder failed: libx264 goes on") {
		t.Errorf("%d lines logged, want one:\n%s", n, log.String())
	}
	none := errors.New("none")
	if _, err := (hardware{}).before(func(capture.EncoderConfig) (capture.Encoder, error) { return nil, none })(capture.EncoderConfig{}); !errors.Is(err, none) {
		t.Errorf("without hardware: %v", err)
	}
}
