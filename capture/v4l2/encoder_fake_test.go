package v4l2

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/capturetest"
)

// fakeCodec is a memory-to-memory encoder that behaves as the kernel document
// for stateful encoders says, with the habits of bcm2835-codec. What it encodes
// comes from its firmware, which is any capture.Encoder. Like the kernel it has
// a state for each open file.
type fakeCodec struct {
	// set once
	single   bool // the single-planar API
	raws     []PixelFormat
	smallest capture.Size
	largest  capture.Size
	rows     int // height is rounded up to a multiple
	firmware capturetest.NewEncoder
	controls map[uint32]fakeRange
	// script says what happens to a picture, by number.
	script map[int]codecEvent
	// What drivers do differently.
	uncropped    bool // S_SELECTION is missing
	fixedRate    bool // S_PARM is refused while it runs
	separate     bool // parameter sets come in a buffer of their own
	lateKeyframe bool // a request works one picture late
	undated      bool // times are not copied
	wrongSize    bool // S_FMT rounds down

	mu                            sync.Mutex
	busy                          error // of open
	deaf                          bool  // requests for keyframes are forgotten
	refuse                        map[request]error
	opened                        int
	mapped                        int
	files                         int // opened since it was found
	pictures                      int // that went in
	intervals, bitrates, requests int
}

// fakeRange is a control: its range and its first value.
type fakeRange struct {
	kind          capture.ControlType
	min, max, def int64
	step          int64
}

// codecEvent is what can happen to a picture.
type codecEvent uint8

const (
	good      codecEvent = iota
	never                // the driver keeps it
	swallowed            // rate control leaves it out, and says nothing
	emptied              // rate control leaves it out, and says so
	delayed              // comes out with the next one
	faulty               // V4L2_BUF_FLAG_ERROR
	overlong             // more bytes than there is memory
	filled               // the buffer was too small
	noise                // no NAL units
	future               // the time of no picture
	lastOne              // V4L2_BUF_FLAG_LAST
	vanished             // ENODEV from then on
	crashed              // EIO from then on
	kept                 // is encoded, but its memory stays with the driver for a while
)

// newFakeCodec is a Raspberry Pi's.
func newFakeCodec() *fakeCodec {
	return &fakeCodec{
		raws: []PixelFormat{I420, NV12}, rows: 16,
		smallest: capture.Size{Width: 16, Height: 16}, largest: capture.Size{Width: 1920, Height: 1920},
		firmware: func(c capture.EncoderConfig) (capture.Encoder, error) {
			return capturetest.NewFakeEncoder(capture.H264, c)
		},
		refuse: map[request]error{},
		controls: map[uint32]fakeRange{
			controlBitrateMode:   {capture.ControlMenu, 0, 1, 0, 1},
			controlBitrate:       {capture.ControlInteger, 25_000, 25_000_000, 10_000_000, 25_000},
			controlHeaderMode:    {capture.ControlMenu, 1, 1, 1, 1},
			controlRepeatHeaders: {capture.ControlBoolean, 0, 1, 0, 1},
			controlIPeriod:       {capture.ControlInteger, 0, 1<<31 - 1, 12, 1},
			controlLevel:         {capture.ControlMenu, 0, 16, 11, 1},
			controlProfile:       {capture.ControlMenu, 0, 4, 4, 1},
			controlForceKeyframe: {capture.ControlButton, 0, 0, 0, 0},
			controlBFrames:       {capture.ControlInteger, 0, 0, 0, 1},
		},
	}
}

