package capture

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
)

// planeShapes are width and rows of planes around the width of a machine word.
var planeShapes = []struct{ width, rows int }{
	{1, 1}, {1, 2}, {2, 1}, {3, 3}, {7, 2}, {8, 2}, {8, 3}, {9, 4},
	{15, 5}, {16, 2}, {17, 7}, {31, 6}, {64, 9}, {360, 241},
}

// extremes and noise: every carry that can happen, and some that must not.
func fillPlane(plane []byte, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 0))
	for i := range plane {
		switch rng.IntN(4) {
		case 0:
			plane[i] = 0xff
		case 1:
			plane[i] = 0
		default:
			plane[i] = byte(rng.UintN(256))
		}
	}
}

func TestHalvingMatchesTheNaiveFormula(t *testing.T) {
	const pad, guard = 3, 0xa5
	for _, s := range planeShapes {
		srcStride := s.width + pad
		src := make([]byte, srcStride*s.rows)
		fillPlane(src, uint64(s.width*1000+s.rows))
		at := func(x, y int) int {
			return int(src[min(y, s.rows-1)*srcStride+min(x, s.width-1)])
		}
		for _, tt := range []struct {
			name  string
			halve func(dst []byte, dstStride int, src []byte, srcStride, width, rows int)
			width int
			naive func(x, y int) int
		}{
			{"rows", HalveRows, s.width, func(x, y int) int {
				return (at(x, 2*y) + at(x, 2*y+1) + 1) / 2
			}},
			{"plane", HalvePlane, (s.width + 1) / 2, func(x, y int) int {
				return (at(2*x, 2*y) + at(2*x+1, 2*y) + at(2*x, 2*y+1) + at(2*x+1, 2*y+1) + 2) / 4
			}},
		} {
			t.Run(fmt.Sprintf("%s/%dx%d", tt.name, s.width, s.rows), func(t *testing.T) {
				dstStride, rows := tt.width+pad, (s.rows+1)/2
				dst := bytes.Repeat([]byte{guard}, dstStride*rows)
				tt.halve(dst, dstStride, src, srcStride, s.width, s.rows)
				for i, got := range dst {
					x, y, want := i%dstStride, i/dstStride, guard
					if x < tt.width {
						want = tt.naive(x, y)
					}
					if int(got) != want {
						t.Fatalf("byte %d of row %d = %d, want %d", x, y, got, want)
					}
				}
			})
		}
	}
}

func TestCopyPlane(t *testing.T) {
	for _, tt := range []struct{ dstStride, srcStride, width, rows int }{
		{5, 5, 5, 4}, {7, 5, 5, 4}, {5, 9, 5, 4}, {8, 8, 5, 3},
	} {
		src := make([]byte, tt.srcStride*tt.rows)
		fillPlane(src, 1)
		dst := make([]byte, tt.dstStride*tt.rows)
		CopyPlane(dst, tt.dstStride, src, tt.srcStride, tt.width, tt.rows)
		for y := range tt.rows {
			got, want := dst[y*tt.dstStride:][:tt.width], src[y*tt.srcStride:][:tt.width]
			if !bytes.Equal(got, want) {
				t.Errorf("%+v: row %d = %v, want %v", tt, y, got, want)
			}
			for _, b := range dst[y*tt.dstStride:][tt.width:tt.dstStride] {
				if b != 0 {
					t.Errorf("%+v: wrote behind row %d", tt, y)
				}
			}
		}
	}
}

// One 720p picture's chroma, both planes.
func BenchmarkHalve(b *testing.B) {
	src, dst := make([]byte, 1280*720), make([]byte, 640*360)
	b.Run("422", func(b *testing.B) {
		b.SetBytes(2 * 640 * 720)
		for b.Loop() {
			HalveRows(dst, 640, src, 640, 640, 720)
			HalveRows(dst, 640, src, 640, 640, 720)
		}
	})
	b.Run("444", func(b *testing.B) {
		b.SetBytes(2 * 1280 * 720)
		for b.Loop() {
			HalvePlane(dst, 640, src, 1280, 1280, 720)
			HalvePlane(dst, 640, src, 1280, 1280, 720)
		}
	})
}
