package v4l2

import (
	"slices"
	"syscall"
	"unsafe"

	"github.com/pushcam/pushcam/capture"
)

func (c *fakeCodecFile) ioctl(r request, argument unsafe.Pointer) error {
	f := c.fake
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case c.closed:
		return ErrClosed
	case c.failed == syscall.ENODEV:
		return syscall.ENODEV
	case f.refuse[r] != nil:
		return f.refuse[r]
	}
	return c.handle(r, argument)
}

// handle answers as "VIDIOC_..." in the kernel document says.
func (c *fakeCodecFile) handle(r request, argument unsafe.Pointer) error {
	switch r {
	case requestCapability:
		able := uint32(capVideoM2MMulti | capStreaming)
		if c.fake.single {
			able = capVideoM2M | capStreaming
		}
		a := (*capability)(argument)
		*a = capability{capabilities: able | capDeviceCaps, deviceCaps: able}
		copy(a.driver[:], "bcm2835-codec")
		copy(a.card[:], "bcm2835-codec-encode")
		return nil
	case requestEnumFormats:
		d := (*formatDescription)(argument)
		list := []PixelFormat{H264}
		if _, raw, err := c.queue(d.kind); err != nil {
			return err
		} else if raw {
			list = c.fake.raws
		}
		if int(d.index) >= len(list) {
			return syscall.EINVAL
		}
		d.pixelFormat = list[d.index]
		return nil
	case requestEnumSizes:
		s := (*frameSize)(argument)
		if s.index > 0 {
			return syscall.EINVAL
		}
		small, large := c.fake.smallest, c.fake.largest
		s.kind = kindStepwise
		s.sizes = rangeOfSizes{uint32(small.Width), uint32(large.Width), 2, uint32(small.Height), uint32(large.Height), 2}
		return nil
	case requestGetFormat, requestSetFormat:
		return c.formats(r, (*pictureFormat)(argument))
	case requestSetSelection:
		return c.selects((*selection)(argument))
	case requestSetParameters:
		return c.retime((*captureParameters)(argument))
	case requestBuffers:
		return c.allocate((*bufferRequest)(argument))
	case requestQueryBuffer, requestQueue, requestDequeue:
		return c.aboutBuffer(r, (*bufferDescription)(argument))
	case requestStart, requestStop:
		return c.stream(r == requestStart, *(*uint32)(argument))
	case requestControl:
		q := (*controlQuery)(argument)
		control, ok := c.fake.controls[q.id]
		if !ok {
			return syscall.EINVAL
		}
		q.kind, q.minimum, q.maximum, q.def, q.step = uint32(control.kind), control.min, control.max, control.def, uint64(control.step)
		return nil
	case requestSetControl:
		return c.set((*controlValue)(argument))
	default:
		return syscall.ENOTTY
	}
}

// queue is the one of a kind of buffer.
func (c *fakeCodecFile) queue(kind uint32) (q *fakeQueue, raw bool, err error) {
	if isMulti(kind) == c.fake.single {
		return nil, false, syscall.EINVAL
	}
	switch kind {
	case bufferOutput, bufferOutputMulti:
		return &c.queues[rawSide], true, nil
	case bufferCapture, bufferCaptureMulti:
		return &c.queues[codedSide], false, nil
	}
	return nil, false, syscall.EINVAL
}

// reset is the state of a file that was just opened.
func (c *fakeCodecFile) reset() {
	c.queues[rawSide].format = c.rawPicture(c.fake.raws[0], capture.Size{Width: 32, Height: 32})
	c.queues[codedSide].format = fakePicture{pixelFormat: H264, size: capture.Size{Width: 32, Height: 32}, bytes: []int{512 << 10}}
	c.visible = capture.Size{Width: 32, Height: 32}
}

