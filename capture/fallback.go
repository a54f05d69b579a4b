package capture

import (
	"fmt"
	"sync"
	"time"
)

// Fallback makes Encoders that use one implementation as long as it works, like
// a piece of hardware, and another one from its first failure on. Its fields
// are set before the first New; any goroutine may call that.
type Fallback struct {
	First, Then NewEncoderFunc
	// Retry is how long after a failure no more of First are used at a time
	// than worked then. They are tried again by the first New after that,
	// never by an Encoder that runs.
	Retry time.Duration
	// Failed is called once for each failure of First, by the goroutine that
	// saw it.
	Failed func(error)

	mu      sync.Mutex
	working int       // of First's, that have made a picture
	most    int       // that may, as a later one failed
	until   time.Time // when that is forgotten
}

// New implements NewEncoderFunc.
func (f *Fallback) New(config EncoderConfig) (Encoder, error) {
	if err := config.Validate(); err != nil {
		return nil, fmt.Errorf("encoder: %w", err)
	}
	if !f.trusted() {
		return f.Then(config)
	}
	first, err := f.First(config)
	if err != nil {
		f.distrust(err)
		return f.Then(config)
	}
	return &fallbackEncoder{owner: f, config: config, encoder: first, first: true}, nil
}

func (f *Fallback) trusted() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.working < f.most || !time.Now().Before(f.until)
}

// works counts one of First's, or by -1 one less.
func (f *Fallback) works(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.working += n
}

func (f *Fallback) distrust(err error) {
	f.mu.Lock()
	f.most, f.until = f.working, time.Now().Add(f.Retry)
	f.mu.Unlock()
	f.Failed(err)
}

var _ LayeredEncoder = (*fallbackEncoder)(nil)

// fallbackEncoder is First's Encoder, then Then's. One goroutine uses it; what
// failed is closed by another one, which Close waits for, because what hangs
// takes its time.
type fallbackEncoder struct {
	owner   *Fallback
	config  EncoderConfig
	encoder Encoder
	first   bool // encoder is First's
	works   bool // and counted among those that work
	layered bool // for each
	closing sync.WaitGroup
	closed  bool
}

// Encode implements Encoder. The picture at which First fails is not lost: it
// is the first one, and so the keyframe, of the other.
func (e *fallbackEncoder) Encode(f *Frame, force bool) (*AccessUnit, error) {
	if e.closed {
		return nil, ErrEncoderClosed
	}
	if err := f.Validate(); err != nil {
		return nil, fmt.Errorf("encoder: %w", err) // not the encoder's fault
	}
	if e.encoder == nil {
		if err := e.open(); err != nil {
			return nil, err
		}
	}
	setLayered(e.encoder, e.layered)
	au, err := e.encoder.Encode(f, force)
	if err == nil && e.first && !e.works {
		e.works = true
		e.owner.works(1)
	}
	if err == nil || !e.first {
		return au, err
	}
	if err := e.change(err); err != nil {
		return nil, err
	}
	setLayered(e.encoder, e.layered)
	return e.encoder.Encode(f, true)
}

// SetBitrate implements Encoder.
func (e *fallbackEncoder) SetBitrate(bitrate Bitrate) error {
	if e.closed {
		return ErrEncoderClosed
	}
	config, err := e.config.WithBitrate(bitrate)
	if err != nil {
		return fmt.Errorf("encoder: %w", err)
	}
	e.config = config
	if e.encoder == nil {
		return nil
	}
	err = e.encoder.SetBitrate(bitrate)
	if err != nil && e.first {
		return e.change(err)
	}
	return err
}

// SetLayered implements LayeredEncoder, for whichever of the two knows layers.
func (e *fallbackEncoder) SetLayered(layered bool) { e.layered = layered }

// change gives First up.
func (e *fallbackEncoder) change(why error) error {
	failed := e.encoder
	e.encoder, e.first = nil, false
	e.retire()
	e.owner.distrust(why)
	e.closing.Go(func() {
		// It has failed; that it also fails to close tells nothing new.
		_ = failed.Close()
	})
	return e.open()
}

// retire takes e from those that work.
func (e *fallbackEncoder) retire() {
	if e.works {
		e.works = false
		e.owner.works(-1)
	}
}

func (e *fallbackEncoder) open() (err error) {
	e.encoder, err = e.owner.Then(e.config)
	return err
}

// Close implements Encoder.
func (e *fallbackEncoder) Close() error {
	e.closed = true
	e.retire()
	encoder := e.encoder
	e.encoder = nil
	e.closing.Wait()
	if encoder == nil {
		return nil
	}
	return encoder.Close()
}
