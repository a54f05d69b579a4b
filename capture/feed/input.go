//go:build unix

package feed

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"

	"github.com/pushcam/pushcam/capture"
)

// Input is what comes on standard input, live. Where that is a regular file, it
// is shown like one.
type Input struct {
	pipe
	file *os.File
}

var _ capture.Camera = (*Input)(nil)

// NewInput returns the camera on file, which stays the caller's.
func NewInput(file *os.File, cfg Config) *Input {
	in := &Input{file: file}
	in.init("standard input", cfg)
	return in
}

// Name implements capture.Camera.
func (in *Input) Name() string { return in.name }

// Open implements capture.Camera. It needs Run.
func (in *Input) Open(ctx context.Context) (capture.FrameReader, error) {
	if regular, err := in.kind(); err != nil || !regular {
		return in.open(ctx)
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("open %s: %w", in.name, err)
	}
	r, err := newClip(&in.kit, in.name, in.file, true)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", in.name, err)
	}
	return r, nil
}

// Check reports why Open would fail now, of a file as far as its beginning tells.
// Any goroutine calls it.
func (in *Input) Check() error {
	regular, err := in.kind()
	switch {
	case err != nil:
	case regular:
		// Beside a reader that is open, which has the file's offset.
		begin := io.NewSectionReader(in.file, 0, math.MaxInt64)
		_, err = in.newCutter(bufio.NewReaderSize(begin, inputSize), nil)
	default:
		err = in.check()
	}
	if err != nil {
		return fmt.Errorf("check %s: %w", in.name, plain(err))
	}
	return nil
}

// Run reads standard input, also while nobody looks, until it ends or ctx is
// done: its writer would be stopped else, and pictures grow old in its buffers.
// It calls back when there are pictures. It is called once.
func (in *Input) Run(ctx context.Context, back func()) error {
	regular, err := in.kind()
	if err == nil && regular {
		<-ctx.Done()
		return nil
	}
	if err == nil {
		err = in.run(ctx, back)
	}
	in.lose(err)
	return nil
}

// run returns why there is nothing to look at any more.
func (in *Input) run(ctx context.Context, back func()) error {
	widen(in.file)
	from, err := newInlet(in.file, nil)
	if err != nil {
		return err
	}
	defer from.close()
	err = in.flow(ctx, from, back)
	switch {
	case isEnd(err) && !from.read:
		return errors.New("has ended before anything came: start pushcam again, with a program that writes to it")
	case isEnd(err):
		return errors.New("has ended: start pushcam again, with the program that writes to it")
	}
	return err
}

// kind reports whether the input is a regular file, and what is wrong with it.
func (in *Input) kind() (regular bool, err error) {
	info, err := in.file.Stat()
	switch {
	case err != nil:
		return false, plain(err)
	case info.Mode().IsRegular():
		return true, nil
	case info.Mode()&os.ModeCharDevice != 0 || info.IsDir():
		return false, errors.New("nothing is piped into it: want PROGRAM | pushcam --source -")
	}
	return false, nil
}
