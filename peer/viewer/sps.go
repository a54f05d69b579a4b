package viewer

import (
	"errors"
	"fmt"

	"github.com/pushcam/pushcam/capture"
)

// errSPS is the only way in which ParseSPS fails.
var errSPS = errors.New("parse h264 SPS: it is cut short or out of range")

// SPS is what a viewer wants to know of an H.264 sequence parameter set (ITU-T
// H.264 section 7.3.2.1.1).
type SPS struct {
	// Profile is profile_idc, Constraints the byte of constraint flags, Level
	// is level_idc: ten times the level's number.
	Profile, Constraints, Level byte
	// Size is the picture's after cropping.
	Size capture.Size
}

// ProfileLevelID is the SPS's profile-level-id as SDP writes it: "42e01f"
// (RFC 6184 section 8.1).
func (s SPS) ProfileLevelID() string {
	return fmt.Sprintf("%02x%02x%02x", s.Profile, s.Constraints, s.Level)
}

// ParseSPS reads an SPS NAL unit, header byte included and without start code.
// Bytes after what it needs are not looked at.
func ParseSPS(unit []byte) (SPS, error) {
	if len(unit) < 5 || unit[0]&0x1f != nalSPS {
		return SPS{}, errSPS
	}
	s := SPS{Profile: unit[1], Constraints: unit[2], Level: unit[3]}
	b := &bitReader{data: unescape(unit[4:])}
	b.golomb() // seq_parameter_set_id
	chroma := uint(1)
	if hasChromaFormat(s.Profile) {
		chroma = b.chromaFormat()
	}
	b.golomb()                           // log2_max_frame_num_minus4
	if order := b.golomb(); order == 0 { // pic_order_cnt_type
		b.golomb()
	} else if order == 1 {
		b.skip(1)
		b.golomb()
		b.golomb()
		for n := b.count(255); n > 0; n-- {
			b.golomb()
		}
	}
	b.golomb() // max_num_ref_frames
	b.skip(1)
	width, height := 16*(b.count(1023)+1), 16*(b.count(1023)+1)
	frameOnly := b.bit()
	if frameOnly == 0 {
		height *= 2
		b.skip(1)
	}
	b.skip(1)
	if b.bit() == 1 {
		unitX, unitY := cropUnit(chroma, frameOnly)
		width -= unitX * (b.count(16383) + b.count(16383))
		height -= unitY * (b.count(16383) + b.count(16383))
	}
	s.Size = capture.Size{Width: width, Height: height}
	if b.failed || width <= 0 || height <= 0 || width > capture.MaxDimension || height > capture.MaxDimension {
		return SPS{}, errSPS
	}
	return s, nil
}

// hasChromaFormat lists the profiles whose SPS has the extra fields.
func hasChromaFormat(profile byte) bool {
	switch profile {
	case 100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135:
		return true
	}
	return false
}

// cropUnit is the size in samples that cropping counts in (equations 7-19 to
// 7-22).
func cropUnit(chroma uint, frameOnly int) (x, y int) {
	x, y = 1, 2-frameOnly
	if chroma == 1 || chroma == 2 {
		x = 2
	}
	if chroma == 1 {
		y *= 2
	}
	return x, y
}

// unescape drops the emulation prevention bytes (section 7.4.1.1): 00 00 03.
func unescape(data []byte) []byte {
	clean := make([]byte, 0, len(data))
	zeros := 0
	for _, c := range data {
		if zeros >= 2 && c == 3 {
			zeros = 0
			continue
		}
		if c == 0 {
			zeros++
		} else {
			zeros = 0
		}
		clean = append(clean, c)
	}
	return clean
}

// bitReader reads an RBSP. Past the end it fails and returns zeros.
type bitReader struct {
	data   []byte
	at     int // in bits
	failed bool
}

func (b *bitReader) bit() int {
	if b.at >= 8*len(b.data) {
		b.failed = true
		return 0
	}
	v := b.data[b.at/8] >> (7 - b.at%8) & 1
	b.at++
	return int(v)
}

func (b *bitReader) skip(n int) {
	for range n {
		b.bit()
	}
}

// golomb reads ue(v), an unsigned exp-Golomb code (section 9.1).
func (b *bitReader) golomb() uint {
	zeros := 0
	for b.bit() == 0 {
		if zeros++; zeros > 31 || b.failed {
			b.failed = true
			return 0
		}
	}
	v := uint(1)
	for range zeros {
		v = v<<1 | uint(b.bit())
	}
	return v - 1
}

// count reads ue(v) that may not exceed limit.
func (b *bitReader) count(limit int) int {
	v := b.golomb()
	if v > uint(limit) {
		b.failed = true
		return 0
	}
	return int(v)
}

// chromaFormat reads what high profiles put before log2_max_frame_num.
func (b *bitReader) chromaFormat() uint {
	format := b.golomb()
	lists := 8
	if format == 3 {
		b.skip(1)
		lists = 12
	}
	b.golomb()
	b.golomb()
	b.skip(1)
	if b.bit() == 1 {
		for i := range lists {
			if b.bit() == 1 {
				b.scalingList(i)
			}
		}
	}
	return format
}

// scalingList skips scaling_list(): 16 entries in the first six, else 64.
func (b *bitReader) scalingList(i int) {
	size := 16
	if i >= 6 {
		size = 64
	}
	last, next := 8, 8
	for range size {
		if next != 0 {
			next = (last + b.signed() + 256) % 256
		}
		if next != 0 {
			last = next
		}
	}
}

// signed reads se(v) (section 9.1.1).
func (b *bitReader) signed() int {
	v := int(b.golomb())
	if v%2 == 1 {
		return v/2 + 1
	}
	return -(v / 2)
}
