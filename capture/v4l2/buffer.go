package v4l2

import (
	"fmt"
	"image"
	"sync/atomic"
	"time"
)

// Buffer is one picture in the driver's memory. Whoever got it from Next holds
// one reference; with the last Release it goes back to the driver, which
// overwrites it, so nothing of it may be touched from then on. It is read-only
// and may be shared between goroutines that hold references.
//
// A Buffer that is held is one that the driver does not have: copy or decode
// it, then release it.
type Buffer struct {
	queue  *Queue
	index  uint32
	memory [][]byte // mapped, one for each piece of memory
	unmap  []func() error
	refs   atomic.Int32

	place place // guarded by queue.mu
	// The kernel's view, used by who has the buffer in hand.
	raw       bufferDescription
	rawPlanes [maxMemoryPlanes]planeDescription

	// Written by Next before the buffer is handed out.
	payload  []byte
	planes   [3]Plane
	time     time.Time
	sequence uint32
	keyframe bool
}

var _ image.Image = (*Buffer)(nil)

// place is where a Buffer is.
type place uint8

const (
	idle     place = iota // with the Queue
	queued                // with the driver
	held                  // with who reads it
	unmapped              // nowhere: its memory is gone
)

// Plane is one plane of color. Its last row may be shorter than Stride.
type Plane struct {
	Pix    []byte
	Stride int
}

// Format is what the picture is.
func (b *Buffer) Format() Format { return b.queue.format }

// Bytes is all that the driver wrote: a whole picture in the driver's layout,
// or one JPEG, or one access unit. For the formats whose name ends in M, that
// is the first plane only.
func (b *Buffer) Bytes() []byte { return b.payload }

// Planes are the planes of an uncompressed format: one for packed ones and
// GREY; Y and interleaved chroma for NV12 and NV21; Y, U and V, in that order,
// for I420 and YV12. None for formats whose layout is not known here. They are
// long enough for the Format's size.
func (b *Buffer) Planes() []Plane { return b.planes[:len(b.queue.layout)] }

// Time is when the picture was taken, as the driver says, by the clocks of this
// machine: the wall clock as it is set now, and Go's monotonic one. For drivers
// that do not say, it is when the picture was read.
func (b *Buffer) Time() time.Time { return b.time }

// Sequence is the driver's count of pictures; it wraps, and starts anywhere.
func (b *Buffer) Sequence() uint32 { return b.sequence }

// Keyframe reports that the driver calls the picture a keyframe. Many drivers of
// compressed formats never do.
func (b *Buffer) Keyframe() bool { return b.keyframe }

// Retain adds a reference and returns b.
func (b *Buffer) Retain() *Buffer {
	if b.refs.Add(1) < 2 {
		panic("v4l2: Retain of a released Buffer")
	}
	return b
}

// Release gives a reference back. It may be called after the Queue and the
// Device were closed.
func (b *Buffer) Release() {
	switch n := b.refs.Add(-1); {
	case n < 0:
		panic("v4l2: Buffer released twice")
	case n == 0:
		b.queue.release(b)
	}
}

// String names the buffer, for logs.
func (b *Buffer) String() string { return fmt.Sprintf("%v, picture %d", b.queue.format, b.sequence) }
