package pattern

import (
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
)

// TestStaysInRange holds the trick of adding eight bytes at once to its
// condition: whatever was painted leaves room for the grain.
func TestStaysInRange(t *testing.T) {
	p := newPicture(capture.Mode{Size: capture.Size{Width: 640, Height: 360}, FrameRate: 30}, "no camera found")
	check := func(name string, pix []byte, bias int) {
		for i, v := range pix {
			if int(v)+2*bias > 255 || int(v)+bias < black && v != 0 {
				t.Fatalf("%s: byte %d is %d, with up to %d to come", name, i, v, 2*bias)
			}
		}
	}
	for i, bias := range []int{lumaBias, chromaBias, chromaBias} {
		check("card", p.card[i].pix, bias)
		check("scene", p.scene.planes[i].pix, bias)
	}
	for _, tile := range p.readout.tiles {
		check("readout", tile.pix, lumaBias)
	}
	for _, v := range p.luma.strip {
		if v > 2*lumaBias {
			t.Fatalf("grain of %d, want at most %d", v, 2*lumaBias)
		}
	}
}

func TestAddBytes(t *testing.T) {
	a, b := make([]byte, 100), make([]byte, 100)
	for i := range a {
		a[i], b[i] = byte(i*7), byte(255-i*7%256)
	}
	for n := range 100 {
		dst := make([]byte, n)
		addBytes(dst, a, b)
		for i, v := range dst {
			if v != a[i]+b[i] {
				t.Fatalf("length %d: byte %d is %d, want %d", n, i, v, a[i]+b[i])
			}
		}
	}
}

// TestSceneRepeats runs long enough for every row to come round, and for a
// counter to overflow if there was one.
func TestSceneRepeats(t *testing.T) {
	s := newScene(64, 48, 30, lumaBias, chromaBias)
	for _, n := range []int64{0, 1, 127, 128, 1 << 20, 1 << 40} {
		for y := range 48 {
			if got := len(s.row(0, n, y)); got < 64 {
				t.Fatalf("picture %d, row %d: %d bytes, want 64", n, y, got)
			}
			if got := len(s.row(1, n, y/2)); got < 32 {
				t.Fatalf("picture %d, chroma row %d: %d bytes, want 32", n, y/2, got)
			}
		}
	}
}

func BenchmarkDraw(b *testing.B) {
	for _, size := range []capture.Size{{Width: 640, Height: 360}, {Width: 1280, Height: 720}, {Width: 1920, Height: 1080}} {
		b.Run(size.String(), func(b *testing.B) {
			p := newPicture(capture.Mode{Size: size, FrameRate: 30}, "no camera found")
			f := capture.NewFrame(size)
			f.Time = time.Unix(1, 0)
			b.ReportAllocs()
			for n := int64(0); b.Loop(); n++ {
				p.draw(f, n)
			}
		})
	}
}

func BenchmarkOpen(b *testing.B) {
	for b.Loop() {
		newPicture(capture.Mode{Size: capture.Size{Width: 1280, Height: 720}, FrameRate: 30}, "no camera found")
	}
}
