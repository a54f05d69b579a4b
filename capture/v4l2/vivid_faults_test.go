//go:build vivid

package v4l2

import (
	"bytes"
	"errors"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

func set(t *testing.T, d *Device, name string, value int64) {
	t.Helper()
	if _, err := d.Set(name, value); err != nil {
		t.Fatal(err)
	}
}

// failure reads until an error, for a while.
func failure(t *testing.T, q *Queue) error {
	t.Helper()
	for range 300 {
		b, err := q.Next()
		if err != nil {
			t.Log(err)
			return err
		}
		b.Release()
	}
	t.Fatal("no error")
	return nil
}

func TestVividInjectedErrors(t *testing.T) {
	t.Run("flag", func(t *testing.T) {
		d, q := startVivid(t, YUYV)
		next(t, q).Release()
		set(t, d, "Inject V4L2_BUF_FLAG_ERROR", 1)
		for range 5 {
			next(t, q).Release()
		}
		if s := q.Stats(); s.Broken != 1 {
			t.Errorf("stats %+v, want 1 broken", s)
		}
	})
	t.Run("QBUF while it runs", func(t *testing.T) {
		d, q := startVivid(t, YUYV)
		next(t, q).Release()
		set(t, d, "Inject VIDIOC_QBUF Error", 1)
		for range 10 {
			next(t, q).Release()
		}
		if s := q.Stats(); s.Refused != 1 {
			t.Errorf("stats %+v, want 1 refused", s)
		}
	})
	t.Run("fatal", func(t *testing.T) {
		d, q := startVivid(t, YUYV)
		next(t, q).Release()
		set(t, d, "Inject Fatal Streaming Error", 1)
		if err := failure(t, q); !errors.Is(err, syscall.EIO) || !strings.Contains(err.Error(), "cable") {
			t.Errorf("Next: %v", err)
		}
		if err := q.Close(); err != nil {
			t.Error(err)
		}
		q, err := d.Start(QueueConfig{})
		if err != nil {
			t.Fatal(err)
		}
		next(t, q).Release()
	})
	t.Run("half of the pictures lost", func(t *testing.T) {
		d, q := startVivid(t, YUYV)
		set(t, d, "Percentage of Dropped Buffers", 50)
		defer set(t, d, "Percentage of Dropped Buffers", 0)
		for range 15 {
			next(t, q).Release()
		}
		if s := q.Stats(); s.Lost < 3 {
			t.Errorf("stats %+v, want about as many lost", s)
		}
	})
	t.Run("all lost", func(t *testing.T) {
		d, q := startVivid(t, YUYV)
		next(t, q).Release()
		set(t, d, "Percentage of Dropped Buffers", 100)
		defer set(t, d, "Percentage of Dropped Buffers", 0)
		began := time.Now()
		err := failure(t, q)
		if took := time.Since(began); !errors.Is(err, ErrStalled) || took < 2*time.Second {
			t.Errorf("after %v: %v", took, err)
		}
	})
	t.Run("times of another age", func(t *testing.T) {
		d := openVivid(t)
		set(t, d, "Wrap Timestamp", 1)
		defer set(t, d, "Wrap Timestamp", 0)
		_, q := startVivid(t, YUYV)
		var last time.Time
		for range 15 {
			b := next(t, q)
			if age := time.Since(b.Time()); age < -time.Second/15 || age > machineLate || !b.Time().After(last) {
				t.Errorf("picture %d is %v old, after one of %v", b.Sequence(), age, last)
			}
			last = b.Time()
			b.Release()
		}
		if s := q.Stats(); s.Undated == 0 {
			t.Errorf("stats %+v, want undated ones", s)
		}
	})
	t.Run("sequence wraps", func(t *testing.T) {
		d := openVivid(t)
		set(t, d, "Wrap Sequence Number", 1)
		defer set(t, d, "Wrap Sequence Number", 0)
		_, q := startVivid(t, YUYV)
		seen := map[bool]int{}
		for range 200 {
			b := next(t, q)
			seen[b.Sequence() > 1<<31]++
			b.Release()
			if seen[false] > 3 {
				break
			}
		}
		if s := q.Stats(); seen[true] == 0 || seen[false] == 0 || s.Lost > 100 {
			t.Errorf("saw %v, stats %+v", seen, s)
		}
	})
}

func TestVividFailedStart(t *testing.T) {
	for _, control := range []string{"Inject VIDIOC_REQBUFS Error", "Inject VIDIOC_QBUF Error", "Inject VIDIOC_STREAMON Error"} {
		t.Run(control, func(t *testing.T) {
			d := openVivid(t)
			set(t, d, control, 1)
			if _, err := d.Start(QueueConfig{}); err == nil {
				t.Fatal("Start: no error")
			} else {
				t.Log(err)
			}
			if n := mappings(t); n != 0 {
				t.Errorf("%d pieces of memory mapped after a failed start", n)
			}
			q, err := d.Start(QueueConfig{})
			if err != nil {
				t.Fatal(err)
			}
			next(t, q).Release()
		})
	}
}

func bind(t *testing.T, action string) {
	t.Helper()
	if err := os.WriteFile("/sys/bus/platform/drivers/vivid/"+action, []byte("vivid.0"), 0); err != nil {
		t.Fatal(err)
	}
}

// expectGone: the device is gone, which is noticed before a stall would be, and
// closing says nothing.
func expectGone(t *testing.T, d *Device, q *Queue, vanish func()) {
	t.Helper()
	next(t, q).Release()
	began := make(chan time.Time, 1)
	go func() {
		began <- time.Now()
		vanish()
	}()
	err := failure(t, q)
	if took := time.Since(<-began); !errors.Is(err, ErrGone) {
		t.Errorf("after %v: %v, want %v", took, err, ErrGone)
	} else {
		t.Logf("noticed after %v", took)
	}
	if err := q.Close(); err != nil {
		t.Errorf("Queue.Close: %v", err)
	}
	if err := d.Close(); err != nil {
		t.Errorf("Device.Close: %v", err)
	}
}

func TestVividUnplug(t *testing.T) {
	for range 5 {
		d, q := startVivid(t, NV12)
		expectGone(t, d, q, func() { bind(t, "unbind") })
		if _, err := Open(vivid); !errors.Is(err, ErrGone) {
			t.Errorf("Open of an unplugged camera: %v, want %v", err, ErrGone)
		}
		bind(t, "bind")
		_, q = startVivid(t, NV12)
		next(t, q).Release()
		if err := q.device.Close(); err != nil {
			t.Error(err)
		}
	}
}

// The device stays registered as a platform device, its node goes.
func TestVividDisconnect(t *testing.T) {
	d, q := startVivid(t, YUYV)
	expectGone(t, d, q, func() { _, _ = d.Set("Disconnect", 1) })
	bind(t, "unbind")
	bind(t, "bind")
	_, q = startVivid(t, YUYV)
	next(t, q).Release()
}

func TestVividCloseWakesNext(t *testing.T) {
	d, q := startVivid(t, YUYV)
	next(t, q).Release()
	set(t, d, "Percentage of Dropped Buffers", 100)
	closed := make(chan time.Time, 1)
	go func() {
		<-time.After(300 * time.Millisecond)
		closed <- time.Now()
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}()
	err := failure(t, q)
	if took := time.Since(<-closed); !errors.Is(err, ErrClosed) || took > 500*time.Millisecond {
		t.Errorf("%v after Close: %v", took, err)
	}
	again := openVivid(t)
	set(t, again, "Percentage of Dropped Buffers", 0)
}

func TestVividHeldBuffers(t *testing.T) {
	d, q := startVivid(t, YUYV)
	held := next(t, q)
	before := bytes.Clone(held.Bytes())
	for range 20 {
		next(t, q).Release()
	}
	if !bytes.Equal(before, held.Bytes()) {
		t.Error("a picture changed while it was read")
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	if n := mappings(t); n != 1 || !bytes.Equal(before, held.Bytes()) {
		t.Errorf("%d pieces of memory mapped, want the one that is held, unchanged", n)
	}
	held.Release()
	noLeaks(t)
}

func TestVividNoLeaks(t *testing.T) { noLeaks(t) }

func noLeaks(t *testing.T) {
	t.Helper()
	runtime.GC()
	before := descriptors(t)
	for range 20 {
		d, q := startVivid(t, YUYV)
		next(t, q).Release()
		if err := q.Close(); err != nil {
			t.Error(err)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}
	if after := descriptors(t); after != before || mappings(t) != 0 {
		t.Errorf("after 20 lives of a camera %d files are open and %d pieces of memory mapped, before %d and 0", after, mappings(t), before)
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

func mappings(t *testing.T) int {
	t.Helper()
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Count(string(maps), vivid)
}

// A running camera makes no garbage.
func TestVividAllocations(t *testing.T) {
	_, q := startVivid(t, YUYV)
	next(t, q).Release()
	if n := testing.AllocsPerRun(20, func() { next(t, q).Release() }); n > 0 {
		t.Errorf("%v allocations a picture", n)
	}
}
