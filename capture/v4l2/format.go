package v4l2

import (
	"fmt"
	"unsafe"

	"github.com/pushcam/pushcam/capture"
)

// Format is what a device delivers, by its own word.
type Format struct {
	PixelFormat PixelFormat
	capture.Size
	// Memory is one entry for each piece of memory that a picture takes: one,
	// but for the formats whose name ends in M.
	Memory []Memory
	// FullRange reports luma from 0 to 255 instead of 16 to 235.
	FullRange bool
	// Matrix is how YCbCr was made of RGB.
	Matrix Matrix
	// Interlaced reports that a picture is made of two fields, or is one.
	Interlaced bool
}

// Memory is the shape of a piece of memory.
type Memory struct {
	Stride int // bytes from one row of the (first) color plane to the next, 0 when compressed
	Size   int // bytes for the largest picture
}

// Matrix is a set of coefficients for YCbCr; the zero value is BT.601, which
// cameras use that say nothing.
type Matrix uint8

// The matrices of enum v4l2_ycbcr_encoding.
const (
	BT601 Matrix = iota
	BT709
	BT2020
	SMPTE240M
)

// String returns the name of the standard.
func (m Matrix) String() string {
	switch m {
	case BT601:
		return "BT.601"
	case BT709:
		return "BT.709"
	case BT2020:
		return "BT.2020"
	case SMPTE240M:
		return "SMPTE 240M"
	}
	return fmt.Sprintf("matrix(%d)", uint8(m))
}

// String is the format in one phrase: "1280x720 MJPG".
func (f Format) String() string { return fmt.Sprintf("%v %v", f.Size, f.PixelFormat) }

// maxMemory bounds a picture's memory: 16383 x 16383 pixels of 4 bytes.
const maxMemory = 1 << 30

// decodeFormat reads the driver's answer, and refuses what cannot be.
func decodeFormat(raw *pictureFormat) (Format, error) {
	p := raw.single()
	if isMulti(raw.kind) {
		return decodeMulti(raw.multi())
	}
	return finishFormat(Format{
		PixelFormat: p.pixelFormat,
		Size:        capture.Size{Width: bounded(p.width), Height: bounded(p.height)},
		Memory:      []Memory{{Stride: bounded(p.bytesPerLine), Size: bounded(p.sizeImage)}},
		FullRange:   fullRange(p.colorspace, p.quantization),
		Matrix:      matrix(p.colorspace, p.encoding),
		Interlaced:  p.field > fieldNone,
	})
}

func decodeMulti(p *pixFormatMulti) (Format, error) {
	if p.planeCount < 1 || p.planeCount > maxMemoryPlanes {
		return Format{}, fmt.Errorf("driver says %d planes, want 1 to %d", p.planeCount, maxMemoryPlanes)
	}
	f := Format{
		PixelFormat: p.pixelFormat,
		Size:        capture.Size{Width: bounded(p.width), Height: bounded(p.height)},
		FullRange:   fullRange(p.colorspace, uint32(p.quantization)),
		Matrix:      matrix(p.colorspace, uint32(p.encoding)),
		Interlaced:  p.field > fieldNone,
	}
	for _, plane := range p.planes[:p.planeCount] {
		f.Memory = append(f.Memory, Memory{Stride: bounded(plane.bytesPerLine), Size: bounded(plane.sizeImage)})
	}
	return finishFormat(f)
}

func finishFormat(f Format) (Format, error) {
	if min(f.Width, f.Height) < 1 || max(f.Width, f.Height) > capture.MaxDimension {
		return Format{}, fmt.Errorf("driver says %v: want sides from 1 to %d", f, capture.MaxDimension)
	}
	for _, m := range f.Memory {
		if m.Size < 1 || m.Size > maxMemory {
			return Format{}, fmt.Errorf("driver says %v in %d bytes: want 1 to %d", f, m.Size, maxMemory)
		}
	}
	if f.PixelFormat.intra() {
		// JFIF has no other; drivers say sRGB, and mean it of the RGB.
		f.FullRange, f.Matrix = true, BT601
	}
	if _, err := f.layout(); err != nil {
		return Format{}, err
	}
	return f, nil
}

// bounded keeps a number of the driver's positive where int has 32 bits.
func bounded(n uint32) int { return int(min(n, 1<<31-1)) }

// fullRange is V4L2_MAP_QUANTIZATION_DEFAULT for YCbCr.
func fullRange(colorspace, quantization uint32) bool {
	if quantization == quantizationDefault {
		return colorspace == colorspaceJPEG
	}
	return quantization == quantizationFull
}

// matrix is V4L2_MAP_YCBCR_ENC_DEFAULT.
func matrix(colorspace, encoding uint32) Matrix {
	if encoding == encodingDefault {
		switch colorspace {
		case colorspaceREC709, colorspaceDCIP3:
			encoding = encoding709
		case colorspaceBT2020:
			encoding = encodingBT2020
		case colorspaceSMPTE240M:
			encoding = encodingSMPTE240M
		}
	}
	switch encoding {
	case encoding709, encodingXV709:
		return BT709
	case encodingBT2020, encodingBT2020CL:
		return BT2020
	case encodingSMPTE240M:
		return SMPTE240M
	}
	return BT601
}

// Format asks the device what it delivers now.
func (d *Device) Format() (Format, error) {
	raw := &pictureFormat{kind: d.kind}
	if err := d.ioctl(requestGetFormat, unsafe.Pointer(raw)); err != nil {
		return Format{}, d.fail("read the format of", err)
	}
	f, err := decodeFormat(raw)
	if err != nil {
		return Format{}, d.fail("read the format of", err)
	}
	return f, nil
}

// SetFormat asks for a format and size, and returns what the device chose,
// which may be another: VIDIOC_S_FMT fails only for lack of a device, or while
// buffers are in use. It sets the rate back to the device's default.
func (d *Device) SetFormat(pixelFormat PixelFormat, size capture.Size) (Format, error) {
	f, err := d.negotiate(requestSetFormat, pixelFormat, size)
	if err != nil {
		return Format{}, d.fail(fmt.Sprintf("set %v %v of", size, pixelFormat), err)
	}
	return f, nil
}

// negotiate is S_FMT and TRY_FMT.
func (d *Device) negotiate(r request, pixelFormat PixelFormat, size capture.Size) (Format, error) {
	raw := &pictureFormat{kind: d.kind}
	width, height := uint32(size.Width), uint32(size.Height)
	if isMulti(d.kind) {
		*raw.multi() = pixFormatMulti{width: width, height: height, pixelFormat: pixelFormat, field: fieldNone}
	} else {
		*raw.single() = pixFormat{width: width, height: height, pixelFormat: pixelFormat, field: fieldNone, private: privateMagic}
	}
	if err := d.ioctl(r, unsafe.Pointer(raw)); err != nil {
		return Format{}, err
	}
	return decodeFormat(raw)
}
