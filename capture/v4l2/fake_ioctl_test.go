package v4l2

import (
	"syscall"
	"time"
	"unsafe"
)

// handle answers as "VIDIOC_..." in the kernel document says.
func (f *fake) handle(r request, argument unsafe.Pointer) error {
	switch r {
	case requestCapability:
		c := (*capability)(argument)
		*c = capability{capabilities: f.caps | capDeviceCaps, deviceCaps: f.caps}
		copy(c.driver[:], "fake")
		copy(c.card[:], "ACME Webcam")
		copy(c.busInfo[:], "usb-0000:00:14.0-1")
		return nil
	case requestEnumFormats:
		d := (*formatDescription)(argument)
		if int(d.index) >= len(f.formats) || d.kind != f.kind() {
			return syscall.EINVAL
		}
		d.pixelFormat = f.formats[d.index].pixelFormat
		return nil
	case requestEnumSizes:
		return f.enumSizes((*frameSize)(argument))
	case requestEnumIntervals:
		return f.enumIntervals((*frameInterval)(argument))
	case requestGetFormat:
		*(*pictureFormat)(argument) = f.format
		return nil
	case requestSetFormat, requestTryFormat:
		return f.negotiate(r, (*pictureFormat)(argument))
	case requestGetParameters, requestSetParameters:
		p := (*captureParameters)(argument)
		if r == requestSetParameters && p.timePerFrame.Rate() > 0 {
			f.interval = p.timePerFrame
		}
		p.capability, p.timePerFrame = hasTimePerFrame, f.interval
		return nil
	case requestBuffers:
		return f.requestBuffers((*bufferRequest)(argument))
	case requestQueryBuffer, requestQueue, requestDequeue:
		return f.aboutBuffer(r, (*bufferDescription)(argument))
	case requestStart:
		if len(f.buffers) == 0 || *(*uint32)(argument) != f.kind() {
			return syscall.EINVAL
		}
		f.streaming, f.due, f.sequence = true, time.Now().Add(f.interval.Duration()), 0
		return nil
	case requestStop:
		f.stop()
		return nil
	case requestExtension:
		return f.handleExtension((*extensionQuery)(argument))
	default:
		return f.handleControl(r, argument)
	}
}

func (f *fake) kind() uint32 {
	if f.multi {
		return bufferCaptureMulti
	}
	return bufferCapture
}

func (f *fake) enumSizes(s *frameSize) error {
	for _, format := range f.formats {
		if format.pixelFormat != s.pixelFormat {
			continue
		}
		if format.ranges != nil && s.index == 0 {
			s.kind, s.sizes = format.kind, *format.ranges
			return nil
		}
		if int(s.index) < len(format.sizes) && format.kind != kindContinuous {
			s.kind = kindDiscrete
			s.sizes.minWidth, s.sizes.maxWidth = uint32(format.sizes[s.index].Width), uint32(format.sizes[s.index].Height)
			return nil
		}
	}
	return syscall.EINVAL
}

func (f *fake) enumIntervals(i *frameInterval) error {
	for _, format := range f.formats {
		if format.pixelFormat != i.pixelFormat {
			continue
		}
		if format.between != nil && i.index == 0 {
			i.kind, i.min, i.max, i.step = format.between.kind, format.between.min, format.between.max, format.between.step
			return nil
		}
		if int(i.index) < len(format.intervals) {
			i.kind, i.min = kindDiscrete, format.intervals[i.index]
			return nil
		}
	}
	return syscall.EINVAL
}

