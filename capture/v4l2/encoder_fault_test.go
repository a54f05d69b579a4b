package v4l2

import (
	"errors"
	"io/fs"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/capturetest"
	"github.com/pushcam/pushcam/capture/h264"
)

// encoderFilm feeds an encoder one picture after the other.
type encoderFilm struct {
	t     *testing.T
	e     *Encoder
	scene *capturetest.Scene
	at    int
}

func film(t *testing.T, f *fakeCodec) *encoderFilm {
	t.Helper()
	e, err := f.node(t).NewEncoder(capture.EncoderConfig{Bitrate: capture.Mbps, FrameRate: 30}, level31)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		f.check(t)
	})
	size := capture.Size{Width: 192, Height: 112}
	return &encoderFilm{t: t, e: e, scene: capturetest.NewScene(size, 30, time.Unix(1e9, 0))}
}

func (m *encoderFilm) next(force bool) (*capture.AccessUnit, error) {
	m.at++
	return m.e.Encode(m.scene.Frame(m.at-1, 0), force)
}

// TestEncoderSurvives: what a driver does to one picture that the next one
// makes good.
func TestEncoderSurvives(t *testing.T) {
	for _, c := range []struct {
		name   string
		script map[int]codecEvent // by number, 0 is the first
		// skips and keyframes are the pictures of ten that are missing, and
		// those that are keyframes beside the first.
		skips, keyframes []int
	}{
		{"rate control leaves out", map[int]codecEvent{3: swallowed, 5: swallowed}, []int{3, 5}, nil},
		{"rate control says so", map[int]codecEvent{3: emptied, 4: emptied}, []int{3, 4}, nil},
		// The same picture once more, and a keyframe because the chain is broken.
		{"flagged as broken", map[int]codecEvent{3: faulty}, nil, []int{3}},
		{"twice", map[int]codecEvent{3: faulty, 4: faulty}, nil, []int{3}},
		{"buffer too small", map[int]codecEvent{3: filled}, nil, []int{3}},
		{"the first is broken", map[int]codecEvent{0: faulty}, nil, nil},
		{"the first is left out", map[int]codecEvent{0: swallowed}, nil, nil},
		{"comes too late", map[int]codecEvent{3: delayed}, []int{3}, []int{4}},
		{"keeps what it has read", map[int]codecEvent{1: kept, 2: kept, 3: kept, 4: kept, 5: kept}, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFakeCodec()
				f.script = c.script
				m := film(t, f)
				keyframes, skips := 0, 0
				for i := range 10 {
					au, err := m.next(false)
					if err != nil {
						t.Fatalf("picture %d: %v", i, err)
					}
					wantSkip, wantKey := has(c.skips, i), i == 0 || has(c.keyframes, i)
					if (au == nil) != wantSkip {
						t.Fatalf("picture %d: got %v, want skipped %v", i, au, wantSkip)
					}
					if au == nil {
						skips++
						continue
					}
					if au.Keyframe != wantKey {
						t.Errorf("picture %d: keyframe %v, want %v", i, au.Keyframe, wantKey)
					}
					if au.Keyframe {
						keyframes++
					}
					if _, _, err := capturetest.Picture(capture.H264, au.Payload); err != nil {
						t.Errorf("picture %d: %v", i, err)
					}
				}
				if keyframes != 1+len(c.keyframes) || skips != len(c.skips) {
					t.Errorf("%d keyframes, %d skipped", keyframes, skips)
				}
			})
		})
	}
}

func has(list []int, n int) bool {
	for _, v := range list {
		if v == n {
			return true
		}
	}
	return false
}

