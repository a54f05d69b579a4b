//go:build unix

package feed

import (
	"context"
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

var errNoWriter = errors.New("no program writes to this FIFO")

// emptyPause is how long to wait after a writer that wrote nothing.
const emptyPause = 250 * time.Millisecond

// fifo is a pipe with a path: writers come and go.
type fifo struct {
	pipe
	path string
}

// run reads the FIFO until ctx ends, or path is none any more. It calls back
// whenever a writer's pictures begin.
func (f *fifo) run(ctx context.Context, back func()) error {
	in, err := f.next(nil)
	f.set(nil, errNoWriter)
	for err == nil && ctx.Err() == nil {
		trouble := f.flow(ctx, in, back)
		ended := isEnd(trouble)
		if ended || errors.Is(trouble, errStale) {
			trouble = errNoWriter
		}
		// What was wrong with a writer's bytes stands until the next one's.
		f.lose(trouble)
		switch {
		case ended && !in.read:
			pause(ctx, emptyPause)
		case trouble != errNoWriter: //nolint:errorlint // set above
			// The writer has to go, too: the rest is no better.
			in.shut()
			in = nil
			pause(ctx, emptyPause)
		}
		in, err = f.next(in)
	}
	if in != nil {
		in.shut()
	}
	if err == nil {
		err = errClosed
	}
	f.lose(err)
	return err
}

// next opens the FIFO, before it closes it as it was opened last: a writer that
// has opened it between the two would be left without a reader. It does not
// wait for a writer.
func (f *fifo) next(last *inlet) (*inlet, error) {
	if last != nil {
		defer last.shut()
	}
	file, err := os.OpenFile(f.path, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, plain(err)
	}
	info, err := file.Stat()
	if err == nil && info.Mode().Type() != os.ModeNamedPipe {
		err = errors.New("is no FIFO any more")
	}
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	widen(file)
	in, err := newInlet(file, func() bool {
		now, err := os.Stat(f.path)
		return err != nil || !os.SameFile(info, now)
	})
	if err != nil {
		_ = file.Close()
	}
	return in, err
}

// shut closes the inlet and its file.
func (in *inlet) shut() {
	in.close()
	_ = in.file.Close()
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
