package v4l2

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"unsafe"
)

// Device is an open camera. Its methods may be called by any goroutine. It is
// to be closed, which also ends its Queue.
type Device struct {
	node    node
	path    string
	about   Node
	kind    uint32 // of buffer
	machine system

	mapped atomic.Int32 // Buffers with memory, in the Queue and with readers of earlier ones

	mu     sync.Mutex
	queue  *Queue // running, or nil
	closed bool
}

// Open opens the device node at a path, which may be a link. It fails with
// ErrNotCamera for a node that captures no video, with ErrGone when there is
// none, and else with what to do about it.
func Open(path string) (*Device, error) { return kernel().device(path) }

func (s system) device(path string) (*Device, error) {
	n, err := s.open(path)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, explain(err, path))
	}
	d := &Device{node: n, path: path, machine: s}
	if err := d.identify(); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), n.close())
	}
	return d, nil
}

// identify asks what the node is.
func (d *Device) identify() error {
	var c capability
	if err := d.ioctl(requestCapability, unsafe.Pointer(&c)); err != nil {
		if unsupported(err) {
			return fmt.Errorf("%w: it knows no V4L2 (%w)", ErrNotCamera, err)
		}
		return explain(err, d.path)
	}
	d.about = Node{Path: d.path, Card: text(c.card[:]), Driver: text(c.driver[:]), Bus: text(c.busInfo[:])}
	able := c.capabilities
	if able&capDeviceCaps != 0 {
		// What this node can do, and not the other ones of the same device.
		able = c.deviceCaps
	}
	d.about.NeedsPipeline = able&capMediaController != 0
	switch {
	case able&(capVideoM2M|capVideoM2MMulti) != 0:
		return fmt.Errorf("%w: it converts pictures", ErrNotCamera)
	case able&capVideoCapture != 0:
		d.kind = bufferCapture
	case able&capVideoCaptureMulti != 0:
		d.kind = bufferCaptureMulti
	default:
		return fmt.Errorf("%w: it captures no video (metadata, output or radio)", ErrNotCamera)
	}
	if able&capStreaming == 0 {
		return fmt.Errorf("%w: its driver has no streaming", ErrNotCamera)
	}
	return nil
}

func (d *Device) ioctl(r request, argument unsafe.Pointer) error { return d.node.ioctl(r, argument) }

// Node says what is open. Its names are those that List finds, and empty here.
func (d *Device) Node() Node { return d.about }

// Close ends the Queue and closes the node. It waits for calls that are under
// way, and lets go of a Next that waits. Buffers that are still held keep the
// device in use until they are released. It may be called twice.
func (d *Device) Close() error {
	d.mu.Lock()
	q := d.queue
	d.closed = true
	d.mu.Unlock()
	var err error
	if q != nil {
		err = q.Close()
	}
	if err = errors.Join(err, d.node.close()); err != nil {
		return fmt.Errorf("close %s: %w", d.path, err)
	}
	return nil
}
