package yuv

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
)

func formats() []Format { return []Format{YUYV, UYVY, NV12, NV21, I420, GREY} }

// noise is a picture of random pixels, its rows padded.
func noise(format Format, size capture.Size, padding int) Picture {
	p := Picture{Format: format, Size: size}
	random := rand.New(rand.NewPCG(1, 2))
	for i, e := range p.extents() {
		if e.rows == 0 {
			break
		}
		stride := e.rowBytes + padding
		pix := make([]byte, stride*(e.rows-1)+e.rowBytes)
		for j := range pix {
			pix[j] = byte(random.Uint32())
		}
		p.Planes[i] = Plane{pix, stride}
	}
	return p
}

// at is what the format's description says of the pixel at (x, y): its luma,
// and the chroma samples of its row.
func at(p Picture, x, y int) (luma, u, v byte) {
	of := func(plane, x, y int) byte { return p.Planes[plane].Pix[y*p.Planes[plane].Stride+x] }
	pair := x / 2 * 4
	switch p.Format {
	case YUYV:
		return of(0, 2*x, y), of(0, pair+1, y), of(0, pair+3, y)
	case UYVY:
		return of(0, 2*x+1, y), of(0, pair, y), of(0, pair+2, y)
	case NV12:
		return of(0, x, y), of(1, x/2*2, y/2), of(1, x/2*2+1, y/2)
	case NV21:
		return of(0, x, y), of(1, x/2*2+1, y/2), of(1, x/2*2, y/2)
	case I420:
		return of(0, x, y), of(1, x/2, y/2), of(2, x/2, y/2)
	case GREY:
		return of(0, x, y), 128, 128
	}
	return 0, 0, 0
}

func TestConvert(t *testing.T) {
	for _, format := range formats() {
		for _, size := range []capture.Size{{Width: 16, Height: 16}, {Width: 66, Height: 34}, {Width: 640, Height: 360}} {
			for _, padding := range []int{0, 30} {
				t.Run(fmt.Sprintf("%s %v padded by %d", format, size, padding), func(t *testing.T) {
					p := noise(format, size, padding)
					f := capture.NewFrame(size)
					if err := Convert(f, p); err != nil {
						t.Fatal(err)
					}
					compare(t, f, p)
				})
			}
		}
	}
}

func compare(t *testing.T, f *capture.Frame, p Picture) {
	t.Helper()
	for y := range p.Size.Height {
		for x := range p.Size.Width {
			luma, u, v := at(p, x, y)
			if got := f.Y[y*f.YStride+x]; got != luma {
				t.Fatalf("luma at %d, %d: %d, want %d", x, y, got, luma)
			}
			if y%2 == 1 {
				continue
			}
			// 4:2:2 chroma is the mean of two rows.
			_, u2, v2 := at(p, x, y+1)
			wantU, wantV := (int(u)+int(u2)+1)/2, (int(v)+int(v2)+1)/2
			at := y/2*f.UVStride + x/2
			if int(f.U[at]) != wantU || int(f.V[at]) != wantV {
				t.Fatalf("chroma at %d, %d: %d and %d, want %d and %d", x, y, f.U[at], f.V[at], wantU, wantV)
			}
		}
	}
}

