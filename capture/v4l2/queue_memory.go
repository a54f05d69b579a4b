package v4l2

import (
	"errors"
	"fmt"
	"runtime"
	"unsafe"
)

// start asks for buffers, maps them, hands them to the driver and begins.
func (q *Queue) start(count int) error {
	if count == 0 {
		count = DefaultBuffers
	}
	r := bufferRequest{count: uint32(min(max(count, 2), maxBuffers)), kind: q.device.kind, memory: memoryMapped}
	if err := q.node.ioctl(requestBuffers, unsafe.Pointer(&r)); err != nil {
		return fmt.Errorf("REQBUFS: %w", err)
	}
	if r.count < 2 {
		return fmt.Errorf("driver gives %d buffers, want at least 2", r.count)
	}
	for i := range min(r.count, maxBuffers) {
		if err := q.mapBuffer(i); err != nil {
			return err
		}
	}
	for _, b := range q.buffers {
		if err := q.enqueue(b); err != nil {
			return fmt.Errorf("QBUF: %w", err)
		}
	}
	kind := q.device.kind
	if err := q.node.ioctl(requestStart, unsafe.Pointer(&kind)); err != nil {
		return fmt.Errorf("STREAMON: %w", err)
	}
	return nil
}

// mapBuffer adds buffer i to q.buffers, whatever of it could be mapped.
func (q *Queue) mapBuffer(i uint32) error {
	b := &Buffer{queue: q, index: i}
	q.device.mapped.Add(1)
	q.buffers = append(q.buffers, b)
	b.raw = bufferDescription{index: i}
	if err := q.about(requestQueryBuffer, &b.raw, &b.rawPlanes); err != nil {
		return fmt.Errorf("QUERYBUF: %w", err)
	}
	if q.device.kind == bufferCapture {
		return b.mapMemory(&b.raw.location, b.raw.length)
	}
	for p := range q.format.Memory {
		if err := b.mapMemory(&b.rawPlanes[p].location, b.rawPlanes[p].length); err != nil {
			return err
		}
	}
	return nil
}

// mapMemory maps the next piece.
func (b *Buffer) mapMemory(location *uintptr, length uint32) error {
	memory, unmap, err := mapPiece(b.queue.node, location, length)
	if err != nil {
		return err
	}
	b.memory, b.unmap = append(b.memory, memory), append(b.unmap, unmap)
	return nil
}

// mapPiece maps a piece of memory. The offset, a number that the driver made
// up, is in the first four bytes of a union.
func mapPiece(n node, location *uintptr, length uint32) (memory []byte, unmap func() error, err error) {
	offset := *(*uint32)(unsafe.Pointer(location))
	if length == 0 || length > maxMemory {
		return nil, nil, fmt.Errorf("driver gives a buffer of %d bytes", length)
	}
	memory, unmap, err = n.mmap(int64(offset), int(length))
	if err != nil {
		return nil, nil, fmt.Errorf("mmap: %w", err)
	}
	return memory, unmap, nil
}

// about makes an ioctl about the buffer of raw.index.
func (q *Queue) about(r request, raw *bufferDescription, planes *[maxMemoryPlanes]planeDescription) error {
	clear(planes[:])
	raw.kind = q.device.kind
	return aboutBuffer(q.node, r, raw, planes, len(q.format.Memory))
}

// aboutBuffer makes an ioctl about a buffer of raw.kind that has so many
// pieces of memory.
func aboutBuffer(n node, r request, raw *bufferDescription, planes *[maxMemoryPlanes]planeDescription, pieces int) error {
	raw.memory = memoryMapped
	if isMulti(raw.kind) {
		// The kernel gets the address in a number, which keeps nothing in place.
		var pins runtime.Pinner
		pins.Pin(planes)
		defer pins.Unpin()
		raw.location, raw.length = uintptr(unsafe.Pointer(planes)), uint32(pieces)
	}
	return n.ioctl(r, unsafe.Pointer(raw))
}

// enqueue hands a buffer that is idle to the driver. The caller holds q.mu, or
// is alone.
func (q *Queue) enqueue(b *Buffer) error {
	b.raw = bufferDescription{index: b.index}
	if err := q.about(requestQueue, &b.raw, &b.rawPlanes); err != nil {
		return err
	}
	b.place = queued
	q.queued++
	return nil
}

// feed hands all idle buffers to the driver, and reports how many it has, or
// why it has none. A buffer that it does not take is tried again the next time.
func (q *Queue) feed() (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	var failed error
	for _, b := range q.buffers {
		if b.place != idle {
			continue
		}
		if err := q.enqueue(b); err != nil {
			q.stats.refused.Add(1)
			failed = err
		}
	}
	if failed != nil && (q.queued == 0 || gone(failed)) {
		return q.queued, fmt.Errorf("QBUF: %w", failed)
	}
	q.hungry = q.queued == 0
	return q.queued, nil
}

// release takes a buffer back from its last reader.
func (q *Queue) release(b *Buffer) {
	q.mu.Lock()
	q.held--
	b.place = idle
	if q.closed {
		// Fails for memory that is not mapped, which it is.
		_ = b.free()
		q.mu.Unlock()
		return
	}
	if err := q.enqueue(b); err != nil {
		q.stats.refused.Add(1) // Next tries again, and tells
	}
	hungry := q.hungry
	q.hungry = false
	q.mu.Unlock()
	if hungry {
		q.node.wake()
	}
}

// free gives a buffer's memory back.
func (b *Buffer) free() error {
	var errs []error
	for _, unmap := range b.unmap {
		errs = append(errs, unmap())
	}
	b.queue.device.mapped.Add(-1)
	b.place, b.memory, b.unmap, b.payload, b.planes = unmapped, nil, nil, nil, [3]Plane{}
	return errors.Join(errs...)
}

// teardown undoes start, however far it got. The caller makes sure that nobody
// reads.
func (q *Queue) teardown() error {
	var errs []error
	note := func(step string, err error) {
		// Of a device that is gone there is nothing to stop.
		if err != nil && !gone(err) {
			errs = append(errs, fmt.Errorf("%s: %w", step, err))
		}
	}
	kind := q.device.kind
	stopped := q.node.ioctl(requestStop, unsafe.Pointer(&kind))
	note("STREAMOFF", stopped)
	q.mu.Lock()
	q.closed = true
	for _, b := range q.buffers {
		if b.place != held {
			note("munmap", b.free())
		}
	}
	q.queued = 0
	held := q.held
	q.mu.Unlock()
	if held == 0 && !gone(stopped) {
		// The format cannot be changed before. With buffers in readers' hands
		// the kernel refuses; they go with the last of them.
		r := bufferRequest{kind: kind, memory: memoryMapped}
		note("REQBUFS", q.node.ioctl(requestBuffers, unsafe.Pointer(&r)))
	}
	return errors.Join(errs...)
}
