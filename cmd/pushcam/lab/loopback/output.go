//go:build lab && linux

package main

import (
	"fmt"
	"os"
	"syscall"
	"unsafe"
)

// Requests and constants of linux/videodev2.h on amd64.
const (
	requestSetFormat = 0xc0d05605 // VIDIOC_S_FMT
	requestSetParm   = 0xc0cc5616 // VIDIOC_S_PARM
	requestStart     = 0x40045612 // VIDIOC_STREAMON
	bufferOutput     = 2          // V4L2_BUF_TYPE_VIDEO_OUTPUT
	fieldNone        = 1          // V4L2_FIELD_NONE
	pixelFormatMJPEG = 'M' | 'J'<<8 | 'P'<<16 | 'G'<<24
	pixelFormatH264  = 'H' | '2'<<8 | '6'<<16 | '4'<<24
)

// format is struct v4l2_format with a struct v4l2_pix_format in it.
type format struct {
	kind          uint32
	_             uint32
	width, height uint32
	pixelFormat   uint32
	field         uint32
	bytesPerLine  uint32
	sizeImage     uint32
	_             [208 - 8*4]byte
}

// parameters is struct v4l2_streamparm with a struct v4l2_outputparm in it.
type parameters struct {
	kind                   uint32
	capability             uint32
	outputMode             uint32
	numerator, denominator uint32 // seconds for a picture
	_                      [204 - 5*4]byte
}

// openOutput opens the side of the device that takes pictures. What the driver
// made of the format shows on the other side.
func openOutput(path string, pixelFormat, width, height, rate uint32) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	f := format{kind: bufferOutput, width: width, height: height, pixelFormat: pixelFormat, field: fieldNone}
	p := parameters{kind: bufferOutput, numerator: 1, denominator: rate}
	if err := ioctl(file, requestSetFormat, unsafe.Pointer(&f)); err != nil {
		return nil, fmt.Errorf("set the format of %s: %w", path, err)
	}
	if f.pixelFormat != pixelFormat || f.width != width || f.height != height {
		return nil, fmt.Errorf("set the format of %s: it chose %#x in %dx%d", path, f.pixelFormat, f.width, f.height)
	}
	if err := ioctl(file, requestSetParm, unsafe.Pointer(&p)); err != nil {
		return nil, fmt.Errorf("set the rate of %s: %w", path, err)
	}
	// By this the driver knows a writer, whose end sets the device free for the
	// next one.
	kind := int32(bufferOutput)
	if err := ioctl(file, requestStart, unsafe.Pointer(&kind)); err != nil {
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	return file, nil
}

func ioctl(file *os.File, request uintptr, argument unsafe.Pointer) error {
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, file.Fd(), request, uintptr(argument)); errno != 0 {
		return errno
	}
	return nil
}
