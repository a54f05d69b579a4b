package capture

import "fmt"

// effortEncoder is an Encoder that is made anew for another preset, and that
// makes pictures smaller before it encodes them. The goroutine of its rendition
// owns it.
type effortEncoder struct {
	*rendition
	encoder Encoder // nil before the first picture
	preset  string
	frames  FramePool // of pictures made smaller
	halves  FramePool // on the way to quarters
}

// encode takes over the Frame. A new encoder, and a new size, begin with a
// keyframe. What the camera encoded has its own size and rate.
func (e *effortEncoder) encode(f *Frame, effort Effort, force bool) (*AccessUnit, error) {
	defer func() { f.Release() }()
	if e.encoder == nil || e.preset != effort.Preset && f.Coded == nil {
		if err := e.remake(effort.Preset); err != nil {
			return nil, err
		}
	}
	small, err := e.shrink(f, effort)
	if err != nil {
		return nil, err
	}
	f = small
	return e.encoder.Encode(f, force)
}

func (e *effortEncoder) remake(preset string) error {
	e.close()
	encoder, err := e.source.newEncoder(e.codec, preset)
	if err != nil {
		return err
	}
	e.encoder, e.preset = encoder, preset
	e.source.stats.encoders.Add(1)
	return nil
}

func (e *effortEncoder) close() {
	if e.encoder == nil {
		return
	}
	_ = e.encoder.Close() // nothing depends on a finished encoder
	e.encoder = nil
	e.source.stats.encoders.Add(-1)
}

// shrink exchanges f for a smaller one, if the effort says so and something of
// it would be left.
func (e *effortEncoder) shrink(f *Frame, effort Effort) (*Frame, error) {
	size := f.halved(effort.Halvings)
	if size == f.Size || f.Coded != nil || !size.valid() {
		return f, nil
	}
	small := e.frames.Get(size)
	scale := e.source.cfg.Thrift.Scale
	if scale == nil {
		scale = e.halve
	}
	if err := scale(small, f); err != nil {
		small.Release()
		return nil, fmt.Errorf("make picture of %v smaller: %w", f.Size, err)
	}
	small.Time, small.Slate = f.Time, f.Slate
	f.Release()
	return small, nil
}
