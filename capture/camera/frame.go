package camera

import (
	"fmt"
	"image"

	"github.com/pushcam/pushcam/capture"
)

// toFrame copies a decoded picture into a Frame of the pool, without an odd
// last row or column, which encoders cannot take. A picture of fullRange (JFIF:
// Y from 0 to 255) is brought to the limited range of a Frame.
func toFrame(pool *capture.FramePool, img image.Image, fullRange bool) (*capture.Frame, error) {
	size := capture.Size{Width: img.Bounds().Dx() &^ 1, Height: img.Bounds().Dy() &^ 1}
	if min(size.Width, size.Height) < 16 || max(size.Width, size.Height) > capture.MaxDimension {
		return nil, fmt.Errorf("picture of %v: want sides from 16 to %d", img.Bounds().Size(), capture.MaxDimension)
	}
	var f *capture.Frame
	switch img := img.(type) {
	case *image.YCbCr:
		if err := checkPlanes(img); err != nil {
			return nil, err
		}
		f = pool.Get(size)
		copyYCbCr(f, img)
	case *image.Gray:
		if len(img.Pix) < (size.Height-1)*img.Stride+size.Width || img.Stride < size.Width {
			return nil, fmt.Errorf("picture of %v: too little data", size)
		}
		f = pool.Get(size)
		capture.CopyPlane(f.Y, f.YStride, img.Pix, img.Stride, size.Width, size.Height)
		for i := range f.U {
			f.U[i], f.V[i] = 128, 128
		}
	default:
		return nil, fmt.Errorf("picture of type %T: want YCbCr", img)
	}
	if fullRange {
		capture.LimitLuma(f.Y)
		capture.LimitChroma(f.U)
		capture.LimitChroma(f.V)
	}
	return f, nil
}

// FromJPEG copies what image/jpeg has decoded into a Frame of the pool, without
// a Time.
func FromJPEG(pool *capture.FramePool, img image.Image) (*capture.Frame, error) {
	return toFrame(pool, img, true)
}

// checkPlanes makes sure that the last pixel is there. Decoders of
// uncompressed formats cut the planes by the size that was asked for, not by
// what came.
func checkPlanes(img *image.YCbCr) error {
	size, x, y := img.Rect.Size(), img.Rect.Max.X-1, img.Rect.Max.Y-1
	if last := img.COffset(x, y); img.YOffset(x, y) >= len(img.Y) || last >= len(img.Cb) || last >= len(img.Cr) {
		return fmt.Errorf("picture of %dx%d: too little data", size.X, size.Y)
	}
	if img.YStride < size.X || img.CStride < img.COffset(x, y)-img.COffset(img.Rect.Min.X, y)+1 {
		return fmt.Errorf("picture of %dx%d: strides %d and %d are too small", size.X, size.Y, img.YStride, img.CStride)
	}
	return nil
}

// copyYCbCr brings any subsampling to 4:2:0; those that cameras have by the
// fast ways.
func copyYCbCr(f *capture.Frame, img *image.YCbCr) {
	origin := img.Rect.Min
	capture.CopyPlane(f.Y, f.YStride, img.Y[img.YOffset(origin.X, origin.Y):], img.YStride, f.Width, f.Height)
	uvWidth, uvHeight := f.Width/2, f.Height/2
	for _, plane := range []struct{ dst, src []byte }{{f.U, img.Cb}, {f.V, img.Cr}} {
		src := plane.src[img.COffset(origin.X, origin.Y):]
		switch img.SubsampleRatio {
		case image.YCbCrSubsampleRatio420:
			capture.CopyPlane(plane.dst, f.UVStride, src, img.CStride, uvWidth, uvHeight)
		case image.YCbCrSubsampleRatio422:
			capture.HalveRows(plane.dst, f.UVStride, src, img.CStride, uvWidth, f.Height)
		case image.YCbCrSubsampleRatio444:
			capture.HalvePlane(plane.dst, f.UVStride, src, img.CStride, f.Width, f.Height)
		default:
			// 4:4:0, 4:1:1 and 4:1:0 come from no camera known, so nearest
			// will do.
			for y := range uvHeight {
				for x := range uvWidth {
					plane.dst[y*f.UVStride+x] = plane.src[img.COffset(origin.X+2*x, origin.Y+2*y)]
				}
			}
		}
	}
}
