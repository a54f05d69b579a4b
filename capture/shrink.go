package capture

import "fmt"

// Shrink writes src into dst at dst's size, which is not larger in either
// dimension: each pixel is the mean of those that it stands for, whole ones only.
// It is for systems without a library that does it better.
func Shrink(dst, src *Frame) error {
	for _, f := range []*Frame{dst, src} {
		if err := f.Validate(); err != nil {
			return fmt.Errorf("shrink: %w", err)
		}
	}
	if dst.Width > src.Width || dst.Height > src.Height {
		return fmt.Errorf("shrink %v to %v: not smaller", src.Size, dst.Size)
	}
	half := func(s Size) Size { return Size{s.Width / 2, s.Height / 2} }
	shrinkPlane(dst.Y, dst.YStride, dst.Size, src.Y, src.YStride, src.Size)
	shrinkPlane(dst.U, dst.UVStride, half(dst.Size), src.U, src.UVStride, half(src.Size))
	shrinkPlane(dst.V, dst.UVStride, half(dst.Size), src.V, src.UVStride, half(src.Size))
	dst.Time = src.Time
	return nil
}

func shrinkPlane(dst []byte, dstStride int, to Size, src []byte, srcStride int, from Size) {
	for y := range to.Height {
		y0, y1 := y*from.Height/to.Height, (y+1)*from.Height/to.Height
		for x := range to.Width {
			x0, x1 := x*from.Width/to.Width, (x+1)*from.Width/to.Width
			sum, n := 0, (x1-x0)*(y1-y0)
			for row := y0; row < y1; row++ {
				for _, p := range src[row*srcStride+x0 : row*srcStride+x1] {
					sum += int(p)
				}
			}
			dst[y*dstStride+x] = byte((sum + n/2) / n)
		}
	}
}
