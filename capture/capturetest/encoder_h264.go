package capturetest

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/pushcam/pushcam/capture"
)

// NAL unit types (ITU-T H.264 table 7-1) that a WebRTC stream has.
const (
	NALSlice = 1
	NALIDR   = 5
	NALSEI   = 6
	NALSPS   = 7
	NALPPS   = 8
	NALAUD   = 9
)

// NALs splits an Annex B byte stream into NAL units without start codes.
func NALs(stream []byte) [][]byte {
	var nals [][]byte
	for {
		_, rest, found := bytes.Cut(stream, []byte{0, 0, 1})
		if !found {
			return nals
		}
		nal := rest
		if end := bytes.Index(rest, []byte{0, 0, 1}); end >= 0 {
			nal = rest[:end]
		}
		// Zeros before a start code are its first byte or trailing.
		if nal = bytes.TrimRight(nal, "\x00"); len(nal) > 0 {
			nals = append(nals, nal)
		}
		stream = rest
	}
}

// NALType is the type in a NAL unit's first byte.
func NALType(nal []byte) int { return int(nal[0] & 0x1f) }

// SPS is what tests check of a sequence parameter set (section 7.3.2.1.1).
type SPS struct {
	Profile     int // profile_idc
	Constraints int // constraint_set0_flag is 0x80
	Level       int // level_idc
	References  int
	Size        capture.Size
	VUI         bool
	// What the VUI says (annex E); zero without it.
	FullRange                   bool
	Primaries, Transfer, Matrix int
	UnitsInTick, TimeScale      uint32
	Restricted                  bool // bitstream_restriction_flag
	ReorderFrames               int
}

// ProfileLevelID is the parameter of that name in an SDP (RFC 6184 section
// 8.1).
func (s SPS) ProfileLevelID() string {
	return fmt.Sprintf("%02x%02x%02x", s.Profile, s.Constraints, s.Level)
}

// ParseSPS reads a NAL unit of a profile without chroma_format_idc, as
// baseline is.
func ParseSPS(nal []byte) (SPS, error) {
	if len(nal) < 4 || NALType(nal) != NALSPS {
		return SPS{}, errors.New("sps: not one")
	}
	s := SPS{Profile: int(nal[1]), Constraints: int(nal[2]), Level: int(nal[3])}
	if s.Profile >= 100 {
		return s, fmt.Errorf("sps: profile %d is not read here", s.Profile)
	}
	// emulation_prevention_three_byte
	r := &bitReader{data: bytes.ReplaceAll(nal[4:], []byte{0, 0, 3}, []byte{0, 0})}
	r.ue() // seq_parameter_set_id
	r.ue() // log2_max_frame_num_minus4
	switch order := r.ue(); order {
	case 0:
		r.ue()
	case 1:
		return s, errors.New("sps: pic_order_cnt_type 1 is not read here")
	}
	s.References = int(r.ue())
	r.flag() // gaps_in_frame_num_value_allowed_flag
	width, height := 16*(int(r.ue())+1), 16*(int(r.ue())+1)
	if !r.flag() {
		return s, errors.New("sps: interlaced")
	}
	r.flag() // direct_8x8_inference_flag
	if r.flag() {
		left, right, top, bottom := r.ue(), r.ue(), r.ue(), r.ue()
		width -= 2 * int(left+right)
		height -= 2 * int(top+bottom)
	}
	s.Size = capture.Size{Width: width, Height: height}
	if s.VUI = r.flag(); s.VUI {
		s.vui(r)
	}
	return s, r.err
}

func (s *SPS) vui(r *bitReader) {
	if r.flag() && r.bits(8) == 255 { // aspect_ratio_idc Extended_SAR
		r.bits(32)
	}
	if r.flag() { // overscan_info_present_flag
		r.flag()
	}
	if r.flag() { // video_signal_type_present_flag
		r.bits(3)
		s.FullRange = r.flag()
		if r.flag() {
			s.Primaries, s.Transfer, s.Matrix = int(r.bits(8)), int(r.bits(8)), int(r.bits(8))
		}
	}
	if r.flag() { // chroma_loc_info_present_flag
		r.ue()
		r.ue()
	}
	if r.flag() { // timing_info_present_flag
		s.UnitsInTick, s.TimeScale = r.bits(32), r.bits(32)
		r.flag()
	}
	if r.bits(2) != 0 {
		r.err = errors.New("sps: HRD parameters are not read here")
		return
	}
	r.flag() // pic_struct_present_flag
	if s.Restricted = r.flag(); s.Restricted {
		r.flag()
		for range 4 {
			r.ue()
		}
		s.ReorderFrames = int(r.ue())
	}
}

// SliceType is slice_type of a slice NAL unit (table 7-6), 0 to 4: P, B, I,
// SP, SI.
func SliceType(nal []byte) (int, error) {
	r := &bitReader{data: bytes.ReplaceAll(nal[1:min(len(nal), 16)], []byte{0, 0, 3}, []byte{0, 0})}
	r.ue() // first_mb_in_slice
	return int(r.ue() % 5), r.err
}

// h264Picture returns whether an access unit is an IDR picture behind its
// parameter sets, and the size in them.
func h264Picture(payload []byte) (keyframe bool, size capture.Size, err error) {
	seen := map[int]bool{}
	for _, nal := range NALs(payload) {
		switch kind := NALType(nal); kind {
		case NALSPS:
			sps, err := ParseSPS(nal)
			if err != nil {
				return false, size, err
			}
			size = sps.Size
			seen[kind] = true
		case NALIDR:
			if !seen[NALSPS] || !seen[NALPPS] {
				return true, size, errors.New("h264: IDR picture without parameter sets before it")
			}
			seen[kind] = true
		default:
			seen[kind] = true
		}
	}
	if seen[NALIDR] == seen[NALSlice] {
		return seen[NALIDR], size, fmt.Errorf("h264: access unit with NAL unit types %v", seen)
	}
	return seen[NALIDR], size, nil
}
