package feed

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/capturetest"
)

// runner is a feed that has to be run.
type runner interface {
	capture.Camera
	Run(context.Context, func()) error
}

// runs runs c until stop, which waits, or the test's end. The channel has a
// token for each time that pictures began.
func runs(t *testing.T, c runner) (back <-chan struct{}, stop func()) {
	t.Helper()
	begun := make(chan struct{}, 100)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := c.Run(ctx, func() { begun <- struct{}{} }); err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	stop = func() {
		cancel()
		running.Wait()
	}
	t.Cleanup(stop)
	return begun, stop
}

// writer opens a FIFO and writes to it.
func writer(t *testing.T, path string) *os.File {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func send(t *testing.T, f *os.File, data []byte) {
	t.Helper()
	if _, err := f.Write(data); err != nil {
		t.Fatal(err)
	}
}

// until reads to the picture of brightness y. Those before it were written, but
// not yet read, when r was opened: recognizing them is what lets it be opened.
func until(t *testing.T, r capture.FrameReader, y byte) {
	t.Helper()
	for {
		if ys, _ := frames(t, r, 1); ys[0] == y {
			return
		}
	}
}

// refused opens c until it says why it cannot be.
func refused(t *testing.T, c capture.Camera, about string) {
	t.Helper()
	_, err := c.Open(t.Context())
	wantError(t, err, "open "+c.Name()+": ", about)
}

func TestPipeConformance(t *testing.T) {
	for kind, args := range kinds() {
		one := film(t, 0.04, args...)
		data, err := os.ReadFile(one)
		if err != nil {
			t.Fatal(err)
		}
		// feed writes a picture now and then until nobody reads any more.
		feed := func(f *os.File) {
			for {
				if _, err := f.Write(data); err != nil {
					_ = f.Close()
					return
				}
				<-time.After(10 * time.Millisecond)
			}
		}
		t.Run("FIFO/"+kind, func(t *testing.T) {
			p := NewPath(mkfifo(t), testConfig())
			back, _ := runs(t, p)
			go feed(writer(t, p.path))
			<-back
			capturetest.CameraConformanceLive(t, func(*testing.T) capture.Camera { return p })
		})
		t.Run("standard input/"+kind, func(t *testing.T) {
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			in := NewInput(r, testConfig())
			t.Cleanup(func() { r.Close() })
			runs(t, in)
			go feed(w)
			capturetest.CameraConformanceLive(t, func(*testing.T) capture.Camera { return in })
		})
	}
}

func TestFIFOWritersComeAndGo(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	p := NewPath(mkfifo(t), testConfig())
	back, stop := runs(t, p)
	defer stop()
	refused(t, p, "no program writes to this FIFO")
	for round := range byte(3) {
		w := writer(t, p.path)
		send(t, w, y4mOf(t, 25, round))
		<-back
		r, err := p.Open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		send(t, w, y4mOf(t, 25, 100+round))
		until(t, r, 100+round)
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		_, err = r.Read()
		wantError(t, err, "read fifo: no program writes to this FIFO")
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		refused(t, p, "no program writes to this FIFO")
	}
}

// TestFIFOReplaced: scripts remove a FIFO and make it again, and may do so
// before anybody wrote to it.
func TestFIFOReplaced(t *testing.T) {
	p := NewPath(mkfifo(t), testConfig())
	back, _ := runs(t, p)
	refused(t, p, "no program writes")
	if err := os.Remove(p.path); err != nil {
		t.Fatal(err)
	}
	refused(t, p, "no such file")
	if err := exec.CommandContext(t.Context(), "mkfifo", p.path).Run(); err != nil {
		t.Fatal(err)
	}
	opened := make(chan *os.File)
	go func() { opened <- writer(t, p.path) }()
	var w *os.File
	for w == nil {
		select {
		case w = <-opened:
		case <-time.After(50 * time.Millisecond):
			if r, err := p.Open(t.Context()); err == nil { // as a Source tries
				_ = r.Close()
			}
		}
	}
	send(t, w, y4mOf(t, 25, 1))
	<-back
	r := mustOpen(t, p)
	send(t, w, y4mOf(t, 25, 2))
	frames(t, r, 1)
}

func TestFIFOOfGarbage(t *testing.T) {
	p := NewPath(mkfifo(t), testConfig())
	back, _ := runs(t, p)
	w := writer(t, p.path)
	// The FIFO is opened again a while after each refusal, so a write may be
	// read, and refused, a second time; one of them finds nobody.
	for err := error(nil); err == nil; {
		<-time.After(time.Millisecond)
		_, err = w.Write([]byte("RIFF\x00\x00\x00\x00AVI LIST"))
	}
	refused(t, p, "is AVI: want Y4M")
	_ = w.Close()
	w = writer(t, p.path)
	for opened := false; !opened; {
		if _, err := w.Write(y4mOf(t, 25, 1)); err != nil {
			_ = w.Close()
			w = writer(t, p.path) // that was behind the last of the garbage
		}
		select {
		case <-back:
			opened = true
		case <-time.After(time.Millisecond):
		}
	}
	mustOpen(t, p)
}

// TestPathBecomesFIFO: what is not there yet is found when it comes.
func TestPathBecomesFIFO(t *testing.T) {
	p := NewPath(t.TempDir()+"/later", testConfig())
	back, _ := runs(t, p)
	refused(t, p, "no such file")
	if err := exec.CommandContext(t.Context(), "mkfifo", p.path).Run(); err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = p.Open(t.Context()) }()
	w := writer(t, p.path) // opens when Run does
	send(t, w, y4mOf(t, 25, 1))
	<-back
}