// node is what ListEncoders finds of it.
func (f *fakeCodec) node(t testing.TB) EncoderNode {
	t.Helper()
	nodes, err := f.system(t).encoders(H264)
	if err != nil || len(nodes) != 1 {
		t.Fatalf("found %v, %v; want one encoder", nodes, err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.files = 0
	return nodes[0]
}

func (f *fakeCodec) system(t testing.TB) system {
	t.Helper()
	root := t.TempDir()
	if err := errors.Join(os.Mkdir(filepath.Join(root, "dev"), 0o755), os.WriteFile(filepath.Join(root, "dev", "video11"), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	return system{open: func(string) (node, error) { return f.open() }, root: root}
}

// check fails the test for what the encoder's users left behind.
func (f *fakeCodec) check(t testing.TB) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.opened != 0 || f.mapped != 0 {
		t.Errorf("left behind: %d nodes open, %d pieces of memory mapped", f.opened, f.mapped)
	}
}

func (f *fakeCodec) open() (node, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.busy != nil {
		return nil, f.busy
	}
	f.opened++
	f.files++
	c := &fakeCodecFile{fake: f, woken: make(chan struct{}, 1), interval: Interval{1, 30}, values: map[uint32]int64{}}
	for id, r := range f.controls {
		c.values[id] = r.def
	}
	c.reset()
	return c, nil
}

// fakeCodecFile is an open file, and so an encoder.
type fakeCodecFile struct {
	fake  *fakeCodec
	woken chan struct{}

	// guarded by fake.mu
	closed    bool
	queues    [2]fakeQueue // by side
	visible   capture.Size // what S_SELECTION left
	interval  Interval
	values    map[uint32]int64
	firmware  capture.Encoder
	now       time.Time // of the firmware
	since     int       // pictures since the last keyframe
	forced    int       // pictures until a request works, 0 for none
	delivered bool      // the parameter sets
	failed    syscall.Errno
	withheld  []bufferDescription // comes out later
	lent      []bufferDescription // goes back later
}

type fakeQueue struct {
	format    fakePicture
	buffers   []*fakeBuffer
	streaming bool
	mapped    int  // pieces of memory
	ended     bool // the last buffer was dequeued
	queue     []bufferDescription
	done      []bufferDescription
}

// fakePicture is a format in the words of both APIs.
type fakePicture struct {
	pixelFormat PixelFormat
	size        capture.Size
	stride      int
	bytes       []int // of each piece of memory
}

var _ node = (*fakeCodecFile)(nil)

func (c *fakeCodecFile) mmap(offset int64, length int) ([]byte, func() error, error) {
	f := c.fake
	f.mu.Lock()
	defer f.mu.Unlock()
	s, index, piece := offset>>28&1, int(offset>>16&0xfff), int(offset&0xffff)/4096
	if c.closed || index >= len(c.queues[s].buffers) {
		return nil, nil, syscall.EINVAL
	}
	memory := c.queues[s].buffers[index].memory
	if piece >= len(memory) || length != len(memory[piece]) {
		return nil, nil, syscall.EINVAL
	}
	f.mapped++
	c.queues[s].mapped++
	return memory[piece], func() error {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.mapped--
		c.queues[s].mapped--
		return nil
	}, nil
}

func (c *fakeCodecFile) wake() {
	select {
	case c.woken <- struct{}{}:
	default:
	}
}

func (c *fakeCodecFile) close() error {
	c.fake.mu.Lock()
	defer c.fake.mu.Unlock()
	if !c.closed {
		c.closed = true
		c.fake.opened--
	}
	return nil
}

// wait is v4l2_m2m_fop_poll.
func (c *fakeCodecFile) wait(timeout time.Duration, what interest) (readiness, error) {
	c.fake.mu.Lock()
	raw, coded := &c.queues[rawSide], &c.queues[codedSide]
	seen := notReady
	switch {
	case c.closed:
		c.fake.mu.Unlock()
		return notReady, ErrClosed
	case c.failed != 0 || !raw.streaming && !coded.streaming:
		seen = failing
	case what&aPicture != 0 && len(coded.done) > 0, what&aReturn != 0 && len(raw.done) > 0:
		seen = ready
	}
	c.fake.mu.Unlock()
	if seen != notReady {
		return seen, nil
	}
	limit := time.NewTimer(timeout)
	defer limit.Stop()
	select {
	case <-c.woken:
		return notReady, nil
	case <-limit.C:
	}
	c.fake.mu.Lock()
	defer c.fake.mu.Unlock()
	raw.done, c.lent = append(raw.done, c.lent...), nil // given back while it waited
	return notReady, nil
}

// run encodes what is there to encode.
func (c *fakeCodecFile) run() {
	raw, coded := &c.queues[rawSide], &c.queues[codedSide]
	for raw.streaming && coded.streaming && c.failed == 0 && len(raw.queue) > 0 && len(coded.queue) > 0 {
		in := raw.queue[0]
		event := c.fake.script[c.fake.pictures]
		c.fake.pictures++
		switch event {
		case never:
			raw.queue, coded.queue = raw.queue[1:], nil
			return
		case vanished:
			c.failed = syscall.ENODEV
			return
		case crashed:
			c.failed = syscall.EIO
			return
		default:
		}
		stream := c.encode(raw.buffers[in.index])
		raw.queue = raw.queue[1:]
		raw.buffers[in.index].queued = false
		in.flags = bufferTimestampCopy
		if event == kept {
			raw.buffers[in.index].queued = true
			c.lent = append(c.lent, in)
		} else {
			raw.done = append(raw.done, in)
		}
		c.put(event, in, stream)
	}
}

// put writes an access unit into the next coded buffers.
func (c *fakeCodecFile) put(event codecEvent, in bufferDescription, stream []byte) {
	coded := &c.queues[codedSide]
	coded.done, c.withheld = append(coded.done, c.withheld...), nil
	sets, picture := splitSets(stream)
	if c.fake.separate && len(sets) > 0 {
		coded.done = append(coded.done, c.write(in, sets))
		stream = picture
	}
	if event == swallowed {
		return
	}
	out := c.write(in, stream)
	length := uint32(len(coded.buffers[out.index].memory[0]))
	switch event {
	case emptied:
		out.bytesUsed = 0
	case faulty:
		out.flags |= bufferError
	case overlong:
		out.bytesUsed = length + 1
	case filled:
		out.bytesUsed = length
	case noise:
		out.bytesUsed = uint32(copy(coded.buffers[out.index].memory[0], bytes.Repeat([]byte("noise"), 100)))
	case future:
		out.seconds += 1000
	case lastOne:
		out.flags, out.bytesUsed = out.flags|bufferLast, 0
	case delayed:
		c.withheld = append(c.withheld, out)
		return
	default:
	}
	coded.done = append(coded.done, out)
}

// write fills the next coded buffer.
func (c *fakeCodecFile) write(in bufferDescription, stream []byte) bufferDescription {
	coded := &c.queues[codedSide]
	out := bufferDescription{
		index: coded.queue[0].index, flags: bufferTimestampCopy, seconds: in.seconds, microsecond: in.microsecond,
		bytesUsed: uint32(copy(coded.buffers[coded.queue[0].index].memory[0], stream)),
	}
	coded.queue = slices.Delete(coded.queue, 0, 1)
	coded.buffers[out.index].queued = false
	if keyframe, _, err := capturetest.Picture(capture.H264, stream); err == nil && keyframe {
		out.flags |= bufferKeyframe
	}
	if c.fake.undated {
		out.flags, out.seconds, out.microsecond = out.flags&^bufferTimestampMask, 0, 0
	}
	return out
}
