package yuv

// #cgo CFLAGS: -O2
// #cgo LDFLAGS: -lyuv -ljpeg -lstdc++ -lm
// #include <stdint.h>
// #include <libyuv.h>
import "C"

import (
	"fmt"

	"github.com/pushcam/pushcam/capture"
)

// Convert writes the picture into dst, which has its size and is the caller's
// alone. Time and the range of values stay what they are.
func Convert(dst *capture.Frame, p Picture) error {
	if err := p.check(); err != nil {
		return fmt.Errorf("convert: %w", err)
	}
	if err := writable(dst, p.Size); err != nil {
		return fmt.Errorf("convert: %w", err)
	}
	if err := convert(dst, p); err != nil {
		return fmt.Errorf("convert: %w", err)
	}
	return nil
}

// convert is Convert of what has been checked.
func convert(dst *capture.Frame, p Picture) error {
	w, h := C.int(p.Size.Width), C.int(p.Size.Height)
	y, u, v := pointer(dst.Y), pointer(dst.U), pointer(dst.V)
	ys, uvs := C.int(dst.YStride), C.int(dst.UVStride)
	first, second, third := p.Planes[0], p.Planes[1], p.Planes[2]
	src, s := pointer(first.Pix), C.int(first.Stride)
	result := C.int(0)
	switch p.Format {
	case YUYV:
		result = C.YUY2ToI420(src, s, y, ys, u, uvs, v, uvs, w, h)
	case UYVY:
		result = C.UYVYToI420(src, s, y, ys, u, uvs, v, uvs, w, h)
	case NV12:
		result = C.NV12ToI420(src, s, pointer(second.Pix), C.int(second.Stride), y, ys, u, uvs, v, uvs, w, h)
	case NV21:
		result = C.NV21ToI420(src, s, pointer(second.Pix), C.int(second.Stride), y, ys, u, uvs, v, uvs, w, h)
	case I420:
		result = C.I420Copy(src, s, pointer(second.Pix), C.int(second.Stride), pointer(third.Pix), C.int(third.Stride),
			y, ys, u, uvs, v, uvs, w, h)
	case GREY:
		result = C.I400ToI420(src, s, y, ys, u, uvs, v, uvs, w, h)
	}
	if result != 0 {
		return fmt.Errorf("%v %s: libyuv says %d", p.Size, p.Format, int(result))
	}
	return nil
}

// Scale writes src into dst at dst's size, which is not larger in either
// dimension. Each pixel is the mean of those that it stands for.
func Scale(dst, src *capture.Frame) error {
	if err := writable(dst, dst.Size); err != nil {
		return fmt.Errorf("scale: %w", err)
	}
	if err := src.Validate(); err != nil {
		return fmt.Errorf("scale: %w", err)
	}
	if dst.Width > src.Width || dst.Height > src.Height {
		return fmt.Errorf("scale %v to %v: not smaller", src.Size, dst.Size)
	}
	if err := scale(dst, src); err != nil {
		return fmt.Errorf("scale: %w", err)
	}
	dst.Time = src.Time
	return nil
}

// scale is Scale of what has been checked.
func scale(dst, src *capture.Frame) error {
	result := C.I420Scale(
		pointer(src.Y), C.int(src.YStride), pointer(src.U), C.int(src.UVStride), pointer(src.V), C.int(src.UVStride),
		C.int(src.Width), C.int(src.Height),
		pointer(dst.Y), C.int(dst.YStride), pointer(dst.U), C.int(dst.UVStride), pointer(dst.V), C.int(dst.UVStride),
		C.int(dst.Width), C.int(dst.Height), C.kFilterBox)
	if result != 0 {
		return fmt.Errorf("%v to %v: libyuv says %d", src.Size, dst.Size, int(result))
	}
	return nil
}

func writable(f *capture.Frame, size capture.Size) error {
	if f.Size != size {
		return fmt.Errorf("frame of %v for a picture of %v", f.Size, size)
	}
	return f.Validate()
}

func pointer(b []byte) *C.uint8_t { return (*C.uint8_t)(&b[0]) }
