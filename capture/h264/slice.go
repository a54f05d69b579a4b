package h264

import (
	"errors"
	"fmt"
	"slices"
)

// maxHeader bounds the bytes of a slice header up to what is read here, escaped.
const maxHeader = 96

// slice is what its header says (ITU-T H.264 section 7.3.3) in a stream of
// plain parameter sets: frames only, picture order count type 2, CAVLC.
type slice struct {
	// number is frame_num.
	number int
	// active is num_ref_idx_l0_active: to how many pictures it may refer, 0 in
	// an I slice.
	active int
	// moved has the pictures that ref_pic_list_modification puts first, as their
	// distances in frame_num from this one.
	moved []int
	// quantizer is SliceQPY, 0 to 51.
	quantizer int

	// Where parts of its RBSP begin, in bits.
	numberAt int // frame_num
	movedAt  int // ref_pic_list_modification
	markedAt int // dec_ref_pic_marking
	restAt   int // all that follows, slice_qp_delta first
}

var errSlice = errors.New("h264 slice: its header is cut short or out of range")

// readSlice reads the header of a reference picture's slice.
func readSlice(nal []byte, sps SPS, set pps) (s slice, err error) {
	t := TypeOf(nal)
	if t != TypeSlice && t != TypeIDR || nal[0]&refIDC == 0 {
		return s, fmt.Errorf("h264 slice: type %v, nal_ref_idc %d: want one of a reference picture", t, nal[0]&refIDC>>5)
	}
	b := newBits(nal[1:min(len(nal), maxHeader)])
	b.golomb() // first_mb_in_slice
	kind := b.count(9) % 5
	if id := b.count(maxPPS - 1); id != set.id || kind != sliceP && kind != sliceI {
		return s, fmt.Errorf("h264 slice: of type %d with PPS %d: want P or I with PPS %d", kind, id, set.id)
	}
	s.numberAt = b.at
	s.number = int(b.number(sps.FrameNumBits))
	if t == TypeIDR {
		b.golomb() // idr_pic_id
	}
	if kind == sliceP {
		s.active = set.references
		if b.flag() { // num_ref_idx_active_override_flag
			s.active = b.count(31) + 1
		}
		s.movedAt = b.at
		s.readMoved(b, 1<<sps.FrameNumBits)
	} else {
		s.movedAt = b.at
	}
	s.markedAt = b.at
	// An IDR picture's no_output_of_prior_pics_flag is not looked at; that and
	// all others have one flag, which is set for long-term references and
	// for memory_management_control_operation.
	if t == TypeIDR {
		b.skip(1)
	}
	if b.flag() && !b.failed {
		return s, errors.New("h264 slice: it marks references by itself")
	}
	s.restAt = b.at
	s.quantizer = set.quantizer + b.signed() // slice_qp_delta
	if s.quantizer < 0 || s.quantizer > 51 {
		return s, errSlice
	}
	return s, b.check(errSlice)
}

// readMoved reads ref_pic_list_modification (section 7.3.3.1) and does what
// section 8.2.4.3.1 says of picNumL0Pred, here as a distance from frame_num.
func (s *slice) readMoved(b *bits, numbers int) {
	if !b.flag() {
		return
	}
	distance := 0
	for range s.active + 1 {
		switch b.count(3) { // modification_of_pic_nums_idc
		case 0:
			distance += b.count(numbers-1) + 1
		case 1:
			distance -= b.count(numbers-1) + 1
		case 3:
			return
		default:
			b.failed = true // a long-term reference
		}
		distance = (distance + numbers) % numbers
		s.moved = append(s.moved, distance)
	}
	b.failed = true
}

// list returns the distances of the pictures to which the slice refers, when
// the decoder holds those at the distances 1 to held: RefPicList0 (sections
// 8.2.4.2.1 and 8.2.4.3).
func (s *slice) list(held int) []int {
	list := s.moved
	for distance := 1; distance <= held && len(list) < s.active; distance++ {
		if !slices.Contains(s.moved, distance) {
			list = append(list, distance)
		}
	}
	return list[:min(len(list), s.active)]
}
