package capturetest

import (
	"errors"
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/h264"
)

// CodedScene makes Frames that a camera encoded itself: a keyframe when it is
// asked for, whose payload has SPS and PPS, else a picture that needs the one
// before. One goroutine uses it.
type CodedScene struct {
	// RequestKeyframe goes into each Frame.
	RequestKeyframe func() error

	size    capture.Size
	encoder *FakeEncoder
	stream  h264.Stream
	count   int
}

// NewCodedScene returns one of pictures of this size, 30 per second.
func NewCodedScene(tb testing.TB, size capture.Size) *CodedScene {
	tb.Helper()
	e, err := NewFakeEncoder(capture.H264, capture.EncoderConfig{Bitrate: capture.Mbps, FrameRate: encoderRate})
	if err != nil {
		tb.Fatal(err)
	}
	s := &CodedScene{size: size, encoder: e}
	s.next(true) // the SPS is known from here on
	return s
}

// Key returns a keyframe.
func (s *CodedScene) Key() *capture.Frame { return s.next(true) }

// Delta returns a picture that needs the one before.
func (s *CodedScene) Delta() *capture.Frame { return s.next(false) }

// Lose leaves pictures out.
func (s *CodedScene) Lose() { s.stream.Lost() }

func (s *CodedScene) next(key bool) *capture.Frame {
	raw := capture.NewFrame(s.size)
	raw.Time = encoderStart().Add(time.Duration(s.count) * time.Second / encoderRate)
	s.count++
	au, err := s.encoder.Encode(raw, key)
	if err != nil {
		panic(err) // a bug of the fake's
	}
	s.stream.RequestKeyframe = s.RequestKeyframe
	return s.stream.Frame(au.Payload, raw.Time)
}

// CodedConformance checks an H264 Encoder that takes Frames coded by a camera,
// and Frames with planes, too.
func CodedConformance(t *testing.T, newEncoder NewEncoder) {
	tests := []struct {
		name string
		test func(*codedTest)
	}{
		{"passes on, uncopied", (*codedTest).passesOn},
		{"starts with a keyframe", (*codedTest).starts},
		{"waits for a keyframe after a hole", (*codedTest).hole},
		{"asks the camera", (*codedTest).asks},
		{"a camera that cannot be asked", (*codedTest).mute},
		{"a change of size", (*codedTest).changeSize},
		{"planes in between", (*codedTest).planes},
		{"another codec", (*codedTest).otherCodec},
		{"rubbish", (*codedTest).rubbish},
		{"closed", (*codedTest).afterClose},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := &encoderTest{T: t, codec: capture.H264, newEncoder: newEncoder}
			tt.test(&codedTest{encoderTest: e, scene: NewCodedScene(t, encoderSize()), encoder: e.open()})
		})
	}
}

type codedTest struct {
	*encoderTest
	scene   *CodedScene
	encoder capture.Encoder
}

// want encodes f and checks whether a picture comes out.
func (t *codedTest) want(f *capture.Frame, force, passed bool) *capture.AccessUnit {
	t.Helper()
	au, err := t.encoder.Encode(f, force)
	if err != nil {
		t.Fatalf("Encode: %v", err)
	}
	if (au != nil) != passed {
		t.Fatalf("passed on: %v, want %v", au != nil, passed)
	}
	if au == nil {
		return nil
	}
	if au.Codec != capture.H264 || au.Size != f.Size || !au.Time.Equal(f.Time) {
		t.Errorf("got %v %v of %v, want %v of %v", au.Codec, au.Size, au.Time, f.Size, f.Time)
	}
	keyframe, size, err := Picture(au.Codec, au.Payload)
	if err != nil || keyframe != au.Keyframe || keyframe && size != f.Size {
		t.Errorf("payload: keyframe %v of %v (%v); AccessUnit: %v of %v", keyframe, size, err, au.Keyframe, f.Size)
	}
	return au
}

