package capture

import (
	"sync"
	"sync/atomic"
	"time"
)

// Frame is one picture from a Camera: 8-bit planar YCbCr 4:2:0 (I420), BT.601
// in limited range as cameras deliver it. A camera that encodes by itself has
// Coded in its Frames, and no planes; one that sends JPEGs may have nothing else in
// them, while nobody needs planes.
//
// The Camera that fills a Frame owns it until it is returned by Read; from
// then on it is read-only and may be shared between goroutines, each of which
// holds one reference. The memory goes back to its pool with the last Release.
type Frame struct {
	Size
	// Y has Height rows of YStride bytes, U and V (Height+1)/2 rows of
	// UVStride bytes. Strides may exceed the width.
	Y, U, V           []byte
	YStride, UVStride int
	// Coded is nil in all others.
	Coded *Coded
	// JPEG is what the camera sent, when that was one and a JPEGKeeper was told
	// to keep it; else nil. It can be shown by itself, is immutable, and lives
	// as long as somebody refers to it.
	JPEG []byte
	// Slate marks a Source's own picture that stands in for a lost camera's.
	Slate bool
	// Decoding is how long the Camera worked to make the Frame of what the
	// device gave.
	Decoding time.Duration
	// Omitted is how many pictures since the Frame before were left out
	// because the Camera was told to thin.
	Omitted int
	// Time is when the picture was taken, as near to the sensor as the
	// device tells. RTP timestamps and encoder time stamps come from it.
	Time time.Time

	refs atomic.Int32
	pool *FramePool
	half halvedFrame
}

// NewFrame returns a Frame of its own memory, outside any pool, with
// tight strides and one reference.
func NewFrame(size Size) *Frame {
	cw, ch := (size.Width+1)/2, (size.Height+1)/2
	buf := make([]byte, size.Pixels()+2*cw*ch)
	f := &Frame{Size: size, YStride: size.Width, UVStride: cw}
	f.Y, buf = buf[:size.Pixels():size.Pixels()], buf[size.Pixels():]
	f.U, f.V = buf[:cw*ch:cw*ch], buf[cw*ch:]
	f.refs.Store(1)
	return f
}

// Retain adds a reference and returns f.
func (f *Frame) Retain() *Frame {
	if f.refs.Add(1) < 2 {
		panic("capture: Retain of a released Frame")
	}
	return f
}

// Release gives a reference back. After the last one the Frame must not be
// touched: its memory is another picture's.
func (f *Frame) Release() {
	switch n := f.refs.Add(-1); {
	case n < 0:
		panic("capture: Frame released twice")
	case n == 0:
		f.half.release()
		if f.pool != nil {
			f.pool.put(f)
		}
	}
}

// FramePool keeps the memory of released Frames, so that a running camera
// allocates nothing. The zero value is ready; any goroutine may use it.
type FramePool struct {
	mu   sync.Mutex
	free []*Frame
}

// framePoolSize is how many Frames a pipeline can have in hand at once: being
// filled, waiting in the slots, and being encoded by one encoder per codec and
// rung.
const framePoolSize = 8

// Get returns a Frame of this size with tight strides, undefined content and
// one reference.
func (p *FramePool) Get(size Size) *Frame {
	p.mu.Lock()
	defer p.mu.Unlock()
	for n := len(p.free); n > 0; n = len(p.free) {
		f := p.free[n-1]
		p.free = p.free[:n-1]
		if f.Size == size {
			f.Decoding, f.Omitted = 0, 0
			f.refs.Store(1)
			return f
		}
	}
	f := NewFrame(size)
	f.pool = p
	return f
}

func (p *FramePool) put(f *Frame) {
	f.JPEG = nil
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.free) < framePoolSize {
		p.free = append(p.free, f)
	}
}
