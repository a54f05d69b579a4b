package v4l2

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// openFIFO opens a file that can be waited for, in place of a device.
func openFIFO(t *testing.T) (node, *os.File) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fifo")
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	n, err := openNode(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = n.close() })
	w, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return n, w
}

const forever = time.Hour

func TestNodeWaits(t *testing.T) {
	n, w := openFIFO(t)
	began := time.Now()
	if seen, err := n.wait(30*time.Millisecond, aPicture); seen != notReady || err != nil || time.Since(began) < 30*time.Millisecond {
		t.Errorf("wait for nothing: %v, %v after %v", seen, err, time.Since(began))
	}
	n.wake() // before the wait
	if seen, err := n.wait(forever, aPicture); seen != notReady || err != nil {
		t.Errorf("wait after wake: %v, %v", seen, err)
	}
	go n.wake()
	if seen, err := n.wait(forever, noDevice); seen != notReady || err != nil {
		t.Errorf("wait with wake: %v, %v", seen, err)
	}
	if _, err := w.Write([]byte{1}); err != nil {
		t.Fatal(err)
	}
	if seen, err := n.wait(forever, aPicture); seen != ready || err != nil {
		t.Errorf("wait for what is there: %v, %v", seen, err)
	}
	if seen, err := n.wait(0, noDevice); seen != notReady || err != nil {
		t.Errorf("wait that does not look: %v, %v", seen, err)
	}
}

func TestNodeCloses(t *testing.T) {
	n, _ := openFIFO(t)
	var all sync.WaitGroup
	all.Go(func() {
		for {
			if _, err := n.wait(forever, aPicture); err != nil {
				if !errors.Is(err, ErrClosed) {
					t.Errorf("wait: %v", err)
				}
				return
			}
		}
	})
	for range 4 {
		all.Go(func() {
			for {
				var c capability
				if err := n.ioctl(requestCapability, unsafe.Pointer(&c)); errors.Is(err, ErrClosed) {
					return
				} else if !errors.Is(err, syscall.ENOTTY) {
					t.Errorf("ioctl: %v", err)
					return
				}
				n.wake()
			}
		})
		all.Go(func() {
			if err := n.close(); err != nil {
				t.Errorf("close: %v", err)
			}
		})
	}
	all.Wait()
	n.wake()
	if _, _, err := n.mmap(0, 4096); !errors.Is(err, ErrClosed) {
		t.Errorf("mmap after close: %v", err)
	}
	if err := n.close(); err != nil {
		t.Errorf("close again: %v", err)
	}
}

func TestOpenWhatIsNoCamera(t *testing.T) {
	before, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]error{
		"/dev/null": ErrNotCamera, filepath.Join(t.TempDir(), "none"): ErrGone, t.TempDir(): syscall.EISDIR,
	} {
		if _, err := Open(path); !errors.Is(err, want) {
			t.Errorf("Open(%s): %v, want %v", path, err, want)
		}
	}
	if nodes, err := List(); err != nil {
		t.Errorf("List: %v, %v", nodes, err)
	}
	after, err := os.ReadDir("/proc/self/fd")
	if err != nil || len(after) != len(before) {
		t.Errorf("%d files open, before %d; %v", len(after), len(before), err)
	}
}
