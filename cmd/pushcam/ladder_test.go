package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"os/exec"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/pattern"
)

// TestLadderDecodes: what a viewer gets that is moved up and down, of the real
// encoders, is one stream that ffmpeg decodes without a complaint; and each of
// its pictures shows the time at which it was taken.
func TestLadderDecodes(t *testing.T) {
	for codec, format := range map[capture.Codec]string{capture.H264: "h264", capture.VP8: "ivf"} {
		t.Run(codec.String(), func(t *testing.T) {
			size := capture.Size{Width: 656, Height: 372} // not twice even
			var units []*capture.AccessUnit
			synctest.Test(t, func(t *testing.T) { units = climb(t, codec, size) })
			changes := 0
			for i, au := range units {
				if want := (capture.Size{Width: size.Width >> au.Rung, Height: size.Height >> au.Rung &^ 1}); au.Size != want {
					t.Fatalf("picture %d: %v of %v, want %v", i, au.Rung, au.Size, want)
				}
				if i == 0 || au.Rung == units[i-1].Rung {
					continue
				}
				changes++
				if gap := au.Time.Sub(units[i-1].Time); !au.Keyframe || gap > 35*time.Millisecond {
					t.Errorf("picture %d goes over to %v %v later, keyframe %t", i, au.Rung, gap, au.Keyframe)
				}
			}
			if changes != 4 {
				t.Errorf("%d changes of the rung, want 4", changes)
			}
			luma := decodeLadder(t, format, units, size)
			if got := len(luma) / size.Pixels(); got != len(units) {
				t.Fatalf("ffmpeg decoded %d pictures of %d", got, len(units))
			}
			for i, au := range units {
				shown, err := pattern.ReadClockLuma(luma[i*size.Pixels():][:size.Pixels()], size.Width, size)
				if want := au.Time.Truncate(time.Millisecond); err != nil || !shown.Equal(want) {
					t.Errorf("picture %d of %v, %v, shows %v, %v", i, want, au.Rung, shown, err)
				}
			}
		})
	}
}

// climb is what a viewer gets that is moved every 20 pictures.
func climb(t *testing.T, codec capture.Codec, size capture.Size) (units []*capture.AccessUnit) {
	t.Helper()
	var c serveConfig // nothing was asked for
	source, err := capture.NewSource(capture.SourceConfig{
		Camera:   &pattern.Camera{Size: size, FrameRate: 30},
		Encoders: c.encoders(hardware{log: slog.New(slog.DiscardHandler)}),
		Encoding: capture.EncoderConfig{Bitrate: 2 * capture.Mbps, FrameRate: 30, Threads: 2},
		Scale:    scaler(),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- source.Run(ctx) }()
	viewer, err := source.Subscribe(codec)
	if err != nil {
		t.Fatal(err)
	}
	for _, to := range []capture.Rung{capture.Full, capture.Half, capture.Full, capture.Quarter, capture.Half} {
		viewer.Move(to)
		for range 20 {
			au, err := viewer.Next(ctx)
			if err != nil {
				t.Fatal(err)
			}
			units = append(units, au)
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	return units
}

// decodeLadder returns the Y planes of all pictures, at this size.
func decodeLadder(t *testing.T, format string, units []*capture.AccessUnit, size capture.Size) []byte {
	t.Helper()
	var stream bytes.Buffer
	if format == "ivf" { // libvpx's container
		header := append([]byte("DKIF\x00\x00\x20\x00VP80"), make([]byte, 20)...)
		binary.LittleEndian.PutUint16(header[12:], uint16(size.Width))
		binary.LittleEndian.PutUint16(header[14:], uint16(size.Height))
		binary.LittleEndian.PutUint32(header[16:], 30)
		binary.LittleEndian.PutUint32(header[20:], 1)
		stream.Write(header)
	}
	for i, au := range units {
		if format == "ivf" {
			header := binary.LittleEndian.AppendUint32(nil, uint32(len(au.Payload)))
			stream.Write(binary.LittleEndian.AppendUint64(header, uint64(i)))
		}
		stream.Write(au.Payload)
	}
	args := fmt.Sprintf("-nostdin -v warning -xerror -err_detect explode -f %s -i - -vf scale=%d:%d -fps_mode passthrough -pix_fmt gray -f rawvideo -",
		format, size.Width, size.Height)
	cmd := exec.CommandContext(t.Context(), "ffmpeg", strings.Fields(args)...)
	var out, complaints bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = &stream, &out, &complaints
	if err := cmd.Run(); err != nil {
		t.Fatalf("ffmpeg: %v\n%s", err, complaints.Bytes())
	}
	return out.Bytes()
}
