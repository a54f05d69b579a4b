package v4l2

import (
	"errors"
	"fmt"
	"syscall"
	"time"
	"unsafe"

	"github.com/pushcam/pushcam/capture"
)

const (
	// rawBuffers are for pictures to encode: the one that the driver works on,
	// and some that it may keep as references.
	rawBuffers = 3
	// codedBuffers are for what it gives back: one, and some for headers and
	// for drivers that hold a few.
	codedBuffers = 4
	// leastCoded is the least memory asked for a coded picture.
	leastCoded = 512 << 10
)

// encoderDevice is an encoder's node, open and running in one size. One
// goroutine uses it.
//
// It works in lock-step: one picture goes in, and what it became comes out
// before the next one goes in. So there is never anything to drain.
type encoderDevice struct {
	control Device // for what is not about one of the queues
	raw     port
	coded   port
	planes  []colorPlane // of the pictures that go in
	format  Format       // of them, as the driver wants it

	// The picture that is being encoded.
	stamp time.Duration
	last  int  // the raw buffer it went in with
	back  bool // the driver has returned that
	late  bool // an earlier picture came out after it was given up
}

// openDevice makes the encoder ready for pictures of this size. It leaves
// nothing behind when it fails.
func (n EncoderNode) openDevice(size capture.Size, interval Interval, prepare func(*Device) error) (*encoderDevice, error) {
	machine := n.machine
	if machine.open == nil {
		machine = kernel() // a node that was not listed
	}
	opened, err := machine.open(n.Path)
	if err != nil {
		return nil, err
	}
	e := &encoderDevice{
		control: Device{node: opened, path: n.Path, kind: n.kind(rawSide), machine: machine},
		raw:     port{node: opened, kind: n.kind(rawSide)},
		coded:   port{node: opened, kind: n.kind(codedSide), pieces: 1},
	}
	if err := e.start(n, size, interval, prepare); err != nil {
		// What went wrong before goes wrong again.
		_ = e.close()
		return nil, err
	}
	return e, nil
}

// start is the kernel document's initialization, in its order.
func (e *encoderDevice) start(n EncoderNode, size capture.Size, interval Interval, prepare func(*Device) error) error {
	if err := e.setFormats(n, size); err != nil {
		return err
	}
	if err := e.setInterval(interval); err != nil && !unsupported(err) {
		return fmt.Errorf("S_PARM: %w", err)
	}
	if err := prepare(&e.control); err != nil {
		return err
	}
	if err := e.raw.allocate(rawBuffers); err != nil {
		return fmt.Errorf("pictures to encode: %w", err)
	}
	for _, b := range e.raw.buffers {
		for i, m := range e.format.Memory {
			if len(b.memory[i]) < m.Size {
				return fmt.Errorf("driver gives %d bytes for a picture, and said %d", len(b.memory[i]), m.Size)
			}
		}
	}
	if err := e.coded.allocate(codedBuffers); err != nil {
		return fmt.Errorf("encoded pictures: %w", err)
	}
	for i := range e.coded.buffers {
		if err := e.coded.enqueue(i, 0); err != nil {
			return err
		}
	}
	return errors.Join(e.raw.start(), e.coded.start())
}

// setFormats sets the coded format first, because that may change the raw one.
func (e *encoderDevice) setFormats(n EncoderNode, size capture.Size) error {
	request := &pictureFormat{kind: e.coded.kind}
	request.fill(n.coded, size, max(size.Pixels(), leastCoded))
	if err := e.control.ioctl(requestSetFormat, unsafe.Pointer(request)); err != nil {
		return fmt.Errorf("S_FMT of %v: %w", n.coded, err)
	}
	request = &pictureFormat{kind: e.raw.kind}
	request.fill(n.raw, size, 0)
	if err := e.control.ioctl(requestSetFormat, unsafe.Pointer(request)); err != nil {
		return fmt.Errorf("S_FMT of %v %v: %w", size, n.raw, err)
	}
	format, err := decodeFormat(request)
	if err != nil {
		return err
	}
	if format.PixelFormat != n.raw || format.Width < size.Width || format.Height < size.Height {
		return fmt.Errorf("driver makes %v of %v %v", format, size, n.raw)
	}
	if e.planes, err = format.layout(); err != nil {
		return err
	}
	e.format, e.raw.pieces = format, len(format.Memory)
	if format.Size != size {
		if err := e.crop(size); err != nil {
			return fmt.Errorf("driver makes %v of %v and does not crop: %w", format.Size, size, err)
		}
	}
	request = &pictureFormat{kind: e.coded.kind}
	if err := e.control.ioctl(requestGetFormat, unsafe.Pointer(request)); err != nil {
		return fmt.Errorf("G_FMT: %w", err)
	}
	if got := request.pixelFormat(); got != n.coded {
		return fmt.Errorf("driver gives %v, want %v", got, n.coded)
	}
	return nil
}

