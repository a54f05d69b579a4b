package h264

import "errors"

// errPPS is the only way in which readPPS fails.
var errPPS = errors.New("parse h264 PPS: it is cut short or out of range")

// pps is what matters of a picture parameter set (ITU-T H.264 section 7.3.2.2).
type pps struct {
	id, sps int
	// references is num_ref_idx_l0_default_active.
	references int
	// plain: it has nothing that constrained baseline forbids (section A.2.1.1),
	// and no bottom field's picture order.
	plain bool
	// quantizer is pic_init_qp.
	quantizer int
}

// readPPS reads a PPS NAL unit, header byte included and without start code.
func readPPS(nal []byte) (p pps, err error) {
	if TypeOf(nal) != TypePPS {
		return pps{}, errPPS
	}
	b := newBits(nal[1:min(len(nal), maxSet)])
	p.id, p.sps = b.count(maxPPS-1), b.count(maxSPS-1)
	cabac, bottom := b.flag(), b.flag()
	if groups := b.count(7); groups > 0 { // num_slice_groups_minus1
		return p, b.check(errPPS) // what follows is not looked at
	}
	p.references = b.count(31) + 1
	b.count(31)         // num_ref_idx_l1_default_active_minus1
	weighted := b.bit() // weighted_pred_flag
	bipred := b.number(2)
	p.quantizer = 26 + b.signed()
	b.signed() // pic_init_qs_minus26
	b.signed() // chroma_qp_index_offset
	b.skip(2)  // deblocking_filter_control_present_flag, constrained_intra_pred_flag
	redundant := b.flag()
	p.plain = !cabac && !bottom && weighted == 0 && bipred == 0 && !redundant
	return p, b.check(errPPS)
}
