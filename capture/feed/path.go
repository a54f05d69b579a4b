//go:build unix

package feed

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/pushcam/pushcam/capture"
)

// Path is a regular file or a FIFO, whichever is there when it is looked at. A
// file is shown at its own rate, or at Config's, in a loop. A FIFO shows what is
// written to it now.
type Path struct {
	path string
	fifo fifo          // its kit serves files, too
	wake chan struct{} // capacity 1: there may be a FIFO now
}

var _ capture.Camera = (*Path)(nil)

// NewPath returns the camera at path; whether it is there shows at Open.
func NewPath(path string, cfg Config) *Path {
	p := &Path{path: path, wake: make(chan struct{}, 1)}
	p.fifo.path = path
	p.fifo.init(p.Name(), cfg)
	return p
}

// Name implements capture.Camera: the last part of the path.
func (p *Path) Name() string { return filepath.Base(p.path) }

// Skipped is how many broken pictures were left out since NewPath.
func (p *Path) Skipped() uint64 { return p.fifo.Skipped() }

// Open implements capture.Camera. A FIFO needs Run.
func (p *Path) Open(ctx context.Context) (capture.FrameReader, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("open %s: %w", p.Name(), err)
	}
	if isFIFO(p.path) {
		p.look()
		return p.fifo.open(ctx)
	}
	r, err := p.openFile()
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", p.Name(), plain(err))
	}
	return r, nil
}

// Check reports why Open would fail now, of a file as far as its beginning tells.
// A FIFO has to be written to. Any goroutine calls it.
func (p *Path) Check() error {
	var err error
	if isFIFO(p.path) {
		p.look()
		err = p.fifo.check()
	} else {
		err = p.checkFile()
	}
	if err != nil {
		return fmt.Errorf("check %s: %w", p.Name(), plain(err))
	}
	return nil
}

func (p *Path) checkFile() error {
	r, err := p.openFile()
	if err != nil {
		return err
	}
	return r.Close()
}

func (p *Path) openFile() (*clip, error) {
	// Whatever it has become by now, opening it does not block.
	file, err := os.OpenFile(p.path, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("is neither a file nor a FIFO: want a path of one, or a camera")
	}
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	return newClip(&p.fifo.kit, p.Name(), file, false)
}

// look tells Run that there is a FIFO.
func (p *Path) look() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// Run reads a FIFO, also while nobody looks, until ctx is done: else its writer
// would be stopped, or be ended by SIGPIPE, whenever the last viewer leaves. It
// calls back when a writer's pictures begin. With a regular file it only waits.
func (p *Path) Run(ctx context.Context, back func()) error {
	for {
		if isFIFO(p.path) {
			_ = p.fifo.run(ctx, back) // told by the next Open, if it still holds then
			if ctx.Err() == nil {
				p.fifo.set(nil, nil)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-p.wake:
		}
	}
}

func isFIFO(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().Type() == os.ModeNamedPipe
}
