package capture

import "time"

// SlateFunc draws a Slate, the picture that viewers see while the camera is
// Lost: of this size, with what status says, and something that moves with now.
// It returns a Frame with one reference, the caller's. Calls do not overlap.
type SlateFunc func(size Size, status Status, now time.Time) *Frame

const (
	// slateInterval is the time between two Slates. Twice a second shows that
	// the connection lives, and lets who joins wait for half a second at most.
	slateInterval = 500 * time.Millisecond
	// slateOverlap bounds how far a picture's time is moved so that it does not
	// come before another's.
	slateOverlap = time.Second
)

// slates is what a director knows of its Slates. Its goroutine owns it.
type slates struct {
	due     *time.Timer // runs while Slates are wanted
	drawn   chan *Frame
	wanted  bool
	drawing bool // a goroutine is about to send to drawn
	size    Size // of the camera's last picture; zero before the first
}

func newSlates() slates {
	s := slates{due: time.NewTimer(time.Hour), drawn: make(chan *Frame)}
	s.due.Stop()
	return s
}

// wantSlates starts and stops Slates as the camera's state says: the first one
// is due at once.
func (d *director) wantSlates() {
	wanted := d.life.state == Lost && d.life.demand && d.cfg.Slate != nil
	switch {
	case wanted == d.slates.wanted:
	case wanted:
		d.slates.due.Reset(0)
	default:
		d.slates.due.Stop()
	}
	d.slates.wanted = wanted
}

// drawSlate draws the next one aside, as a large one takes a while.
func (d *director) drawSlate(done <-chan struct{}) {
	if d.slates.drawing {
		return // what comes of it is offered, and the next one is due after that
	}
	d.slates.drawing = true
	size := d.slates.size
	if !size.valid() {
		size = d.cfg.SlateSize
	}
	status, _ := d.Status()
	d.running.Go(func() {
		f := d.cfg.Slate(size, status, time.Now())
		select {
		case d.slates.drawn <- f:
		case <-done:
			f.Release()
		}
	})
}

// offerSlate offers f, unless the camera came back while it was drawn: after the
// first picture of a camera there is no more Slate.
func (d *director) offerSlate(f *Frame) {
	d.slates.drawing = false
	if !d.slates.wanted {
		f.Release()
		return
	}
	f.Slate, f.Time = true, time.Now()
	d.offer(f)
	d.slates.due.Reset(slateInterval)
}

// order keeps the time of f from coming before that of a Slate, or a Slate's
// from coming before a camera picture's. Cameras date pictures to when they
// were taken, which may be before the Slate that was shown meanwhile, and some
// a little ahead. s.mu is held, and f not shared yet.
func (s *Source) order(f *Frame) {
	other := &s.slateTime
	own := &s.frameTime
	if f.Slate {
		own, other = other, own
	}
	// Further apart, it is a clock that was set.
	if behind := other.Sub(f.Time); behind >= 0 && behind < slateOverlap {
		f.Time = other.Add(time.Millisecond)
		*other = f.Time // the next one comes after this one
	}
	*own = f.Time
}
