package h264

import "bytes"

// bits reads an RBSP (ITU-T H.264 section 7.2). Past the end it fails and
// returns zeros.
type bits struct {
	data   []byte
	at     int // in bits
	failed bool
}

// newBits reads what stands in a NAL unit after its header.
func newBits(escaped []byte) *bits { return &bits{data: unescape(escaped)} }

// unescape drops the emulation prevention bytes (section 7.4.1.1): 00 00 03.
func unescape(data []byte) []byte {
	clean := make([]byte, 0, len(data))
	for {
		i := bytes.Index(data, []byte{0, 0, 3})
		if i < 0 {
			return append(clean, data...)
		}
		clean = append(clean, data[:i+2]...)
		data = data[i+3:]
	}
}

// check returns err when something could not be read.
func (b *bits) check(err error) error {
	if b.failed {
		return err
	}
	return nil
}

func (b *bits) bit() int {
	if b.at >= 8*len(b.data) {
		b.failed = true
		return 0
	}
	v := b.data[b.at/8] >> (7 - b.at%8) & 1
	b.at++
	return int(v)
}

func (b *bits) flag() bool { return b.bit() == 1 }

// number reads u(n), n at most 32.
func (b *bits) number(n int) (v uint32) {
	for range n {
		v = v<<1 | uint32(b.bit())
	}
	return v
}

func (b *bits) skip(n int) {
	for range n {
		b.bit()
	}
}

// golomb reads ue(v), an unsigned Exp-Golomb code (section 9.1).
func (b *bits) golomb() uint {
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
func (b *bits) count(limit int) int {
	v := b.golomb()
	if v > uint(limit) {
		b.failed = true
		return 0
	}
	return int(v)
}

// signed reads se(v) (section 9.1.1).
func (b *bits) signed() int {
	v := int(b.golomb())
	if v%2 == 1 {
		return v/2 + 1
	}
	return -(v / 2)
}
