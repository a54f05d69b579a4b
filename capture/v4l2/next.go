package v4l2

import (
	"errors"
	"fmt"
	"syscall"
	"time"
)

// Next blocks for a picture and returns it with one reference, the caller's. It
// is the newest there is: older ones that nobody came for are given back and
// counted, except of formats that need every picture. What the driver flags as
// broken, and what is too short, is skipped and counted.
//
// It fails with ErrGone, ErrStalled or ErrClosed, or with what else is wrong;
// then the Queue is of no more use than to be closed.
func (q *Queue) Next() (*Buffer, error) {
	q.reading <- struct{}{}
	defer func() { <-q.reading }()
	b, err := q.await()
	if err != nil {
		return nil, q.device.fail("read", err)
	}
	q.got = true
	q.stats.pictures.Add(1)
	return b, nil
}

func (q *Queue) await() (*Buffer, error) {
	patience := q.first
	if q.got {
		patience = q.next
	}
	deadline := time.Now().Add(patience)
	before := q.stats.snapshot()
	starving := false
	for {
		if q.isClosed() {
			return nil, ErrClosed
		}
		queued, err := q.feed()
		if err != nil {
			return nil, err
		}
		if queued == 0 && !starving {
			q.stats.starved.Add(1)
		}
		starving = queued == 0
		left := time.Until(deadline)
		if left <= 0 {
			return nil, q.stalled(patience, before, starving)
		}
		interest := aPicture
		if starving {
			interest = noDevice
		}
		seen, err := q.node.wait(left, interest)
		if err != nil {
			return nil, err
		}
		if q.isClosed() {
			return nil, ErrClosed
		}
		if seen == notReady || starving {
			continue
		}
		b, taken, err := q.newest()
		if b != nil || err != nil {
			return b, err
		}
		if seen == failing && taken == 0 {
			// Without this it would be asked again, for ever, without waiting.
			return nil, fmt.Errorf("driver signals an error and does not say which: %w", syscall.EIO)
		}
	}
}

func (q *Queue) stalled(patience time.Duration, before Stats, starving bool) error {
	now := q.stats.snapshot()
	if starving {
		return fmt.Errorf("all %d buffers are held by readers for %v: %w", len(q.buffers), patience, ErrStalled)
	}
	if bad := now.Broken + now.Short - before.Broken - before.Short; bad > 0 {
		return fmt.Errorf("only broken pictures (%d) in %v: %w", bad, patience, ErrStalled)
	}
	return fmt.Errorf("nothing in %v: %w", patience, ErrStalled)
}

// newest takes from the driver what it has filled, at most each buffer once,
// and returns the last good picture, or nil, and how many it took.
func (q *Queue) newest() (best *Buffer, taken int, err error) {
	for ; taken < len(q.buffers); taken++ {
		b, good, err := q.dequeue()
		if err != nil {
			if best != nil || errors.Is(err, syscall.EAGAIN) {
				return best, taken, nil // another error comes again
			}
			return nil, taken, err
		}
		if !good {
			q.putBack(b)
			continue
		}
		if best != nil {
			q.stats.skipped.Add(1)
			q.putBack(best)
		}
		best = b
		if q.format.PixelFormat.inter() {
			return best, taken + 1, nil
		}
	}
	return best, taken, nil
}

func (q *Queue) putBack(b *Buffer) {
	b.refs.Store(0)
	q.release(b)
}

// dequeue takes one buffer from the driver and reports whether its picture is
// good. The buffer is held, with one reference, either way.
func (q *Queue) dequeue() (b *Buffer, good bool, err error) {
	q.raw = bufferDescription{}
	if err := q.about(requestDequeue, &q.raw, &q.planes); err != nil {
		if errors.Is(err, syscall.EAGAIN) {
			return nil, false, err
		}
		return nil, false, fmt.Errorf("DQBUF: %w", err)
	}
	b, err = q.take(q.raw.index)
	if err != nil {
		return nil, false, err
	}
	q.count(q.raw.sequence)
	if q.raw.flags&bufferError != 0 {
		q.stats.broken.Add(1)
		return b, false, nil
	}
	if !b.fill(&q.raw, &q.planes) {
		q.stats.short.Add(1)
		return b, false, nil
	}
	var dated bool
	if q.raw.flags&bufferTimestampMask == bufferTimestampMono {
		b.time, dated = q.clock.time(time.Duration(q.raw.seconds)*time.Second + time.Duration(q.raw.microsecond)*time.Microsecond)
	} else {
		b.time = q.clock.now()
	}
	if !dated {
		q.stats.undated.Add(1)
	}
	return b, true, nil
}

// take marks a buffer as held.
func (q *Queue) take(index uint32) (*Buffer, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if uint64(index) >= uint64(len(q.buffers)) || q.buffers[index].place != queued {
		return nil, fmt.Errorf("driver returns buffer %d of %d, which it does not have: %w", index, len(q.buffers), syscall.EIO)
	}
	b := q.buffers[index]
	b.place = held
	b.refs.Store(1)
	q.queued--
	q.held++
	return b, nil
}

// plausibleGap tells pictures that were lost from a count that began again.
const plausibleGap = 1 << 16

// count compares a sequence number with the one expected; both wrap. Drivers
// that leave it at zero lose nothing.
func (q *Queue) count(sequence uint32) {
	if gap := sequence - q.expected; q.counting && gap < plausibleGap {
		q.stats.lost.Add(uint64(gap))
	}
	q.counting, q.expected = true, sequence+1
}

// fill reads what the driver says of the picture, and reports whether all of
// it is there.
func (b *Buffer) fill(raw *bufferDescription, planes *[maxMemoryPlanes]planeDescription) bool {
	multi := isMulti(b.queue.device.kind)
	used := func(piece int) []byte {
		start, end := uint32(0), raw.bytesUsed
		if multi {
			// "bytesused" counts from the start of the plane, with the offset.
			start, end = planes[piece].dataOffset, planes[piece].bytesUsed
		}
		memory := b.memory[piece]
		if start >= end || uint64(end) > uint64(len(memory)) {
			return nil
		}
		return memory[start:end:end]
	}
	b.payload = used(0)
	if len(b.payload) == 0 {
		return false
	}
	for i, p := range b.queue.layout {
		memory := used(p.memory)
		if len(memory) < p.end() {
			return false
		}
		end := min(p.offset+p.stride*p.rows, len(memory))
		b.planes[i] = Plane{Pix: memory[p.offset:end:end], Stride: p.stride}
	}
	b.sequence, b.keyframe = raw.sequence, raw.flags&bufferKeyframe != 0
	return true
}