func (t *codedTest) passesOn() {
	for i := range 20 {
		f := t.scene.Delta()
		if i%10 == 0 {
			f = t.scene.Key()
		}
		au := t.want(f, false, true)
		if au.Keyframe != (i%10 == 0) || &au.Payload[0] != &f.Coded.Payload[0] || len(au.Payload) != len(f.Coded.Payload) {
			t.Errorf("picture %d: keyframe %v; payload of %d bytes, of %d", i, au.Keyframe, len(au.Payload), len(f.Coded.Payload))
		}
	}
}

func (t *codedTest) starts() {
	t.want(t.scene.Delta(), false, false)
	t.want(t.scene.Delta(), true, false)
	t.want(t.scene.Key(), false, true)
	t.want(t.scene.Delta(), false, true)
}

func (t *codedTest) hole() {
	t.want(t.scene.Key(), false, true)
	t.scene.Lose()
	t.want(t.scene.Delta(), false, false)
	t.want(t.scene.Delta(), false, false)
	t.want(t.scene.Key(), false, true)
	t.scene.Lose()
	t.want(t.scene.Key(), false, true)
	t.want(t.scene.Delta(), false, true)
}

func (t *codedTest) asks() {
	asked := make(chan struct{}, 100)
	t.scene.RequestKeyframe = func() error {
		asked <- struct{}{}
		return nil
	}
	t.want(t.scene.Key(), false, true)
	for range encoderRate / 2 { // half a second, in which all viewers keep asking
		t.want(t.scene.Delta(), true, true)
	}
	<-asked
	t.want(t.scene.Key(), true, true)
	if err := t.encoder.Close(); err != nil {
		t.Fatal(err)
	}
	if n := len(asked); n > 0 {
		t.Errorf("asked %d times more in half a second", n)
	}
}

// mute: what is asked for in vain does not keep pictures back.
func (t *codedTest) mute() {
	t.want(t.scene.Key(), false, true)
	t.want(t.scene.Delta(), true, true)
	t.scene.RequestKeyframe = func() error { return errors.New("the camera does not like that") }
	for range 10 * encoderRate {
		t.want(t.scene.Delta(), true, true)
	}
}

func (t *codedTest) changeSize() {
	t.want(t.scene.Key(), false, true)
	other := NewCodedScene(t, capture.Size{Width: 320, Height: 180})
	t.want(other.Key(), false, true)
	t.want(other.Delta(), false, true)
}

func (t *codedTest) planes() {
	scene := t.encoderTest.scene(encoderSize())
	for range 2 {
		t.want(t.scene.Key(), false, true)
		t.want(t.scene.Delta(), false, true)
		t.wantKeyframe(t.encoder, scene.Frame(0, 0), true)
		t.wantKeyframe(t.encoder, scene.Frame(1, 0), false)
		t.encode(t.encoder, scene.Frame(2, 0), true)
		t.want(t.scene.Delta(), false, false)
	}
}

func (t *codedTest) otherCodec() {
	f := capture.NewCodedFrame(encoderSize(), &capture.Coded{Codec: capture.VP8, Payload: []byte{1, 2, 3}}, encoderStart())
	if au, err := t.encoder.Encode(f, false); err == nil || au != nil {
		t.Errorf("got %v, %v, want an error", au, err)
	}
}

func (t *codedTest) rubbish() {
	t.want(t.scene.Key(), false, true)
	for _, payload := range [][]byte{nil, {0}, {0, 0, 1}, {0, 0, 1, 9, 16}, {1, 2, 3}, {0, 0, 1, 0x67, 0x42}} {
		f := t.scene.Delta()
		f.Coded.Payload = payload
		t.want(f, true, false)
	}
	t.want(t.scene.Key(), false, true)
}

func (t *codedTest) afterClose() {
	t.want(t.scene.Key(), false, true)
	if err := t.encoder.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if au, err := t.encoder.Encode(t.scene.Key(), false); !errors.Is(err, capture.ErrEncoderClosed) {
		t.Errorf("Encode: got %v, %v, want %v", au, err, capture.ErrEncoderClosed)
	}
}
