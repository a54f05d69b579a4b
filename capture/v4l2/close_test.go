package v4l2

import (
	"errors"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func TestCloseWakesNext(t *testing.T) {
	for name, closing := range map[string]func(*Device, *Queue) error{
		"queue":  func(_ *Device, q *Queue) error { return q.Close() },
		"device": func(d *Device, _ *Queue) error { return d.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake()
				f.script = map[int]fakeEvent{1: stall}
				d, q := startFake(t, f, QueueConfig{})
				next(t, q).Release()
				began := time.Now()
				go func() {
					<-time.After(time.Second)
					if err := closing(d, q); err != nil {
						t.Errorf("Close: %v", err)
					}
				}()
				if _, err := q.Next(); !errors.Is(err, ErrClosed) {
					t.Errorf("Next: %v, want %v", err, ErrClosed)
				}
				if waited := time.Since(began); waited != time.Second {
					t.Errorf("Next returned after %v, want with the Close", waited)
				}
				synctest.Wait()
				if _, err := q.Next(); !errors.Is(err, ErrClosed) {
					t.Errorf("Next after Close: %v, want %v", err, ErrClosed)
				}
			})
		})
	}
}

func TestCloseFromEverywhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, q := startFake(t, newFake(), QueueConfig{})
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				for {
					b, err := q.Next()
					if err != nil {
						return
					}
					<-time.After(10 * time.Millisecond)
					b.Release()
				}
			})
			all.Go(func() {
				<-time.After(time.Second)
				if err := q.Close(); err != nil {
					t.Errorf("Queue.Close: %v", err)
				}
				if err := d.Close(); err != nil {
					t.Errorf("Device.Close: %v", err)
				}
			})
		}
		all.Wait()
		if _, err := d.Start(QueueConfig{}); !errors.Is(err, ErrClosed) {
			t.Errorf("Start after Close: %v, want %v", err, ErrClosed)
		}
		if _, err := d.Modes(); !errors.Is(err, ErrClosed) {
			t.Errorf("Modes after Close: %v, want %v", err, ErrClosed)
		}
		if _, err := d.Controls(); !errors.Is(err, ErrClosed) {
			t.Errorf("Controls after Close: %v, want %v", err, ErrClosed)
		}
	})
}

// Who reads a picture may go on reading when the camera is closed.
func TestBufferOutlivesTheDevice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		d, q := startFake(t, f, QueueConfig{})
		one, two := next(t, q), next(t, q)
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		if f.mapped != 2 {
			t.Errorf("%d buffers mapped, want the 2 that are held", f.mapped)
		}
		if one.Bytes()[0] != 0 || two.Planes()[0].Pix[0] != 1 {
			t.Error("held pictures changed")
		}
		one.Release()
		two.Release()
		f.check(t)
	})
}

func TestStartAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(discrete(YUYV, 64, 48), discrete(MJPEG, 64, 48))
		d, q := startFake(t, f, QueueConfig{})
		if _, err := d.Start(QueueConfig{}); err == nil {
			t.Error("a second Queue: no error")
		}
		if _, err := d.SetFormat(MJPEG, f.formats[0].sizes[0]); !errors.Is(err, syscall.EBUSY) || !strings.Contains(err.Error(), "in use here") {
			t.Errorf("SetFormat while it runs: %v, want %v", err, syscall.EBUSY)
		}
		for range 5 {
			next(t, q).Release()
			if err := q.Close(); err != nil {
				t.Fatal(err)
			}
			if _, err := d.SetFormat(MJPEG, f.formats[0].sizes[0]); err != nil {
				t.Fatal(err)
			}
			var err error
			if q, err = d.Start(QueueConfig{Buffers: 8}); err != nil {
				t.Fatal(err)
			}
		}
		if f.mapped != 8 {
			t.Errorf("%d buffers mapped, want 8", f.mapped)
		}
		// One that is held blocks the next start, which says so.
		b := next(t, q)
		if err := q.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Start(QueueConfig{}); !errors.Is(err, syscall.EBUSY) || !strings.Contains(err.Error(), "release its Buffers") {
			t.Errorf("Start with a Buffer held: %v", err)
		}
		b.Release()
		if _, err := d.Start(QueueConfig{}); err != nil {
			t.Errorf("Start after its Release: %v", err)
		}
	})
}

// Whatever step fails, nothing stays behind.
func TestEveryStepFails(t *testing.T) {
	for name, multi := range map[string]bool{"single": false, "multi": true} {
		for _, errno := range []syscall.Errno{syscall.EIO, syscall.ENODEV, syscall.ENOMEM, syscall.EINVAL, syscall.ENOSPC} {
			t.Run(name+" "+errno.Error(), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					for step := 1; ; step++ {
						f := newFake()
						if multi {
							f = newFake(discrete(NV12M, 64, 48))
							f.multi, f.caps = true, capVideoCaptureMulti|capStreaming
						}
						f.failAt, f.failWith = step, errno
						err := runOnce(t, f)
						f.check(t)
						if f.calls < step {
							if err != nil {
								t.Errorf("without a failure: %v", err)
							}
							if step < 20 {
								t.Errorf("only %d steps", step-1)
							}
							return
						}
						if err != nil && errno == syscall.ENODEV && !errors.Is(err, ErrGone) {
							t.Errorf("step %d: %v, want %v", step, err, ErrGone)
						}
					}
				})
			})
		}
	}
}

// runOnce is a short life of a device, which ends with its first error.
func runOnce(t *testing.T, f *fake) (err error) {
	d, err := f.system(t).device("/dev/video0")
	if err != nil {
		return err
	}
	defer func() {
		// What fails in closing is told, but closed it is.
		if closeErr := d.Close(); err == nil {
			err = closeErr
		}
	}()
	if _, err := d.SetFormat(f.formats[0].pixelFormat, f.formats[0].sizes[0]); err != nil {
		return err
	}
	if _, err := d.SetInterval(Interval{1, 30}); err != nil {
		return err
	}
	q, err := d.Start(QueueConfig{})
	if err != nil {
		return err
	}
	for range 3 {
		b, err := q.Next()
		if err != nil {
			return err
		}
		b.Release()
	}
	return q.Close()
}
