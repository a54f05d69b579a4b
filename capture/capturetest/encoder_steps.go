package capturetest

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
)

// MaxStepError is how far from a new target the bitrate may be in the half
// second after the change, in percent of it.
const MaxStepError = 20

// stepConformance checks that the bitrate follows a target that falls to a
// quarter and rises again, without a keyframe.
func stepConformance(t *testing.T, newEncoder NewEncoder) {
	const frameRate = 30
	for _, high := range []capture.Bitrate{320 * capture.Kbps, 600 * capture.Kbps} {
		t.Run(fmt.Sprintf("steps of %v", high), func(t *testing.T) {
			t.Parallel()
			e, err := newEncoder(capture.EncoderConfig{Bitrate: high, FrameRate: frameRate})
			if err != nil {
				t.Fatal(err)
			}
			defer closeEncoder(t, e)
			scene := NewScene(capture.Size{Width: 320, Height: 180}, frameRate, time.Unix(1e9, 0))
			i := 0
			second := func(target capture.Bitrate) (halves [2]float64) {
				if err := e.SetBitrate(target); err != nil {
					t.Fatal(err)
				}
				for n := range frameRate {
					au, err := e.Encode(scene.Frame(i, 0), false)
					if err != nil || au == nil {
						t.Fatalf("picture %d: %v, %v", i, au, err)
					}
					if i > 0 && au.Keyframe {
						t.Errorf("picture %d is a keyframe", i)
					}
					i++
					halves[2*n/frameRate] += float64(8*len(au.Payload)) / float64(target) * 2
				}
				return halves
			}
			for range 4 {
				second(high)
			}
			for _, target := range []capture.Bitrate{high / 4, high, high / 4, high} {
				halves := second(target)
				off := 100 * (halves[0] - 1)
				t.Logf("to %v: %+.0f %%, then %+.0f %%", target, off, 100*(halves[1]-1))
				if math.Abs(off) > MaxStepError {
					t.Errorf("to %v: off by %+.0f %% in the next half second, want at most %d", target, off, MaxStepError)
				}
				second(target)
			}
		})
	}
}
