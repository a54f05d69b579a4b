package h264

import (
	"errors"
	"fmt"

	"github.com/pushcam/pushcam/capture"
)

// errSPS is the only way in which ParseSPS fails.
var errSPS = errors.New("parse h264 SPS: it is cut short or out of range")

// SPS is what matters of a sequence parameter set (ITU-T H.264 section
// 7.3.2.1.1).
type SPS struct {
	// Profile is profile_idc, Constraints the byte of constraint flags (the
	// first is 0x80), Level is level_idc: ten times the level's number.
	Profile, Constraints, Level byte
	// ID is seq_parameter_set_id, 0 to 31.
	ID int
	// FrameNumBits is log2_max_frame_num, 4 to 16; OrderType is
	// pic_order_cnt_type, 0 to 2.
	FrameNumBits, OrderType int
	// References is max_num_ref_frames.
	References int
	// Size is the picture's after cropping.
	Size capture.Size
	// Interlaced: pictures may be fields.
	Interlaced bool
	// VUI is nil without one, and when it cannot be read.
	VUI *VUI
}

// ProfileLevelID is the SPS's profile-level-id as SDP writes it: "42e01f"
// (RFC 6184 section 8.1).
func (s SPS) ProfileLevelID() string {
	return fmt.Sprintf("%02x%02x%02x", s.Profile, s.Constraints, s.Level)
}

// Announcement is what an SDP offer has to list so that viewers find a
// profile-level-id that they know, best first. They compare profiles in the
// forms of RFC 6184 table 5, not bit by bit.
//
// The last is always constrained baseline: browsers list the profiles that they
// are sure of, and decode more. Chromium without a hardware decoder does not list
// high, and shows it.
func (s SPS) Announcement() []string {
	id := func(profile, constraints byte) string {
		return SPS{Profile: profile, Constraints: constraints, Level: s.Level}.ProfileLevelID()
	}
	last := id(profileBaseline, constrainedBaseline)
	switch {
	case s.Profile == profileBaseline && s.Constraints&constraint1 != 0,
		s.Profile == profileMain && s.Constraints&constraint0 != 0:
		return []string{last}
	case s.Profile == profileBaseline, s.Profile == profileMain:
		return []string{id(s.Profile, 0), last}
	case s.Profile == profileHigh && !s.Interlaced:
		// Safari knows high only without interlacing, Chromium only as such.
		return []string{id(profileHigh, 0), id(profileHigh, constrainedHigh), last}
	case s.Profile == profileHigh:
		return []string{id(profileHigh, 0), last}
	}
	return []string{s.ProfileLevelID(), last}
}

// Values of profile_idc, and constraint flags (section A.2).
const (
	profileBaseline = 66
	profileMain     = 77
	profileHigh     = 100

	constraint0         = 0x80
	constraint1         = 0x40
	constrainedBaseline = 0xe0
	constrainedHigh     = 0x0c
)

// ParseSPS reads an SPS NAL unit, header byte included and without start code.
// Bytes after what it needs are not looked at.
func ParseSPS(nal []byte) (SPS, error) {
	s, b, err := readSPS(nal)
	if err == nil && b.flag() {
		s.VUI = b.vui()
	}
	return s, err
}

// readSPS reads all but the VUI, and leaves b before vui_parameters_present_flag.
func readSPS(nal []byte) (s SPS, b *bits, err error) {
	if len(nal) < 5 || TypeOf(nal) != TypeSPS {
		return SPS{}, nil, errSPS
	}
	s = SPS{Profile: nal[1], Constraints: nal[2], Level: nal[3]}
	b = newBits(nal[4:min(len(nal), maxSet)])
	s.ID = b.count(maxSPS - 1)
	chroma := uint(1)
	if hasChromaFormat(s.Profile) {
		chroma = b.chromaFormat()
	}
	s.FrameNumBits = b.count(12) + 4
	switch s.OrderType = b.count(2); s.OrderType {
	case 0:
		b.golomb()
	case 1:
		b.skip(1)
		b.golomb()
		b.golomb()
		for n := b.count(255); n > 0; n-- {
			b.golomb()
		}
	}
	s.References = b.count(16)
	b.skip(1)
	width, height := 16*(b.count(1023)+1), 16*(b.count(1023)+1)
	frameOnly := b.bit()
	if s.Interlaced = frameOnly == 0; s.Interlaced {
		height *= 2
		b.skip(1)
	}
	b.skip(1)
	if b.flag() {
		unitX, unitY := cropUnit(chroma, frameOnly)
		width -= unitX * (b.count(16383) + b.count(16383))
		height -= unitY * (b.count(16383) + b.count(16383))
	}
	s.Size = capture.Size{Width: width, Height: height}
	if b.failed || width <= 0 || height <= 0 || width > capture.MaxDimension || height > capture.MaxDimension {
		return SPS{}, nil, errSPS
	}
	return s, b, nil
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

// chromaFormat reads what high profiles put before log2_max_frame_num.
func (b *bits) chromaFormat() uint {
	format := b.golomb()
	lists := 8
	if format == 3 {
		b.skip(1)
		lists = 12
	}
	b.golomb()
	b.golomb()
	b.skip(1)
	if b.flag() {
		for i := range lists {
			if b.flag() {
				b.scalingList(i)
			}
		}
	}
	return format
}

// scalingList skips scaling_list(): 16 entries in the first six, else 64.
func (b *bits) scalingList(i int) {
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
