package camera

import (
	"errors"
	"image"
	"io"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/mediadevices/pkg/frame"
	"github.com/pion/mediadevices/pkg/prop"
	"go.uber.org/goleak"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/capturetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestConformance(t *testing.T) {
	for name, change := range map[string]func(*fakeDevice){
		"plain":      func(*fakeDevice) {},
		"slow close": func(d *fakeDevice) { d.closeDelay = 5 * time.Second },
		"corrupt": func(d *fakeDevice) {
			d.picture = func(p prop.Media, n int) (image.Image, error) {
				if n%3 == 0 {
					return nil, errCorrupt
				}
				return image.NewYCbCr(image.Rect(0, 0, p.Width, p.Height), image.YCbCrSubsampleRatio422), nil
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			capturetest.CameraConformance(t, func(t *testing.T) capture.Camera {
				d := newFake()
				change(d)
				t.Cleanup(func() {
					if opened, closed := d.counts(); opened != closed {
						t.Errorf("driver opened %d times, closed %d times", opened, closed)
					}
				})
				return newCamera(t, Config{}, d)
			})
		})
	}
}

// inBubble opens the camera and hands it to f, by synctest's clock.
func inBubble(t *testing.T, d *fakeDevice, f func(t *testing.T, c *Camera, r capture.FrameReader)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c := newCamera(t, Config{}, d)
		r, err := c.Open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		f(t, c, r)
		if err := r.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		if opened, closed := d.counts(); opened != closed {
			t.Errorf("driver opened %d times, closed %d times", opened, closed)
		}
	})
}

func TestCorruptPicturesAreSkippedAndCounted(t *testing.T) {
	d := newFake()
	d.picture = func(p prop.Media, n int) (image.Image, error) {
		switch n % 4 {
		case 1:
			return nil, errCorrupt
		case 2:
			return nil, io.ErrUnexpectedEOF // a truncated JPEG
		case 3:
			// Cut by the wrong size.
			return &image.YCbCr{Y: make([]byte, 10), YStride: p.Width, CStride: p.Width / 2, Rect: image.Rect(0, 0, p.Width, p.Height)}, nil
		}
		return image.NewYCbCr(image.Rect(0, 0, p.Width, p.Height), image.YCbCrSubsampleRatio420), nil
	}
	inBubble(t, d, func(t *testing.T, c *Camera, r capture.FrameReader) {
		for range 100 {
			f, err := r.Read()
			if err != nil {
				t.Fatal(err)
			}
			f.Release()
		}
		if c.Skipped() != 300 {
			t.Errorf("Skipped() = %d, want 300", c.Skipped())
		}
	})
}

func TestOnlyCorruptPicturesEndTheReader(t *testing.T) {
	d := newFake()
	d.picture = func(prop.Media, int) (image.Image, error) { return nil, errCorrupt }
	inBubble(t, d, func(t *testing.T, c *Camera, r capture.FrameReader) {
		if _, err := r.Read(); !errors.Is(err, errCorrupt) || c.Skipped() != maxBroken {
			t.Errorf("Read: %v after %d skipped, want %v after %d", err, c.Skipped(), errCorrupt, maxBroken)
		}
	})
}