// TestEncoderFails: what ends an encoder, how soon, and with what words.
func TestEncoderFails(t *testing.T) {
	always := func(e codecEvent) map[int]codecEvent {
		script := map[int]codecEvent{}
		for i := 2; i < 200; i++ {
			script[i] = e
		}
		return script
	}
	for _, c := range []struct {
		name   string
		change func(*fakeCodec)
		after  int // pictures that come
		is     error
		want   string
		within time.Duration
	}{
		{"never delivers", func(f *fakeCodec) { f.script = map[int]codecEvent{0: never} }, 0, ErrEncoderStalled, "hangs", 2 * time.Second},
		{"stalls", func(f *fakeCodec) { f.script = map[int]codecEvent{2: never} }, 2, ErrEncoderStalled, "hangs", 500 * time.Millisecond},
		{"only reads", func(f *fakeCodec) { f.script = always(swallowed) }, 2, ErrEncoderStalled, "gives none back", 2 * time.Second},
		{"mostly only reads", func(f *fakeCodec) {
			f.script = always(swallowed)
			for i := 2; i < 200; i += 3 {
				f.script[i] = good
			}
		}, 3, ErrEncoderStalled, "gives none back", 3 * time.Second},
		{"always broken", func(f *fakeCodec) { f.script = always(faulty) }, 2, nil, "no keyframe in 4 attempts", time.Second},
		{"vanishes", func(f *fakeCodec) { f.script = map[int]codecEvent{2: vanished} }, 2, syscall.ENODEV, "", time.Second},
		{"crashes", func(f *fakeCodec) { f.script = map[int]codecEvent{2: crashed} }, 2, syscall.EIO, "", time.Second},
		{"says it was the last", func(f *fakeCodec) { f.script = map[int]codecEvent{2: lastOne} }, 2, syscall.EPIPE, "no more pictures", time.Second},
		{"more bytes than memory", func(f *fakeCodec) { f.script = map[int]codecEvent{2: overlong} }, 2, nil, "of a buffer of", time.Second},
		{"the time of no picture", func(f *fakeCodec) { f.script = map[int]codecEvent{2: future} }, 2, syscall.EIO, "returns the picture of", time.Second},
		{"noise", func(f *fakeCodec) { f.script = always(noise) }, 2, ErrEncoderStalled, "", 2 * time.Second},
		{"in use", func(f *fakeCodec) { f.busy = syscall.EBUSY }, 0, syscall.EBUSY, "another program uses it", time.Second},
		{"no permission", func(f *fakeCodec) { f.busy = syscall.EACCES }, 0, fs.ErrPermission, "usermod -aG video", time.Second},
		{"no memory", func(f *fakeCodec) { f.refuse[requestBuffers] = syscall.ENOMEM }, 0, syscall.ENOMEM, "cma=", time.Second},
		{"refuses to start", func(f *fakeCodec) { f.refuse[requestStart] = syscall.EINVAL }, 0, syscall.EINVAL, "STREAMON", time.Second},
		{"another size", func(f *fakeCodec) { f.wrongSize = true }, 0, nil, "driver makes", time.Second},
		{"does not crop", func(f *fakeCodec) { f.uncropped, f.rows = true, 64 }, 0, syscall.ENOTTY, "does not crop", time.Second},
		{"no bitrate", func(f *fakeCodec) { delete(f.controls, controlBitrate) }, 0, errNoControl, "set bitrate", time.Second},
		{"no constrained baseline", func(f *fakeCodec) { delete(f.controls, controlProfile) }, 0, nil, "want baseline", time.Second},
		{"a level too low", func(f *fakeCodec) { f.controls[controlLevel] = fakeRange{capture.ControlMenu, 0, 8, 8, 1} }, 0, nil, "level 3.1", time.Second},
		{"too small", func(f *fakeCodec) { f.largest = capture.Size{Width: 160, Height: 120} }, 0, nil, "takes pictures of 16x16 to 160x120", time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFakeCodec()
				n := f.node(t)
				c.change(f)
				n.Largest = f.largest
				e, err := n.NewEncoder(capture.EncoderConfig{Bitrate: capture.Mbps, FrameRate: 30}, level31)
				if err != nil {
					t.Fatal(err)
				}
				defer f.check(t)
				defer e.Close()
				m := &encoderFilm{t: t, e: e, scene: capturetest.NewScene(capture.Size{Width: 192, Height: 112}, 30, time.Unix(1e9, 0))}
				for i := range c.after {
					if au, err := m.next(false); au == nil || err != nil {
						t.Fatalf("picture %d: %v, %v", i, au, err)
					}
				}
				began := time.Now()
				for range 100 {
					if _, err = m.next(false); err != nil {
						break
					}
				}
				if err == nil || c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.want) {
					t.Errorf("got %v, want %v with %q", err, c.is, c.want)
				}
				if took := time.Since(began); took > c.within {
					t.Errorf("took %v, want at most %v", took, c.within)
				}
				if _, again := m.next(true); again == nil || again.Error() != err.Error() {
					t.Errorf("after the failure: %v, want %v", again, err)
				}
			})
		})
	}
}

