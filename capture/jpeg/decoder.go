package jpeg

// #cgo pkg-config: libjpeg
// #cgo CFLAGS: -O3
// #cgo noescape pushcam_jpeg_header
// #cgo nocallback pushcam_jpeg_header
// #cgo noescape pushcam_jpeg_decode
// #cgo nocallback pushcam_jpeg_decode
// #include "bridge.h"
import "C"

import (
	"errors"
	"fmt"
	"unsafe"

	"github.com/pushcam/pushcam/capture"
)

var (
	// ErrCorrupt is for a picture that is damaged, cut off, or no JPEG. The
	// next one may be good.
	ErrCorrupt = errors.New("corrupt")
	// ErrUnsupported is for a JPEG of a kind or size that is not decoded
	// here. The next one will be the same.
	ErrUnsupported = errors.New("unsupported")
	// ErrClosed is returned by Decode after Close.
	ErrClosed = errors.New("decoder is closed")
)

// MaxPixels bounds a picture: 4096x2304.
const MaxPixels = 4096 * 2304

// Decoder decodes one picture after the other. One goroutine uses it. It owns
// C memory, which Close frees.
type Decoder struct {
	lib  *C.pushcam_jpeg // nil until the first Decode, and after Close
	done bool
}

// NewDecoder returns a Decoder.
func NewDecoder() *Decoder { return &Decoder{} }

// Decode returns the picture as a Frame from pool, with one reference and no
// Time. Its size, even in both directions, is the JPEG's. Errors wrap
// ErrCorrupt, ErrUnsupported or ErrClosed.
func (d *Decoder) Decode(pool *capture.FramePool, jpeg []byte) (*capture.Frame, error) {
	if d.done {
		return nil, fmt.Errorf("jpeg: %w", ErrClosed)
	}
	if d.lib == nil {
		if d.lib = C.pushcam_jpeg_new(); d.lib == nil {
			return nil, errors.New("jpeg: no memory")
		}
	}
	data, length := (*C.uint8_t)(unsafe.SliceData(jpeg)), C.size_t(len(jpeg))
	if code := C.pushcam_jpeg_header(d.lib, data, length); code != C.PUSHCAM_JPEG_OK {
		return nil, d.failure(code)
	}
	size := capture.Size{Width: int(C.pushcam_jpeg_width(d.lib)), Height: int(C.pushcam_jpeg_height(d.lib))}
	if !fits(size) {
		return nil, fmt.Errorf("jpeg: picture of %v: %w: want even sides from 16, and at most 4096x2304", size, ErrUnsupported)
	}
	f := pool.Get(size)
	code := C.pushcam_jpeg_decode(d.lib, data, length, plane(f.Y), plane(f.U), plane(f.V),
		C.int(size.Width), C.int(size.Height), C.int(f.YStride), C.int(f.UVStride))
	if code != C.PUSHCAM_JPEG_OK {
		f.Release()
		return nil, d.failure(code)
	}
	return f, nil
}

// Close frees the decoder. A second Close does nothing.
func (d *Decoder) Close() error {
	if d.lib != nil {
		C.pushcam_jpeg_free(d.lib)
		d.lib = nil
	}
	d.done = true
	return nil
}

func (d *Decoder) failure(code C.int) error {
	reason := C.GoString(C.pushcam_jpeg_reason(d.lib))
	switch code {
	case C.PUSHCAM_JPEG_CORRUPT:
		return fmt.Errorf("jpeg: %w: %s", ErrCorrupt, reason)
	case C.PUSHCAM_JPEG_UNSUPPORTED:
		return fmt.Errorf("jpeg: %w: %s", ErrUnsupported, reason)
	}
	return fmt.Errorf("jpeg: %s", reason)
}

func fits(s capture.Size) bool {
	side := func(n int) bool { return n >= 16 && n <= capture.MaxDimension && n%2 == 0 }
	return side(s.Width) && side(s.Height) && s.Pixels() <= MaxPixels
}

func plane(p []byte) *C.uint8_t { return (*C.uint8_t)(unsafe.SliceData(p)) }
