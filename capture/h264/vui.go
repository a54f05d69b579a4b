package h264

// VUI is what matters of an SPS's video usability information (ITU-T H.264
// annex E.1.1).
type VUI struct {
	// FullRange: luma goes from 0 to 255. Primaries, Transfer and Matrix are
	// the numbers of tables E-3 to E-5, 0 when it does not say.
	FullRange                   bool
	Primaries, Transfer, Matrix int
	// UnitsInTick and TimeScale are 0 without timing. See FrameRate.
	UnitsInTick, TimeScale uint32
	// Restricted: ReorderFrames bounds how many pictures a decoder holds back
	// to bring them into order.
	Restricted    bool
	ReorderFrames int
}

// FrameRate is in pictures per second, 0 when the stream does not say. A tick
// is a field's time (equation C-1).
func (v *VUI) FrameRate() float64 {
	if v == nil || v.UnitsInTick == 0 {
		return 0
	}
	return float64(v.TimeScale) / float64(v.UnitsInTick) / 2
}

// vui returns nil for one that cannot be read: nothing depends on it.
func (b *bits) vui() *VUI {
	v := &VUI{}
	if b.flag() && b.number(8) == 255 { // aspect_ratio_idc Extended_SAR
		b.skip(32)
	}
	if b.flag() { // overscan_info_present_flag
		b.skip(1)
	}
	if b.flag() { // video_signal_type_present_flag
		b.skip(3)
		v.FullRange = b.flag()
		if b.flag() {
			v.Primaries, v.Transfer, v.Matrix = int(b.number(8)), int(b.number(8)), int(b.number(8))
		}
	}
	if b.flag() { // chroma_loc_info_present_flag
		b.golomb()
		b.golomb()
	}
	if b.flag() { // timing_info_present_flag
		v.UnitsInTick, v.TimeScale = b.number(32), b.number(32)
		b.skip(1)
	}
	nal, vcl := b.hrd(), b.hrd()
	if nal || vcl {
		b.skip(1) // low_delay_hrd_flag
	}
	b.skip(1) // pic_struct_present_flag
	if v.Restricted = b.flag(); v.Restricted {
		b.skip(1)
		for range 4 {
			b.golomb()
		}
		v.ReorderFrames = b.count(16)
	}
	if b.failed {
		return nil
	}
	return v
}

// hrd skips hrd_parameters() (annex E.1.2), and reports whether they are there.
func (b *bits) hrd() bool {
	if !b.flag() {
		return false
	}
	count := b.count(31) + 1
	b.skip(8)
	for range count {
		b.golomb()
		b.golomb()
		b.skip(1)
	}
	b.skip(20)
	return true
}
