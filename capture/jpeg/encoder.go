package jpeg

// #cgo noescape pushcam_jpeg_encode
// #cgo nocallback pushcam_jpeg_encode
// #include <stdlib.h>
// #include "encode.h"
import "C"

import (
	"fmt"
	"unsafe"

	"github.com/pushcam/pushcam/capture"
)

// Encode makes a JFIF picture of f, 4:2:0 and in full range, as that format has
// it. Quality is libjpeg's, 1 to 100. Any goroutine may call it.
func Encode(f *capture.Frame, quality int) ([]byte, error) {
	if err := f.Validate(); err != nil {
		return nil, fmt.Errorf("jpeg: encode: %w", err)
	}
	if !fits(f.Size) {
		return nil, fmt.Errorf("jpeg: encode picture of %v: %w: want at most 4096x2304", f.Size, ErrUnsupported)
	}
	if quality < 1 || quality > 100 {
		return nil, fmt.Errorf("jpeg: encode: quality %d: want 1 to 100", quality)
	}
	var length C.size_t
	var reason [200]C.char
	data := C.pushcam_jpeg_encode(plane(f.Y), plane(f.U), plane(f.V), C.int(f.Width), C.int(f.Height),
		C.int(f.YStride), C.int(f.UVStride), C.int(quality), &length, &reason[0], C.size_t(len(reason)))
	if data == nil {
		return nil, fmt.Errorf("jpeg: encode %v: %s", f.Size, C.GoString(&reason[0]))
	}
	defer C.free(unsafe.Pointer(data))
	return C.GoBytes(unsafe.Pointer(data), C.int(length)), nil
}
