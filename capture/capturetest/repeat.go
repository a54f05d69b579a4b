package capturetest

// Repeat is a Reader of the same data again and again, without an end.
type Repeat struct {
	Data []byte // not empty
	at   int
}

// Read implements io.Reader.
func (r *Repeat) Read(p []byte) (int, error) {
	n := copy(p, r.Data[r.at:])
	r.at = (r.at + n) % len(r.Data)
	return n, nil
}
