package v4l2

import "unsafe"

// These are the structures of linux/videodev2.h, laid out by hand: no C
// compiler takes part in a build. TestLayout compares each with the header, for
// 64-bit, 32-bit with 8-byte alignment (arm) and 32-bit without (386). C's
// "unsigned long" and "long" are uintptr and int, which have its size on every
// Linux that Go knows. The 32-bit v4l2_buffer is the one with a 32-bit time_t,
// which every kernel takes; the times in it are since boot.

// capability is struct v4l2_capability.
type capability struct {
	driver       [16]byte
	card         [32]byte
	busInfo      [32]byte
	version      uint32
	capabilities uint32
	deviceCaps   uint32
	_            [3]uint32
}

// formatDescription is struct v4l2_fmtdesc.
type formatDescription struct {
	index       uint32
	kind        uint32
	flags       uint32
	description [32]byte
	pixelFormat PixelFormat
	mbusCode    uint32
	_           [3]uint32
}

// rangeOfSizes is struct v4l2_frmsize_stepwise; a discrete size is in its
// first two fields, as struct v4l2_frmsize_discrete.
type rangeOfSizes struct {
	minWidth, maxWidth, stepWidth    uint32
	minHeight, maxHeight, stepHeight uint32
}

// discrete reads the union as struct v4l2_frmsize_discrete.
func (r rangeOfSizes) discrete() (width, height uint32) { return r.minWidth, r.maxWidth }

// frameSize is struct v4l2_frmsizeenum.
type frameSize struct {
	index       uint32
	pixelFormat PixelFormat
	kind        uint32
	sizes       rangeOfSizes
	_           [2]uint32
}

// frameInterval is struct v4l2_frmivalenum.
type frameInterval struct {
	index         uint32
	pixelFormat   PixelFormat
	width, height uint32
	kind          uint32
	min           Interval // the only one, when discrete
	max, step     Interval
	_             [2]uint32
}

// wordPadding is what aligns a union that has a pointer in it.
const wordPadding = unsafe.Sizeof(uintptr(0)) - 4

// pictureFormat is struct v4l2_format. Its union is read by single and multi.
type pictureFormat struct {
	kind  uint32
	_     [wordPadding]byte
	union [200]byte
}

func (f *pictureFormat) single() *pixFormat { return (*pixFormat)(unsafe.Pointer(&f.union)) }

func (f *pictureFormat) multi() *pixFormatMulti { return (*pixFormatMulti)(unsafe.Pointer(&f.union)) }

// pixFormat is struct v4l2_pix_format.
type pixFormat struct {
	width, height uint32
	pixelFormat   PixelFormat
	field         uint32
	bytesPerLine  uint32
	sizeImage     uint32
	colorspace    uint32
	private       uint32
	flags         uint32
	encoding      uint32
	quantization  uint32
	transfer      uint32
}

// planeFormat is struct v4l2_plane_pix_format.
type planeFormat struct {
	sizeImage    uint32
	bytesPerLine uint32
	_            [6]uint16
}

// pixFormatMulti is struct v4l2_pix_format_mplane.
type pixFormatMulti struct {
	width, height uint32
	pixelFormat   PixelFormat
	field         uint32
	colorspace    uint32
	planes        [maxMemoryPlanes]planeFormat
	planeCount    uint8
	flags         uint8
	encoding      uint8
	quantization  uint8
	transfer      uint8
	_             [7]uint8
}

// captureParameters is struct v4l2_streamparm with its struct
// v4l2_captureparm, which lies like struct v4l2_outputparm.
type captureParameters struct {
	kind         uint32
	capability   uint32
	captureMode  uint32
	timePerFrame Interval
	extendedMode uint32
	readBuffers  uint32
	_            [4]uint32
	_            [160]byte
}

// selection is struct v4l2_selection with its struct v4l2_rect.
type selection struct {
	kind          uint32
	target        uint32
	flags         uint32
	left, top     int32
	width, height uint32
	_             [9]uint32
}

// bufferRequest is struct v4l2_requestbuffers.
type bufferRequest struct {
	count        uint32
	kind         uint32
	memory       uint32
	capabilities uint32
	flags        uint8
	_            [3]uint8
}

// bufferDescription is struct v4l2_buffer. Its timecode is left out.
type bufferDescription struct {
	index       uint32
	kind        uint32
	bytesUsed   uint32
	flags       uint32
	field       uint32
	seconds     int
	microsecond int
	_           [16]byte
	sequence    uint32
	memory      uint32
	// location is the offset for mmap, or the address of the planes.
	location  uintptr
	length    uint32
	_         uint32
	requestFD int32
}

// planeDescription is struct v4l2_plane.
type planeDescription struct {
	bytesUsed  uint32
	length     uint32
	location   uintptr // its lower 32 bits are the offset for mmap
	dataOffset uint32
	_          [11]uint32
}

// controlQuery is struct v4l2_query_ext_ctrl.
type controlQuery struct {
	id         uint32
	kind       uint32
	name       [32]byte
	minimum    int64
	maximum    int64
	step       uint64
	def        int64
	flags      uint32
	elemSize   uint32
	elems      uint32
	dimensions uint32
	dims       [4]uint32
	_          [32]uint32
}

// oldControlQuery is struct v4l2_queryctrl.
type oldControlQuery struct {
	id      uint32
	kind    uint32
	name    [32]byte
	minimum int32
	maximum int32
	step    int32
	def     int32
	flags   uint32
	_       [2]uint32
}

// menuQuery is struct v4l2_querymenu, which is packed. Its union is a name or
// a value.
type menuQuery struct {
	id    uint32
	index uint32
	name  [32]byte
	_     uint32
}

func (m *menuQuery) value() int64 { return nativeInt64(m.name[:8]) }

// controlValue is struct v4l2_control.
type controlValue struct {
	id    uint32
	value int32
}

// wideControlValue is struct v4l2_ext_control, which is packed.
type wideControlValue struct {
	id    uint32
	size  uint32
	_     uint32
	value [8]byte
}

// wideControlValues is struct v4l2_ext_controls.
type wideControlValues struct {
	which      uint32
	count      uint32
	errorIndex uint32
	requestFD  int32
	_          uint32
	controls   unsafe.Pointer // to wideControlValue
}
