package h264

import (
	"errors"
	"fmt"
	"slices"
)

// Layers puts the pictures of an encoder that marks each as a reference into two
// temporal layers. A picture to which the encoder makes no other refer goes into
// layer 1; then it is marked as what it is, so that a decoder does not miss it.
// That takes another header for each slice up to the next IDR picture:
//
//	before  first_mb .. PPS │ frame_num │ .. active │ moves │ marking │ QP .. slice data
//	layer 0      copied     │ written   │  copied   │   0   │    0    │ copied
//	layer 1      copied     │ written   │  copied   │   0   │    -    │ copied
//
// frame_num counts only the references before it (ITU-T H.264 section 7.4.3).
// The decoder keeps only references, newest first, so it needs no moves
// (ref_pic_list_modification) to find those that the encoder meant; and layer 1,
// whose nal_ref_idc is 0, has no dec_ref_pic_marking. What follows is CAVLC, which
// begins at any bit. No parameter set changes.
//
// The zero value waits for an IDR picture. One goroutine uses it.
type Layers struct {
	ready bool // all since the last IDR picture was as expected
	sps   SPS
	pps   pps

	// of the pictures since the IDR picture, that one included
	pictures   int
	references int
	held       []int // which the decoder holds, newest first, by number of picture
	upper      bool  // the last is in layer 1
	changed    bool  // one was
	quantizer  int   // of the last in layer 0
}

var (
	errWaiting = errors.New("h264 layers: they wait for an IDR picture")
	// errInRow is of section 8.2.1.3.
	errInRow = errors.New("h264 layers: two pictures of layer 1 in a row, which picture order count type 2 forbids")
)

// Ready reports whether the next picture may go into layer 1: the stream is of a
// kind that can be rewritten, and the last picture is in layer 0.
func (l *Layers) Ready() bool { return l.ready && !l.upper && l.sps.References > 1 }

// Quantizer is with which the last picture in layer 0 begins: SliceQPY, 0 to 51.
func (l *Layers) Quantizer() int { return l.quantizer }

// Rewrite takes the next access unit, and returns what to send in its place: the
// same, or a copy with other slice headers. An IDR picture, which comes with its
// SPS and PPS, is in layer 0 whatever is said.
//
// Of a stream that is not as expected it returns an error, and then of all pictures
// up to the next IDR picture. Nothing of what would follow can be decoded once a
// picture was in layer 1.
func (l *Layers) Rewrite(unit []byte, upper bool) ([]byte, error) {
	if Keyframe(unit) {
		upper = false
		if err := l.begin(unit); err != nil {
			*l = Layers{}
			return nil, err
		}
	}
	out, err := l.rewrite(unit, upper)
	if err != nil {
		*l = Layers{}
		return nil, err
	}
	l.count(upper)
	return out, nil
}

// begin reads what stands before an IDR picture's slices.
func (l *Layers) begin(unit []byte) (err error) {
	*l = Layers{ready: true, held: l.held[:0]}
	var sps, pps int
	for nal := range NALs(unit) {
		switch TypeOf(nal) {
		case TypeSPS:
			sps++
			l.sps, err = ParseSPS(nal)
		case TypePPS:
			pps++
			l.pps, err = readPPS(nal)
		default:
		}
		if err != nil {
			return err
		}
	}
	s := l.sps
	switch {
	case sps != 1 || pps != 1 || l.pps.sps != s.ID:
		return fmt.Errorf("h264 layers: %d SPS and %d PPS before an IDR picture: want one of each", sps, pps)
	case s.Profile != profileBaseline || s.Constraints&constraint1 == 0 || s.Interlaced || s.OrderType != 2 || !l.pps.plain:
		return fmt.Errorf("h264 layers: %s with picture order count type %d: want constrained baseline with type 2", s.ProfileLevelID(), s.OrderType)
	}
	return nil
}

func (l *Layers) rewrite(unit []byte, upper bool) ([]byte, error) {
	switch {
	case !l.ready:
		return nil, errWaiting
	case upper && l.upper:
		return nil, errInRow
	}
	out := unit
	if upper || l.changed {
		out = make([]byte, 0, len(unit)+len(unit)/64+maxHeader)
	}
	found, quantizer := false, 0
	for nal := range NALs(unit) {
		var s slice
		if t := TypeOf(nal); t.Coded() {
			var err error
			if s, err = readSlice(nal, l.sps, l.pps); err == nil {
				err = l.check(s)
			}
			if err != nil {
				return nil, err
			}
			if !found {
				found, quantizer = true, s.quantizer
			}
		}
		if upper || l.changed {
			out = l.append(append(out, StartCode...), nal, s, upper)
		}
	}
	if !found {
		return nil, errors.New("h264 layers: an access unit without a slice")
	}
	if !upper {
		l.quantizer = quantizer
	}
	return out, nil
}

// check holds a slice to what is known: without moves it refers to the pictures
// that it means.
func (l *Layers) check(s slice) error {
	if want := l.pictures & l.mask(); s.number != want {
		return fmt.Errorf("h264 layers: frame_num %d, want %d", s.number, want)
	}
	list := s.list(min(l.pictures, l.sps.References))
	for i := range list {
		list[i] = l.pictures - list[i]
	}
	if len(list) != s.active || len(list) > len(l.held) || !slices.Equal(list, l.held[:len(list)]) {
		return fmt.Errorf("h264 layers: picture %d refers to %v of %v", l.pictures, list, l.held)
	}
	return nil
}

// append appends a NAL unit to out, with another header if it is a slice.
func (l *Layers) append(out, nal []byte, s slice, upper bool) []byte {
	if s.restAt == 0 {
		return append(out, nal...)
	}
	b := newBits(nal[1:])
	w := &BitWriter{data: make([]byte, 0, len(nal)+8)}
	w.copy(b, 0, s.numberAt)
	w.Bits(uint32(l.references&l.mask()), l.sps.FrameNumBits)
	w.copy(b, s.numberAt+l.sps.FrameNumBits, s.movedAt)
	if s.active > 0 {
		w.Bits(0, 1) // ref_pic_list_modification_flag_l0
	}
	first := nal[0]
	if upper {
		first &^= refIDC
	} else {
		w.Bits(0, 1) // adaptive_ref_pic_marking_mode_flag
	}
	w.tail(b.data, s.restAt)
	return append(append(out, first), escape(w.data)...)
}

// count counts a picture, and holds it as a decoder does (section 8.2.5.3).
func (l *Layers) count(upper bool) {
	if l.upper = upper; upper {
		l.changed = true
	} else {
		l.references++
		l.held = slices.Insert(l.held, 0, l.pictures)
		l.held = l.held[:min(len(l.held), max(l.sps.References, 1))]
	}
	l.pictures++
}

func (l *Layers) mask() int { return 1<<l.sps.FrameNumBits - 1 }
