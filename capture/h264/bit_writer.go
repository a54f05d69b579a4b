package h264

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
