package capturetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/pushcam/pushcam/capture"
)

// CameraConformance holds a camera to the contract of capture.Camera. Every
// case runs in a synctest bubble with a camera of its own, which therefore has
// to keep time by package time and may touch nothing outside the program.
// newCamera's cameras have to deliver pictures until they are closed.
func CameraConformance(t *testing.T, newCamera func(t *testing.T) capture.Camera) {
	for _, c := range cameraCases() {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { c.run(t, newCamera(t)) })
		})
	}
}

// CameraConformanceLive is CameraConformance by the real clock, for real
// devices. It checks for leaked goroutines itself.
func CameraConformanceLive(t *testing.T, newCamera func(t *testing.T) capture.Camera) {
	for _, c := range cameraCases() {
		t.Run(c.name, func(t *testing.T) {
			defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
			c.run(t, newCamera(t))
		})
	}
}

// cameraPatience is how long a camera may take for anything.
const cameraPatience = time.Minute

type cameraCase struct {
	name string
	run  func(*testing.T, capture.Camera)
}

func cameraCases() []cameraCase {
	return []cameraCase{
		{"has a name", func(t *testing.T, c capture.Camera) {
			if c.Name() == "" {
				t.Error("Name is empty")
			}
		}},
		{"frames are whole and in order", framesInOrder},
		{"a held frame keeps its picture", heldFrames},
		{"leaves pictures out when told to", thins},
		{"read after close fails", readAfterClose},
		{"close twice", closeTwice},
		{"close without a read", func(t *testing.T, c capture.Camera) { mustClose(t, mustOpen(t, c)) }},
		{"close ends a read and waits for it", closeEndsRead},
		{"close from many goroutines", closeFromMany},
		{"cancelled open", cancelledOpen},
		{"open, close and open again", reopen},
	}
}

func mustOpen(t *testing.T, c capture.Camera) capture.FrameReader {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), cameraPatience)
	defer cancel()
	r, err := c.Open(ctx)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	return r
}

func mustClose(t *testing.T, r capture.FrameReader) {
	t.Helper()
	if err := r.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

func mustRead(t *testing.T, r capture.FrameReader) *capture.Frame {
	t.Helper()
	f, err := r.Read()
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	return f
}

func framesInOrder(t *testing.T, c capture.Camera) {
	r := mustOpen(t, c)
	defer mustClose(t, r)
	var last time.Time
	for i := range 5 {
		f := mustRead(t, r)
		if err := validate(f); err != nil {
			t.Errorf("frame %d: %v", i, err)
		}
		if mode := r.Mode(); f.Size != mode.Size || mode.Format == "" || mode.FrameRate < 0 {
			t.Errorf("frame %d is %v, the mode %+v", i, f.Size, mode)
		}
		if !f.Time.After(last) {
			t.Errorf("frame %d was taken at %v, the one before at %v", i, f.Time, last)
		}
		last = f.Time
		f.Release()
	}
}

// validate is Frame.Validate for any Frame: one with a Coded picture is not to
// be encoded, but has to be of use.
func validate(f *capture.Frame) error {
	switch c := f.Coded; {
	case c == nil:
		return f.Validate()
	case c.Codec == capture.NoCodec || len(c.Payload) == 0 || f.Size.Pixels() == 0 || len(f.Y)+len(f.U)+len(f.V) > 0:
		return fmt.Errorf("coded picture of %v, %v, %d bytes, with %d bytes of Y", f.Size, c.Codec, len(c.Payload), len(f.Y))
	}
	return nil
}

// heldFrames holds as many frames as a pipeline does, and reads on.
func heldFrames(t *testing.T, c capture.Camera) {
	type held struct {
		frame   *capture.Frame
		y, u, v []byte
		payload []byte
	}
	r := mustOpen(t, c)
	defer mustClose(t, r)
	var all []held
	for range 4 {
		f := mustRead(t, r)
		h := held{frame: f, y: slices.Clone(f.Y), u: slices.Clone(f.U), v: slices.Clone(f.V)}
		if f.Coded != nil {
			h.payload = slices.Clone(f.Coded.Payload)
		}
		all = append(all, h)
	}
	for range 3 {
		mustRead(t, r).Release()
	}
	for i, h := range all {
		if !slices.Equal(h.frame.Y, h.y) || !slices.Equal(h.frame.U, h.u) || !slices.Equal(h.frame.V, h.v) {
			t.Errorf("frame %d changed while it was held", i)
		}
		if h.payload != nil && !slices.Equal(h.frame.Coded.Payload, h.payload) {
			t.Errorf("coded frame %d changed while it was held", i)
		}
		h.frame.Release()
	}
}

func readAfterClose(t *testing.T, c capture.Camera) {
	r := mustOpen(t, c)
	mustRead(t, r).Release()
	mustClose(t, r)
	for range 2 {
		if f, err := r.Read(); err == nil {
			f.Release()
			t.Error("Read after Close: no error")
		}
	}
	if r.Mode().Size.Pixels() == 0 {
		t.Error("Mode after Close has no size")
	}
}

func closeTwice(t *testing.T, c capture.Camera) {
	r := mustOpen(t, c)
	mustRead(t, r).Release()
	mustClose(t, r)
	mustClose(t, r)
	// The second Close must not have hit what was opened since.
	again := mustOpen(t, c)
	defer mustClose(t, again)
	mustClose(t, r)
	mustRead(t, again).Release()
}

// closeEndsRead reads without a pause, so that a Read is always under way.
func closeEndsRead(t *testing.T, c capture.Camera) {
	r := mustOpen(t, c)
	started, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for n := 0; ; n++ {
			f, err := r.Read()
			if err != nil {
				if n < 2 {
					close(started)
				}
				return
			}
			f.Release()
			if n == 1 {
				close(started)
			}
		}
	}()
	<-started
	mustClose(t, r)
	select {
	case <-ended:
	case <-time.After(cameraPatience):
		t.Fatal("Close returned, Read goes on")
	}
}

func closeFromMany(t *testing.T, c capture.Camera) {
	r := mustOpen(t, c)
	var closers sync.WaitGroup
	for range 4 {
		closers.Go(func() {
			if err := r.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
		})
	}
	for {
		f, err := r.Read()
		if err != nil {
			break
		}
		f.Release()
	}
	closers.Wait()
}

func cancelledOpen(t *testing.T, c capture.Camera) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r, err := c.Open(ctx)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Open with a cancelled context: %v, want %v", err, context.Canceled)
	}
	if err == nil {
		mustClose(t, r)
	}
	r = mustOpen(t, c)
	defer mustClose(t, r)
	mustRead(t, r).Release()
}

func reopen(t *testing.T, c capture.Camera) {
	for range 3 {
		r := mustOpen(t, c)
		mustRead(t, r).Release()
		mustClose(t, r)
	}
}
