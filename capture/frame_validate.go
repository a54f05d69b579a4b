package capture

import "fmt"

// Validate reports why f cannot be encoded: a size outside what Size allows,
// or planes shorter than the size and strides say. Encoders call it before
// they hand the planes to a C library.
func (f *Frame) Validate() error {
	if f == nil {
		return fmt.Errorf("frame: is nil")
	}
	if f.Coded != nil {
		return fmt.Errorf("frame %v: is %v from the camera, and cannot be encoded again", f.Size, f.Coded.Codec)
	}
	if !f.valid() {
		return fmt.Errorf("frame %v: want an even width and height, 16 to %d", f.Size, MaxDimension)
	}
	cw, ch := f.Width/2, f.Height/2
	if f.YStride < f.Width || f.UVStride < cw {
		return fmt.Errorf("frame %v: strides %d and %d are shorter than a row", f.Size, f.YStride, f.UVStride)
	}
	// The last row of a plane may end at the picture's edge. Division keeps
	// an absurd stride from overflowing.
	holds := func(plane []byte, stride, width, height int) bool {
		return len(plane) >= width && (len(plane)-width)/stride >= height-1
	}
	if !holds(f.Y, f.YStride, f.Width, f.Height) ||
		!holds(f.U, f.UVStride, cw, ch) || !holds(f.V, f.UVStride, cw, ch) {
		return fmt.Errorf("frame %v: planes of %d, %d and %d bytes are too short", f.Size, len(f.Y), len(f.U), len(f.V))
	}
	return nil
}