// negotiate chooses the format asked for, else the first, and of the sizes the
// same way.
func (f *fake) negotiate(r request, raw *pictureFormat) error {
	if raw.kind != f.kind() {
		return syscall.EINVAL
	}
	if r == requestSetFormat && len(f.buffers) > 0 {
		return syscall.EBUSY
	}
	s, m := raw.single(), raw.multi()
	pixelFormat, width, height := s.pixelFormat, s.width, s.height
	if f.multi {
		pixelFormat, width, height = m.pixelFormat, m.width, m.height
	}
	format := f.formats[0]
	for _, other := range f.formats {
		if other.pixelFormat == pixelFormat {
			format = other
		}
	}
	if len(format.sizes) > 0 {
		size := format.sizes[0]
		for _, other := range format.sizes {
			if other.Width == int(width) && other.Height == int(height) {
				size = other
			}
		}
		width, height = uint32(size.Width), uint32(size.Height)
	}
	stride := (width + 63) &^ 63 // as drivers that write by DMA do
	luma, chroma := stride*height, stride/2*((height+1)/2)
	if f.multi {
		*m = pixFormatMulti{width: width, height: height, pixelFormat: format.pixelFormat, field: fieldNone, planeCount: 2}
		m.planes[0] = planeFormat{bytesPerLine: stride, sizeImage: luma}
		m.planes[1] = planeFormat{bytesPerLine: stride, sizeImage: 2 * chroma}
	} else {
		*s = pixFormat{width: width, height: height, pixelFormat: format.pixelFormat, field: fieldNone, bytesPerLine: stride}
		switch format.pixelFormat.arrangement() {
		case packed422:
			s.bytesPerLine, s.sizeImage = 2*stride, 2*luma
		case lumaOnly:
			s.sizeImage = luma
		case semiPlanar420, planar420:
			s.sizeImage = luma + 2*chroma
		case unknownArrangement:
			s.bytesPerLine, s.sizeImage = 0, luma
		}
	}
	if r == requestSetFormat {
		f.format = *raw
	}
	return nil
}

func (f *fake) requestBuffers(r *bufferRequest) error {
	if r.kind != f.kind() || r.memory != memoryMapped {
		return syscall.EINVAL
	}
	if f.mapped > 0 || f.streaming {
		return syscall.EBUSY
	}
	f.buffers, f.queue, f.done = nil, nil, nil
	for range r.count {
		b := &fakeBuffer{}
		if f.multi {
			m := f.format.multi()
			for _, plane := range m.planes[:m.planeCount] {
				b.memory = append(b.memory, make([]byte, plane.sizeImage))
			}
		} else {
			b.memory = [][]byte{make([]byte, f.format.single().sizeImage)}
		}
		f.buffers = append(f.buffers, b)
	}
	return nil
}

// planes is what the argument points to in the multi-planar API.
func (b *bufferDescription) planes() *[maxMemoryPlanes]planeDescription {
	return (*[maxMemoryPlanes]planeDescription)(*(*unsafe.Pointer)(unsafe.Pointer(&b.location)))
}

func (f *fake) aboutBuffer(r request, b *bufferDescription) error {
	if b.kind != f.kind() || b.memory != memoryMapped {
		return syscall.EINVAL
	}
	if r == requestDequeue {
		return f.dequeue(b)
	}
	if int(b.index) >= len(f.buffers) {
		return syscall.EINVAL
	}
	buffer := f.buffers[b.index]
	if r == requestQueue {
		if buffer.queued {
			return syscall.EINVAL
		}
		buffer.queued = true
		f.queue = append(f.queue, int(b.index))
		return nil
	}
	if !f.multi {
		b.length, b.location = uint32(len(buffer.memory[0])), uintptr(b.index<<16)
		return nil
	}
	for i, memory := range buffer.memory {
		b.planes()[i].length, b.planes()[i].location = uint32(len(memory)), uintptr(b.index<<16)+uintptr(4096*i)
	}
	return nil
}

func (f *fake) dequeue(b *bufferDescription) error {
	switch {
	case f.unplugged:
		return syscall.ENODEV
	case f.fatal:
		return syscall.EIO
	case !f.streaming:
		return syscall.EINVAL
	case len(f.done) == 0:
		return syscall.EAGAIN
	}
	location := b.location
	planes := (*[maxMemoryPlanes]planeDescription)(nil)
	if f.multi {
		planes = b.planes()
	}
	kind, memory := b.kind, b.memory
	*b = f.done[0]
	b.kind, b.memory = kind, memory
	copy(f.done, f.done[1:])
	f.done = f.done[:len(f.done)-1]
	if f.multi {
		b.location = location
		for i, piece := range f.buffers[b.index].memory {
			planes[i].bytesUsed = uint32(len(piece))
			if b.bytesUsed < uint32(len(f.buffers[b.index].memory[0])) {
				planes[i].bytesUsed = b.bytesUsed
			}
		}
		b.bytesUsed = 0
	}
	return nil
}
