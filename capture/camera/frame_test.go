package camera

import (
	"fmt"
	"image"
	"image/color"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/pushcam/pushcam/capture"
)

var ratios = []image.YCbCrSubsampleRatio{
	image.YCbCrSubsampleRatio420, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio444,
	image.YCbCrSubsampleRatio440, image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410,
}

// smooth is a picture whose chroma changes by at most one from one pixel to
// the next, so that however it is reduced, the result is near.
func smooth(r image.Rectangle, ratio image.YCbCrSubsampleRatio) *image.YCbCr {
	img := image.NewYCbCr(r, ratio)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			img.Y[img.YOffset(x, y)] = byte(7*x + 13*y)
			img.Cb[img.COffset(x, y)] = byte(50 + x)
			img.Cr[img.COffset(x, y)] = byte(60 + y)
		}
	}
	return img
}

func TestToFrame(t *testing.T) {
	for _, ratio := range ratios {
		for _, size := range []image.Point{{64, 48}, {16, 16}, {33, 17}, {34, 17}, {33, 18}} {
			for _, offset := range []image.Point{{}, {4, 4}, {8, 2}} {
				t.Run(fmt.Sprintf("%v/%v from %v", ratio, size, offset), func(t *testing.T) {
					whole := smooth(image.Rect(0, 0, offset.X+size.X+5, offset.Y+size.Y+3), ratio)
					img := whole.SubImage(image.Rectangle{offset, offset.Add(size)}).(*image.YCbCr)
					f, err := toFrame(&capture.FramePool{}, img, false)
					if err != nil {
						t.Fatal(err)
					}
					comparePlanes(t, f, img)
				})
			}
		}
	}
}

func comparePlanes(t *testing.T, f *capture.Frame, img *image.YCbCr) {
	t.Helper()
	if err := f.Validate(); err != nil {
		t.Fatal(err)
	}
	if f.Width != img.Rect.Dx()/2*2 || f.Height != img.Rect.Dy()/2*2 {
		t.Fatalf("frame of %v, picture of %v", f.Size, img.Rect)
	}
	for y := range f.Height {
		for x := range f.Width {
			px, py := img.Rect.Min.X+x, img.Rect.Min.Y+y
			if got, want := f.Y[y*f.YStride+x], img.Y[img.YOffset(px, py)]; got != want {
				t.Fatalf("Y at %d,%d is %d, want %d", x, y, got, want)
			}
			c := y/2*f.UVStride + x/2
			at := img.COffset(px, py)
			for _, p := range []struct{ got, want byte }{{f.U[c], img.Cb[at]}, {f.V[c], img.Cr[at]}} {
				if d := int(p.got) - int(p.want); d < -2 || d > 2 {
					t.Fatalf("chroma at %d,%d is %d, want about %d", x, y, p.got, p.want)
				}
			}
		}
	}
}

func TestToFrameOfGray(t *testing.T) {
	img := image.NewGray(image.Rect(0, 0, 19, 17))
	img.SetGray(17, 15, color.Gray{200})
	f, err := toFrame(&capture.FramePool{}, img, false)
	if err != nil {
		t.Fatal(err)
	}
	if f.Y[15*f.YStride+17] != 200 || f.U[0] != 128 || f.V[len(f.V)-1] != 128 {
		t.Errorf("frame %+v", f)
	}
}

// White and black of a JPEG are white and black of a Frame.
func TestToFrameLimitsTheRange(t *testing.T) {
	img := image.NewYCbCr(image.Rect(0, 0, 16, 16), image.YCbCrSubsampleRatio420)
	for i := range img.Y {
		img.Y[i] = 255
	}
	for i := range img.Cb {
		img.Cb[i], img.Cr[i] = 128, 0
	}
	f, err := toFrame(&capture.FramePool{}, img, true)
	if err != nil {
		t.Fatal(err)
	}
	if f.Y[0] != 235 || f.U[0] != 128 || f.V[0] != 16 {
		t.Errorf("Y %d U %d V %d, want 235 128 16", f.Y[0], f.U[0], f.V[0])
	}
}

// Devices are hostile: whatever comes is a Frame or an error.
func TestToFrameRefuses(t *testing.T) {
	rect := image.Rect(0, 0, 64, 48)
	whole := func() *image.YCbCr { return image.NewYCbCr(rect, image.YCbCrSubsampleRatio420) }
	for _, tt := range []struct {
		name string
		img  func() image.Image
		want string
	}{
		{"nothing", func() image.Image { return &image.YCbCr{} }, "want sides from 16"},
		{"too small", func() image.Image { return image.NewGray(image.Rect(0, 0, 100, 15)) }, "want sides from 16"},
		{"too large", func() image.Image { return &image.YCbCr{Rect: image.Rect(0, 0, 20000, 2)} }, "to 16383"},
		{"short Y", func() image.Image { i := whole(); i.Y = i.Y[:len(i.Y)-1]; return i }, "too little data"},
		{"short Cb", func() image.Image { i := whole(); i.Cb = i.Cb[:len(i.Cb)-1]; return i }, "too little data"},
		{"no Cr", func() image.Image { i := whole(); i.Cr = nil; return i }, "too little data"},
		{"narrow Y", func() image.Image { i := whole(); i.YStride = 1; return i }, "strides"},
		{"narrow C", func() image.Image { i := whole(); i.CStride = 1; return i }, "strides"},
		{"short gray", func() image.Image { return &image.Gray{Rect: rect, Stride: 64, Pix: make([]byte, 99)} }, "too little data"},
		{"another type", func() image.Image { return image.NewRGBA(rect) }, "*image.RGBA"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := toFrame(&capture.FramePool{}, tt.img(), false); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("toFrame: %v, want an error with %q", err, tt.want)
			}
		})
	}
}

func TestToFrameDoesNotAllocate(t *testing.T) {
	var pool capture.FramePool
	for _, ratio := range ratios[:3] {
		var img image.Image = smooth(image.Rect(0, 0, 64, 48), ratio)
		if n := testing.AllocsPerRun(20, func() {
			f, err := toFrame(&pool, img, true)
			if err != nil {
				t.Fatal(err)
			}
			f.Release()
		}); n != 0 {
			t.Errorf("%v: %v allocations a picture", ratio, n)
		}
	}
}

// Nor does any combination of lengths and strides do harm.
func TestToFrameOfNonsense(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	near := func(n int) int { return max(0, n+rng.IntN(41)-20) }
	var pool capture.FramePool
	accepted := 0
	for range 4000 {
		r := image.Rect(0, 0, 1+rng.IntN(70), 1+rng.IntN(70)).Add(image.Pt(rng.IntN(9), rng.IntN(9)))
		img := image.NewYCbCr(r, ratios[rng.IntN(len(ratios))])
		if rng.IntN(2) == 0 {
			img.YStride, img.CStride = near(img.YStride), near(img.CStride)
		}
		if rng.IntN(2) == 0 {
			img.Y, img.Cb = make([]byte, near(len(img.Y))), make([]byte, near(len(img.Cb)))
		}
		f, err := toFrame(&pool, img, true)
		if err != nil {
			continue
		}
		accepted++
		if err := f.Validate(); err != nil {
			t.Fatalf("of %v, strides %d and %d: %v", r, img.YStride, img.CStride, err)
		}
		f.Release()
	}
	if accepted == 0 {
		t.Error("every picture was refused")
	}
}
