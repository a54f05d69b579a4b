//go:build vicodec

package v4l2

import (
	"encoding/binary"
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/capturetest"
)

// These tests need the kernel's virtual codec, vicodec, whose first node is an
// encoder by the same document as the Raspberry Pi's. What it makes is FWHT, a
// codec of its own, and not H.264: they are about the queues. cmd/pushcam/lab
// runs them in a virtual machine.

const fwht PixelFormat = 'F' | 'W'<<8 | 'H'<<16 | 'T'<<24

// vicodecGOP is how many pictures vicodec makes of a keyframe and what follows.
const vicodecGOP = 5

func vicodec(t *testing.T) EncoderNode {
	t.Helper()
	nodes, err := kernel().encoders(fwht)
	if err != nil || len(nodes) != 1 {
		t.Fatalf("encoders: %+v, %v; want one", nodes, err)
	}
	return nodes[0]
}

func openVicodec(t *testing.T, size capture.Size) *encoderDevice {
	t.Helper()
	e, err := vicodec(t).openDevice(size, Interval{1, 15}, func(d *Device) error { return d.put(controlGOPSize, vicodecGOP) })
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// fwhtHeader checks a picture against the kernel's struct fwht_cframe_hdr and
// returns what it says.
func fwhtHeader(t *testing.T, payload []byte) (size capture.Size, keyframe bool) {
	t.Helper()
	const words = 11 // magic, magic, version, width, height, flags, four of color, size
	if len(payload) < 4*words {
		t.Fatalf("%d bytes are no picture", len(payload))
	}
	word := func(i int) uint32 { return binary.BigEndian.Uint32(payload[4*i:]) }
	if word(0) != 0x4f4f4f4f || word(1) != 0xffffffff || int(word(10)) != len(payload)-4*words {
		t.Fatalf("%x is no FWHT of %d bytes", payload[:4*words], len(payload))
	}
	const fwhtKeyframe = 1 << 10 // V4L2_FWHT_FL_I_FRAME
	return capture.Size{Width: int(word(3)), Height: int(word(4))}, word(5)&fwhtKeyframe != 0
}

// encodeOn passes pictures through and returns the lengths of what they became.
func encodeOn(t *testing.T, e *encoderDevice, frames []*capture.Frame) (lengths []int, keyframes []bool) {
	t.Helper()
	for i, f := range frames {
		stamp := time.Duration(i+1) * 66667 * time.Microsecond
		deadline := time.Now().Add(10 * time.Second) // it is emulated
		if err := e.send(f, stamp, deadline); err != nil {
			t.Fatalf("picture %d: %v", i, err)
		}
		index, what, err := e.receive(deadline, 10*time.Second)
		if err != nil || what != encoded {
			t.Fatalf("picture %d: %v, %v", i, what, err)
		}
		if at, copied := e.coded.stamp(); at != stamp || !copied {
			t.Errorf("picture %d: stamped %v, copied %v; want %v", i, at, copied, stamp)
		}
		payload, err := e.coded.payload(index)
		if err != nil {
			t.Fatal(err)
		}
		size, keyframe := fwhtHeader(t, payload)
		if size != f.Size {
			t.Errorf("picture %d is %v, want %v", i, size, f.Size)
		}
		lengths = append(lengths, len(payload))
		keyframes = append(keyframes, keyframe)
		if err := e.coded.enqueue(index, 0); err != nil {
			t.Fatal(err)
		}
	}
	return lengths, keyframes
}

func TestVicodecFound(t *testing.T) {
	n := vicodec(t)
	if n.Path != "/dev/video0" || n.Driver != "vicodec" || n.raw != I420 || n.Largest == (capture.Size{}) {
		t.Errorf("found %+v", n)
	}
	t.Logf("%v: %v to %v, multi-planar %v", n, n.Smallest, n.Largest, n.multi)
	if nodes, err := ListEncoders(); len(nodes) != 0 || err != nil {
		t.Errorf("encoders of H.264: %v, %v", nodes, err)
	}
}

func TestVicodecEncodes(t *testing.T) {
	// All but the first have to be cropped.
	for _, size := range []capture.Size{{Width: 640, Height: 480}, {Width: 640, Height: 360}, {Width: 642, Height: 362}} {
		t.Run(size.String(), func(t *testing.T) {
			e := openVicodec(t, size)
			t.Logf("%v in %v, %d and %d buffers", e.format, e.format.Memory, len(e.raw.buffers), len(e.coded.buffers))
			scene := capturetest.NewScene(size, 15, time.Unix(1e9, 0))
			var frames []*capture.Frame
			for i := range 12 {
				frames = append(frames, scene.Frame(i, 0))
			}
			lengths, keyframes := encodeOn(t, e, frames)
			for i, keyframe := range keyframes {
				if keyframe != (i%vicodecGOP == 0) {
					t.Errorf("picture %d: keyframe %v", i, keyframe)
				}
			}
			t.Logf("lengths %v", lengths)
			if err := e.close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestVicodecSeesThePicture: detail in a plane costs bytes, wherever the driver
// wants the plane to be.
func TestVicodecSeesThePicture(t *testing.T) {
	size := capture.Size{Width: 640, Height: 360}
	plain := func() *capture.Frame {
		f := capture.NewFrame(size)
		for _, plane := range [][]byte{f.Y, f.U, f.V} {
			for i := range plane {
				plane[i] = 128
			}
		}
		return f
	}
	length := func(f *capture.Frame) int {
		e := openVicodec(t, size)
		lengths, _ := encodeOn(t, e, []*capture.Frame{f})
		if err := e.close(); err != nil {
			t.Error(err)
		}
		return lengths[0]
	}
	least := length(plain())
	for i, name := range []string{"Y", "U", "V"} {
		f := plain()
		plane := [][]byte{f.Y, f.U, f.V}[i]
		for at := range plane {
			plane[at] = byte(at * 7919 >> 3)
		}
		got := length(f)
		t.Logf("noise in %s: %d bytes, without %d", name, got, least)
		if got < least+len(plane)/4 {
			t.Errorf("noise in %s makes %d bytes of %d", name, got, least)
		}
	}
}

// TestVicodecObeysTheDocument: what the stand-in of the other tests takes for
// granted.
func TestVicodecObeysTheDocument(t *testing.T) {
	size := capture.Size{Width: 640, Height: 360}
	e := openVicodec(t, size)
	defer e.close()
	request := &pictureFormat{kind: e.raw.kind}
	request.fill(I420, capture.Size{Width: 800, Height: 600}, 0)
	if err := e.control.ioctl(requestSetFormat, unsafe.Pointer(request)); !errors.Is(err, syscall.EBUSY) {
		t.Errorf("S_FMT with buffers: %v", err)
	}
	if index, err := e.coded.dequeue(); index != -1 || err != nil {
		t.Errorf("DQBUF of nothing: %d, %v", index, err)
	}
	if err := e.coded.enqueue(0, 0); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("QBUF of a queued one: %v", err)
	}
	// It came to vicodec later than this kernel is.
	if err := e.setInterval(Interval{1, 30}); err != nil && !unsupported(err) {
		t.Errorf("S_PARM while it runs: %v", err)
	}
	if err := e.control.put(controlBitrate, 1); !errors.Is(err, errNoControl) {
		t.Errorf("a control that is missing: %v", err)
	}
	if seen, err := e.raw.node.wait(50*time.Millisecond, aPicture|aReturn); seen != notReady || err != nil {
		t.Errorf("wait for nothing: %v, %v", seen, err)
	}
	scene := capturetest.NewScene(size, 15, time.Unix(1e9, 0))
	encodeOn(t, e, []*capture.Frame{scene.Frame(0, 0)})
}

// TestVicodecEncoder: without a bitrate it is not one that is of use.
func TestVicodecEncoder(t *testing.T) {
	e, err := vicodec(t).NewEncoder(capture.EncoderConfig{Bitrate: capture.Mbps, FrameRate: 15}, level31)
	if err != nil {
		t.Fatal(err)
	}
	_, err = e.Encode(capture.NewFrame(capture.Size{Width: 640, Height: 360}), false)
	if !errors.Is(err, errNoControl) || !strings.Contains(err.Error(), "bitrate") {
		t.Errorf("Encode: %v", err)
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
}

// TestVicodecVanishes unbinds the driver from an encoder that runs.
func TestVicodecVanishes(t *testing.T) {
	size := capture.Size{Width: 640, Height: 360}
	e := openVicodec(t, size)
	scene := capturetest.NewScene(size, 15, time.Unix(1e9, 0))
	encodeOn(t, e, []*capture.Frame{scene.Frame(0, 0)})
	const driver = "/sys/bus/platform/drivers/vicodec/"
	if err := os.WriteFile(driver+"unbind", []byte("vicodec.0"), 0); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	err := e.send(scene.Frame(1, 0), time.Hour, time.Now().Add(2*time.Second))
	if err == nil {
		_, _, err = e.receive(time.Now().Add(2*time.Second), time.Second)
	}
	if err == nil {
		t.Error("no error")
	}
	t.Logf("after %v: %v", time.Since(began), err)
	if err := e.close(); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(driver+"bind", []byte("vicodec.0"), 0); err != nil {
		t.Error(err)
	}
}

// TestVicodecLeaks runs last.
func TestVicodecLeaks(t *testing.T) {
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(maps), "/dev/video") {
		t.Errorf("still mapped:\n%s", maps)
	}
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if target, _ := os.Readlink("/proc/self/fd/" + f.Name()); strings.HasPrefix(target, "/dev/video") {
			t.Errorf("still open: %s", target)
		}
	}
}
