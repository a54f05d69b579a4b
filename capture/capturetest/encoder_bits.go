package capturetest

// bitWriter writes an RBSP (ITU-T H.264 section 7.2), for the fake encoder.
type bitWriter struct {
	data []byte
	at   int
}

func (w *bitWriter) bits(v uint32, n int) {
	for i := n - 1; i >= 0; i-- {
		if w.at%8 == 0 {
			w.data = append(w.data, 0)
		}
		w.data[w.at/8] |= byte(v>>i&1) << (7 - w.at%8)
		w.at++
	}
}

func (w *bitWriter) ue(v uint32) {
	n := 0
	for (v+1)>>(n+1) > 0 {
		n++
	}
	w.bits(0, n)
	w.bits(v+1, n+1)
}