// A camera that stalls says nothing, except that time goes by.
func TestAStalledCameraIsAnError(t *testing.T) {
	for _, tt := range []struct {
		name     string
		rate     float64
		pictures int
		timeout  error
		want     time.Duration
	}{
		{"Linux, never a picture", 30, 0, errors.New("read timeout"), firstPictureLimit},
		{"Linux, in the middle", 30, 5, errors.New("read timeout"), nextPictureLimit},
		{"macOS, in the middle", 30, 5, io.EOF, nextPictureLimit},
		{"a slow camera has more time", 0.5, 5, errors.New("read timeout"), 6 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newFake()
			d.properties = []prop.Media{media(mode(64, 48, tt.rate, frame.FormatI420))}
			d.picture = func(p prop.Media, n int) (image.Image, error) {
				if n > tt.pictures {
					<-time.After(time.Second)
					return nil, tt.timeout
				}
				return image.NewYCbCr(image.Rect(0, 0, p.Width, p.Height), image.YCbCrSubsampleRatio420), nil
			}
			inBubble(t, d, func(t *testing.T, c *Camera, r capture.FrameReader) {
				for range tt.pictures {
					f, err := r.Read()
					if err != nil {
						t.Fatal(err)
					}
					f.Release()
				}
				start := time.Now()
				_, err := r.Read()
				if took := time.Since(start); err == nil || took < tt.want || took > tt.want+2*time.Second {
					t.Errorf("Read: %v after %v, want an error after %v", err, took, tt.want)
				}
				if c.Skipped() != 0 {
					t.Errorf("%d pictures skipped that never came", c.Skipped())
				}
			})
		})
	}
}

// A driver that fails at once, for ever, must not turn Read into a busy loop.
func TestATimeoutWithoutWaiting(t *testing.T) {
	d := newFake()
	d.picture = func(prop.Media, int) (image.Image, error) { return nil, io.EOF }
	inBubble(t, d, func(t *testing.T, c *Camera, r capture.FrameReader) {
		if _, err := r.Read(); err == nil {
			t.Error("Read: no error")
		}
	})
}

func TestUnplugAndReplugUnderAnotherNumber(t *testing.T) {
	d, other := newFake(), newFake()
	other.label, other.name = "usb-AAA_First-video-index0;video7", "AAA First;usb-0000:00:14.0-2"
	synctest.Test(t, func(t *testing.T) {
		other.plug(false)
		c := newCamera(t, Config{Device: Auto}, d, other)
		r, err := c.Open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		d.plug(false)
		if _, err := r.Read(); !errors.Is(err, syscall.ENODEV) {
			t.Errorf("Read of an unplugged camera: %v", err)
		}
		if err := r.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		if _, err := c.Open(t.Context()); !errors.Is(err, ErrNoCamera) {
			t.Errorf("Open without a camera: %v, want %v", err, ErrNoCamera)
		}

		// Another camera, that Auto would prefer, took its number.
		d.mu.Lock()
		d.label = "usb-ACME_Webcam-video-index0;video8"
		d.mu.Unlock()
		d.plug(true)
		other.plug(true)
		r, err = c.Open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if c.Name() != "ACME Webcam" {
			t.Errorf("reopened %q, want the camera it was before", c.Name())
		}
		_ = r.Close()

		// When it is gone for good, it is missed, not replaced.
		d.plug(false)
		_, err = c.Open(t.Context())
		if err == nil || !strings.Contains(err.Error(), `"ACME Webcam" (usb-ACME_Webcam-video-index0) is not connected`) ||
			!strings.Contains(err.Error(), "--source any") || !strings.Contains(err.Error(), "AAA First") {
			t.Errorf("Open of a camera that is gone: %v", err)
		}
	})
}

func TestOpenErrorsSayWhatToDo(t *testing.T) {
	for _, tt := range []struct {
		name   string
		device string
		change func(*fakeDevice)
		want   []string
	}{
		{"none", "", func(d *fakeDevice) { d.unplugged = true }, []string{"no camera found", "connect one"}},
		{"unknown", "logitech", func(*fakeDevice) {}, []string{`no camera "logitech"`, `"ACME Webcam"`, "/dev/video0"}},
		{"busy at open", "", func(d *fakeDevice) { d.openErr = syscall.EBUSY }, []string{syscall.EBUSY.Error()}},
		{"gone at start", "", func(d *fakeDevice) { d.recordErr = syscall.ENODEV }, []string{syscall.ENODEV.Error()}},
		{"no capture node", "", func(d *fakeDevice) { d.openErr = errors.New("Not a video capture device") }, []string{"no camera found"}},
		{"metadata node", "", func(d *fakeDevice) { d.properties = nil }, []string{"no camera found"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newFake()
			tt.change(d)
			c := newCamera(t, Config{Device: tt.device}, d)
			_, err := c.Open(t.Context())
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q does not say %q", err, want)
				}
			}
			if opened, closed := d.counts(); opened != closed {
				t.Errorf("driver opened %d times, closed %d times", opened, closed)
			}
		})
	}
}