// rawPicture is a format as the hardware can read it.
func (c *fakeCodecFile) rawPicture(f PixelFormat, size capture.Size) fakePicture {
	small, large := c.fake.smallest, c.fake.largest
	size.Width = min(max(size.Width, small.Width), large.Width)
	size.Height = min(max(size.Height, small.Height), large.Height)
	if c.fake.wrongSize {
		size.Width -= 2
	}
	p := fakePicture{pixelFormat: f, size: size, stride: (size.Width + 63) &^ 63}
	p.size.Height = (size.Height + c.fake.rows - 1) / c.fake.rows * c.fake.rows
	luma := p.stride * p.size.Height
	switch {
	case !f.separate():
		p.bytes = []int{luma * 3 / 2}
	case f.arrangement() == planar420:
		// Each plane has its own memory, and here the same stride.
		p.bytes = []int{luma, luma / 2, luma / 2}
	default:
		p.bytes = []int{luma, luma / 2}
	}
	return p
}

func (c *fakeCodecFile) formats(r request, raw *pictureFormat) error {
	q, isRaw, err := c.queue(raw.kind)
	if err != nil {
		return err
	}
	if r == requestSetFormat {
		if len(q.buffers) > 0 {
			return syscall.EBUSY
		}
		s, m := raw.single(), raw.multi()
		pixelFormat, size, bytes := s.pixelFormat, capture.Size{Width: int(s.width), Height: int(s.height)}, s.sizeImage
		if isMulti(raw.kind) {
			pixelFormat, size, bytes = m.pixelFormat, capture.Size{Width: int(m.width), Height: int(m.height)}, m.planes[0].sizeImage
		}
		if isRaw {
			if !slices.Contains(c.fake.raws, pixelFormat) {
				pixelFormat = c.fake.raws[0]
			}
			q.format = c.rawPicture(pixelFormat, size)
			c.visible = q.format.size
			c.queues[codedSide].format.size = q.format.size
		} else {
			// It may change the raw format, the document says.
			c.reset()
			q.format.bytes[0] = max(int(bytes), 512<<10)
		}
	}
	c.tell(q.format, raw)
	return nil
}

func (c *fakeCodecFile) tell(p fakePicture, raw *pictureFormat) {
	width, height := uint32(p.size.Width), uint32(p.size.Height)
	if !isMulti(raw.kind) {
		*raw.single() = pixFormat{
			width: width, height: height, pixelFormat: p.pixelFormat, field: fieldNone,
			bytesPerLine: uint32(p.stride), sizeImage: uint32(p.bytes[0]),
		}
		return
	}
	m := raw.multi()
	*m = pixFormatMulti{width: width, height: height, pixelFormat: p.pixelFormat, field: fieldNone, planeCount: uint8(len(p.bytes))}
	for i, bytes := range p.bytes {
		m.planes[i] = planeFormat{bytesPerLine: uint32(p.stride), sizeImage: uint32(bytes)}
	}
}

func (c *fakeCodecFile) selects(s *selection) error {
	if c.fake.uncropped {
		return syscall.ENOTTY
	}
	if s.kind != bufferOutput || s.target != selectionCrop {
		return syscall.EINVAL
	}
	whole := c.queues[rawSide].format.size
	s.left, s.top = 0, 0
	s.width, s.height = min(s.width, uint32(whole.Width)), min(s.height, uint32(whole.Height))
	c.visible = capture.Size{Width: int(s.width), Height: int(s.height)}
	return nil
}

func (c *fakeCodecFile) retime(p *captureParameters) error {
	q, isRaw, err := c.queue(p.kind)
	switch {
	case err != nil:
		return err
	case !isRaw || p.timePerFrame.Rate() == 0 || p.capability|p.captureMode|p.extendedMode|p.readBuffers != 0:
		return syscall.EINVAL
	case q.streaming && c.fake.fixedRate:
		return syscall.EBUSY
	}
	c.interval, p.capability = p.timePerFrame, hasTimePerFrame
	c.fake.intervals++
	return nil
}