func TestConvertRefuses(t *testing.T) {
	size := capture.Size{Width: 64, Height: 48}
	good := noise(NV12, size, 0)
	for name, tt := range map[string]struct {
		change func(*Picture)
		short  bool
	}{
		"one byte short":       {func(p *Picture) { p.Planes[1].Pix = p.Planes[1].Pix[1:] }, true},
		"no luma":              {func(p *Picture) { p.Planes[0].Pix = nil }, true},
		"no chroma":            {func(p *Picture) { p.Planes[1] = Plane{} }, false},
		"unknown format":       {func(p *Picture) { p.Format = "H264" }, false},
		"stride too short":     {func(p *Picture) { p.Planes[0].Stride = 63 }, false},
		"stride absurd":        {func(p *Picture) { p.Planes[0].Stride = 1 << 40 }, false},
		"stride negative":      {func(p *Picture) { p.Planes[1].Stride = -128 }, false},
		"size zero":            {func(p *Picture) { p.Size = capture.Size{} }, false},
		"size odd":             {func(p *Picture) { p.Size.Width = 63 }, false},
		"size absurd":          {func(p *Picture) { p.Size.Height = 1 << 40 }, false},
		"not the frame's":      {func(p *Picture) { p.Size.Height = 46 }, false},
		"stride for less rows": {func(p *Picture) { p.Planes[0].Stride = 128 }, true},
	} {
		t.Run(name, func(t *testing.T) {
			p := good
			tt.change(&p)
			err := Convert(capture.NewFrame(size), p)
			if err == nil || errors.Is(err, ErrShort) != tt.short {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestScale(t *testing.T) {
	src := capture.NewFrame(capture.Size{Width: 64, Height: 32})
	src.Time = time.Unix(1, 2)
	for i := range src.Y {
		src.Y[i] = byte(i % 64 / 2 * 2 * 3) // pairs of columns alike
	}
	dst := capture.NewFrame(capture.Size{Width: 32, Height: 16})
	if err := Scale(dst, src); err != nil {
		t.Fatal(err)
	}
	for x := range 32 {
		if got, want := dst.Y[5*32+x], byte(x*2*3); got != want {
			t.Errorf("column %d: %d, want %d", x, got, want)
		}
	}
	if dst.Time != src.Time {
		t.Error("the capture time was not kept")
	}
	if err := Scale(src, dst); err == nil {
		t.Error("scaled up")
	}
}

func TestNothingIsAllocated(t *testing.T) {
	size := capture.Size{Width: 320, Height: 240}
	p, f, half := noise(NV12, size, 0), capture.NewFrame(size), capture.NewFrame(capture.Size{Width: 160, Height: 120})
	if n := testing.AllocsPerRun(20, func() {
		if err := errors.Join(Convert(f, p), Scale(half, f)); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzConvert(f *testing.F) {
	for i, format := range formats() {
		f.Add(string(format), 32, 16, i*16, i, []byte{1, 2, 3}, []byte{4, 5, 6})
	}
	f.Fuzz(func(t *testing.T, format string, width, height, stride1, stride2 int, pix1, pix2 []byte) {
		size := capture.Size{Width: width, Height: height}
		if width < 16 || height < 16 || width > 512 || height > 512 || width%2 != 0 || height%2 != 0 {
			size = capture.Size{Width: 16, Height: 16}
		}
		_ = Convert(capture.NewFrame(size), Picture{
			Format(format), capture.Size{Width: width, Height: height}, [3]Plane{{pix1, stride1}, {pix2, stride2}, {pix2, stride2}},
		})
	})
}

// BenchmarkFiguresConvert measures what comes with a call of libyuv.
func BenchmarkFiguresConvert(b *testing.B) {
	size, half := capture.Size{Width: 1280, Height: 720}, capture.Size{Width: 640, Height: 360}
	p, f, small := noise(YUYV, size, 0), capture.NewFrame(size), capture.NewFrame(half)
	for _, c := range []struct {
		name        string
		ours, alone func() error
	}{
		{"YUYV720p", func() error { return Convert(f, p) }, func() error { return convert(f, p) }},
		{"Half720p", func() error { return Scale(small, f) }, func() error { return scale(small, f) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			var ours, alone time.Duration
			timed := func(work func() error) time.Duration {
				start := time.Now()
				if err := work(); err != nil {
					b.Fatal(err)
				}
				return time.Since(start)
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				// Who comes second finds the picture in the cache.
				if i%2 == 0 {
					ours += timed(c.ours)
					alone += timed(c.alone)
				} else {
					alone += timed(c.alone)
					ours += timed(c.ours)
				}
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(ours.Microseconds())/float64(b.N)/1000, "ms/frame")
			b.ReportMetric(float64(ours)/float64(alone), "ratio")
		})
	}
}
