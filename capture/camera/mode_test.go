package camera

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/pion/mediadevices/pkg/frame"
	"github.com/pion/mediadevices/pkg/prop"

	"github.com/pushcam/pushcam/capture"
)

// modesOf's cases are also Choose's: modes are what it made of a camera.
func modes(all ...capture.Mode) []capture.Mode { return all }

// webcam is what an ordinary USB 2 camera offers: 720p in packed form only as
// slowly as the bus takes it.
var webcam = modes(
	mode(1920, 1080, 30, frame.FormatMJPEG),
	mode(1920, 1080, 5, frame.FormatYUYV),
	mode(1280, 720, 60, frame.FormatMJPEG),
	mode(1280, 720, 30, frame.FormatMJPEG),
	mode(1280, 720, 10, frame.FormatYUYV),
	mode(640, 480, 30, frame.FormatMJPEG),
	mode(640, 480, 30, frame.FormatYUYV),
	mode(640, 480, 15, frame.FormatYUYV),
	mode(640, 360, 30, frame.FormatYUYV),
)

func wish(width, height int, rate float64) Wish {
	return Wish{Size: capture.Size{Width: width, Height: height}, FrameRate: rate}
}

func TestChoose(t *testing.T) {
	for _, tt := range []struct {
		name   string
		modes  []capture.Mode
		wish   Wish
		want   capture.Mode
		reason string
	}{
		{"the default", webcam, Wish{}, mode(1280, 720, 30, frame.FormatMJPEG),
			"1280x720 as asked, 30 fps as asked, MJPEG: the only format at that size and rate"},
		{"the rate goes before the format", webcam, wish(1280, 720, 60), mode(1280, 720, 60, frame.FormatMJPEG),
			"1280x720 as asked, 60 fps as asked, MJPEG: the only format at that size and rate"},
		{"the size goes before the rate", webcam, wish(1920, 1080, 60), mode(1920, 1080, 30, frame.FormatMJPEG),
			"1920x1080 as asked, 30 fps: the highest below 60, MJPEG: the only format at that size and rate"},
		{"the cheaper format", webcam, wish(640, 480, 30), mode(640, 480, 30, frame.FormatYUYV),
			"640x480 as asked, 30 fps as asked, YUYV: costs less than MJPEG"},
		{"a slow rate", webcam, wish(1280, 720, 10), mode(1280, 720, 10, frame.FormatYUYV),
			"1280x720 as asked, 10 fps as asked, YUYV: the only format at that size and rate"},
		{"all rates above", webcam, wish(640, 480, 5), mode(640, 480, 15, frame.FormatYUYV),
			"640x480 as asked, 15 fps: the lowest, all are above 5, YUYV: the only format at that size and rate"},
		{"between two sizes", webcam, wish(1024, 768, 30), mode(640, 480, 30, frame.FormatYUYV),
			"640x480: the largest that fits into 1024x768, 30 fps as asked, YUYV: costs less than MJPEG"},
		{"too wide does not fit", webcam, wish(1000, 4000, 30), mode(640, 480, 30, frame.FormatYUYV),
			"640x480: the largest that fits into 1000x4000, 30 fps as asked, YUYV: costs less than MJPEG"},
		{"larger than all", webcam, wish(3840, 2160, 30), mode(1920, 1080, 30, frame.FormatMJPEG),
			"1920x1080: the largest that fits into 3840x2160, 30 fps as asked, MJPEG: the only format at that size and rate"},
		{"smaller than all", webcam, wish(320, 240, 30), mode(640, 360, 30, frame.FormatYUYV),
			"640x360: the smallest, none fits into 320x240, 30 fps as asked, YUYV: the only format at that size and rate"},
		{"same area, wider first", modes(mode(400, 300, 30, frame.FormatI420), mode(480, 250, 30, frame.FormatI420)),
			wish(500, 500, 30), mode(480, 250, 30, frame.FormatI420),
			"480x250: the largest that fits into 500x500, 30 fps as asked, I420: the only format at that size and rate"},
		{"29.97 is 30", modes(mode(1280, 720, 30, frame.FormatMJPEG), mode(1280, 720, 29.97, frame.FormatYUYV)),
			Wish{}, mode(1280, 720, 29.97, frame.FormatYUYV), "1280x720 as asked, 30 fps as asked, YUYV: costs less than MJPEG"},
		{"25 is not 30", modes(mode(1280, 720, 25, frame.FormatYUYV), mode(1280, 720, 50, frame.FormatYUYV)),
			Wish{}, mode(1280, 720, 25, frame.FormatYUYV),
			"1280x720 as asked, 25 fps: the highest below 30, YUYV: the only format at that size and rate"},
		{"stated rates first", modes(mode(1280, 720, 0, frame.FormatI420), mode(1280, 720, 15, frame.FormatMJPEG)),
			Wish{}, mode(1280, 720, 15, frame.FormatMJPEG),
			"1280x720 as asked, 15 fps: the highest below 30, MJPEG: the only format at that size and rate"},
		{"no stated rates, as on macOS", modes(mode(1280, 720, 0, frame.FormatUYVY), mode(1280, 720, 0, frame.FormatNV12)),
			Wish{}, mode(1280, 720, 0, frame.FormatNV12),
			"1280x720 as asked, at a rate that the camera does not state, NV12: costs less than UYVY"},
		{"every format", modes(
			mode(640, 480, 30, frame.FormatMJPEG), mode(640, 480, 30, frame.FormatUYVY), mode(640, 480, 30, frame.FormatYUYV),
			mode(640, 480, 30, frame.FormatNV21), mode(640, 480, 30, frame.FormatNV12), mode(640, 480, 30, frame.FormatI420)),
			wish(640, 480, 30), mode(640, 480, 30, frame.FormatI420),
			"640x480 as asked, 30 fps as asked, I420: costs less than MJPEG, NV12, NV21, UYVY, YUYV"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 1))
			for range 20 { // the order must not matter
				shuffled := slices.Clone(tt.modes)
				rng.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
				got, err := Choose(shuffled, tt.wish)
				if err != nil || got.Mode != tt.want || got.Reason != tt.reason {
					t.Fatalf("Choose: %q, %v\nwant    %q", got.Reason, err, tt.reason)
				}
			}
		})
	}
}

