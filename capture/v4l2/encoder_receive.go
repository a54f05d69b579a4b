package v4l2

import (
	"errors"
	"fmt"
	"syscall"
	"time"
)

// outcome is what became of a picture.
type outcome uint8

const (
	pending outcome = iota // not known yet
	encoded
	skipped // rate control left it out
	broken  // it cannot be used, nor what comes after it up to a keyframe
)

// receive waits for what became of the picture that was sent last. An encoded
// one is the buffer's payload, which is to be given back with enqueue. Once the
// driver has returned the memory that the picture went in with, it has for
// grace to come out, and is taken for skipped after that.
func (e *encoderDevice) receive(deadline time.Time, grace time.Duration) (index int, what outcome, err error) {
	waiting := false // for a picture whose memory the driver has returned
	for {
		index, what, err := e.take()
		if what != pending || err != nil {
			return index, what, err
		}
		if err := e.reclaim(); err != nil {
			return 0, pending, err
		}
		look := aPicture | aReturn
		if e.back {
			if look = aPicture; !waiting {
				waiting = true
				deadline = earlier(deadline, time.Now().Add(grace))
			}
		}
		left := time.Until(deadline)
		if left <= 0 {
			if e.back {
				// bcm2835-codec says nothing of a picture that rate control
				// leaves out: it takes it, and that is all.
				return 0, skipped, nil
			}
			return 0, pending, ErrEncoderStalled
		}
		seen, err := e.coded.node.wait(left, look)
		if err != nil {
			return 0, pending, err
		}
		if seen == failing {
			index, what, err := e.take()
			if what == pending && err == nil {
				// Without this it would be asked again, for ever, without waiting.
				err = fmt.Errorf("driver signals an error and does not say which: %w", syscall.EIO)
			}
			return index, what, err
		}
	}
}

// take takes what the driver has written, if it has.
func (e *encoderDevice) take() (index int, what outcome, err error) {
	for range e.coded.buffers {
		index, err = e.coded.dequeue()
		if err != nil || index < 0 {
			return 0, pending, err
		}
		what, err = e.judge(index)
		if err != nil || what == encoded {
			return index, what, err
		}
		if err := e.coded.enqueue(index, 0); err != nil || what != pending {
			return 0, what, err
		}
	}
	return 0, pending, nil
}

// judge looks at the buffer that was dequeued. Pending says that it is nothing
// of the last picture.
func (e *encoderDevice) judge(index int) (outcome, error) {
	payload, err := e.coded.payload(index)
	if err != nil {
		return pending, err
	}
	at, copied := e.coded.stamp()
	flags := e.coded.raw.flags
	switch {
	case copied && at > e.stamp:
		return pending, fmt.Errorf("driver returns the picture of %v, and the last was of %v: %w", at, e.stamp, syscall.EIO)
	case copied && at < e.stamp:
		e.late = true
		return pending, nil
	case flags&bufferLast != 0 && len(payload) == 0:
		return pending, fmt.Errorf("driver says that there are no more pictures: %w", syscall.EPIPE)
	case flags&bufferError != 0, len(payload) == len(e.coded.buffers[index].memory[0]):
		// A full buffer is one that was too small.
		return broken, nil
	case len(payload) == 0:
		return skipped, nil
	case e.late:
		// It was made from one that nobody got.
		return broken, nil
	}
	return encoded, nil
}

// close stops the device and gives back all its memory.
func (e *encoderDevice) close() error {
	return errors.Join(e.raw.release(), e.coded.release(), e.coded.node.close())
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
