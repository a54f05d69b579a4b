package passthrough

import (
	"bytes"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/capturetest"
)

var size = capture.Size{Width: 192, Height: 112}

func fake(config capture.EncoderConfig) (capture.Encoder, error) {
	return capturetest.NewFakeEncoder(capture.H264, config)
}

func TestConformance(t *testing.T) {
	capturetest.EncoderConformance(t, capture.H264, capturetest.NewEncoder(New(fake)))
	capturetest.CodedConformance(t, capturetest.NewEncoder(New(fake)))
}

func open(t *testing.T, raw capture.NewEncoderFunc) capture.Encoder {
	t.Helper()
	e, err := New(raw)(capture.EncoderConfig{Bitrate: capture.Mbps, FrameRate: 30})
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

// TestRawEncoder follows the life of the encoder of planes.
func TestRawEncoder(t *testing.T) {
	var made []*capturetest.FakeEncoder
	broken := error(nil)
	e := open(t, func(config capture.EncoderConfig) (capture.Encoder, error) {
		if broken != nil {
			return nil, broken
		}
		raw, err := capturetest.NewFakeEncoder(capture.H264, config)
		made = append(made, raw)
		return raw, err
	})
	scene, slate := capturetest.NewCodedScene(t, size), capture.NewFrame(size)
	encode := func(f *capture.Frame) {
		t.Helper()
		if _, err := e.Encode(f, false); err != nil {
			t.Fatal(err)
		}
	}
	encode(scene.Key())
	if len(made) != 0 {
		t.Error("an encoder for a camera that needs none")
	}
	if err := e.SetBitrate(300 * capture.Kbps); err != nil {
		t.Fatal(err)
	}
	encode(slate)
	encode(slate)
	if len(made) != 1 || made[0].State().Bitrate != 300*capture.Kbps {
		t.Fatalf("%d encoders for planes", len(made))
	}
	if err := e.SetBitrate(400 * capture.Kbps); err != nil || made[0].State().Bitrate != 400*capture.Kbps {
		t.Errorf("bitrate %v, %v", made[0].State().Bitrate, err)
	}
	encode(scene.Key())
	if !made[0].State().Closed {
		t.Error("the encoder of planes stays open when the camera encodes again")
	}
	broken = errors.New("out of luck")
	if _, err := e.Encode(slate, false); !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
	broken = nil
	encode(slate)
	if err := e.Close(); err != nil || !made[len(made)-1].State().Closed {
		t.Errorf("closed with %v, the encoder of planes: %v", err, made[len(made)-1].State().Closed)
	}
	if _, err := open(t, nil).Encode(slate, false); err == nil {
		t.Error("planes without an encoder are accepted")
	}
}

// TestRequests holds how often a camera that does nothing is asked.
func TestRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, scene := open(t, fake), capturetest.NewCodedScene(t, size)
		start, asked := scene.Key().Time, []time.Duration(nil)
		var now time.Time
		scene.RequestKeyframe = func() error {
			asked = append(asked, now.Sub(start).Round(time.Second))
			return errors.New("no")
		}
		play := func(f *capture.Frame) {
			t.Helper()
			now = f.Time
			if _, err := e.Encode(f, false); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		for range 30 * 30 { // half a minute without a keyframe
			play(scene.Delta())
		}
		want := []time.Duration{0, time.Second, 3 * time.Second, 7 * time.Second, 15 * time.Second, 23 * time.Second}
		if len(asked) != len(want) {
			t.Fatalf("asked at %v, want %v", asked, want)
		}
		for i := range want {
			if asked[i] != want[i] {
				t.Fatalf("asked at %v, want %v", asked, want)
			}
		}
		asked = nil
		for range 10 * 5 { // five seconds in which a picture is lost every 0.2 s
			play(scene.Key())
			scene.Lose()
			for range 5 {
				play(scene.Delta())
			}
		}
		if len(asked) < 5 || len(asked) > 11 {
			t.Errorf("asked %d times in ten seconds, want once a second", len(asked))
		}
	})
}

// TestSlowRequest: a camera that takes long to be asked holds nothing up, and is
// not asked twice at a time.
func TestSlowRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, scene := open(t, fake), capturetest.NewCodedScene(t, size)
		calls, answer := 0, make(chan struct{})
		scene.RequestKeyframe = func() error {
			calls++
			<-answer
			return nil
		}
		if _, err := e.Encode(scene.Key(), false); err != nil {
			t.Fatal(err)
		}
		for range 300 {
			if au, err := e.Encode(scene.Delta(), true); au == nil || err != nil {
				t.Fatalf("held up: %v, %v", au, err)
			}
		}
		synctest.Wait()
		if calls != 1 {
			t.Errorf("asked %d times at once", calls)
		}
		close(answer)
	})
}

func TestTrim(t *testing.T) {
	sps, pps := "\x67\x42\xe0\x1f", "\x68\xce"
	idr, p, aud, sei, filler := "\x65\xb8\x01", "\x41\xe0\x02", "\x09\x10", "\x06\x05\x01\x80", "\x0c\xff\x80"
	const long, short = "\x00\x00\x00\x01", "\x00\x00\x01"
	for _, tt := range []struct {
		name, unit, want string
		keyframe         bool
	}{
		{"as it is", long + p, long + p, false},
		{"short start code", short + p, short + p, false},
		{"delimiter", long + aud + long + p, long + p, false},
		{"delimiter and short start codes", short + aud + short + p, short + p, false},
		{"SEI of a picture", long + aud + short + sei + long + p, long + p, false},
		{"filler", long + p + long + filler + short + filler, long + p, false},
		{"zeros", "\x00\x00" + long + p + "\x00\x00\x00", long + p, false},
		{"slices", long + p + short + p, long + p + short + p, false},
		{"keyframe", long + aud + long + sps + long + pps + long + sei + short + idr, long + sps + long + pps + long + sei + short + idr, true},
		{"keyframe without an SPS", long + pps + long + idr, long + pps + long + idr, false},
		{"no slice", long + sps + long + pps, "", false},
		{"nothing", "", "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			// In the middle of other memory, as it may be.
			memory := []byte("\x00\x01" + tt.unit + "\x00\x00\x01\x65\x88")
			unit := memory[2 : 2+len(tt.unit)]
			got, keyframe := trim(unit)
			if !bytes.Equal(got, []byte(tt.want)) || keyframe != tt.keyframe {
				t.Errorf("got %x, keyframe %v; want %x, %v", got, keyframe, tt.want, tt.keyframe)
			}
			if len(got) != cap(got) {
				t.Error("what follows can be appended to")
			}
		})
	}
}

// TestLayers are those of the encoder of planes.
func TestLayers(t *testing.T) {
	e := open(t, fake).(capture.LayeredEncoder)
	scene, slate := capturetest.NewCodedScene(t, size), capture.NewFrame(size)
	for i, step := range []struct {
		layered bool
		frame   *capture.Frame
		layer   uint8
	}{{true, scene.Key(), 0}, {true, slate, 0}, {true, slate, 2}, {true, scene.Key(), 0}, {false, slate, 0}, {false, slate, 0}, {true, slate, 0}, {true, slate, 2}, {true, scene.Key(), 0}, {true, scene.Delta(), 0}} {
		e.SetLayered(step.layered)
		au, err := e.Encode(step.frame, false)
		if err != nil || au.Layer != step.layer {
			t.Errorf("picture %d: not in layer %d (%v)", i, step.layer, err)
		}
	}
}