// The driver's word on the size is not final.
func TestModeFollowsThePictures(t *testing.T) {
	d := newFake()
	d.picture = func(prop.Media, int) (image.Image, error) {
		return image.NewYCbCr(image.Rect(0, 0, 33, 17), image.YCbCrSubsampleRatio444), nil
	}
	inBubble(t, d, func(t *testing.T, c *Camera, r capture.FrameReader) {
		if got, want := r.Mode().Size, (capture.Size{Width: 64, Height: 48}); got != want {
			t.Errorf("mode before the first Frame is %v, want %v", got, want)
		}
		f, err := r.Read()
		if err != nil {
			t.Fatal(err)
		}
		defer f.Release()
		if want := (capture.Size{Width: 32, Height: 16}); f.Size != want || r.Mode().Size != want {
			t.Errorf("Frame of %v, mode %v, want %v", f.Size, r.Mode().Size, want)
		}
	})
}

func TestOpenAsksForTheModeChosen(t *testing.T) {
	d := newFake()
	d.properties = []prop.Media{
		media(mode(640, 480, 30, frame.FormatYUYV)),
		media(mode(1280, 720, 10, frame.FormatYUYV)),
		media(mode(1280, 720, 30, frame.FormatMJPEG)),
	}
	inBubble(t, d, func(t *testing.T, c *Camera, r capture.FrameReader) {
		want := mode(1280, 720, 30, frame.FormatMJPEG)
		if got := r.Mode(); got != want {
			t.Errorf("mode %+v, want %+v", got, want)
		}
		if p := d.recorded[0]; p.Width != 1280 || p.Height != 720 || p.FrameRate != 30 || p.FrameFormat != frame.FormatMJPEG {
			t.Errorf("driver was asked for %+v", p)
		}
	})
}

// TestKeepsJPEGs: of pictures that came as such, while it is told to.
func TestKeepsJPEGs(t *testing.T) {
	d := newFake()
	synctest.Test(t, func(t *testing.T) {
		whole := true
		system := System{
			Register: plugged(t, d).Register,
			Decode: func(pool *capture.FramePool, _ image.Image) (*capture.Frame, error) {
				return pool.Get(capture.Size{Width: 64, Height: 48}), nil
			},
			JPEG: func(image.Image) []byte { return []byte("its JPEG") },
			Undecoded: func(image.Image) *capture.Frame {
				if whole = !whole; whole {
					return nil
				}
				return capture.NewJPEGFrame(capture.Size{Width: 64, Height: 48}, []byte("its JPEG"))
			},
		}
		r, err := New(Config{System: system}).Open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var wanted capture.Parts
		r.(capture.JPEGKeeper).KeepJPEGs(func() capture.Parts { return wanted })
		for _, tt := range []struct {
			wanted       capture.Parts
			jpeg, planes bool
		}{
			{capture.Planes, false, true},
			{capture.Planes | capture.OwnJPEG, true, true},
			{capture.OwnJPEG, true, false},
			{capture.OwnJPEG, true, true}, // of which one has to see first whether it is whole
			{capture.Planes, false, true},
		} {
			wanted = tt.wanted
			f, err := r.Read()
			if err != nil {
				t.Fatal(err)
			}
			if (string(f.JPEG) == "its JPEG") != tt.jpeg || (f.JPEG != nil) != tt.jpeg || (f.Y != nil) != tt.planes || f.Time.IsZero() {
				t.Errorf("wanted %v: JPEG %q, %d of luma, %v", wanted, f.JPEG, len(f.Y), f.Time)
			}
			f.Release()
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
}
