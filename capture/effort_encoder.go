package capture

// effortEncoder is an Encoder that is made anew for another preset, and that
// gets its pictures as small as its rung and its effort say. The goroutine of
// its rendition owns it.
type effortEncoder struct {
	*rendition
	encoder Encoder // nil before the first picture
	preset  string
}

// encode takes over the Frame. A new encoder, and a new size, begin with a
// keyframe. What the camera encoded has its own size and rate.
func (e *effortEncoder) encode(f *Frame, effort Effort, force bool) (*AccessUnit, error) {
	defer f.Release()
	if e.encoder == nil || e.preset != effort.Preset && f.Coded == nil {
		if err := e.remake(effort.Preset); err != nil {
			return nil, err
		}
	}
	if f.Coded != nil {
		return e.encoder.Encode(f, force)
	}
	small, err := e.source.halver.reduce(f, int(e.rung)+effort.Halvings)
	if err != nil {
		return nil, err
	}
	defer small.Release()
	setLayered(e.encoder, e.layered() && !f.Slate) // two a second cost nothing
	return e.encoder.Encode(small, force)
}

// setBitrate is for what follows; an encoder that is still to be made begins
// with it.
func (e *effortEncoder) setBitrate(to Bitrate) error {
	e.bitrate.Store(int64(to))
	if e.encoder == nil {
		return nil
	}
	return e.encoder.SetBitrate(to)
}

func (e *effortEncoder) remake(preset string) error {
	e.close()
	encoder, err := e.source.newEncoder(e.renditionKey, preset, Bitrate(e.bitrate.Load()))
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
