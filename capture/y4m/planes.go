package y4m

import (
	"io"

	"github.com/pushcam/pushcam/capture"
)

// fill reads the planes into f, which is as large as the picture, or one pixel
// smaller where that is odd.
func (r *Reader) fill(f *capture.Frame) error {
	size := r.header.size
	if err := r.copyPlane(f.Y, f.YStride, f.Width, f.Height, size.Width, size.Height); err != nil {
		return err
	}
	for _, plane := range [2][]byte{f.U, f.V} {
		if err := r.fillChroma(plane, f.UVStride, f.Width/2, f.Height/2); err != nil {
			return err
		}
	}
	if r.header.fullRange {
		capture.LimitLuma(f.Y)
		if r.header.chroma != chromaNone {
			capture.LimitChroma(f.U)
			capture.LimitChroma(f.V)
		}
	}
	return nil
}

func (r *Reader) fillChroma(dst []byte, stride, width, rows int) error {
	srcWidth, srcRows := r.header.chroma.plane(r.header.size)
	switch r.header.chroma {
	case chroma420:
		return r.copyPlane(dst, stride, width, rows, srcWidth, srcRows)
	case chromaNone:
		for i := range dst {
			dst[i] = 128
		}
		return nil
	case chroma422, chroma444:
	}
	if len(r.rows) < 2*srcWidth {
		r.rows = make([]byte, 2*srcWidth)
	}
	pair := r.rows[:2*srcWidth]
	for y := range rows {
		if _, err := io.ReadFull(r.in, pair); err != nil {
			return err
		}
		if row := dst[y*stride:]; r.header.chroma == chroma422 {
			capture.HalveRows(row, stride, pair, srcWidth, width, 2)
		} else {
			capture.HalvePlane(row, stride, pair, srcWidth, 2*width, 2)
		}
	}
	_, err := r.in.Discard((srcRows - 2*rows) * srcWidth)
	return err
}

// copyPlane reads a plane of srcRows rows of srcWidth bytes and keeps what of
// it is inside of width and rows.
func (r *Reader) copyPlane(dst []byte, stride, width, rows, srcWidth, srcRows int) error {
	if tight := width == srcWidth; tight && width == stride {
		if _, err := io.ReadFull(r.in, dst[:width*rows]); err != nil {
			return err
		}
	} else {
		for y := range rows {
			if _, err := io.ReadFull(r.in, dst[y*stride:][:width]); err != nil {
				return err
			}
			if _, err := r.in.Discard(srcWidth - width); err != nil {
				return err
			}
		}
	}
	_, err := r.in.Discard((srcRows - rows) * srcWidth)
	return err
}
