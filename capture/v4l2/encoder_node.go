package v4l2

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"syscall"
	"unsafe"

	"github.com/pushcam/pushcam/capture"
)

// EncoderNode is a device that encodes H.264: a memory-to-memory device whose
// OUTPUT queue takes I420 or NV12 and whose CAPTURE queue gives H.264 (kernel
// document "Memory-to-Memory Stateful Video Encoder Interface").
type EncoderNode struct {
	Path   string // "/dev/video11"
	Card   string // "bcm2835-codec-encode"
	Driver string // "bcm2835-codec"
	// Smallest and Largest bound the size of a picture; zero when the driver
	// does not say.
	Smallest, Largest capture.Size

	machine system
	multi   bool        // has the multi-planar API
	coded   PixelFormat // what comes out
	raw     PixelFormat // what goes in
}

// String is the node in one phrase.
func (n EncoderNode) String() string { return fmt.Sprintf("%s (%s)", n.Card, n.Path) }

// ListEncoders returns the encoders of this machine, by number. It opens each
// video node. Those that may not be opened, or are in use, could be encoders,
// too: they are the error, all in one, beside what was found.
func ListEncoders() ([]EncoderNode, error) { return kernel().encoders(H264) }

func (s system) encoders(coded PixelFormat) ([]EncoderNode, error) {
	paths, err := s.videoNodes()
	if err != nil {
		return nil, err
	}
	var found []EncoderNode
	var closed []string
	var why error
	for _, path := range paths {
		n, ok, err := s.encoder(path, coded)
		switch {
		case ok:
			found = append(found, n)
		case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EBUSY):
			closed, why = append(closed, path), cmp.Or(why, err)
		}
	}
	if len(closed) > 0 {
		err = fmt.Errorf("%d of %d video devices cannot be looked at: %w", len(closed), len(paths), explain(why, closed[0]))
	}
	return found, err
}

// encoder looks at one node and reports whether it is an encoder.
func (s system) encoder(path string, coded PixelFormat) (EncoderNode, bool, error) {
	opened, err := s.open(path)
	if err != nil {
		return EncoderNode{}, false, err
	}
	// It was only asked; a failure to close says nothing about it.
	defer func() { _ = opened.close() }()
	n := EncoderNode{Path: path, machine: s, coded: coded}
	var c capability
	if err := opened.ioctl(requestCapability, unsafe.Pointer(&c)); err != nil {
		return n, false, err
	}
	n.Card, n.Driver = text(c.card[:]), text(c.driver[:])
	able := c.capabilities
	if able&capDeviceCaps != 0 {
		able = c.deviceCaps
	}
	n.multi = able&capVideoM2MMulti != 0
	if able&(capVideoM2M|capVideoM2MMulti) == 0 || able&capStreaming == 0 {
		return n, false, nil
	}
	out := Device{node: opened, path: path, kind: n.kind(codedSide)}
	if formats, err := out.pixelFormats(); err != nil || !slices.Contains(formats, coded) {
		return n, false, err
	}
	in := Device{node: opened, path: path, kind: n.kind(rawSide)}
	formats, err := in.pixelFormats()
	if err != nil {
		return n, false, err
	}
	for _, f := range rawFormats() {
		if slices.Contains(formats, f) {
			n.raw = f
			n.Smallest, n.Largest = out.rangeOf(coded)
			return n, true, nil
		}
	}
	return n, false, nil
}

// rawFormats are the layouts that a Frame's planes are copied into, easiest
// first.
func rawFormats() []PixelFormat {
	return []PixelFormat{I420, I420M, YV12, YV12M, NV12, NV12M, NV21, NV21M}
}

// rangeOf is the range of sizes that the driver gives for a format.
func (d *Device) rangeOf(f PixelFormat) (smallest, largest capture.Size) {
	raw := frameSize{pixelFormat: f}
	// A driver without the list refuses a size when it is set.
	if d.ioctl(requestEnumSizes, unsafe.Pointer(&raw)) != nil || raw.kind == kindDiscrete {
		return smallest, largest
	}
	r := raw.sizes
	return capture.Size{Width: bounded(r.minWidth), Height: bounded(r.minHeight)},
		capture.Size{Width: bounded(r.maxWidth), Height: bounded(r.maxHeight)}
}

// Fits reports why pictures of this size cannot be encoded here.
func (n EncoderNode) Fits(size capture.Size) error {
	small, large := n.Smallest, n.Largest
	if large == (capture.Size{}) {
		return nil
	}
	if size.Width < small.Width || size.Height < small.Height || size.Width > large.Width || size.Height > large.Height {
		return fmt.Errorf("encoder %v takes pictures of %v to %v, not %v", n, small, large, size)
	}
	return nil
}

// side is one of the two queues of a memory-to-memory device.
type side uint8

const (
	rawSide   side = iota // OUTPUT, as the kernel sees it from the program
	codedSide             // CAPTURE
)

// kind is the kind of buffer of a queue.
func (n EncoderNode) kind(s side) uint32 {
	switch {
	case s == rawSide && n.multi:
		return bufferOutputMulti
	case s == rawSide:
		return bufferOutput
	case n.multi:
		return bufferCaptureMulti
	}
	return bufferCapture
}
