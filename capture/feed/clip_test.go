package feed

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/capturetest"
)

func TestClipConformance(t *testing.T) {
	for kind, args := range kinds() {
		path := film(t, 0.4, args...)
		t.Run(kind, func(t *testing.T) {
			capturetest.CameraConformance(t, func(*testing.T) capture.Camera { return NewPath(path, testConfig()) })
		})
	}
}

// TestClipPace holds that a file is shown at its own rate, or at the one that
// is asked for, round after round, by a clock that does not drift.
func TestClipPace(t *testing.T) {
	a, b := jpegOf(t, testSize, 50), jpegOf(t, testSize, 200)
	for _, tt := range []struct {
		name, path string
		interval   time.Duration
		ys         []byte
	}{
		{"Y4M, its own", write(t, "a.y4m", y4mOf(t, 10, 1, 2, 3)), time.Second / 10, []byte{1, 2, 3}},
		{"Y4M, NTSC", write(t, "a.y4m", y4mOf(t, 30000.0/1001, 1, 2, 3)), time.Second * 1001 / 30000, []byte{1, 2, 3}},
		{"Y4M, without", write(t, "a.y4m", y4mOf(t, 0, 1, 2, 3)), time.Second / 25, []byte{1, 2, 3}},
		{"Y4M, half a picture at its end", write(t, "a.y4m", y4mOf(t, 10, 1, 2, 3)[:3*64*48]), time.Second / 10, []byte{1}},
		{"MJPEG", write(t, "a.mjpeg", a, b), time.Second / 25, []byte{50, 200}},
		{"one JPEG", write(t, "a.jpeg", a), time.Second / 25, []byte{50}},
		{"H.264", film(t, 0.4, kinds()["H264"]...), time.Second / 25, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := mustOpen(t, NewPath(tt.path, testConfig()))
				const n = 400
				begun := time.Now()
				ys, times := frames(t, r, n)
				if took, want := time.Since(begun), (n-1)*tt.interval; took < want-time.Microsecond || took > want+time.Millisecond {
					t.Errorf("%d pictures in %v, want %v", n, took, want)
				}
				for i, at := range times {
					if want := begun.Add(time.Duration(i) * tt.interval); at.Sub(want).Abs() > time.Millisecond {
						t.Fatalf("picture %d has the time %v, want %v", i, at, want)
					}
				}
				for i, y := range ys {
					if want := tt.ys[i%len(tt.ys)]; y != want {
						t.Fatalf("picture %d is %d, want %d", i, y, want)
					}
				}
			})
		})
	}
}

// TestClipLate holds that a reader that comes late misses what it is late for,
// and that one that comes far too late goes on from where it was.
func TestClipLate(t *testing.T) {
	ys := make([]byte, 100)
	for i := range ys {
		ys[i] = byte(100 + i)
	}
	path := write(t, "a.y4m", y4mOf(t, 10, ys...))
	synctest.Test(t, func(t *testing.T) {
		r := mustOpen(t, NewPath(path, testConfig()))
		begun := time.Now()
		frames(t, r, 1)
		<-time.After(550 * time.Millisecond)
		if got, times := frames(t, r, 2); !slices.Equal(got, []byte{105, 106}) || times[1].Sub(begun) != 600*time.Millisecond {
			t.Errorf("half a second late: %d, the last after %v", got, times[1].Sub(begun))
		}
		<-time.After(time.Hour)
		again := time.Now()
		got, times := frames(t, r, 2)
		if !slices.Equal(got, []byte{107, 108}) || times[0].Before(again) || time.Since(again) != 100*time.Millisecond {
			t.Errorf("an hour late: %d after %v", got, times[0].Sub(again))
		}
	})
}

func TestClipH264(t *testing.T) {
	path := film(t, 0.4, append(kinds()["H264"], "-bsf:v", "dump_extra=freq=e")...)
	synctest.Test(t, func(t *testing.T) {
		r := mustOpen(t, NewPath(path, testConfig()))
		for i := range uint64(30) {
			f, err := r.Read()
			if err != nil {
				t.Fatal(err)
			}
			c := f.Coded
			if c == nil || c.Codec != capture.H264 || c.Sequence != i+1 || c.RequestKeyframe != nil || f.Size != testSize {
				t.Fatalf("picture %d of %v: %+v", i, f.Size, c)
			}
			if first := i%10 == 0; hasSPS(c.Payload) != first {
				t.Errorf("picture %d: parameter sets %v", i, !first)
			}
			f.Release()
		}
		if want := (capture.Mode{Size: testSize, FrameRate: 25, Format: "H264"}); r.Mode() != want {
			t.Errorf("mode %v, want %v", r.Mode(), want)
		}
	})
}

