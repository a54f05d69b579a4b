package v4l2

import (
	"errors"
	"fmt"
	"sync"
	"time"
)

// QueueConfig says how to run a Queue. Zero fields mean the default.
type QueueConfig struct {
	// Buffers is how many to share with the driver, 2 to 32; 4 by default. The
	// driver may take more.
	Buffers int
	// FirstPicture is how long the first one may take; 8 s by default, as a
	// cheap camera behind a hub needs.
	FirstPicture time.Duration
	// NextPicture is how long a later one may take; by default 2 s or 5
	// intervals, whichever is longer.
	NextPicture time.Duration
}

// The defaults of QueueConfig.
const (
	DefaultBuffers      = 4
	DefaultFirstPicture = 8 * time.Second
	DefaultNextPicture  = 2 * time.Second
	patientIntervals    = 5
)

// Queue is a running camera: buffers that the driver fills, one after the
// other. One goroutine at a time calls Next, any the other methods.
type Queue struct {
	// set once
	device   *Device
	node     node
	format   Format
	layout   []colorPlane
	interval Interval
	buffers  []*Buffer
	stats    counters
	first    time.Duration // patience for the first picture
	next     time.Duration // and for those after it

	// reading holds one token while a Next is under way.
	reading chan struct{}
	// owned by who put the token
	clock    clock
	got      bool   // a picture came
	counting bool   // expected is set
	expected uint32 // the next buffer's sequence
	raw      bufferDescription
	planes   [maxMemoryPlanes]planeDescription

	mu      sync.Mutex
	queued  int  // buffers with the driver
	held    int  // buffers with readers
	hungry  bool // Next waits for a Release
	closed  bool
	closing chan struct{} // closed when the first Close has ended
}

// Start begins streaming in the format and at the rate that are set. It leaves
// nothing behind when it fails. Only one Queue of a Device runs at a time.
func (d *Device) Start(cfg QueueConfig) (*Queue, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil, d.fail("start", ErrClosed)
	}
	if d.queue != nil {
		return nil, fmt.Errorf("start %s: it runs already", d.path)
	}
	q, err := d.newQueue(cfg)
	if err != nil {
		return nil, err
	}
	if err := q.start(cfg.Buffers); err != nil {
		// What went wrong before goes wrong again.
		_ = q.teardown()
		return nil, d.fail("start", err)
	}
	d.queue = q
	return q, nil
}

func (d *Device) newQueue(cfg QueueConfig) (*Queue, error) {
	format, err := d.Format()
	if err != nil {
		return nil, err
	}
	layout, err := format.layout()
	if err != nil {
		return nil, d.fail("start", err)
	}
	interval, err := d.Interval()
	if err != nil {
		return nil, err
	}
	q := &Queue{
		device: d, node: d.node, format: format, layout: layout, interval: interval,
		first: cfg.FirstPicture, next: cfg.NextPicture,
		clock: newClock(d.machine.monotonic), closing: make(chan struct{}), reading: make(chan struct{}, 1),
	}
	slow := patientIntervals * interval.Duration()
	if q.next == 0 {
		q.next = max(DefaultNextPicture, slow)
	}
	if q.first == 0 {
		q.first = max(DefaultFirstPicture, slow)
	}
	return q, nil
}

// Format is what each Buffer is.
func (q *Queue) Format() Format { return q.format }

// Interval is what the driver said of the rate, the zero value when it did not.
func (q *Queue) Interval() Interval { return q.interval }

// Close stops the device and gives back its memory, but for Buffers that are
// held, which stay as they are until their last Release. A Next that is under
// way returns ErrClosed, and Close waits for it. It may be called from any
// goroutine, and twice.
func (q *Queue) Close() error {
	q.mu.Lock()
	first := !q.closed
	q.closed = true
	q.mu.Unlock()
	if !first {
		<-q.closing
		return nil
	}
	defer close(q.closing)
	q.node.wake()
	q.reading <- struct{}{} // waits for a Next
	defer func() { <-q.reading }()
	err := q.teardown()
	q.device.mu.Lock()
	q.device.queue = nil
	q.device.mu.Unlock()
	if err != nil {
		return q.device.fail("stop", err)
	}
	return nil
}

// gone reports errors of a device that has nothing left to stop.
func gone(err error) bool {
	return errors.Is(explain(err, ""), ErrGone) || errors.Is(err, ErrClosed)
}

func (q *Queue) isClosed() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.closed
}
