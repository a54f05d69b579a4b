package capture

import "fmt"

// halve writes src into dst, whose size is half, or a quarter, of src's.
// Each pixel is the mean of those that it stands for.
func (e *effortEncoder) halve(dst, src *Frame) error {
	if err := src.Validate(); err != nil {
		return fmt.Errorf("halve: %w", err)
	}
	if dst.Size == src.halved(2) && dst.Size != src.halved(1) {
		half := e.halves.Get(src.halved(1))
		defer half.Release()
		halveFrame(half, src)
		src = half
	}
	if dst.Size != src.halved(1) {
		return fmt.Errorf("halve %v to %v: want a half or a quarter of it", src.Size, dst.Size)
	}
	halveFrame(dst, src)
	return nil
}

// halveFrame leaves out an odd last row or column.
func halveFrame(dst, src *Frame) {
	HalvePlane(dst.Y, dst.YStride, src.Y, src.YStride, 2*dst.Width, 2*dst.Height)
	HalvePlane(dst.U, dst.UVStride, src.U, src.UVStride, dst.Width, dst.Height)
	HalvePlane(dst.V, dst.UVStride, src.V, src.UVStride, dst.Width, dst.Height)
}
