package main

import (
	"context"
	"errors"
	"log/slog"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/camera"
	"github.com/pushcam/pushcam/capture/passthrough"
	"github.com/pushcam/pushcam/capture/pattern"
	"github.com/pushcam/pushcam/capture/vp8"
	"github.com/pushcam/pushcam/capture/x264"
)

// picked is the camera to serve and what to tell about the choice.
type picked struct {
	camera capture.Camera
	// about is the camera and its mode, or the trouble with it, in words.
	about string
	// run is what a camera does while nobody looks too, until ctx is done; it
	// calls back when there is a picture again. Nil when that is nothing.
	run func(ctx context.Context, back func()) error
	// mode is what the camera will deliver, zero when it cannot be asked now.
	mode capture.Mode
	// fed: what it delivers is known by looking at it only.
	fed bool
}

// pick chooses what to show. A camera that cannot be used now is picked all
// the same when it was asked for, or is the only one: it is tried again for
// every viewer.
func (c *serveConfig) pick(log *slog.Logger) picked {
	testPattern := picked{
		camera: &pattern.Camera{Size: c.Size, FrameRate: c.FPS},
		about:  "test pattern, " + capture.Mode{Size: c.Size, FrameRate: c.FPS, Format: "I420"}.String(),
	}
	if c.Source == sourcePattern {
		return testPattern
	}
	if fed, ok := c.fed(); ok {
		fed.fed = true
		return fed
	}
	wish := c.wish()
	system := cameras()
	chosen := picked{camera: camera.New(camera.Config{
		Device: string(c.Source), Wish: wish, System: system, Preferences: c.store(log), Log: log,
	})}
	devices, err := camera.List(system)
	if err == nil {
		chosen.about, chosen.mode, err = describeDevice(devices, string(c.Source), wish)
	}
	switch {
	case err == nil:
	case c.Source == sourceAuto && errors.Is(err, camera.ErrNoCamera):
		return picked{
			camera: &pattern.Camera{Size: c.Size, FrameRate: c.FPS, Caption: "no camera found"},
			about:  testPattern.about + "; " + err.Error(),
		}
	default:
		chosen.about = err.Error() + "; tried again when somebody looks"
	}
	return chosen
}

func describeDevice(devices []camera.Device, name string, wish camera.Wish) (string, capture.Mode, error) {
	device, err := camera.Select(devices, name)
	if err != nil {
		return "", capture.Mode{}, err
	}
	if device.Err != nil {
		return "", capture.Mode{}, device.Err
	}
	choice, err := camera.Choose(device.Modes, wish)
	if err != nil {
		return "", capture.Mode{}, err
	}
	return device.String() + ", " + choice.Mode.String() + " (" + choice.Reason + ")", choice.Mode, nil
}

// encoders are those that the program can run, for the codecs that it may use.
func (c *serveConfig) encoders(h hardware) map[capture.Codec]capture.NewEncoderFunc {
	all := map[capture.Codec]capture.NewEncoderFunc{
		// What a camera encodes itself is passed on as it is.
		capture.H264: passthrough.New(h.before(func(cfg capture.EncoderConfig) (capture.Encoder, error) {
			if cfg.Preset == "" { // it is not, when the CPU is to be spared
				cfg.Preset = string(c.Preset)
			}
			return x264.New(cfg)
		})),
		capture.VP8: func(cfg capture.EncoderConfig) (capture.Encoder, error) { return vp8.New(cfg) },
	}
	used := map[capture.Codec]capture.NewEncoderFunc{}
	for _, codec := range c.Codec.allowed() {
		used[codec] = all[codec]
	}
	return used
}
