package capture

import (
	"fmt"
	"strings"
)

// Codec is a video coding format that an Encoder can produce. The zero value
// is no codec at all.
type Codec uint8

// The codecs that every WebRTC endpoint has to know (RFC 7742 section 5).
const (
	NoCodec Codec = iota
	H264
	VP8
)

// Codecs lists the real codecs, cheapest to encode first: libx264's fastest
// presets cost less per picture than libvpx's.
func Codecs() []Codec { return []Codec{H264, VP8} }

// String returns the name used on the command line and in logs.
func (c Codec) String() string {
	switch c {
	case NoCodec:
		return "none"
	case H264:
		return "h264"
	case VP8:
		return "vp8"
	}
	return fmt.Sprintf("codec(%d)", uint8(c))
}

// ParseCodec is the inverse of String for real codecs; case does not matter.
func ParseCodec(s string) (Codec, error) {
	for _, c := range Codecs() {
		if strings.EqualFold(s, c.String()) {
			return c, nil
		}
	}
	return NoCodec, fmt.Errorf("codec %q: want h264 or vp8", s)
}
