package capturetest

import "errors"

var errShort = errors.New("bit string: ends early")

// bitReader reads an RBSP (ITU-T H.264 section 7.2). After the end it returns
// zeros and keeps the error.
type bitReader struct {
	data []byte
	at   int // in bits
	err  error
}

func (r *bitReader) bits(n int) (v uint32) {
	for range n {
		v <<= 1
		if r.at >= 8*len(r.data) {
			r.err = errShort
			continue
		}
		v |= uint32(r.data[r.at/8]>>(7-r.at%8)) & 1
		r.at++
	}
	return v
}

func (r *bitReader) flag() bool { return r.bits(1) == 1 }

// ue is Exp-Golomb (section 9.1).
func (r *bitReader) ue() uint32 {
	zeros := 0
	for r.bits(1) == 0 {
		if zeros++; zeros > 31 || r.err != nil {
			r.err = errShort
			return 0
		}
	}
	return 1<<zeros - 1 + r.bits(zeros)
}

// bitWriter is bitReader's inverse, for the fake encoder.
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
