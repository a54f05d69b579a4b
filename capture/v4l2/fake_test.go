package v4l2

import (
	"errors"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/pushcam/pushcam/capture"
)

// fake is a camera that behaves as the kernel document says: its queue is
// vb2's. It runs by the clock of who waits for it, so it needs no goroutine and
// its time may be synctest's.
type fake struct {
	// set once
	start    time.Time
	caps     uint32
	formats  []fakeFormat
	multi    bool
	interval Interval
	// oldControls is a driver without VIDIOC_QUERY_EXT_CTRL.
	oldControls bool
	// script says what happens instead of a picture, by number.
	script map[int]fakeEvent
	// answer changes what the driver says to an ioctl that succeeded.
	answer func(r request, argument unsafe.Pointer)
	// anyLength maps as much as is asked for, within reason.
	anyLength bool
	// failAt makes one call fail, counted from 1.
	failAt   int
	failWith error

	mu        sync.Mutex
	calls     int
	opened    int // nodes
	mapped    int // pieces of memory
	refuse    map[request][]error
	format    pictureFormat
	buffers   []*fakeBuffer
	queue     []int
	done      []bufferDescription
	streaming bool
	due       time.Time
	taken     int // events of script used up
	sequence  uint32
	stalled   bool
	unplugged bool
	fatal     bool
	controls  []*fakeControl
	extension *fakeExtension
}

type fakeFormat struct {
	pixelFormat PixelFormat
	sizes       []capture.Size
	ranges      *rangeOfSizes // instead of sizes
	kind        uint32
	intervals   []Interval
	between     *frameInterval // instead of intervals
}

type fakeBuffer struct {
	memory [][]byte
	queued bool
}

// fakeEvent is what can happen to a picture.
type fakeEvent uint8

const (
	picture fakeEvent = iota
	flagged           // V4L2_BUF_FLAG_ERROR
	short             // half of the data
	empty             // bytesused 0
	dropped           // only its number shows
	stall             // no more
	unplug
	fatal // vb2_queue_error
	undated
)

func newFake(formats ...fakeFormat) *fake {
	if len(formats) == 0 {
		formats = []fakeFormat{discrete(YUYV, 640, 480)}
	}
	return &fake{
		start: time.Now(), caps: capVideoCapture | capStreaming, formats: formats, interval: Interval{1, 30},
		refuse: map[request][]error{},
	}
}

func discrete(f PixelFormat, width, height int) fakeFormat {
	return fakeFormat{pixelFormat: f, sizes: []capture.Size{{Width: width, Height: height}}, intervals: []Interval{{1, 30}, {1, 15}}}
}

func (f *fake) system(t testing.TB) system {
	return system{
		open:      func(string) (node, error) { return f.open() },
		monotonic: f.monotonic,
		root:      t.TempDir(),
	}
}

func (f *fake) monotonic() time.Duration { return time.Since(f.start) + time.Hour }

// check fails the test for what the camera's users left behind.
func (f *fake) check(t testing.TB) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.opened != 0 || f.mapped != 0 || f.streaming {
		t.Errorf("left behind: %d nodes open, %d pieces of memory mapped, streaming %v", f.opened, f.mapped, f.streaming)
	}
}

func (f *fake) open() (node, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.scripted(0); err != nil {
		return nil, err
	}
	if f.unplugged {
		return nil, syscall.ENOENT
	}
	f.opened++
	return &fakeNode{fake: f, woken: make(chan struct{}, 1)}, nil
}

// scripted counts a call and returns the error that it shall have.
func (f *fake) scripted(r request) error {
	f.calls++
	if f.calls == f.failAt {
		return f.failWith
	}
	if errs := f.refuse[r]; len(errs) > 0 {
		f.refuse[r] = errs[1:]
		return errs[0]
	}
	return nil
}

// fakeNode is an open file of the camera.
type fakeNode struct {
	fake   *fake
	woken  chan struct{}
	closed bool // guarded by fake.mu
}

var _ node = (*fakeNode)(nil)

func (n *fakeNode) mmap(offset int64, length int) ([]byte, func() error, error) {
	f := n.fake
	f.mu.Lock()
	defer f.mu.Unlock()
	if n.closed {
		return nil, nil, ErrClosed
	}
	if err := f.scripted(0); err != nil {
		return nil, nil, err
	}
	unmap := func() error {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.mapped--
		return nil
	}
	if f.anyLength && length <= 1<<20 {
		f.mapped++
		return make([]byte, length), unmap, nil
	}
	index, piece := int(offset>>16), int(offset&0xffff)/4096
	if index >= len(f.buffers) || piece >= len(f.buffers[index].memory) || length != len(f.buffers[index].memory[piece]) {
		return nil, nil, syscall.EINVAL
	}
	f.mapped++
	return f.buffers[index].memory[piece], unmap, nil
}

