//go:build unix

package feed

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// termGrace is how long a command may take to end once it was asked to, before
// it is killed. Together with what else the program closes it has to stay below
// what people wait after Ctrl-C.
const termGrace = 400 * time.Millisecond

// How long what a command has written, and said, is still read after it has
// ended, when something that it left behind keeps these open.
const (
	lastPictures = 500 * time.Millisecond
	lastWords    = 200 * time.Millisecond
)

// process is a command that runs, with all that it started in its process
// group.
type process struct {
	cmd      *exec.Cmd
	out, err *os.File // what it writes to standard output, and to standard error
	said     tail     // the end of the latter

	cut     chan struct{} // closed by who reads out, when that is over
	gone    chan struct{} // closed when the command has ended; it may still have to be reaped
	silent  chan struct{} // closed when nobody holds its standard error any more
	running sync.WaitGroup
	once    sync.Once
	status  error // how it ended; after end
}

// startProcess runs line in a shell, with nothing on its standard input. Who
// reads out closes cut when that is over, whatever else happens.
func startProcess(line string) (*process, error) {
	out, childOut, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	complaints, childErr, err := os.Pipe()
	if err != nil {
		closeAll(out, childOut)
		return nil, err
	}
	widen(out)
	cmd := exec.Command("/bin/sh", "-c", line) //nolint:noctx,gosec // end ends it, and its group; the line is the user's
	cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = childOut, childErr, groupOfItsOwn()
	err = cmd.Start()
	closeAll(childOut, childErr)
	if err != nil {
		closeAll(out, complaints)
		return nil, err
	}
	p := &process{
		cmd: cmd, out: out, err: complaints,
		cut: make(chan struct{}), gone: make(chan struct{}), silent: make(chan struct{}),
	}
	p.running.Go(p.watch)
	p.running.Go(func() {
		defer close(p.silent)
		_, _ = io.Copy(&p.said, complaints)
	})
	return p, nil
}

func closeAll(files ...*os.File) {
	for _, f := range files {
		_ = f.Close()
	}
}

// watch waits for the command's end, and does not let what it left behind pass
// for it.
func (p *process) watch() {
	p.awaitExit()
	close(p.gone)
	select {
	case <-p.cut:
	case <-time.After(lastPictures):
	}
	_ = p.out.Close()
}

// end ends the command with what it started, and returns when none of them is
// left and how the command ended. Nobody reads what it delivers any more, so
// that nothing can hang in a write.
func (p *process) end() error {
	p.once.Do(func() {
		p.signal(syscall.SIGTERM)
		_ = p.out.Close()
		p.await(termGrace, p.gone, p.silent)
		p.signal(syscall.SIGKILL)
		<-p.gone
		p.status = p.reap()
		_ = p.err.Close() // what left the process group may hold its other end
		p.running.Wait()
	})
	return p.status
}

// await waits for all of these, but not for long.
func (p *process) await(limit time.Duration, all ...<-chan struct{}) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for _, one := range all {
		select {
		case <-one:
		case <-timer.C:
			return
		}
	}
}

// signal reaches everything in the process group. That nothing is left there
// is no error.
func (p *process) signal(s syscall.Signal) { _ = syscall.Kill(-p.cmd.Process.Pid, s) }

// explain is why a command delivers nothing any more, whose output failed with
// err. It ends the command.
func (p *process) explain(err error) error {
	if !isEnd(err) && !errors.Is(err, os.ErrClosed) {
		_ = p.end()
		return err
	}
	// Its output is closed: it is about to end by itself, and has said why.
	p.await(time.Second, p.gone)
	p.await(lastWords, p.silent)
	text := "has ended"
	var exit *exec.ExitError
	if errors.As(p.end(), &exit) {
		text += " with " + exit.Error()
	}
	if said := p.said.String(); said != "" {
		return fmt.Errorf("%s: %s", text, said)
	}
	return errors.New(text)
}