// Whatever is offered and asked, the rule's three steps hold.
func TestChooseHoldsItsRule(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	raw := slices.DeleteFunc(usableFormats(), func(f string) bool { return f == codedFormat })
	sizes := []int{160, 320, 640, 1280}
	rates := []float64{0, 5, 15, 29.97, 30, 60}
	for range 5000 {
		var offered []capture.Mode
		for range 1 + rng.IntN(12) {
			format := raw[rng.IntN(len(raw))]
			offered = append(offered, mode(sizes[rng.IntN(4)], sizes[rng.IntN(4)], rates[rng.IntN(6)], frame.Format(format)))
		}
		w := wish(sizes[rng.IntN(4)], sizes[rng.IntN(4)], rates[1+rng.IntN(5)])
		choice, err := Choose(offered, w)
		if err != nil || !slices.Contains(offered, choice.Mode) {
			t.Fatalf("Choose(%+v, %+v) = %+v, %v", offered, w, choice, err)
		}
		got := choice.Mode
		fits := func(m capture.Mode) bool { return m.Width <= w.Size.Width && m.Height <= w.Size.Height }
		for _, m := range offered {
			switch {
			case m.Size == w.Size && got.Size != w.Size,
				fits(m) && !fits(got),
				fits(m) && m.Pixels() > got.Pixels(),
				!fits(got) && m.Pixels() < got.Pixels():
				t.Fatalf("%v for %+v: %v is the better size", got.Size, w, m.Size)
			}
			if m.Size != got.Size || m.FrameRate == 0 || sameRate(m.FrameRate, got.FrameRate) || sameRate(got.FrameRate, m.FrameRate) {
				continue
			}
			asked := sameRate(got.FrameRate, w.FrameRate)
			switch {
			case got.FrameRate == 0,
				sameRate(m.FrameRate, w.FrameRate) && !asked,
				!asked && m.FrameRate <= w.FrameRate && (got.FrameRate > w.FrameRate || m.FrameRate > got.FrameRate),
				!asked && got.FrameRate > w.FrameRate && m.FrameRate < got.FrameRate:
				t.Fatalf("%v fps for %+v: %v is the better rate", got.FrameRate, w, m.FrameRate)
			}
		}
	}
}

func TestChooseFromNothing(t *testing.T) {
	if _, err := Choose(nil, Wish{}); err == nil || !strings.Contains(err.Error(), "MJPEG") {
		t.Errorf("Choose of no modes: %v, want an error that names the formats", err)
	}
}

func TestModesOf(t *testing.T) {
	media := func(width, height int, rate float32, format frame.Format) prop.Media {
		return prop.Media{Video: prop.Video{Width: width, Height: height, FrameRate: rate, FrameFormat: format}}
	}
	got := modesOf([]prop.Media{
		media(640, 480, 15, frame.FormatYUYV),
		media(640, 480, 29.97, frame.FormatYUYV),
		media(640, 480, 29.97, frame.FormatYUYV), // repeated
		media(640, 480, 29.97, frame.FormatNV12),
		media(1280, 720, 0, frame.FormatMJPEG),
		media(640, 480, 15, frame.FormatZ16), // depth
		media(640, 480, 15, "HEVC"),
		media(0, 0, 0, frame.FormatI420),                                 // a continuous range, misread
		media(641, 480, 30, frame.FormatI420),                            // odd
		media(20000, 480, 30, frame.FormatI420),                          // beyond any codec
		media(320, 240, float32(math.Inf(1)), frame.FormatI420),          // 1/0
		media(160, 120, float32(math.NaN()), frame.FormatI420),           // 0/0
		media(-640, -480, 30, frame.FormatI420), media(640, 480, 15, ""), // nonsense
	})
	want := modes(
		mode(1280, 720, 0, frame.FormatMJPEG),
		mode(640, 480, 29.97, frame.FormatNV12),
		mode(640, 480, 29.97, frame.FormatYUYV),
		mode(640, 480, 15, frame.FormatYUYV),
		mode(320, 240, 0, frame.FormatI420),
		mode(160, 120, 0, frame.FormatI420),
	)
	if !slices.Equal(got, want) {
		t.Errorf("modesOf:\n%+v\nwant\n%+v", got, want)
	}
}