func (n *fakeNode) wake() {
	select {
	case n.woken <- struct{}{}:
	default:
	}
}

func (n *fakeNode) close() error {
	n.fake.mu.Lock()
	defer n.fake.mu.Unlock()
	if n.closed {
		return nil
	}
	n.closed = true
	n.fake.opened--
	n.fake.stop()
	return nil
}

func (n *fakeNode) wait(timeout time.Duration, what interest) (readiness, error) {
	f := n.fake
	limit := time.NewTimer(timeout)
	defer limit.Stop()
	for {
		f.mu.Lock()
		f.produce(time.Now())
		next := 24 * time.Hour
		seen := notReady
		switch {
		case n.closed:
			f.mu.Unlock()
			return notReady, ErrClosed
		case what == noDevice:
		case f.unplugged || f.fatal || !f.streaming:
			seen = failing
		case len(f.done) > 0:
			seen = ready
		case !f.stalled:
			next = time.Until(f.due)
		}
		f.mu.Unlock()
		if seen != notReady {
			return seen, nil
		}
		due := time.NewTimer(next)
		select {
		case <-n.woken:
			due.Stop()
			return notReady, nil
		case <-limit.C:
			due.Stop()
			return notReady, nil
		case <-due.C:
		}
	}
}

// produce brings the camera to the present.
func (f *fake) produce(now time.Time) {
	for f.streaming && !f.stalled && !f.unplugged && !f.fatal && !f.due.After(now) {
		event := f.script[f.taken]
		f.taken++
		switch event {
		case stall:
			f.stalled = true
			continue
		case unplug:
			f.unplugged = true
			continue
		case fatal:
			f.fatal = true
			continue
		case dropped:
		case picture, flagged, short, empty, undated:
			if len(f.queue) > 0 {
				f.expose(event)
			}
		}
		f.sequence++
		f.due = f.due.Add(f.interval.Duration())
	}
}

// expose fills the next buffer.
func (f *fake) expose(event fakeEvent) {
	index := f.queue[0]
	f.queue = slices.Delete(f.queue, 0, 1)
	b := f.buffers[index]
	b.queued = false
	for _, piece := range b.memory {
		piece[0], piece[len(piece)-1] = byte(f.sequence), byte(f.sequence)
	}
	stamp := f.due.Sub(f.start) + time.Hour - 5*time.Millisecond // exposure is before
	d := bufferDescription{
		index: uint32(index), sequence: f.sequence, flags: bufferTimestampMono, bytesUsed: uint32(len(b.memory[0])),
		seconds: int(stamp / time.Second), microsecond: int(stamp % time.Second / time.Microsecond),
	}
	switch event {
	case flagged:
		d.flags |= bufferError
	case short:
		d.bytesUsed /= 2
	case empty:
		d.bytesUsed = 0
	case undated:
		d.flags, d.seconds = 0, 0
	default:
	}
	f.done = append(f.done, d)
}

func (f *fake) stop() {
	f.streaming, f.queue, f.done, f.fatal = false, nil, nil, false
	for _, b := range f.buffers {
		b.queued = false
	}
}

func (n *fakeNode) ioctl(r request, argument unsafe.Pointer) error {
	f := n.fake
	f.mu.Lock()
	defer f.mu.Unlock()
	if n.closed {
		return ErrClosed
	}
	f.produce(time.Now())
	if f.unplugged {
		return syscall.ENODEV
	}
	if err := f.scripted(r); err != nil {
		return err
	}
	err := f.handle(r, argument)
	if err == nil && f.answer != nil {
		f.answer(r, argument)
	}
	return err
}

// startFake opens the camera and starts it in its first format and size.
func startFake(t *testing.T, f *fake, cfg QueueConfig) (*Device, *Queue) {
	t.Helper()
	d, err := f.system(t).device("/dev/video0")
	if err != nil {
		t.Fatal(err)
	}
	first := f.formats[0]
	if _, err := d.SetFormat(first.pixelFormat, first.sizes[0]); err != nil {
		t.Fatal(err)
	}
	q, err := d.Start(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil && !errors.Is(err, ErrGone) {
			t.Errorf("Close: %v", err)
		}
		f.check(t)
	})
	return d, q
}
