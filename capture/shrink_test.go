package capture_test

import (
	"testing"

	"github.com/pushcam/pushcam/capture"
)

func TestShrink(t *testing.T) {
	src := capture.NewFrame(capture.Size{Width: 64, Height: 48})
	for i := range src.Y {
		src.Y[i] = byte(i % 64 * 4)
	}
	for i := range src.U {
		src.U[i], src.V[i] = 90, 160
	}
	for _, size := range []capture.Size{{Width: 64, Height: 48}, {Width: 32, Height: 24}, {Width: 50, Height: 30}, {Width: 16, Height: 48}} {
		dst := capture.NewFrame(size)
		if err := capture.Shrink(dst, src); err != nil {
			t.Fatal(err)
		}
		for x := range size.Width {
			want := float64(x) * 64 / float64(size.Width) * 4
			if got := float64(dst.Y[x]); got < want-8 || got > want+12 {
				t.Errorf("%v: luma at %d is %v, want about %v", size, x, got, want)
			}
		}
		if dst.U[0] != 90 || dst.V[len(dst.V)-1] != 160 {
			t.Errorf("%v: chroma %d, %d", size, dst.U[0], dst.V[len(dst.V)-1])
		}
	}
	if err := capture.Shrink(capture.NewFrame(capture.Size{Width: 66, Height: 48}), src); err == nil {
		t.Error("made larger")
	}
}
