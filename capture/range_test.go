package capture

import (
	"math"
	"testing"
)

func TestLimitingTheRange(t *testing.T) {
	for _, tt := range []struct {
		name  string
		limit func([]byte)
		exact func(float64) float64
		fixed map[int]int // these have to be met exactly
	}{
		{"luma", LimitLuma, func(y float64) float64 { return 16 + y*219/255 }, map[int]int{0: 16, 255: 235}},
		{"chroma", LimitChroma, func(c float64) float64 { return 16 + c*224/255 }, map[int]int{0: 16, 128: 128, 255: 240}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			plane := make([]byte, 256)
			for i := range plane {
				plane[i] = byte(i)
			}
			tt.limit(plane)
			tail := make([]byte, 7) // shorter than a word
			for i := range tail {
				tail[i] = byte(255 - i)
			}
			tt.limit(tail)
			for i, got := range tail {
				if got != plane[255-i] {
					t.Errorf("%d alone becomes %d, among eight %d", 255-i, got, plane[255-i])
				}
			}
			for i, got := range plane {
				if exact := tt.exact(float64(i)); math.Abs(float64(got)-exact) > 1 {
					t.Errorf("%d becomes %d, want %.1f", i, got, exact)
				}
				if want, ok := tt.fixed[i]; ok && int(got) != want {
					t.Errorf("%d becomes %d, want %d", i, got, want)
				}
			}
		})
	}
}

// One 720p picture.
func BenchmarkLimitRange(b *testing.B) {
	y, uv := make([]byte, 1280*720), make([]byte, 1280*720/2)
	b.SetBytes(int64(len(y) + len(uv)))
	for b.Loop() {
		LimitLuma(y)
		LimitChroma(uv)
	}
}
