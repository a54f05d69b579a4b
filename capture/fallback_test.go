package capture_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/capturetest"
)

// fallbackBench is a Fallback of two fakes.
type fallbackBench struct {
	capture.Fallback
	made   []string
	failed []error
	refuse error // First is not made
	first  *capturetest.FakeEncoder
	close  func() error // of First's
}

func newFallbackBench() *fallbackBench {
	b := &fallbackBench{}
	b.First = func(c capture.EncoderConfig) (capture.Encoder, error) {
		b.made = append(b.made, "first")
		if b.refuse != nil {
			return nil, b.refuse
		}
		e, err := capturetest.NewFakeEncoder(capture.H264, c)
		b.first = e
		return &slowClose{e, b}, err
	}
	b.Then = func(c capture.EncoderConfig) (capture.Encoder, error) {
		b.made = append(b.made, fmt.Sprintf("then %v", c.Bitrate))
		return capturetest.NewFakeEncoder(capture.H264, c)
	}
	b.Retry = 10 * time.Minute
	b.Failed = func(err error) { b.failed = append(b.failed, err) }
	return b
}

type slowClose struct {
	*capturetest.FakeEncoder
	bench *fallbackBench
}

func (s *slowClose) Close() error {
	if s.bench.close != nil {
		return s.bench.close()
	}
	return s.FakeEncoder.Close()
}

func (b *fallbackBench) open(t *testing.T) capture.Encoder {
	t.Helper()
	e, err := b.New(capture.EncoderConfig{Bitrate: capture.Mbps, FrameRate: 30})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func (b *fallbackBench) expect(t *testing.T, failures int, made ...string) {
	t.Helper()
	if len(b.failed) != failures || !slices.Equal(b.made, made) {
		t.Errorf("%d failures %v, made %v; want %d, %v", len(b.failed), b.failed, b.made, failures, made)
	}
}

// encode returns what e makes of a picture.
func encodeOne(t *testing.T, e capture.Encoder) *capture.AccessUnit {
	t.Helper()
	au, err := e.Encode(capture.NewFrame(capture.Size{Width: 64, Height: 48}), false)
	if err != nil {
		t.Fatal(err)
	}
	return au
}

func TestFallbackConformance(t *testing.T) {
	for name, broken := range map[string]bool{"first works": false, "first fails": true} {
		t.Run(name, func(t *testing.T) {
			b := newFallbackBench()
			if broken {
				first := b.First
				b.First = func(c capture.EncoderConfig) (capture.Encoder, error) {
					e, err := first(c)
					if err == nil {
						b.first.Fail(errors.New("broken"))
					}
					return e, err
				}
			}
			b.Retry = 0
			capturetest.EncoderConformance(t, capture.H264, b.New)
		})
	}
}

func TestFallbackGoesOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFallbackBench()
		e := b.open(t)
		if au := encodeOne(t, e); !au.Keyframe {
			t.Error("the first picture is no keyframe")
		}
		if err := e.SetBitrate(800 * capture.Kbps); err != nil {
			t.Fatal(err)
		}
		if encodeOne(t, e).Keyframe {
			t.Error("a keyframe for a new bitrate")
		}
		b.expect(t, 0, "first")

		broken := errors.New("broken")
		b.first.Fail(broken)
		// What hangs may hang at closing, too: nobody waits for that but Close.
		released := make(chan struct{})
		b.close = func() error { <-released; return broken }
		if au := encodeOne(t, e); au == nil || !au.Keyframe {
			t.Error("the picture at which it failed is no keyframe")
		}
		if encodeOne(t, e).Keyframe {
			t.Error("a second keyframe")
		}
		if len(b.failed) != 1 || !errors.Is(b.failed[0], broken) {
			t.Errorf("told of %v, want once of %v", b.failed, broken)
		}
		b.expect(t, 1, "first", "then 800k")
		go close(released)
		for range 2 {
			if err := e.Close(); err != nil {
				t.Error(err)
			}
		}
		<-released
	})
}

func TestFallbackTriesAgainLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFallbackBench()
		b.refuse = errors.New("busy")
		for range 3 {
			e := b.open(t)
			encodeOne(t, e)
			_ = e.Close()
		}
		b.expect(t, 1, "first", "then 1M", "then 1M", "then 1M")
		b.refuse = nil
		<-time.After(b.Retry)
		e := b.open(t)
		encodeOne(t, e)
		b.expect(t, 1, "first", "then 1M", "then 1M", "then 1M", "first")
		_ = e.Close()
	})
}

// TestFallbackForOneOfTwo: hardware that encodes one size at a time goes on with
// that one, also after a change of its settings.
func TestFallbackForOneOfTwo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFallbackBench()
		full := b.open(t)
		encodeOne(t, full)
		half := b.open(t)
		b.first.Fail(errors.New("busy"))
		encodeOne(t, half)
		another := b.open(t)
		encodeOne(t, another)
		b.expect(t, 1, "first", "first", "then 1M", "then 1M")
		_ = full.Close()
		full = b.open(t)
		encodeOne(t, full)
		b.expect(t, 1, "first", "first", "then 1M", "then 1M", "first")
		b.first.Fail(errors.New("broken"))
		encodeOne(t, full)
		_ = full.Close()
		full = b.open(t)
		b.expect(t, 2, "first", "first", "then 1M", "then 1M", "first", "then 1M", "then 1M")
		_, _, _ = full.Close(), half.Close(), another.Close()
	})
}

func TestFallbackBlamesWhoFailed(t *testing.T) {
	b := newFallbackBench()
	e := b.open(t)
	defer e.Close()
	if _, err := e.Encode(capture.NewFrame(capture.Size{Width: 63, Height: 48}), false); err == nil || !strings.Contains(err.Error(), "even width") {
		t.Errorf("odd picture: %v", err)
	}
	if err := e.SetBitrate(1); err == nil {
		t.Error("bitrate 1 accepted")
	}
	b.expect(t, 0, "first")
}

func TestFallbackWithoutHelp(t *testing.T) {
	b := newFallbackBench()
	none := errors.New("none")
	b.Then = func(capture.EncoderConfig) (capture.Encoder, error) { return nil, none }
	e := b.open(t)
	b.first.Fail(errors.New("broken"))
	for range 2 {
		if au, err := e.Encode(capture.NewFrame(capture.Size{Width: 64, Height: 48}), false); !errors.Is(err, none) {
			t.Errorf("got %v, %v, want %v", au, err, none)
		}
	}
	b.expect(t, 1, "first")
	if err := e.Close(); err != nil {
		t.Error(err)
	}
}

// TestFallbackLayers are those of the encoder that is in use.
func TestFallbackLayers(t *testing.T) {
	b := newFallbackBench()
	e := b.open(t)
	defer e.Close()
	e.(capture.LayeredEncoder).SetLayered(true)
	for i, want := range []uint8{0, 2, 0, 2, 1} {
		if i == 2 {
			b.first.Fail(errors.New("broken"))
		}
		if au := encodeOne(t, e); au.Layer != want || au.Keyframe != (i == 0 || i == 2) {
			t.Errorf("picture %d: keyframe %v, layer %d, want %d", i, au.Keyframe, au.Layer, want)
		}
	}
	b.expect(t, 1, "first", "then 1M")
}
