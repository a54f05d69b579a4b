package h264

import "bytes"

// Buffers makes access units of the buffers that a device delivers. The kernel
// document of V4L2_PIX_FMT_H264 wants one access unit in each; devices exist
// that put parameter sets into buffers of their own, several access units into
// one, zeros before or after, or cut a large one. The zero value is ready. One
// goroutine uses it.
//
// The end of a buffer is taken for the end of an access unit, so that none has
// to wait for the next. Once a buffer has shown that the device cuts, its access
// units are given out when the next one begins.
type Buffers struct {
	splitter Splitter
	cuts     bool // the device cuts access units
	flushed  bool // the last buffer ended one, by what was believed
}

// Add takes a buffer, of which it keeps nothing, and calls emit for each access
// unit that is complete now, in memory of its own. With broken, the access unit
// before those was given out incomplete.
func (b *Buffers) Add(buffer []byte, emit func(unit []byte)) (broken bool) {
	if len(bytes.TrimLeft(buffer, "\x00")) == 0 {
		return false
	}
	if b.flushed && Continues(buffer) {
		b.cuts, broken = true, true
	}
	b.flushed = false
	_, _ = b.splitter.Write(buffer) // it never fails
	for unit := b.splitter.Next(); unit != nil; unit = b.splitter.Next() {
		emit(unit)
	}
	if b.cuts {
		return broken
	}
	if unit := b.splitter.Flush(); unit != nil {
		b.flushed = true
		emit(unit)
	}
	return broken
}

// Lost says that the device has lost buffers: what was begun stays incomplete
// and is left out.
func (b *Buffers) Lost() {
	b.splitter.Reset()
	b.flushed = false
}

// Continues reports whether a buffer begins within an access unit: without a
// start code, or with a slice that is not a picture's first. Zeros tell nothing.
func Continues(buffer []byte) bool {
	rest := bytes.TrimLeft(buffer, "\x00")
	switch {
	case len(rest) == 0:
		return false
	case len(buffer)-len(rest) < 2 || rest[0] != 1:
		return true
	}
	return len(rest) > 2 && Type(rest[1]&0x1f).Coded() && !opens(Type(rest[1]&0x1f), rest[2])
}