// TestPipeIsReadWhileNobodyLooks: its writer is never stopped, and who comes to
// look sees the newest picture.
func TestPipeIsReadWhileNobodyLooks(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	in := NewInput(r, testConfig())
	back, _ := runs(t, in)
	for range (2 << 20) / len(y4mOf(t, 25, 1)) {
		send(t, w, y4mOf(t, 25, 1)) // blocks for ever if nobody reads
	}
	<-back
	reader := mustOpen(t, in)
	send(t, w, y4mOf(t, 25, 7, 7))
	until(t, reader, 7)
}

func TestInputEnds(t *testing.T) {
	for name, tt := range map[string]struct {
		data  []byte
		about string
	}{
		"after pictures":  {y4mOf(t, 25, 1, 2), "has ended: start pushcam again"},
		"in a picture":    {y4mOf(t, 25, 1, 2)[:5000], "has ended: start pushcam again"},
		"at once":         {nil, "ended before anything came"},
		"in its header":   {[]byte("YUV4"), `begins with "YUV4": want Y4M`},
		"of another kind": {[]byte("hello"), "want Y4M"},
	} {
		t.Run(name, func(t *testing.T) {
			defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			in := NewInput(r, testConfig())
			var opened capture.FrameReader
			if tt.data != nil {
				send(t, w, tt.data)
			}
			_, stop := runs(t, in)
			defer stop()
			if bytesOf := len(tt.data); bytesOf > 1000 {
				opened = mustOpen(t, in)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			if opened != nil {
				wantError(t, ending(opened), "read standard input: "+tt.about)
			}
			for range 3 {
				refused(t, in, tt.about)
			}
		})
	}
}

func TestInputOfAFile(t *testing.T) {
	file, err := os.Open(write(t, "film", y4mOf(t, 100, 1, 2, 3)))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	in := NewInput(file, testConfig())
	runs(t, in)
	for range 2 {
		r := mustOpen(t, in)
		// Those that are late are left out, but never the first.
		if ys, _ := frames(t, r, 1); ys[0] != 1 {
			t.Errorf("begins with picture %d", ys[0])
		}
		until(t, r, 3)
		until(t, r, 1)
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
	capturetest.CameraConformanceLive(t, func(*testing.T) capture.Camera { return in })
}

func TestInputIsNoPipe(t *testing.T) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	in := NewInput(null, testConfig())
	runs(t, in)
	refused(t, in, "nothing is piped into it")
	silent, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	defer w.Close()
	in = NewInput(silent, testConfig())
	_, stop := runs(t, in)
	refused(t, in, "nothing comes")
	stop()
	refused(t, in, "is closed")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := in.Open(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Open: %v", err)
	}
}