// TestEncoderUnforceable: a forced keyframe that does not come is an error, not
// a picture that viewers cannot use.
func TestEncoderUnforceable(t *testing.T) {
	f := newFakeCodec()
	m := film(t, f)
	if _, err := m.next(true); err != nil {
		t.Fatal(err)
	}
	f.mu.Lock()
	f.deaf = true
	f.mu.Unlock()
	if au, err := m.next(true); err == nil || !strings.Contains(err.Error(), "no keyframe") {
		t.Errorf("got %v, %v", au, err)
	}
}

// TestEncoderKeepsThePace: the device is told the real rate once it is known,
// not at every picture.
func TestEncoderKeepsThePace(t *testing.T) {
	for name, fixed := range map[string]bool{"rate that is told": false, "rate that stays": true} {
		t.Run(name, func(t *testing.T) {
			f := newFakeCodec()
			f.fixedRate = fixed
			m := film(t, f)
			m.scene = capturetest.NewScene(capture.Size{Width: 192, Height: 112}, 15, time.Unix(1e9, 0))
			for range 60 {
				if _, err := m.next(false); err != nil {
					t.Fatal(err)
				}
			}
			f.mu.Lock()
			defer f.mu.Unlock()
			if f.intervals > 3 || f.bitrates > 20 {
				t.Errorf("told %d intervals and %d bitrates in 60 pictures", f.intervals, f.bitrates)
			}
			if f.files != 1 {
				t.Errorf("opened %d times", f.files)
			}
		})
	}
}

// TestEncoderLevel: a bitrate beyond the level in the stream starts a new one.
func TestEncoderLevel(t *testing.T) {
	f := newFakeCodec()
	m := film(t, f)
	m.e.level = func(_ capture.Size, _ float64, b capture.Bitrate) (int, error) {
		if b > 14*capture.Mbps {
			return 32, nil
		}
		return 31, nil
	}
	for i, c := range []struct {
		bitrate  capture.Bitrate
		keyframe bool
		files    int
	}{{capture.Mbps, true, 1}, {14 * capture.Mbps, false, 1}, {16 * capture.Mbps, true, 2}, {capture.Mbps, false, 2}} {
		if err := m.e.SetBitrate(c.bitrate); err != nil {
			t.Fatal(err)
		}
		au, err := m.next(false)
		if err != nil {
			t.Fatal(err)
		}
		if au.Keyframe != c.keyframe || f.files != c.files {
			t.Errorf("step %d: keyframe %v, opened %d times; want %v, %d times", i, au.Keyframe, f.files, c.keyframe, c.files)
		}
	}
}

// TestEncoderAnnounces: what the SPS says is what the SDP says and libx264's
// SPS does, whatever the driver wrote.
func TestEncoderAnnounces(t *testing.T) {
	for name, codec := range codecs() {
		t.Run(name, func(t *testing.T) {
			m := film(t, codec())
			au, err := m.next(false)
			if err != nil {
				t.Fatal(err)
			}
			var sets h264.ParameterSets
			sets.Add(au.Payload)
			sps, ok := sets.SPS()
			if !ok || sps.VUI == nil || sps.ProfileLevelID() != "42e01f" {
				t.Fatalf("SPS %+v", sps)
			}
			if v := sps.VUI; v.Matrix != 6 || v.FullRange || !v.Restricted || v.ReorderFrames != 0 {
				t.Errorf("VUI %+v", *v)
			}
		})
	}
}
