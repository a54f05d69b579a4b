package yuv

import (
	"errors"
	"fmt"

	"github.com/pushcam/pushcam/capture"
)

// ErrShort means that a picture has fewer bytes than its format needs: the
// device delivered a part of it.
var ErrShort = errors.New("picture is incomplete")

// Format is a raw pixel format, by the name that V4L2's documentation gives it
// (kernel documentation, "YUV Formats").
type Format string

// The formats that Convert reads, and their planes.
const (
	YUYV Format = "YUYV" // 4:2:2, one plane: Y0 U Y1 V
	UYVY Format = "UYVY" // 4:2:2, one plane: U Y0 V Y1
	NV12 Format = "NV12" // 4:2:0, two planes: Y, UV pairs
	NV21 Format = "NV21" // 4:2:0, two planes: Y, VU pairs
	I420 Format = "I420" // 4:2:0, three planes: Y, U, V
	GREY Format = "GREY" // one plane: Y
)

// Plane is one plane of a picture. Its last row may be shorter than Stride.
type Plane struct {
	Pix    []byte
	Stride int // bytes from one row to the next
}

// Picture is a raw picture. It has the planes of its Format, in that order.
type Picture struct {
	Format Format
	Size   capture.Size
	Planes [3]Plane
}

// extent is how much of a plane a picture uses.
type extent struct{ rowBytes, rows int }

// extents are those of the Format's planes; the others are zero, all of them
// for an unknown format.
func (p Picture) extents() [3]extent {
	w, h := p.Size.Width, p.Size.Height
	switch p.Format {
	case YUYV, UYVY:
		return [3]extent{{2 * w, h}}
	case NV12, NV21:
		return [3]extent{{w, h}, {w, h / 2}}
	case I420:
		return [3]extent{{w, h}, {w / 2, h / 2}, {w / 2, h / 2}}
	case GREY:
		return [3]extent{{w, h}}
	}
	return [3]extent{}
}

// check makes sure that every pixel is there.
func (p Picture) check() error {
	if w, h := p.Size.Width, p.Size.Height; w < 2 || h < 2 || w > capture.MaxDimension || h > capture.MaxDimension || w%2 != 0 || h%2 != 0 {
		return fmt.Errorf("size %v: want both even, 2 to %d", p.Size, capture.MaxDimension)
	}
	extents := p.extents()
	if extents[0].rows == 0 {
		return fmt.Errorf("format %q: not one that is converted", p.Format)
	}
	for i, e := range extents {
		if e.rows == 0 {
			break
		}
		plane := p.Planes[i]
		if plane.Stride < e.rowBytes || plane.Stride > maxStride {
			return fmt.Errorf("stride %d of plane %d: want %d to %d for %v %s", plane.Stride, i, e.rowBytes, maxStride, p.Size, p.Format)
		}
		if need := plane.Stride*(e.rows-1) + e.rowBytes; len(plane.Pix) < need {
			return fmt.Errorf("%w: plane %d has %d bytes, want %d for %v %s", ErrShort, i, len(plane.Pix), need, p.Size, p.Format)
		}
	}
	return nil
}

// maxStride keeps products of strides small, also where int has 32 bits.
const maxStride = 1 << 16
