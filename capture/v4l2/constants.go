package v4l2

// What follows is from linux/videodev2.h; TestConstants compares it.

// Capabilities of struct v4l2_capability.
const (
	capVideoCapture      = 0x00000001
	capVideoCaptureMulti = 0x00001000
	capVideoM2MMulti     = 0x00004000
	capVideoM2M          = 0x00008000
	capMediaController   = 0x20000000
	capStreaming         = 0x04000000
	capDeviceCaps        = 0x80000000
)

// Kinds of buffer, enum v4l2_buf_type.
const (
	bufferCapture      = 1
	bufferOutput       = 2
	bufferCaptureMulti = 9
	bufferOutputMulti  = 10
)

// isMulti reports whether a kind of buffer is of the multi-planar API.
func isMulti(kind uint32) bool { return kind == bufferCaptureMulti || kind == bufferOutputMulti }

const (
	selectionCrop   = 0          // V4L2_SEL_TGT_CROP
	memoryMapped    = 1          // V4L2_MEMORY_MMAP
	fieldNone       = 1          // V4L2_FIELD_NONE: progressive
	privateMagic    = 0xfeedcafe // V4L2_PIX_FMT_PRIV_MAGIC: the fields after it are filled in
	maxBuffers      = 32         // VIDEO_MAX_FRAME
	maxMemoryPlanes = 8          // VIDEO_MAX_PLANES
	hasTimePerFrame = 0x1000     // V4L2_CAP_TIMEPERFRAME: the rate can be set
)

// Kinds of size and of interval, enum v4l2_frmsizetypes and v4l2_frmivaltypes.
const (
	kindDiscrete   = 1
	kindContinuous = 2
	kindStepwise   = 3
)

// Flags of struct v4l2_buffer.
const (
	bufferKeyframe      = 0x00000008
	bufferError         = 0x00000040
	bufferTimestampMask = 0x0000e000
	bufferTimestampMono = 0x00002000
	bufferTimestampCopy = 0x00004000
	bufferLast          = 0x00100000
)

// Flags of controls, and those that ask for the next one.
const (
	controlDisabled     = 0x0001
	controlGrabbed      = 0x0002
	controlReadOnly     = 0x0004
	controlUpdate       = 0x0008
	controlInactive     = 0x0010
	controlWriteOnly    = 0x0040
	controlVolatile     = 0x0080
	controlHasPayload   = 0x0100
	controlNext         = 0x80000000
	controlNextCompound = 0x40000000
)

// Color descriptions: enum v4l2_colorspace, v4l2_ycbcr_encoding and
// v4l2_quantization.
const (
	colorspaceSMPTE170M = 1
	colorspaceSMPTE240M = 2
	colorspaceREC709    = 3
	colorspaceJPEG      = 7
	colorspaceBT2020    = 10
	colorspaceDCIP3     = 12

	encodingDefault   = 0
	encoding601       = 1
	encoding709       = 2
	encodingXV709     = 4
	encodingBT2020    = 6
	encodingBT2020CL  = 7
	encodingSMPTE240M = 8

	quantizationDefault = 0
	quantizationFull    = 1
	quantizationLimited = 2

	transfer709 = 1 // V4L2_XFER_FUNC_709
)
