package capture

import (
	"fmt"
	"sync"
)

// mostHalvings is of the least Effort on the lowest Rung.
const mostHalvings = 4

// leastWidth and leastHeight are of a picture that still shows something.
const leastWidth, leastHeight = 160, 90

// shows reports whether a picture of this size still shows something.
func (s Size) shows() bool { return s.Width >= leastWidth && s.Height >= leastHeight }

// halved is the size after n halvings; both dimensions stay even.
func (s Size) halved(n int) Size {
	if n <= 0 {
		return s
	}
	return Size{s.Width >> n &^ 1, s.Height >> n &^ 1}
}

// halver makes Frames smaller. Any goroutine may use it.
type halver struct {
	scale  func(dst, src *Frame) error
	frames [mostHalvings]FramePool // by how often they were halved before
}

// halvedFrame is a Frame's picture at half its size, made by the first who
// wants it, for all. The Frame has a reference to it until its own last Release.
type halvedFrame struct {
	once  sync.Once
	frame *Frame
	err   error
}

// release is for the end of the Frame, which nobody uses any more.
func (h *halvedFrame) release() {
	if h.frame != nil {
		h.frame.Release()
	}
	*h = halvedFrame{}
}

// reduce returns f with its sides halved n times, or less often where a Size
// ends, with one reference, the caller's; f itself, when that is not at all.
func (h *halver) reduce(f *Frame, n int) (*Frame, error) {
	small := f
	for i := range min(n, mostHalvings) {
		if !small.halved(1).valid() {
			break
		}
		small.half.once.Do(func() { small.half.frame, small.half.err = h.halve(small, i) })
		if small.half.err != nil {
			return nil, fmt.Errorf("make picture of %v smaller: %w", small.Size, small.half.err)
		}
		small = small.half.frame
	}
	return small.Retain(), nil
}

func (h *halver) halve(src *Frame, before int) (*Frame, error) {
	if err := src.Validate(); err != nil {
		return nil, err
	}
	dst := h.frames[before].Get(src.halved(1))
	dst.Time, dst.Slate = src.Time, src.Slate
	if err := h.scale(dst, src); err != nil {
		dst.Release()
		return nil, err
	}
	return dst, nil
}

// halveFrame writes src into dst, whose size is half of src's: each pixel is the
// mean of those that it stands for. It leaves out an odd last row or column.
func halveFrame(dst, src *Frame) error {
	HalvePlane(dst.Y, dst.YStride, src.Y, src.YStride, 2*dst.Width, 2*dst.Height)
	HalvePlane(dst.U, dst.UVStride, src.U, src.UVStride, dst.Width, dst.Height)
	HalvePlane(dst.V, dst.UVStride, src.V, src.UVStride, dst.Width, dst.Height)
	return nil
}
