package capturetest

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
)

// NewEncoder makes the Encoder that a conformance suite looks at.
type NewEncoder func(capture.EncoderConfig) (capture.Encoder, error)

// EncoderConformance checks what the comment of capture.Encoder promises, and
// that the payloads are what the codec's viewers need.
func EncoderConformance(t *testing.T, codec capture.Codec, newEncoder NewEncoder) {
	tests := []struct {
		name string
		test func(*encoderTest)
	}{
		{"first is a keyframe", (*encoderTest).first},
		{"force", (*encoderTest).force},
		{"change of size", (*encoderTest).changeSize},
		{"change of bitrate", (*encoderTest).changeBitrate},
		{"strides", (*encoderTest).strides},
		{"does not keep the frame", (*encoderTest).keepsNothing},
		{"access units are immutable", (*encoderTest).immutable},
		{"times that do not advance", (*encoderTest).oddTimes},
		{"bad frames", (*encoderTest).badFrames},
		{"bad bitrates", (*encoderTest).badBitrates},
		{"closed", (*encoderTest).afterClose},
		{"closed before the first frame", (*encoderTest).closedUnused},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.test(&encoderTest{T: t, codec: codec, newEncoder: newEncoder})
		})
	}
	t.Run("bad configuration", func(t *testing.T) {
		for name, config := range map[string]capture.EncoderConfig{
			"zero":             {},
			"no bitrate":       {FrameRate: 30},
			"no rate":          {Bitrate: capture.Mbps},
			"absurd bitrate":   {Bitrate: 1e15, FrameRate: 30},
			"negative threads": {Bitrate: capture.Mbps, FrameRate: 30, Threads: -1},
		} {
			if e, err := newEncoder(config); err == nil {
				_ = e.Close()
				t.Errorf("%s: accepted", name)
			}
		}
	})
}

const encoderRate = 30

func encoderSize() capture.Size { return capture.Size{Width: 192, Height: 112} }

func encoderStart() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC) }

type encoderTest struct {
	*testing.T
	codec      capture.Codec
	newEncoder NewEncoder
}