// TestClipOfDamage holds that broken pictures are counted, and that a file of
// nothing else is an error and not a busy loop.
func TestClipOfDamage(t *testing.T) {
	good := jpegOf(t, testSize, 50)
	bad := append(bytes.Clone(good[:len(good)/3]), 0xff, 0xd9)
	synctest.Test(t, func(t *testing.T) {
		p := NewPath(write(t, "a", good, bad, bad, good), testConfig())
		frames(t, mustOpen(t, p), 7) // three rounds and a bit
		if p.Skipped() != 6 {
			t.Errorf("%d skipped, want 6", p.Skipped())
		}
	})
	for name, tt := range map[string]struct {
		data  []byte
		about string
	}{
		"all torn":         {bytes.Repeat(bad, 5), "has no whole picture"},
		"no picture in it": {[]byte("\xff\xd8\xff\xda\x00\x02\xff\xd9"), "60 in a row: broken picture"},
		"not to be helped": {jpegOf(t, capture.Size{Width: 16, Height: 16}, 1), "undecodable"},
		"half a picture":   {good[:len(good)-10], "has no whole picture"},
		"header alone":     {y4mOf(t, 10, 1)[:70], "has no whole picture"},
		"no keyframe":      {[]byte("\x00\x00\x00\x01\x09\x10\x00\x00\x00\x01\x41\xe0\x03\x00\x00\x00\x01\x41\xe0\x03"), "has no whole picture"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := mustOpen(t, NewPath(write(t, "a", tt.data), testConfig()))
				_, err := r.Read()
				wantError(t, err, "read a: ", tt.about)
			})
		})
	}
}

// TestClipReplaced holds that what a file has become shows with the next round.
func TestClipReplaced(t *testing.T) {
	path := write(t, "a", y4mOf(t, 10, 1, 2))
	synctest.Test(t, func(t *testing.T) {
		r := mustOpen(t, NewPath(path, testConfig()))
		frames(t, r, 1)
		if err := os.WriteFile(path, jpegOf(t, capture.Size{Width: 128, Height: 64}, 9), 0o600); err != nil {
			t.Fatal(err)
		}
		for r.Mode().Format != "MJPEG" {
			frames(t, r, 1)
		}
		frames(t, r, 1)
		if want := (capture.Size{Width: 128, Height: 64}); r.Mode().Size != want {
			t.Errorf("mode %v", r.Mode())
		}
		if err := os.Truncate(path, 0); err != nil {
			t.Fatal(err)
		}
		_, err := r.Read()
		for err == nil {
			_, err = r.Read()
		}
		wantError(t, err, "is empty")
	})
}

func TestPathErrors(t *testing.T) {
	for path, about := range map[string]string{
		filepath.Join(t.TempDir(), "missing"):    "open missing: no such file",
		t.TempDir():                              "neither a file nor a FIFO",
		"/dev/null":                              "open null: is neither",
		write(t, "empty"):                        "open empty: is empty",
		write(t, "text", []byte("hello, world")): `open text: begins with "hello, world": want Y4M`,
	} {
		_, err := NewPath(path, testConfig()).Open(t.Context())
		wantError(t, err, about)
	}
	if _, err := NewPath("missing", testConfig()).Open(t.Context()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v, want %v", err, os.ErrNotExist)
	}
}

// TestKeepsJPEGs: a file's, and a command's, while it is told to.
func TestKeepsJPEGs(t *testing.T) {
	cfg := testConfig()
	cfg.JPEG = bytes.Clone
	cfg.Undecoded = func(jpeg []byte) *capture.Frame { return capture.NewJPEGFrame(testSize, bytes.Clone(jpeg)) }
	a := jpegOf(t, testSize, 50)
	path := write(t, "a.mjpeg", a)
	for name, camera := range map[string]capture.Camera{
		"file": NewPath(path, cfg), "command": NewCommand("while cat "+path+"; do sleep 0.05; done", cfg),
	} {
		t.Run(name, func(t *testing.T) {
			r := mustOpen(t, camera)
			defer r.Close()
			var wanted capture.Parts
			r.(capture.JPEGKeeper).KeepJPEGs(func() capture.Parts { return wanted })
			for _, wanted = range []capture.Parts{capture.Planes, capture.Planes | capture.OwnJPEG, capture.OwnJPEG, capture.Planes} {
				keep := wanted&capture.OwnJPEG != 0
				f, err := r.Read()
				if err != nil {
					t.Fatal(err)
				}
				if bytes.Equal(f.JPEG, a) != keep || len(f.JPEG) > 0 != keep || (f.Y != nil) != (wanted&capture.Planes != 0) || f.Time.IsZero() {
					t.Errorf("wanted %v: JPEG of %d bytes, %d of luma, %v", wanted, len(f.JPEG), len(f.Y), f.Time)
				}
				f.Release()
			}
		})
	}
}
