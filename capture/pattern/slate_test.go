package pattern

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
)

var slateNow = time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC)

func drawSlate(t *testing.T, s *Slate, size capture.Size, status capture.Status, now time.Time) *capture.Frame {
	t.Helper()
	f := s.Draw(size, status, now)
	if err := f.Validate(); err != nil || f.Size != size {
		t.Fatalf("frame of %v: %v", f.Size, err)
	}
	return f
}

// rows are the first and the last row in which a and b differ, -1 and -1 when
// they do not.
func rows(a, b *capture.Frame) (first, last int) {
	first, last = -1, -1
	for y := range a.Height {
		if !bytes.Equal(a.Y[y*a.YStride:][:a.Width], b.Y[y*b.YStride:][:b.Width]) {
			if first < 0 {
				first = y
			}
			last = y
		}
	}
	return first, last
}

func TestSlate(t *testing.T) {
	lost := capture.Status{State: capture.Lost, Camera: "HD Webcam", Detail: "read camera HD Webcam: the camera is gone: reconnect it"}
	for _, size := range []capture.Size{{Width: 320, Height: 180}, {Width: 640, Height: 480}, {Width: 1280, Height: 720}, {Width: 720, Height: 1280}, {Width: 3840, Height: 2160}} {
		t.Run(size.String(), func(t *testing.T) {
			var s Slate
			f := drawSlate(t, &s, size, lost, slateNow)
			bright := 0
			for _, v := range f.Y {
				if v < black || v > white {
					t.Fatalf("luma %d", v)
				}
				if v > 150 {
					bright++
				}
			}
			// Strokes that are too thin to be read would be grey.
			if bright*200 < len(f.Y) && size.Width > size.Height {
				t.Errorf("%d of %d pixels are bright", bright, len(f.Y))
			}
			again := drawSlate(t, &s, size, lost, slateNow)
			if first, _ := rows(f, again); first >= 0 {
				t.Error("the same at the same time looks different")
			}
			blink := drawSlate(t, &s, size, lost, slateNow.Add(500*time.Millisecond))
			later := drawSlate(t, &s, size, lost, slateNow.Add(time.Second))
			square, middle := min(size.Width, size.Height), size.Height/2
			for name, moved := range map[string]*capture.Frame{"half a second": blink, "a second": later} {
				if first, last := rows(f, moved); first < middle+square/3 || last < 0 || last > middle+square/2 {
					t.Errorf("after %s rows %d to %d moved", name, first, last)
				}
			}
			other := lost
			other.Detail = "open camera HD Webcam: another program uses it"
			if first, last := rows(f, drawSlate(t, &s, size, other, slateNow)); first < middle-square/10 || last > middle+2*square/5 {
				t.Errorf("with another reason rows %d to %d changed", first, last)
			}
		})
	}
}

// TestSlateNamesTheCamera: once.
func TestSlateNamesTheCamera(t *testing.T) {
	size := capture.Size{Width: 640, Height: 360}
	draw := func(status capture.Status) *capture.Frame { return drawSlate(t, new(Slate), size, status, slateNow) }
	without := draw(capture.Status{Detail: "it hangs"})
	if first, _ := rows(without, draw(capture.Status{Camera: "HD Webcam", Detail: "it hangs"})); first < 0 {
		t.Error("the name does not show")
	}
	named := draw(capture.Status{Detail: "camera HD Webcam: it hangs"})
	if first, last := rows(named, draw(capture.Status{Camera: "HD Webcam", Detail: "camera HD Webcam: it hangs"})); first >= 0 {
		t.Errorf("the name shows twice, in rows %d to %d", first, last)
	}
}

// TestSlateOfAnything: no size and no words are too odd.
func TestSlateOfAnything(t *testing.T) {
	var s Slate
	for _, detail := range []string{"", " ", "x", strings.Repeat("long ", 1000), strings.Repeat("x", 5000), "Überwachung \x00\xff 監視 \n\t!", strings.Repeat("_", 40)} {
		for _, size := range []capture.Size{{Width: 16, Height: 16}, {Width: 64, Height: 48}, {Width: 320, Height: 180}, {Width: 16, Height: 2000}, {Width: 2000, Height: 16}} {
			f := drawSlate(t, &s, size, capture.Status{Camera: detail + "?", Detail: detail}, slateNow)
			f.Release()
		}
	}
}

func TestWrap(t *testing.T) {
	width := text{content: "the camera is", height: emHeight}.width()
	for content, want := range map[string][]string{
		"":                               nil,
		"the":                            {"the"},
		"the camera is gone":             {"the camera is", "gone"},
		" the  camera\nis\tgone ":        {"the camera is", "gone"},
		"open /dev/v4l/by-id/usb: gone":  {"open", "/dev/v4l/by-i", "d/usb: gone"},
		"the cameramancameramanman runs": {"the", "cameramanca", "meramanman", "runs"},
	} {
		got := wrap(content, width)
		for _, line := range got {
			if w := (text{content: line, height: emHeight}).width(); w > width {
				t.Errorf("%q: line %q is %.0f wide, want %.0f", content, line, w, width)
			}
		}
		if strings.Join(strings.Fields(strings.Join(got, "")), "") != strings.Join(strings.Fields(content), "") {
			t.Errorf("%q: lost something: %q", content, got)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", content, got, want)
		}
	}
	// Wider than the room: still one letter at a time, never for ever.
	if got := wrap("abc", 1); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("got %q", got)
	}
}

// TestSlateReusesItsFrames: a running Slate allocates no pictures.
func TestSlateReusesItsFrames(t *testing.T) {
	var s Slate
	size := capture.Size{Width: 320, Height: 180}
	first := s.Draw(size, capture.Status{Detail: "gone"}, slateNow)
	first.Release()
	if s.Draw(size, capture.Status{Detail: "gone"}, slateNow.Add(time.Second)) != first {
		t.Error("a new Frame though one was released")
	}
}

func BenchmarkSlate(b *testing.B) {
	for _, size := range []capture.Size{{Width: 1280, Height: 720}, {Width: 3840, Height: 2160}} {
		status := capture.Status{Camera: "HD Webcam", Detail: "no permission for /dev/video0: add the user to group video, then log in again"}
		b.Run(size.String()+"/first", func(b *testing.B) {
			for b.Loop() {
				new(Slate).Draw(size, status, slateNow)
			}
		})
		b.Run(size.String()+"/next", func(b *testing.B) {
			var s Slate
			for b.Loop() {
				s.Draw(size, status, slateNow).Release()
			}
		})
	}
}
