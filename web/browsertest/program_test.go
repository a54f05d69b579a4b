//go:build browser && linux

package browsertest

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// startLimit is how long a program may take to start or to end on a loaded
// machine.
const startLimit = 30 * time.Second

// buildPath is git-ignored, like everything else there.
const buildPath = "../../.build/browsertest"

// pushcamPath builds the program, once for all tests, and returns its path.
var pushcamPath = sync.OnceValues(func() (string, error) {
	if err := os.MkdirAll(buildPath, 0o755); err != nil {
		return "", err
	}
	// Moved into place at the end, as the same test may run twice at a time.
	path, unfinished := filepath.Join(buildPath, "pushcam"), filepath.Join(buildPath, fmt.Sprintf("pushcam.%d", os.Getpid()))
	build := exec.Command("go", "build", "-o", unfinished, "../../cmd/pushcam")
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, output)
	}
	return path, os.Rename(unfinished, path)
})

// program is one running pushcam serve. It is of one test's goroutine.
type program struct {
	t       testing.TB
	url     string // of its page, with / at the end
	host    string // of its page: host:port
	process *os.Process
	output  *output
	ended   chan struct{} // closed when the process has ended, after err was set
	err     error
}

// serve starts pushcam with the test pattern, on free ports of 127.0.0.1, and
// waits until it listens. Arguments given here count more than those. When the
// test ends, it is stopped as a user would, and has to close in time.
func serve(t testing.TB, args ...string) *program {
	t.Helper()
	path, err := pushcamPath()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(path, append([]string{
		"serve", "--source", "pattern", "--size", "640x360",
		"--listen", "127.0.0.1:0", "--media-port", "0", "--ice-tcp-port", "0",
	}, args...)...)
	command.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "PUSHCAM_") })

	p := &program{t: t, ended: make(chan struct{}), output: &output{url: make(chan string, 1)}}
	command.Stdout, command.Stderr = p.output, p.output
	// It has to go when the test is killed. Linux takes that as: when the
	// thread is gone that started it, so that thread is kept.
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := command.Start()
		started <- err
		if err == nil {
			p.err = command.Wait()
			close(p.ended)
		}
	}()
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	p.process = command.Process
	t.Cleanup(p.end)

	select {
	case p.url = <-p.output.url:
	case <-p.ended:
		t.Fatalf("pushcam %q: ended: %v", args, p.err)
	case <-time.After(startLimit):
		t.Fatalf("pushcam %q: says no URL within %v", args, startLimit)
	}
	u, err := url.Parse(p.url)
	if err != nil {
		t.Fatal(err)
	}
	p.host = u.Host
	return p
}

// stop sends SIGTERM and holds the program to its promise: exit code 0, which
// says, too, that it closed in time.
func (p *program) stop() {
	p.t.Helper()
	p.signal(syscall.SIGTERM)
	select {
	case <-p.ended:
		if p.err != nil {
			p.t.Errorf("pushcam after SIGTERM: %v, want exit code 0", p.err)
		}
	case <-time.After(startLimit):
		p.t.Errorf("pushcam after SIGTERM: still there after %v", startLimit)
		p.kill()
	}
}

// kill ends the program without giving it a chance to say goodbye.
func (p *program) kill() {
	p.t.Helper()
	p.signal(syscall.SIGKILL)
	<-p.ended
}

func (p *program) signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Errorf("signal pushcam: %v", err)
	}
}

// end is what is left to do at the end of the test.
func (p *program) end() {
	select {
	case <-p.ended: // as the test wanted
	default:
		p.stop()
	}
	if p.t.Failed() {
		p.t.Logf("pushcam said:\n%s", p.output)
	}
}

// output keeps what a program says, and finds the URL in it. It is safe for
// concurrent use.
type output struct {
	url chan string // gets the first URL

	mu   sync.Mutex
	text strings.Builder
	told bool
}

// Write implements io.Writer.
func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text.Write(b)
	if o.told {
		return len(b), nil
	}
	for line := range strings.Lines(o.text.String()) {
		if fields := strings.Fields(line); len(fields) == 2 && fields[0] == "open" && strings.HasSuffix(line, "\n") {
			o.told = true
			o.url <- fields[1]
			break
		}
	}
	return len(b), nil
}

// String implements fmt.Stringer.
func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}