func (t *encoderTest) open() capture.Encoder {
	t.Helper()
	e, err := t.newEncoder(capture.EncoderConfig{Bitrate: 500 * capture.Kbps, FrameRate: encoderRate, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return e
}

func (t *encoderTest) scene(size capture.Size) *Scene {
	return NewScene(size, encoderRate, encoderStart())
}

// encode also checks what holds of every picture. It returns nil for a skipped
// one.
func (t *encoderTest) encode(e capture.Encoder, f *capture.Frame, force bool) *capture.AccessUnit {
	t.Helper()
	au, err := e.Encode(f, force)
	if err != nil {
		t.Fatalf("Encode: %v", err)
	}
	if au == nil {
		if force {
			t.Fatal("a forced keyframe was skipped")
		}
		return nil
	}
	if au.Codec != t.codec || au.Size != f.Size || !au.Time.Equal(f.Time) {
		t.Errorf("got %v %v of %v, want %v %v of %v", au.Codec, au.Size, au.Time, t.codec, f.Size, f.Time)
	}
	if _, ok := e.(capture.LayeredEncoder); !ok && au.Layer != 0 {
		t.Errorf("in layer %d, but the encoder knows no layers", au.Layer)
	}
	if au.Layer != 0 && au.Keyframe || au.Layer == 0 && au.LayerSync {
		t.Errorf("keyframe %v in layer %d, sync %v", au.Keyframe, au.Layer, au.LayerSync)
	}
	keyframe, size, err := Picture(au.Codec, au.Payload)
	switch {
	case err != nil:
		t.Errorf("payload: %v", err)
	case keyframe != au.Keyframe:
		t.Errorf("payload is a keyframe: %v; AccessUnit says %v", keyframe, au.Keyframe)
	case keyframe && size != f.Size:
		t.Errorf("payload is %v, the frame was %v", size, f.Size)
	case force && !keyframe:
		t.Error("forced, and no keyframe")
	}
	return au
}

// wantKeyframe encodes without force.
func (t *encoderTest) wantKeyframe(e capture.Encoder, f *capture.Frame, want bool) {
	t.Helper()
	au := t.encode(e, f, false)
	if got := au != nil && au.Keyframe; got != want {
		t.Errorf("keyframe: %v, want %v", got, want)
	}
}

func (t *encoderTest) first() {
	e, s := t.open(), t.scene(encoderSize())
	t.wantKeyframe(e, s.Frame(0, 0), true)
	for i := 1; i < 40; i++ {
		t.wantKeyframe(e, s.Frame(i, 0), false)
	}
}

func (t *encoderTest) force() {
	e, s := t.open(), t.scene(encoderSize())
	for i := range 20 {
		t.encode(e, s.Frame(i, 0), i%3 == 0 || i == 10)
	}
	t.wantKeyframe(e, s.Frame(20, 0), false)
}

func (t *encoderTest) changeSize() {
	e := t.open()
	for i, side := range [][2]int{{192, 112}, {320, 180}, {16, 16}, {182, 98}, {192, 112}} {
		s := t.scene(capture.Size{Width: side[0], Height: side[1]})
		t.wantKeyframe(e, s.Frame(2*i, 0), true)
		t.wantKeyframe(e, s.Frame(2*i+1, 0), false)
	}
}

func (t *encoderTest) changeBitrate() {
	e, s := t.open(), t.scene(encoderSize())
	bytesAt := func(from int, bitrate capture.Bitrate) (n int) {
		t.Helper()
		if err := e.SetBitrate(bitrate); err != nil {
			t.Fatal(err)
		}
		for i := from; i < from+60; i++ {
			if au := t.encode(e, s.Frame(i, 0), false); au != nil {
				n += len(au.Payload)
				if au.Keyframe && i > 0 {
					t.Errorf("picture %d: a keyframe after the change to %v", i, bitrate)
				}
			}
		}
		return n
	}
	high := bytesAt(0, capture.Mbps)
	low := bytesAt(60, 200*capture.Kbps)
	again := bytesAt(120, capture.Mbps)
	if low > high/2 || again < 2*low {
		t.Errorf("bytes at 1M, 200k, 1M: %d, %d, %d", high, low, again)
	}
}

// strides encodes the same pictures from frames whose rows are longer.
func (t *encoderTest) strides() {
	s := t.scene(encoderSize())
	tight, loose := t.open(), t.open()
	for i := range 5 {
		a, b := t.encode(tight, s.Frame(i, 0), i == 0), t.encode(loose, s.Frame(i, 48), i == 0)
		if (a == nil) != (b == nil) || a != nil && !bytes.Equal(a.Payload, b.Payload) {
			t.Fatalf("picture %d differs with longer rows", i)
		}
	}
}

// keepsNothing overwrites each frame as soon as Encode returns.
func (t *encoderTest) keepsNothing() {
	s := t.scene(encoderSize())
	plain, reused := t.open(), t.open()
	for i := range 5 {
		f := s.Frame(i, 0)
		a, b := t.encode(plain, s.Frame(i, 0), i == 0), t.encode(reused, f, i == 0)
		for _, plane := range [][]byte{f.Y, f.U, f.V} {
			clear(plane)
		}
		if (a == nil) != (b == nil) || a != nil && !bytes.Equal(a.Payload, b.Payload) {
			t.Fatalf("picture %d differs when the frames before it were overwritten", i)
		}
	}
}

func (t *encoderTest) immutable() {
	e, s := t.open(), t.scene(encoderSize())
	first := t.encode(e, s.Frame(0, 0), true)
	before := bytes.Clone(first.Payload)
	for i := 1; i < 10; i++ {
		t.encode(e, s.Frame(i, 0), i == 5)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(before, first.Payload) {
		t.Error("the first payload changed")
	}
}

func (t *encoderTest) oddTimes() {
	e, s := t.open(), t.scene(encoderSize())
	for i, at := range []time.Duration{0, 0, time.Second, -time.Hour, -time.Hour, 0, 1000 * time.Hour, time.Nanosecond} {
		f := s.Frame(i, 0)
		f.Time = encoderStart().Add(at)
		t.encode(e, f, i == 4)
	}
	f := s.Frame(9, 0)
	f.Time = time.Time{}
	t.encode(e, f, false)
	t.wantKeyframe(e, s.Frame(10, 0), false)
}

func (t *encoderTest) badFrames() {
	e, s := t.open(), t.scene(encoderSize())
	t.encode(e, s.Frame(0, 0), false)
	for name, change := range map[string]func(*capture.Frame){
		"odd width":          func(f *capture.Frame) { f.Width-- },
		"odd height":         func(f *capture.Frame) { f.Height-- },
		"no size":            func(f *capture.Frame) { f.Size = capture.Size{} },
		"negative":           func(f *capture.Frame) { f.Height = -f.Height },
		"absurd":             func(f *capture.Frame) { f.Size = capture.Size{Width: 1 << 30, Height: 1 << 30} },
		"larger than planes": func(f *capture.Frame) { f.Height += 2 },
		"short chroma":       func(f *capture.Frame) { f.U = f.U[:len(f.U)-1] },
		"no planes":          func(f *capture.Frame) { f.Y, f.U, f.V = nil, nil, nil },
		"short stride":       func(f *capture.Frame) { f.YStride = 2 },
		"negative stride":    func(f *capture.Frame) { f.UVStride = -f.UVStride },
	} {
		f := s.Frame(1, 0)
		change(f)
		if au, err := e.Encode(f, true); err == nil || au != nil {
			t.Errorf("%s: got %v, %v, want an error", name, au, err)
		}
	}
	if au, err := e.Encode(nil, false); err == nil {
		t.Errorf("nil: got %v", au)
	}
	t.encode(e, s.Frame(2, 0), false)
}

func (t *encoderTest) badBitrates() {
	e, s := t.open(), t.scene(encoderSize())
	t.encode(e, s.Frame(0, 0), false)
	for _, bitrate := range []capture.Bitrate{0, -1, 1, 1e15} {
		if err := e.SetBitrate(bitrate); err == nil {
			t.Errorf("bitrate %v accepted", bitrate)
		}
	}
	t.wantKeyframe(e, s.Frame(1, 0), false)
}

func (t *encoderTest) afterClose() {
	e, s := t.open(), t.scene(encoderSize())
	t.encode(e, s.Frame(0, 0), false)
	t.checkClosed(e)
}

func (t *encoderTest) closedUnused() { t.checkClosed(t.open()) }

func (t *encoderTest) checkClosed(e capture.Encoder) {
	for range 2 {
		if err := e.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	if au, err := e.Encode(t.scene(encoderSize()).Frame(1, 0), true); !errors.Is(err, capture.ErrEncoderClosed) {
		t.Errorf("Encode: got %v, %v, want %v", au, err, capture.ErrEncoderClosed)
	}
	if err := e.SetBitrate(capture.Mbps); !errors.Is(err, capture.ErrEncoderClosed) {
		t.Errorf("SetBitrate: got %v, want %v", err, capture.ErrEncoderClosed)
	}
}
