package v4l2

import "strings"

// PixelFormat is a four-character code of linux/videodev2.h ("Image Formats"
// in the kernel's V4L2 document).
type PixelFormat uint32

// The formats that this package knows the layout of, and the compressed ones
// that cameras have. Those that end in M have each color plane in memory of its
// own; they exist in the multi-planar API only.
const (
	MJPEG PixelFormat = 'M' | 'J'<<8 | 'P'<<16 | 'G'<<24
	JPEG  PixelFormat = 'J' | 'P'<<8 | 'E'<<16 | 'G'<<24
	H264  PixelFormat = 'H' | '2'<<8 | '6'<<16 | '4'<<24
	HEVC  PixelFormat = 'H' | 'E'<<8 | 'V'<<16 | 'C'<<24
	VP8   PixelFormat = 'V' | 'P'<<8 | '8'<<16 | '0'<<24

	YUYV  PixelFormat = 'Y' | 'U'<<8 | 'Y'<<16 | 'V'<<24
	UYVY  PixelFormat = 'U' | 'Y'<<8 | 'V'<<16 | 'Y'<<24
	GREY  PixelFormat = 'G' | 'R'<<8 | 'E'<<16 | 'Y'<<24
	NV12  PixelFormat = 'N' | 'V'<<8 | '1'<<16 | '2'<<24
	NV21  PixelFormat = 'N' | 'V'<<8 | '2'<<16 | '1'<<24
	I420  PixelFormat = 'Y' | 'U'<<8 | '1'<<16 | '2'<<24
	YV12  PixelFormat = 'Y' | 'V'<<8 | '1'<<16 | '2'<<24
	NV12M PixelFormat = 'N' | 'M'<<8 | '1'<<16 | '2'<<24
	NV21M PixelFormat = 'N' | 'M'<<8 | '2'<<16 | '1'<<24
	I420M PixelFormat = 'Y' | 'M'<<8 | '1'<<16 | '2'<<24
	YV12M PixelFormat = 'Y' | 'M'<<8 | '2'<<16 | '1'<<24
)

// bigEndianFlag marks a variant with its bytes swapped: v4l2_fourcc_be.
const bigEndianFlag = 1 << 31

// String is the code, "MJPG", with "-BE" for a big-endian variant.
func (p PixelFormat) String() string {
	var b [4]byte
	for i := range b {
		b[i] = byte(p &^ bigEndianFlag >> (8 * i))
		if b[i] < ' ' || b[i] > '~' {
			b[i] = '?'
		}
	}
	code := strings.TrimRight(string(b[:]), " ")
	if p&bigEndianFlag != 0 {
		code += "-BE"
	}
	return code
}

// Compressed reports whether a picture's length varies.
func (p PixelFormat) Compressed() bool { return p.intra() || p.inter() }

func (p PixelFormat) intra() bool { return p == MJPEG || p == JPEG }

// inter reports whether a picture needs those before it, so that none may be
// skipped.
func (p PixelFormat) inter() bool { return p == H264 || p == HEVC || p == VP8 }

// arrangement is how the colors of a picture lie in memory.
type arrangement uint8

const (
	unknownArrangement arrangement = iota
	packed422                      // YUYV in any order
	lumaOnly
	semiPlanar420 // Y, then U and V interleaved
	planar420     // Y, then two planes of chroma
)

func (p PixelFormat) arrangement() arrangement {
	switch p {
	case YUYV, UYVY:
		return packed422
	case GREY:
		return lumaOnly
	case NV12, NV21, NV12M, NV21M:
		return semiPlanar420
	case I420, YV12, I420M, YV12M:
		return planar420
	default:
		return unknownArrangement
	}
}

// separate reports whether each color plane has memory of its own.
func (p PixelFormat) separate() bool {
	return p == NV12M || p == NV21M || p == I420M || p == YV12M
}

// crFirst reports whether V comes before U.
func (p PixelFormat) crFirst() bool { return p == YV12 || p == YV12M || p == NV21 || p == NV21M }
