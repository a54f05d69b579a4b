package feed

import (
	"bufio"
	"errors"
	"fmt"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/y4m"
)

type y4mCutter struct {
	kit *kit
	in  *y4m.Reader
}

func newY4MCutter(k *kit, in *bufio.Reader) (cutter, error) {
	r, err := y4m.NewReader(in)
	if err != nil {
		return nil, err
	}
	return &y4mCutter{kit: k, in: r}, nil
}

func (c *y4mCutter) mode() capture.Mode { return c.in.Mode() }

func (c *y4mCutter) next(wanted func() bool) (p picture, err error) {
	err = c.in.Await()
	switch {
	case err != nil:
	case wanted():
		p.frame, err = c.in.ReadFrame(&c.kit.frames)
	default:
		err = c.in.SkipFrame()
	}
	if errors.Is(err, y4m.ErrCorrupt) {
		err = fmt.Errorf("%w: %w", errBroken, err)
	}
	return p, err
}
