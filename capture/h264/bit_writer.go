package h264

import "bytes"

// BitWriter writes an RBSP (ITU-T H.264 section 7.2). Its zero value is empty. One
// goroutine uses it.
type BitWriter struct {
	data []byte
	at   int // in bits
}

// Bytes returns what was written, with zero bits up to a whole byte. They are
// the writer's memory.
func (w *BitWriter) Bytes() []byte { return w.data }

// Bits appends the last n bits of v: u(n).
func (w *BitWriter) Bits(v uint32, n int) {
	for i := n - 1; i >= 0; i-- {
		if w.at%8 == 0 {
			w.data = append(w.data, 0)
		}
		w.data[w.at/8] |= byte(v>>i&1) << (7 - w.at%8)
		w.at++
	}
}

// Golomb appends ue(v), an unsigned Exp-Golomb code (section 9.1).
func (w *BitWriter) Golomb(v uint32) {
	n := 0
	for (v+1)>>(n+1) > 0 {
		n++
	}
	w.Bits(0, n)
	w.Bits(v+1, n+1)
}

// tail appends the bits of data from one position on, up to the last that is 1:
// rbsp_stop_one_bit (section 7.3.2.11).
func (w *BitWriter) tail(data []byte, from int) {
	for len(data) > 0 && data[len(data)-1] == 0 {
		data = data[:len(data)-1]
	}
	// Bit by bit to a whole byte, then in bytes of which each has its bits in two.
	for ; w.at%8 != 0 && from < 8*len(data); from++ {
		w.Bits(uint32(data[from/8]>>(7-from%8)), 1)
	}
	data, from = data[min(from/8, len(data)):], from%8
	for i, c := range data {
		c <<= from
		if i+1 < len(data) {
			c |= byte(uint(data[i+1]) >> (8 - from))
		}
		w.data = append(w.data, c)
	}
	w.data = bytes.TrimRight(w.data, "\x00")
	w.at = 8 * len(w.data)
}

// escape puts in the emulation prevention bytes (section 7.4.1.1) that unescape
// takes out.
func escape(data []byte) []byte {
	escaped := make([]byte, 0, len(data)+len(data)/64+8)
	for {
		i := bytes.Index(data, []byte{0, 0}) + 2
		if i < 2 || i == len(data) {
			return append(escaped, data...)
		}
		escaped = append(escaped, data[:i]...)
		if data = data[i:]; data[0] <= 3 {
			escaped = append(escaped, 3)
		}
	}
}