// fill asks for a format. Drivers that follow the document look at the size
// only of the raw side, bcm2835-codec also at that of the coded one.
func (f *pictureFormat) fill(pixelFormat PixelFormat, size capture.Size, bytes int) {
	width, height := uint32(size.Width), uint32(size.Height)
	if !isMulti(f.kind) {
		*f.single() = pixFormat{
			width: width, height: height, pixelFormat: pixelFormat, field: fieldNone, sizeImage: uint32(bytes),
			colorspace: colorspaceSMPTE170M, private: privateMagic, encoding: encoding601, quantization: quantizationLimited, transfer: transfer709,
		}
		return
	}
	m := f.multi()
	*m = pixFormatMulti{
		width: width, height: height, pixelFormat: pixelFormat, field: fieldNone, planeCount: uint8(pixelFormat.pieces()),
		colorspace: colorspaceSMPTE170M, encoding: encoding601, quantization: quantizationLimited, transfer: transfer709,
	}
	m.planes[0].sizeImage = uint32(bytes)
}

func (f *pictureFormat) pixelFormat() PixelFormat {
	if isMulti(f.kind) {
		return f.multi().pixelFormat
	}
	return f.single().pixelFormat
}

// pieces is how many pieces of memory a picture takes.
func (p PixelFormat) pieces() int {
	switch {
	case !p.separate():
		return 1
	case p.arrangement() == planar420:
		return 3
	}
	return 2
}

// crop says which part of the raw picture counts. The ioctl takes the kinds of
// the single-planar API only, in older kernels.
func (e *encoderDevice) crop(size capture.Size) error {
	want := selection{kind: bufferOutput, target: selectionCrop, width: uint32(size.Width), height: uint32(size.Height)}
	got := want
	if err := e.control.ioctl(requestSetSelection, unsafe.Pointer(&got)); err != nil {
		return fmt.Errorf("S_SELECTION: %w", err)
	}
	if got.left != 0 || got.top != 0 || got.width != want.width || got.height != want.height {
		return fmt.Errorf("it crops to %dx%d at %d,%d", got.width, got.height, got.left, got.top)
	}
	return nil
}

// setInterval tells rate control how long a picture is shown.
func (e *encoderDevice) setInterval(i Interval) error {
	raw := &captureParameters{kind: e.raw.kind, timePerFrame: i}
	return e.control.ioctl(requestSetParameters, unsafe.Pointer(raw))
}

// send copies the picture and hands it to the driver. The stamp is what the
// encoded picture will be known by.
func (e *encoderDevice) send(f *capture.Frame, stamp time.Duration, deadline time.Time) error {
	index, err := e.room(deadline)
	if err != nil {
		return err
	}
	e.copy(f, e.raw.buffers[index].memory)
	if err := e.raw.enqueue(index, stamp); err != nil {
		return err
	}
	e.stamp, e.last, e.back, e.late = stamp, index, false, false
	return nil
}

// room waits for a buffer that the driver does not have. As a rule there is one.
func (e *encoderDevice) room(deadline time.Time) (int, error) {
	for {
		if err := e.reclaim(); err != nil {
			return 0, err
		}
		if index, ok := e.raw.free(); ok {
			return index, nil
		}
		left := time.Until(deadline)
		if left <= 0 {
			return 0, fmt.Errorf("it keeps all %d pictures: %w", len(e.raw.buffers), ErrEncoderStalled)
		}
		seen, err := e.raw.node.wait(left, aReturn)
		if err != nil {
			return 0, err
		}
		if seen == failing {
			return 0, fmt.Errorf("driver signals an error: %w", syscall.EIO)
		}
	}
}

// reclaim takes back what the driver has read. One that it flags as broken
// shows in what it encodes, too.
func (e *encoderDevice) reclaim() error {
	for range e.raw.buffers {
		index, err := e.raw.dequeue()
		if err != nil || index < 0 {
			return err
		}
		if index == e.last {
			e.back = true
		}
	}
	return nil
}

// copy lays the planes out as the driver wants them.
func (e *encoderDevice) copy(f *capture.Frame, memory [][]byte) {
	at := func(i int) (dst []byte, stride int) {
		return memory[e.planes[i].memory][e.planes[i].offset:], e.planes[i].stride
	}
	dst, stride := at(0)
	capture.CopyPlane(dst, stride, f.Y, f.YStride, f.Width, f.Height)
	if len(e.planes) == 3 {
		for i, plane := range [][]byte{f.U, f.V} {
			dst, stride := at(1 + i)
			capture.CopyPlane(dst, stride, plane, f.UVStride, f.Width/2, f.Height/2)
		}
		return
	}
	first, second := f.U, f.V
	if e.format.PixelFormat.crFirst() {
		first, second = f.V, f.U
	}
	dst, stride = at(1)
	for y := range f.Height / 2 {
		row := dst[y*stride:][:f.Width]
		a, b := first[y*f.UVStride:][:f.Width/2], second[y*f.UVStride:][:f.Width/2]
		for x := range a {
			row[2*x], row[2*x+1] = a[x], b[x]
		}
	}
}