func (c *fakeCodecFile) set(v *controlValue) error {
	control, ok := c.fake.controls[v.id]
	value := int64(v.value)
	switch {
	case !ok:
		return syscall.EINVAL
	case control.kind == capture.ControlButton:
		c.fake.requests++
		if c.fake.deaf {
			return nil
		}
		c.forced = 1
		if c.fake.lateKeyframe {
			c.forced = 2
		}
		return nil
	case control.kind == capture.ControlMenu && (value < control.min || value > control.max):
		return syscall.ERANGE
	}
	if v.id == controlBitrate {
		c.fake.bitrates++
	}
	value = min(max(value, control.min), control.max)
	if control.step > 1 {
		value = control.min + (value-control.min+control.step/2)/control.step*control.step
	}
	c.values[v.id], v.value = value, int32(value)
	return nil
}

func (c *fakeCodecFile) allocate(r *bufferRequest) error {
	q, _, err := c.queue(r.kind)
	if err != nil || r.memory != memoryMapped {
		return syscall.EINVAL
	}
	if q.streaming || q.mapped > 0 {
		return syscall.EBUSY
	}
	q.buffers, q.queue, q.done = nil, nil, nil
	for range r.count {
		b := &fakeBuffer{}
		for _, bytes := range q.format.bytes {
			b.memory = append(b.memory, make([]byte, bytes))
		}
		q.buffers = append(q.buffers, b)
	}
	return nil
}

func (c *fakeCodecFile) stream(on bool, kind uint32) error {
	q, _, err := c.queue(kind)
	if err != nil || on && len(q.buffers) == 0 {
		return syscall.EINVAL
	}
	q.streaming, q.ended = on, false
	if !on {
		q.queue, q.done = nil, nil
		for _, b := range q.buffers {
			b.queued = false
		}
	}
	c.run()
	return nil
}

func (c *fakeCodecFile) aboutBuffer(r request, b *bufferDescription) error {
	q, isRaw, err := c.queue(b.kind)
	if err != nil || b.memory != memoryMapped {
		return syscall.EINVAL
	}
	if r == requestDequeue {
		return c.dequeue(q, b)
	}
	if int(b.index) >= len(q.buffers) || isMulti(b.kind) && int(b.length) != len(q.format.bytes) {
		return syscall.EINVAL
	}
	buffer := q.buffers[b.index]
	if r == requestQueryBuffer {
		c.locate(q, isRaw, b)
		return nil
	}
	if buffer.queued || c.failed != 0 {
		return syscall.EINVAL
	}
	if isRaw {
		used := b.bytesUsed
		if isMulti(b.kind) {
			used = b.planes()[0].bytesUsed
		}
		if b.field != fieldNone || used == 0 || int(used) > len(buffer.memory[0]) {
			return syscall.EINVAL
		}
	}
	buffer.queued = true
	q.queue = append(q.queue, *b)
	c.run()
	return nil
}

func (c *fakeCodecFile) locate(q *fakeQueue, isRaw bool, b *bufferDescription) {
	offset := uintptr(b.index << 16)
	if !isRaw {
		offset |= 1 << 28
	}
	memory := q.buffers[b.index].memory
	if !isMulti(b.kind) {
		b.length, b.location = uint32(len(memory[0])), offset
		return
	}
	for i := range memory {
		b.planes()[i].length, b.planes()[i].location = uint32(len(memory[i])), offset+uintptr(4096*i)
	}
}

func (c *fakeCodecFile) dequeue(q *fakeQueue, b *bufferDescription) error {
	switch {
	case c.failed != 0:
		return c.failed
	case !q.streaming:
		return syscall.EINVAL
	case len(q.done) == 0 && q.ended:
		return syscall.EPIPE
	case len(q.done) == 0:
		return syscall.EAGAIN
	}
	done := q.done[0]
	q.done = slices.Delete(q.done, 0, 1)
	q.ended = done.flags&bufferLast != 0
	q.buffers[done.index].queued = false
	b.index, b.flags, b.seconds, b.microsecond = done.index, done.flags, done.seconds, done.microsecond
	if isMulti(b.kind) {
		b.planes()[0].bytesUsed = done.bytesUsed
	} else {
		b.bytesUsed = done.bytesUsed
	}
	return nil
}
