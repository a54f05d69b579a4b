package h264

import (
	"bytes"
	"fmt"
	"iter"
)

// Type is nal_unit_type (ITU-T H.264 table 7-1).
type Type uint8

// The types that a camera's stream has.
const (
	TypeSlice       Type = 1 // of a picture that is no IDR picture
	TypeIDR         Type = 5 // a slice of an IDR picture
	TypeSEI         Type = 6
	TypeSPS         Type = 7
	TypePPS         Type = 8
	TypeAUD         Type = 9 // access unit delimiter
	TypeEndOfSeq    Type = 10
	TypeEndOfStream Type = 11
	TypeFiller      Type = 12
)

// String returns the short name of a type that has a constant here.
func (t Type) String() string {
	switch t {
	case TypeSlice:
		return "slice"
	case TypeIDR:
		return "IDR"
	case TypeSEI:
		return "SEI"
	case TypeSPS:
		return "SPS"
	case TypePPS:
		return "PPS"
	case TypeAUD:
		return "AUD"
	case TypeEndOfSeq:
		return "end of sequence"
	case TypeEndOfStream:
		return "end of stream"
	case TypeFiller:
		return "filler"
	}
	return fmt.Sprintf("type %d", uint8(t))
}

// Coded reports whether such a NAL unit is part of a picture itself: a slice, or
// a partition of one.
func (t Type) Coded() bool { return t >= TypeSlice && t <= TypeIDR }

// refIDC is nal_ref_idc in a NAL unit's first byte: 0 says that no other picture
// refers to this one.
const refIDC = 0x60

// The types of slices that constrained baseline has, as SliceType returns them.
const (
	sliceP = 0
	sliceI = 2
)

// StartCode is what stands before a NAL unit in a byte stream that is written
// here.
const StartCode = "\x00\x00\x00\x01"

// startCode is what makes any start code.
var startCode = []byte{0, 0, 1}

// TypeOf is the type of a NAL unit, 0 of an empty one.
func TypeOf(nal []byte) Type {
	if len(nal) == 0 {
		return 0
	}
	return Type(nal[0] & 0x1f)
}

// NALs yields the NAL units of an Annex B byte stream (annex B.1), header byte
// included: what stands between start codes, without trailing zero bytes. They
// share the stream's memory. Bytes before the first start code are none.
func NALs(stream []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		i := bytes.Index(stream, startCode)
		for i >= 0 {
			stream = stream[i+len(startCode):]
			i = bytes.Index(stream, startCode)
			nal := stream
			if i >= 0 {
				nal = stream[:i]
			}
			if nal = bytes.TrimRight(nal, "\x00"); len(nal) > 0 && !yield(nal) {
				return
			}
		}
	}
}

// SliceType is slice_type of a NAL unit that is a slice (table 7-6), 0 to 4: P,
// B, I, SP, SI.
func SliceType(nal []byte) (int, error) {
	if t := TypeOf(nal); t != TypeSlice && t != TypeIDR {
		return 0, fmt.Errorf("h264 slice: the NAL unit is of type %v", t)
	}
	// Two Exp-Golomb codes of 63 bits at most.
	b := newBits(nal[1:min(len(nal), 24)])
	b.golomb() // first_mb_in_slice
	kind := b.golomb()
	if b.failed || kind > 9 {
		return 0, fmt.Errorf("h264 slice: its header is cut short or out of range")
	}
	return int(kind % 5), nil
}

// Keyframe reports whether an access unit is an IDR picture, with which a
// decoder can begin.
func Keyframe(unit []byte) bool {
	for nal := range NALs(unit) {
		if t := TypeOf(nal); t.Coded() {
			return t == TypeIDR
		}
	}
	return false
}

// opens reports whether a NAL unit of this type, whose payload begins with
// the byte first, stands at the begin of an access unit when it comes after a
// slice (sections 7.4.1.2.3 and 7.4.1.2.4). Of the rules by which a slice
// begins the next picture it takes one that is enough where slices come in
// order and redundant ones do not exist: its first macroblock is number 0.
func opens(t Type, first byte) bool {
	switch {
	case t == TypeSlice || t == TypeIDR || t == 2: // 2: data partition A
		return first&0x80 != 0 // ue(v) of 0 is a single 1
	case t >= TypeSEI && t <= TypeAUD, t >= 14 && t <= 18:
		return true
	}
	return false
}
