package capturetest

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
)

// Layered makes the same Encoders with layers turned on.
func Layered(tb testing.TB, newEncoder NewEncoder) NewEncoder {
	return func(config capture.EncoderConfig) (capture.Encoder, error) {
		e, err := newEncoder(config)
		if err != nil {
			return nil, err
		}
		layered, ok := e.(capture.LayeredEncoder)
		if !ok {
			tb.Fatalf("%T knows no layers", e)
		}
		layered.SetLayered(true)
		return e, nil
	}
}

// LayerConformance checks what the comments of LayeredEncoder and
// AccessUnit.Layer promise. For each way to leave pictures out, ffmpeg decodes
// the rest, and has to get the very pictures that it gets out of all.
func LayerConformance(t *testing.T, codec capture.Codec, newEncoder NewEncoder) {
	l := newLayerTest(t, codec, newEncoder)
	t.Run("layers", l.layers)
	for top := range l.top {
		t.Run(fmt.Sprintf("layer %d and below", top), func(t *testing.T) {
			l.decodes(t, func(int) uint8 { return top })
		})
	}
	for layer := uint8(1); layer <= l.top; layer++ {
		t.Run(fmt.Sprintf("layer %d taken up", layer), func(t *testing.T) { l.takenUp(t, layer) })
	}
	t.Run("up and down at random", func(t *testing.T) {
		random := rand.New(rand.NewPCG(1, 2))
		for range 10 {
			top := uint8(0)
			l.decodes(t, func(i int) uint8 {
				if au := l.units[i]; au.Keyframe || au.LayerSync && random.IntN(4) == 0 {
					top = max(top, au.Layer)
				}
				if random.IntN(20) == 0 {
					top = uint8(random.IntN(int(l.top)))
				}
				return top
			})
		}
	})
}

// What LayerConformance encodes: from where to where layers are on, and where
// keyframes are forced.
const (
	layersFrom, layersTo, layersAgain = 20, 120, 150
	layersPictures                    = 240
)

func layersKeyframe(i int) bool { return i == 61 || i == 83 || i == 125 || i == 180 || i == 181 }

type layerTest struct {
	codec capture.Codec
	size  capture.Size
	units []*capture.AccessUnit
	whole [][]byte // the pictures, decoded
	top   uint8    // the highest layer
}

func newLayerTest(t *testing.T, codec capture.Codec, newEncoder NewEncoder) *layerTest {
	t.Helper()
	l := &layerTest{codec: codec, size: encoderSize()}
	e, err := newEncoder(capture.EncoderConfig{Bitrate: 500 * capture.Kbps, FrameRate: encoderRate})
	if err != nil {
		t.Fatal(err)
	}
	defer closeEncoder(t, e)
	layered, ok := e.(capture.LayeredEncoder)
	if !ok {
		t.Fatalf("%T knows no layers", e)
	}
	scene := NewScene(l.size, encoderRate, time.Unix(1e9, 0))
	for i := range layersPictures {
		switch i {
		case layersFrom, layersAgain:
			layered.SetLayered(true)
		case layersTo:
			layered.SetLayered(false)
		}
		au, err := e.Encode(scene.Frame(i, 0), layersKeyframe(i))
		if err != nil || au == nil {
			t.Fatalf("picture %d: %v, %v", i, au, err)
		}
		l.units, l.top = append(l.units, au), max(l.top, au.Layer)
	}
	l.whole = DecodeLuma(t, codec, l.size, l.units)
	if len(l.whole) != len(l.units) || l.top == 0 {
		t.Fatalf("ffmpeg found %d pictures in %d, in layers up to %d", len(l.whole), len(l.units), l.top)
	}
	return l
}

// layers checks how the pictures are spread.
func (l *layerTest) layers(t *testing.T) {
	pictures, syncs := make([]int, l.top+1), make([]int, l.top+1)
	for i, au := range l.units {
		switch {
		case au.Keyframe != (i == 0 || layersKeyframe(i)):
			t.Errorf("picture %d: keyframe %v", i, au.Keyframe)
		case au.Layer == 0 && au.LayerSync, au.Layer != 0 && au.Keyframe:
			t.Errorf("picture %d: keyframe %v, layer %d, sync %v", i, au.Keyframe, au.Layer, au.LayerSync)
		case au.Layer != 0 && (i < layersFrom || i > layersTo+encoderRate/2 && i < layersAgain):
			t.Errorf("picture %d is in layer %d, but layers are off", i, au.Layer)
		}
		if i >= layersFrom && i < layersTo || i >= layersAgain {
			pictures[au.Layer]++
			if au.LayerSync {
				syncs[au.Layer]++
			}
		}
	}
	t.Logf("pictures of each layer: %v, syncs: %v", pictures, syncs)
	with := layersTo - layersFrom + layersPictures - layersAgain
	if pictures[0] > with*6/10 {
		t.Errorf("%d of %d pictures are in layer 0: leaving out the rest saves little", pictures[0], with)
	}
	for layer := 1; layer <= int(l.top); layer++ {
		if syncs[layer] < 2*with/encoderRate {
			t.Errorf("layer %d can be taken up %d times in %d pictures", layer, syncs[layer], with)
		}
	}
}

// takenUp takes the layer up at each place where that is possible.
func (l *layerTest) takenUp(t *testing.T, layer uint8) {
	tried := 0
	for at, au := range l.units {
		// At some: each takes a decoder.
		if au.Layer != layer || !au.LayerSync || at%5 != 0 {
			continue
		}
		tried++
		l.decodes(t, func(i int) uint8 {
			if i < at {
				return 0
			}
			return layer
		})
	}
	if tried < 3 {
		t.Errorf("only %d places to take layer %d up", tried, layer)
	}
}

// decodes leaves out, of each picture i, what is above layer limit(i).
func (l *layerTest) decodes(t *testing.T, limit func(int) uint8) {
	t.Helper()
	var units []*capture.AccessUnit
	var of []int
	for i, au := range l.units {
		if au.Layer <= limit(i) {
			units, of = append(units, au), append(of, i)
		}
	}
	got := DecodeLuma(t, l.codec, l.size, units)
	if len(got) != len(units) {
		t.Fatalf("ffmpeg found %d pictures in %d", len(got), len(units))
	}
	for i, luma := range got {
		if !bytes.Equal(luma, l.whole[of[i]]) {
			t.Fatalf("picture %d differs when %d of %d are left out", of[i], len(l.units)-len(units), len(l.units))
		}
	}
}
