package capturetest

import (
	"errors"
	"testing"

	"github.com/pushcam/pushcam/capture"
)

func TestFakeEncoder(t *testing.T) {
	for _, codec := range capture.Codecs() {
		t.Run(codec.String(), func(t *testing.T) {
			fake := func(config capture.EncoderConfig) (capture.Encoder, error) { return NewFakeEncoder(codec, config) }
			EncoderConformance(t, codec, fake)
			t.Run("layers", func(t *testing.T) { EncoderConformance(t, codec, Layered(t, fake)) })
		})
	}
	if _, err := NewFakeEncoder(capture.NoCodec, capture.EncoderConfig{Bitrate: capture.Mbps, FrameRate: 30}); err == nil {
		t.Error("a fake encoder of no codec")
	}
}

func TestFakeEncoderScript(t *testing.T) {
	for _, codec := range capture.Codecs() {
		t.Run(codec.String(), func(t *testing.T) {
			e, err := NewFakeEncoder(codec, capture.EncoderConfig{Bitrate: capture.Mbps, FrameRate: 30})
			if err != nil {
				t.Fatal(err)
			}
			f := capture.NewFrame(capture.Size{Width: 1920, Height: 1080})
			for want := uint32(1); want < 300; want++ {
				au, err := e.Encode(f, want%7 == 0)
				if err != nil {
					t.Fatal(err)
				}
				if got, err := FakeNumber(au.Payload); got != want || err != nil {
					t.Fatalf("picture %d says %d, %v", want, got, err)
				}
			}
			e.Skip(1)
			if au, err := e.Encode(f, false); au != nil || err != nil {
				t.Errorf("skipped: got %v, %v", au, err)
			}
			broken := errors.New("broken")
			e.Fail(broken)
			if _, err := e.Encode(f, false); !errors.Is(err, broken) {
				t.Errorf("failing: got %v", err)
			}
			e.Fail(nil)
			if _, err := e.Encode(f, true); err != nil {
				t.Errorf("failing no longer: got %v", err)
			}
			want := FakeEncoderState{Pictures: 300, Forced: 43, Bitrate: capture.Mbps, Size: f.Size}
			if got := e.State(); got != want {
				t.Errorf("state %+v, want %+v", got, want)
			}
		})
	}
}

func TestPictureRejects(t *testing.T) {
	config := capture.EncoderConfig{Bitrate: capture.Mbps, FrameRate: 30}
	f := capture.NewFrame(capture.Size{Width: 64, Height: 64})
	for _, codec := range capture.Codecs() {
		e, err := NewFakeEncoder(codec, config)
		if err != nil {
			t.Fatal(err)
		}
		au, err := e.Encode(f, true)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range []int{0, 1, 3, 8} {
			if _, _, err := Picture(codec, au.Payload[:n]); err == nil {
				t.Errorf("%v: %d bytes pass for a picture", codec, n)
			}
		}
	}
	idr := []byte{0, 0, 1, 0x65, 0x88, 0x80}
	if _, _, err := Picture(capture.H264, idr); err == nil {
		t.Error("an IDR picture without parameter sets passes")
	}
	if _, _, err := Picture(capture.NoCodec, idr); err == nil {
		t.Error("a picture of no codec passes")
	}
}

func FuzzPicture(f *testing.F) {
	for _, codec := range capture.Codecs() {
		e, err := NewFakeEncoder(codec, capture.EncoderConfig{Bitrate: capture.Mbps, FrameRate: 240})
		if err != nil {
			f.Fatal(err)
		}
		au, err := e.Encode(capture.NewFrame(capture.Size{Width: 64, Height: 64}), true)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint8(codec), au.Payload)
	}
	f.Add(uint8(capture.H264), []byte{0, 0, 1, 0x67, 0x42, 0xe0})
	f.Fuzz(func(_ *testing.T, codec uint8, payload []byte) {
		_, _, _ = Picture(capture.Codec(codec), payload)
	})
}
