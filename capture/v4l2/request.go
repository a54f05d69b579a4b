package v4l2

import "unsafe"

// request is the number of an ioctl: direction, size, 'V', number.
type request uint32

const (
	requestType  = uint32('V') << 8
	argumentBits = 16 // the size of the argument begins here
	readWrite    = kernelWrites | kernelReads
)

// The ioctls that are used. Directions are the process's in the header's
// names, so VIDIOC_QUERYCAP, which the kernel writes, is an _IOR.
const (
	requestCapability    = request(kernelWrites | uint32(unsafe.Sizeof(capability{}))<<argumentBits | requestType)
	requestEnumFormats   = request(readWrite | uint32(unsafe.Sizeof(formatDescription{}))<<argumentBits | requestType | 2)
	requestGetFormat     = request(readWrite | uint32(unsafe.Sizeof(pictureFormat{}))<<argumentBits | requestType | 4)
	requestSetFormat     = request(readWrite | uint32(unsafe.Sizeof(pictureFormat{}))<<argumentBits | requestType | 5)
	requestBuffers       = request(readWrite | uint32(unsafe.Sizeof(bufferRequest{}))<<argumentBits | requestType | 8)
	requestQueryBuffer   = request(readWrite | uint32(unsafe.Sizeof(bufferDescription{}))<<argumentBits | requestType | 9)
	requestQueue         = request(readWrite | uint32(unsafe.Sizeof(bufferDescription{}))<<argumentBits | requestType | 15)
	requestDequeue       = request(readWrite | uint32(unsafe.Sizeof(bufferDescription{}))<<argumentBits | requestType | 17)
	requestStart         = request(kernelReads | uint32(unsafe.Sizeof(uint32(0)))<<argumentBits | requestType | 18)
	requestStop          = request(kernelReads | uint32(unsafe.Sizeof(uint32(0)))<<argumentBits | requestType | 19)
	requestGetParameters = request(readWrite | uint32(unsafe.Sizeof(captureParameters{}))<<argumentBits | requestType | 21)
	requestSetParameters = request(readWrite | uint32(unsafe.Sizeof(captureParameters{}))<<argumentBits | requestType | 22)
	requestGetControl    = request(readWrite | uint32(unsafe.Sizeof(controlValue{}))<<argumentBits | requestType | 27)
	requestSetControl    = request(readWrite | uint32(unsafe.Sizeof(controlValue{}))<<argumentBits | requestType | 28)
	requestOldControl    = request(readWrite | uint32(unsafe.Sizeof(oldControlQuery{}))<<argumentBits | requestType | 36)
	requestMenu          = request(readWrite | uint32(unsafe.Sizeof(menuQuery{}))<<argumentBits | requestType | 37)
	requestTryFormat     = request(readWrite | uint32(unsafe.Sizeof(pictureFormat{}))<<argumentBits | requestType | 64)
	requestGetWide       = request(readWrite | uint32(unsafe.Sizeof(wideControlValues{}))<<argumentBits | requestType | 71)
	requestSetWide       = request(readWrite | uint32(unsafe.Sizeof(wideControlValues{}))<<argumentBits | requestType | 72)
	requestEnumSizes     = request(readWrite | uint32(unsafe.Sizeof(frameSize{}))<<argumentBits | requestType | 74)
	requestEnumIntervals = request(readWrite | uint32(unsafe.Sizeof(frameInterval{}))<<argumentBits | requestType | 75)
	requestSetSelection  = request(readWrite | uint32(unsafe.Sizeof(selection{}))<<argumentBits | requestType | 95)
	requestControl       = request(readWrite | uint32(unsafe.Sizeof(controlQuery{}))<<argumentBits | requestType | 103)
)

// argumentSize is how many bytes the kernel may read or write.
func (r request) argumentSize() int { return int(r >> argumentBits & (1<<13 - 1)) }

// String is the header's name without "VIDIOC_", as kernel documents have it.
func (r request) String() string {
	switch r {
	case requestCapability:
		return "QUERYCAP"
	case requestEnumFormats:
		return "ENUM_FMT"
	case requestGetFormat:
		return "G_FMT"
	case requestSetFormat:
		return "S_FMT"
	case requestBuffers:
		return "REQBUFS"
	case requestQueryBuffer:
		return "QUERYBUF"
	case requestQueue:
		return "QBUF"
	case requestDequeue:
		return "DQBUF"
	case requestStart:
		return "STREAMON"
	case requestStop:
		return "STREAMOFF"
	case requestGetParameters:
		return "G_PARM"
	case requestSetParameters:
		return "S_PARM"
	case requestGetControl:
		return "G_CTRL"
	case requestSetControl:
		return "S_CTRL"
	case requestOldControl:
		return "QUERYCTRL"
	case requestMenu:
		return "QUERYMENU"
	case requestTryFormat:
		return "TRY_FMT"
	case requestGetWide:
		return "G_EXT_CTRLS"
	case requestSetWide:
		return "S_EXT_CTRLS"
	case requestEnumSizes:
		return "ENUM_FRAMESIZES"
	case requestEnumIntervals:
		return "ENUM_FRAMEINTERVALS"
	case requestSetSelection:
		return "S_SELECTION"
	case requestControl:
		return "QUERY_EXT_CTRL"
	case requestExtension:
		return "UVCIOC_CTRL_QUERY"
	}
	return "ioctl"
}
