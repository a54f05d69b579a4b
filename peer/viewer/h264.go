package viewer

import (
	"encoding/binary"
	"errors"

	"github.com/pushcam/pushcam/capture"
	syntax "github.com/pushcam/pushcam/capture/h264"
)

var (
	errH264Fragment    = errors.New("h264 fragment without its beginning")
	errH264Unfinished  = errors.New("h264 fragment without its end")
	errH264Short       = errors.New("h264 packet is cut short")
	errH264Unsupported = errors.New("h264 packet type is not one of packetization mode 1")
)

// Packet types beside those of NAL units (RFC 6184 table 1).
const (
	typeSTAPA syntax.Type = 24
	typeFUA   syntax.Type = 28
)

// h264 is the payload format of RFC 6184 in packetization mode 1:
//
//	single NAL unit   header, payload
//	STAP-A            24, then length (2 bytes) and NAL unit, repeated
//	FU-A              28, then S E R type, then a slice of the payload
type h264 struct {
	sps      syntax.SPS
	haveSPS  bool
	havePPS  bool
	idr      bool // in the current picture
	slice    bool // any slice in the current picture
	fragment bool // a fragmented NAL unit is open
	unitAt   int  // where the open unit begins in the picture
}

// place implements depacketizer: H.264 has no mark.
func (*h264) place([]byte) place { return place{} }

func (h *h264) reset() { h.idr, h.slice, h.fragment = false, false, false }

// begins looks at the first NAL unit in the packet: what comes only before a
// picture's slices, or its first slice, which starts at macroblock 0 (a first
// exp-Golomb bit of 1). An SPS or PPS that may be lost before it was one of
// the same as before, or finish will miss it.
func (h *h264) begins(payload []byte) bool {
	if len(payload) < 2 {
		return false
	}
	unit := payload
	switch syntax.TypeOf(payload) {
	case typeSTAPA:
		if len(payload) < 5 {
			return false
		}
		unit = payload[3:]
	case typeFUA:
		if payload[1]&0x80 == 0 || len(payload) < 3 {
			return false
		}
		unit = payload[1:]
	default:
	}
	switch syntax.TypeOf(unit) {
	case syntax.TypeSPS, syntax.TypeAUD, syntax.TypeSEI:
		return true
	case syntax.TypeSlice, syntax.TypeIDR:
		return unit[1]&0x80 != 0
	default:
	}
	return false
}

// fresh looks for the SPS, which comes before every IDR picture and no other.
func (h *h264) fresh(payload []byte) bool {
	if len(payload) > 3 && syntax.TypeOf(payload) == typeSTAPA {
		payload = payload[3:]
	}
	return len(payload) > 0 && syntax.TypeOf(payload) == syntax.TypeSPS
}

func (h *h264) add(picture, payload []byte) ([]byte, error) {
	kind := syntax.TypeOf(payload)
	if h.fragment && kind != typeFUA {
		return picture, errH264Unfinished
	}
	switch {
	case kind >= syntax.TypeSlice && kind < typeSTAPA:
		return h.addUnit(picture, payload), nil
	case kind == typeSTAPA:
		return h.addAggregate(picture, payload[1:])
	case kind == typeFUA:
		return h.addFragment(picture, payload)
	}
	return picture, errH264Unsupported
}

func (h *h264) addUnit(picture, unit []byte) []byte {
	picture = append(picture, syntax.StartCode...)
	picture = append(picture, unit...)
	h.saw(unit)
	return picture
}

func (h *h264) addAggregate(picture, units []byte) ([]byte, error) {
	for len(units) > 0 {
		if len(units) < 3 {
			return picture, errH264Short
		}
		n := int(binary.BigEndian.Uint16(units))
		if n == 0 || len(units) < 2+n {
			return picture, errH264Short
		}
		picture = h.addUnit(picture, units[2:2+n])
		units = units[2+n:]
	}
	return picture, nil
}

func (h *h264) addFragment(picture, payload []byte) ([]byte, error) {
	if len(payload) < 2 {
		return picture, errH264Short
	}
	first, last := payload[1]&0x80 != 0, payload[1]&0x40 != 0
	switch {
	case first && h.fragment:
		return picture, errH264Unfinished
	case !first && !h.fragment:
		return picture, errH264Fragment
	case first:
		h.fragment = true
		picture = append(picture, syntax.StartCode...)
		h.unitAt = len(picture)
		picture = append(picture, payload[0]&0xe0|payload[1]&0x1f)
	}
	picture = append(picture, payload[2:]...)
	if last {
		h.fragment = false
		h.saw(picture[h.unitAt:])
	}
	return picture, nil
}

// saw notes what a whole NAL unit means for the picture.
func (h *h264) saw(unit []byte) {
	switch syntax.TypeOf(unit) {
	case syntax.TypeSlice:
		h.slice = true
	case syntax.TypeIDR:
		h.slice, h.idr = true, true
	case syntax.TypeSPS:
		if sps, err := syntax.ParseSPS(unit); err == nil {
			h.sps, h.haveSPS = sps, true
		}
	case syntax.TypePPS:
		h.havePPS = true
	default:
	}
}

// finish takes an IDR picture for a keyframe once its parameter sets are
// known; without them a decoder can do nothing with it.
func (h *h264) finish([]byte) (bool, capture.Size, error) {
	if h.fragment {
		return false, h.sps.Size, errH264Unfinished
	}
	return h.idr && h.haveSPS && h.havePPS, h.sps.Size, nil
}
