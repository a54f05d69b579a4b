package h264

// Describe returns the SPS with a VUI (ITU-T H.264 annex E.1.1) that says what
// every Frame and live encoder of this program keeps to, in place of what it
// said of that:
//
//   - BT.709's primaries and transfer, BT.601's matrix, limited range. Browsers
//     guess BT.709's matrix for HD when it is unsaid.
//   - Pictures come out in the order in which they are coded. Unsaid, a decoder
//     may hold some back.
//
// The rest stays as it was. An SPS that cannot be read is an error.
func Describe(nal []byte) ([]byte, error) {
	s, b, err := readSPS(nal)
	if err != nil {
		return nil, err
	}
	w := &BitWriter{}
	w.copy(b, 0, b.at)
	w.Bits(1, 1) // vui_parameters_present_flag
	if b.flag() {
		w.copyVUI(b)
	} else {
		w.Bits(0, 2) // no aspect_ratio_info, no overscan_info
		w.signalType()
		w.Bits(0, 5) // no chroma_loc_info, timing_info, two HRDs, pic_struct
	}
	if b.failed {
		return nil, errSPS
	}
	w.Bits(1, 1)                   // bitstream_restriction_flag
	w.Bits(1, 1)                   // motion_vectors_over_pic_boundaries_flag
	w.Golomb(0)                    // max_bytes_per_pic_denom: unlimited
	w.Golomb(0)                    // max_bits_per_mb_denom: unlimited
	w.Golomb(15)                   // log2_max_mv_length_horizontal
	w.Golomb(15)                   // log2_max_mv_length_vertical
	w.Golomb(0)                    // max_num_reorder_frames
	w.Golomb(uint32(s.References)) // max_dec_frame_buffering
	w.Bits(1, 1)                   // rbsp_stop_one_bit
	return append(append([]byte(nil), nal[:4]...), escape(w.data)...), nil
}

// copyVUI copies a VUI up to bitstream_restriction_flag, with another video
// signal type.
func (w *BitWriter) copyVUI(b *bits) {
	from := b.at
	if b.flag() && b.number(8) == 255 { // aspect_ratio_idc Extended_SAR
		b.skip(32)
	}
	if b.flag() { // overscan_info_present_flag
		b.skip(1)
	}
	w.copy(b, from, b.at)
	w.signalType()
	if b.flag() { // video_signal_type_present_flag
		b.skip(4)
		if b.flag() { // colour_description_present_flag
			b.skip(24)
		}
	}
	from = b.at
	if b.flag() { // chroma_loc_info_present_flag
		b.golomb()
		b.golomb()
	}
	if b.flag() { // timing_info_present_flag
		b.skip(65)
	}
	nal, vcl := b.hrd(), b.hrd()
	if nal || vcl {
		b.skip(1) // low_delay_hrd_flag
	}
	b.skip(1) // pic_struct_present_flag
	w.copy(b, from, b.at)
}

// signalType is video_signal_type_present_flag and what follows from it.
func (w *BitWriter) signalType() {
	w.Bits(1, 1)
	w.Bits(5, 3) // video_format: unspecified
	w.Bits(0, 1) // video_full_range_flag
	w.Bits(1, 1) // colour_description_present_flag
	w.Bits(1, 8) // colour_primaries: BT.709
	w.Bits(1, 8) // transfer_characteristics: BT.709
	w.Bits(6, 8) // matrix_coefficients: BT.601
}

// copy appends the bits of b from one position up to another.
func (w *BitWriter) copy(b *bits, from, to int) {
	for at := from; at < min(to, 8*len(b.data)); at++ {
		w.Bits(uint32(b.data[at/8]>>(7-at%8)), 1)
	}
}
