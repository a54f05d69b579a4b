package v4l2

import (
	"errors"
	"fmt"
	"syscall"
	"time"
	"unsafe"
)

// port is one queue of a memory-to-memory device with its mapped buffers. One
// goroutine uses it.
type port struct {
	node    node
	kind    uint32
	pieces  int // of memory that a buffer has
	buffers []portBuffer
	running bool

	raw    bufferDescription
	planes [maxMemoryPlanes]planeDescription
}

type portBuffer struct {
	memory [][]byte
	unmap  []func() error
	queued bool // the driver has it
}

// allocate asks for buffers and maps them.
func (p *port) allocate(count uint32) error {
	r := bufferRequest{count: count, kind: p.kind, memory: memoryMapped}
	if err := p.node.ioctl(requestBuffers, unsafe.Pointer(&r)); err != nil {
		return fmt.Errorf("REQBUFS: %w", err)
	}
	if r.count < 1 {
		return errors.New("driver gives no buffers")
	}
	p.buffers = make([]portBuffer, 0, maxBuffers)
	for i := range min(r.count, maxBuffers) {
		p.buffers = append(p.buffers, portBuffer{})
		if err := p.mapBuffer(i); err != nil {
			return err
		}
	}
	return nil
}

func (p *port) mapBuffer(i uint32) error {
	p.raw, p.planes = bufferDescription{index: i, kind: p.kind}, [maxMemoryPlanes]planeDescription{}
	if err := aboutBuffer(p.node, requestQueryBuffer, &p.raw, &p.planes, p.pieces); err != nil {
		return fmt.Errorf("QUERYBUF: %w", err)
	}
	for piece := range p.pieces {
		location, length := &p.planes[piece].location, p.planes[piece].length
		if !isMulti(p.kind) {
			location, length = &p.raw.location, p.raw.length
		}
		memory, unmap, err := mapPiece(p.node, location, length)
		if err != nil {
			return err
		}
		b := &p.buffers[i]
		b.memory, b.unmap = append(b.memory, memory), append(b.unmap, unmap)
	}
	return nil
}

func (p *port) start() error {
	kind := p.kind
	if err := p.node.ioctl(requestStart, unsafe.Pointer(&kind)); err != nil {
		return fmt.Errorf("STREAMON: %w", err)
	}
	p.running = true
	return nil
}

// free is a buffer that the driver does not have.
func (p *port) free() (index int, ok bool) {
	for i := range p.buffers {
		if !p.buffers[i].queued {
			return i, true
		}
	}
	return 0, false
}

// enqueue hands a buffer to the driver. Of the OUTPUT queue it is full.
func (p *port) enqueue(index int, stamp time.Duration) error {
	b := &p.buffers[index]
	p.raw, p.planes = bufferDescription{index: uint32(index), kind: p.kind}, [maxMemoryPlanes]planeDescription{}
	if p.kind == bufferOutput || p.kind == bufferOutputMulti {
		p.raw.field, p.raw.flags = fieldNone, bufferTimestampCopy
		p.raw.seconds, p.raw.microsecond = int(stamp/time.Second), int(stamp%time.Second/time.Microsecond)
		p.raw.bytesUsed = uint32(len(b.memory[0]))
		for i, memory := range b.memory {
			p.planes[i].bytesUsed = uint32(len(memory))
		}
	}
	if err := aboutBuffer(p.node, requestQueue, &p.raw, &p.planes, p.pieces); err != nil {
		return fmt.Errorf("QBUF: %w", err)
	}
	b.queued = true
	return nil
}

// dequeue takes back a buffer, -1 when the driver gives none now. What it says
// of it is in raw and planes.
func (p *port) dequeue() (index int, err error) {
	p.raw, p.planes = bufferDescription{kind: p.kind}, [maxMemoryPlanes]planeDescription{}
	err = aboutBuffer(p.node, requestDequeue, &p.raw, &p.planes, p.pieces)
	if errors.Is(err, syscall.EAGAIN) {
		return -1, nil
	}
	if err != nil {
		return -1, fmt.Errorf("DQBUF: %w", err)
	}
	index = int(p.raw.index)
	if uint64(p.raw.index) >= uint64(len(p.buffers)) || !p.buffers[index].queued {
		return -1, fmt.Errorf("driver returns buffer %d of %d, which it does not have: %w", p.raw.index, len(p.buffers), syscall.EIO)
	}
	p.buffers[index].queued = false
	return index, nil
}

// stamp is the time in the buffer that dequeue returned, and whether it is that
// of the OUTPUT buffer it was made from.
func (p *port) stamp() (at time.Duration, copied bool) {
	at = time.Duration(p.raw.seconds)*time.Second + time.Duration(p.raw.microsecond)*time.Microsecond
	return at, p.raw.flags&bufferTimestampMask == bufferTimestampCopy
}

// payload is what the driver wrote into the buffer that dequeue returned,
// which has one piece.
func (p *port) payload(index int) ([]byte, error) {
	start, end := uint32(0), p.raw.bytesUsed
	if isMulti(p.kind) {
		start, end = p.planes[0].dataOffset, p.planes[0].bytesUsed
	}
	memory := p.buffers[index].memory[0]
	if start > end || uint64(end) > uint64(len(memory)) {
		return nil, fmt.Errorf("driver says bytes %d to %d of a buffer of %d", start, end, len(memory))
	}
	return memory[start:end:end], nil
}

// release undoes allocate and start, however far they got.
func (p *port) release() error {
	var errs []error
	note := func(step string, err error) {
		// Of a device that is gone there is nothing to stop.
		if err != nil && !gone(err) {
			errs = append(errs, fmt.Errorf("%s: %w", step, err))
		}
	}
	kind := p.kind
	if p.running {
		note("STREAMOFF", p.node.ioctl(requestStop, unsafe.Pointer(&kind)))
	}
	for i := range p.buffers {
		for _, unmap := range p.buffers[i].unmap {
			note("munmap", unmap())
		}
	}
	if len(p.buffers) > 0 {
		r := bufferRequest{kind: kind, memory: memoryMapped}
		note("REQBUFS", p.node.ioctl(requestBuffers, unsafe.Pointer(&r)))
	}
	p.buffers, p.running = nil, false
	return errors.Join(errs...)
}
