package capturetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
)

// RateConfig is one measurement of an encoder's rate control: ten seconds of a
// Scene, with five keyframes.
type RateConfig struct {
	Size    capture.Size
	Bitrate capture.Bitrate
	// Nominal is the rate that the encoder is told, Real the one at which
	// pictures come.
	Nominal, Real float64
}

// Rates is what came out.
type Rates struct {
	Error    float64 // of the bitrate, in percent of the target
	Keyframe float64 // the largest, in average pictures
	Largest  float64 // the largest other picture, in average pictures
	// Path is the longest that a picture takes through a path that carries
	// 1.2 times the target, from the second second on.
	Path time.Duration
}

// pathHeadroom is what a path carries beyond the target: a Governor stays so far
// below its estimate.
const pathHeadroom = 1.2

// MeasureRates encodes the ten seconds. They are seconds of Frame.Time; the
// real clock plays no part.
func MeasureRates(tb testing.TB, newEncoder NewEncoder, c RateConfig) Rates {
	tb.Helper()
	const seconds = 10
	e, err := newEncoder(capture.EncoderConfig{Bitrate: c.Bitrate, FrameRate: c.Nominal})
	if err != nil {
		tb.Fatal(err)
	}
	defer closeEncoder(tb, e)
	scene := NewScene(c.Size, c.Real, time.Unix(1e9, 0))
	pictures := int(seconds * c.Real)
	total, keyframe, other, first := 0, 0, 0, 0.0
	var free, path time.Duration
	for i := range pictures {
		au, err := e.Encode(scene.Frame(i, 0), i%(pictures/4) == pictures/8)
		if au != nil {
			// The path is free again when the last picture is through.
			now := time.Duration(float64(i) / c.Real * float64(time.Second))
			free = max(free, now) + time.Duration(float64(8*len(au.Payload))/float64(c.Bitrate)/pathHeadroom*float64(time.Second))
			if now >= time.Second {
				path = max(path, free-now)
			}
		}
		switch {
		case err != nil:
			tb.Fatal(err)
		case au == nil:
		case i == 0:
			first = float64(len(au.Payload))
			total += len(au.Payload)
		case au.Keyframe:
			keyframe = max(keyframe, len(au.Payload))
			total += len(au.Payload)
		default:
			other = max(other, len(au.Payload))
			total += len(au.Payload)
		}
	}
	average := float64(total) / float64(pictures)
	return Rates{
		Error: 100 * (float64(8*total)/seconds/float64(c.Bitrate) - 1),
		// All that is known at the first picture is the announced rate.
		Keyframe: max(float64(keyframe)/average, first/(average*max(c.Real/c.Nominal, 1))),
		Largest:  float64(other) / average,
		Path:     path,
	}
}

// What rate control has to hold: what is asked of the network is what the
// network gets, and a keyframe is a burst that it can take.
const (
	MaxRateError    = 5 // percent
	MaxRateKeyframe = 8 // average pictures
	// MaxRatePath, and the time that a picture is shown, is the longest that one
	// may take through the path, a keyframe and those behind it included. It is
	// not held with layers, of which each has its own account.
	MaxRatePath = 130 * time.Millisecond
	// MaxLayerShortage is how far below the target it may stay with layers: at a
	// few pictures per second the base layer takes its time to make up for a
	// keyframe, and the layers above it are on accounts of their own.
	MaxLayerShortage = 9 // percent
)

// RateConformance checks that an encoder's rate control holds at the rate at
// which pictures come, whether or not it is the one that was announced, that a
// keyframe does not hold up those behind it, and that a new target is followed.
func RateConformance(t *testing.T, newEncoder NewEncoder) {
	rateConformance(t, newEncoder, MaxRateError, func(t *testing.T, c RateConfig, got Rates) {
		if most := MaxRatePath + time.Duration(float64(time.Second)/c.Real); got.Path > most {
			t.Errorf("%v through the path, want at most %v", got.Path, most)
		}
	})
	stepConformance(t, newEncoder)
}

// DeviceRateConformance is what of that can be asked of a device, whose rate
// control is its own: not how it spreads a keyframe.
func DeviceRateConformance(t *testing.T, newEncoder NewEncoder) {
	rateConformance(t, newEncoder, MaxRateError, nil)
	stepConformance(t, newEncoder)
}

// LayerRateConformance is what of that holds with layers turned on.
func LayerRateConformance(t *testing.T, newEncoder NewEncoder) {
	rateConformance(t, Layered(t, newEncoder), MaxLayerShortage, nil)
}

func rateConformance(t *testing.T, newEncoder NewEncoder, shortage float64, more func(*testing.T, RateConfig, Rates)) {
	size := capture.Size{Width: 320, Height: 180}
	for _, bitrate := range []capture.Bitrate{150 * capture.Kbps, 600 * capture.Kbps} {
		for _, rates := range [][2]float64{{10, 10}, {15, 15}, {30, 30}, {30, 10}, {30, 15}, {15, 30}} {
			c := RateConfig{Size: size, Bitrate: bitrate, Nominal: rates[0], Real: rates[1]}
			t.Run(fmt.Sprintf("%v at %g announced as %g", bitrate, c.Real, c.Nominal), func(t *testing.T) {
				t.Parallel()
				got := MeasureRates(t, newEncoder, c)
				t.Logf("bitrate %+.1f %%, keyframe %.1f, other %.1f average pictures, %v through the path", got.Error, got.Keyframe, got.Largest, got.Path)
				if got.Error > MaxRateError || got.Error < -shortage {
					t.Errorf("bitrate is off by %+.1f %%, want -%g to %d", got.Error, shortage, MaxRateError)
				}
				if got.Keyframe > MaxRateKeyframe {
					t.Errorf("largest keyframe is %.1f average pictures, want at most %d", got.Keyframe, MaxRateKeyframe)
				}
				if more != nil {
					more(t, c, got)
				}
			})
		}
	}
}

func closeEncoder(tb testing.TB, e capture.Encoder) {
	tb.Helper()
	if err := e.Close(); err != nil {
		tb.Errorf("Close: %v", err)
	}
}
