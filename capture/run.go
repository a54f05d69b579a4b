package capture

import (
	"context"
	"sync"
	"time"
)

// Run opens and closes the camera as demand comes and goes until ctx ends; then
// it ends all Subscriptions, closes the camera, waits for every goroutine of
// the Source, and returns nil. It is called once.
func (s *Source) Run(ctx context.Context) error {
	d := &director{Source: s, reports: make(chan report), timer: time.NewTimer(time.Hour), slates: newSlates()}
	d.timer.Stop()
	d.running.Go(func() { (&steward{Source: s}).run(ctx) })
	for d.once(ctx) {
	}
	s.end()
	d.finish()
	return nil
}

// steadyAfter is how long a camera has to work for its failure to be a new one.
// Some deliver a picture or two at every opening and then hang.
const steadyAfter = 5 * time.Second

// report is what a goroutine of the director has to tell it.
type report struct {
	event  event
	reader FrameReader // that this is about; nil when none could be opened
	frame  *Frame      // with evOpened: the first one
	err    error       // with evFailed
}

// director is what Run's goroutine owns. It turns what happens into events of
// the machine and the machine's actions into calls; those that may block run
// in goroutines of their own and come back as reports.
type director struct {
	*Source
	life   life
	timer  *time.Timer
	slates slates
	detail string // why the camera is Lost

	reader  FrameReader // nil while none is open, or the one that was is being closed
	opened  time.Time   // when reader was
	reports chan report
	running sync.WaitGroup
}

// once waits for the next thing to happen and acts on it; false means that ctx
// is over.
func (d *director) once(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return false
	case <-d.wake:
		demand, since := d.demanded()
		if (demand || since) && !d.life.demand {
			d.apply(ctx, evDemand)
		}
		if !demand && d.life.demand {
			d.apply(ctx, evNoDemand)
		}
	case <-d.timer.C:
		d.apply(ctx, evTimer)
	case <-d.retry:
		d.apply(ctx, evRetry)
	case r := <-d.reports:
		d.heed(ctx, r)
	case <-d.slates.due.C:
		d.drawSlate(ctx.Done())
	case f := <-d.slates.drawn:
		d.offerSlate(f)
	}
	return true
}

func (d *director) heed(ctx context.Context, r report) {
	switch r.event {
	case evOpened:
		d.reader, d.opened = r.reader, time.Now()
		d.cfg.Log.Info("camera open", "camera", d.cfg.Camera.Name(), "mode", r.reader.Mode())
		d.slates.size = r.frame.Size
		d.expectExposure()
		d.offer(r.frame)
		d.running.Go(func() { d.read(ctx, r.reader) })
	case evFailed:
		if r.reader != d.reader {
			return // the echo of a Close
		}
		if r.reader != nil {
			d.slates.size = r.reader.Mode().Size
		}
		if r.reader != nil && time.Since(d.opened) >= steadyAfter {
			d.detail = ""
			d.apply(ctx, evSteady)
		}
		// The same complaint at every attempt is one complaint.
		if detail := r.err.Error(); detail != d.detail {
			d.detail = detail
			d.cfg.Log.Warn("camera lost", "camera", d.cfg.Camera.Name(), "err", r.err)
		}
	case evClosed:
		d.cfg.Log.Info("camera closed", "camera", d.cfg.Camera.Name())
	case evDemand, evNoDemand, evTimer, evRetry, evSteady:
	}
	d.apply(ctx, r.event)
}

// apply steps the machine, publishes the state and does what the machine says.
func (d *director) apply(ctx context.Context, e event) {
	action := d.life.step(e)
	var mode Mode
	var detail string
	switch d.life.state {
	case Live:
		mode = d.reader.Mode()
	case Lost:
		detail = d.detail
	case Idle, Opening, Closing:
	}
	d.setStatus(d.life.state, mode, detail)
	d.wantSlates()
	switch action {
	case doOpen:
		d.running.Go(func() { d.open(ctx) })
	case doClose:
		reader := d.reader
		d.reader = nil
		d.running.Go(func() { d.close(ctx, reader) })
	case doLinger:
		d.timer.Reset(d.cfg.Linger)
	case doBackoff:
		d.timer.Reset(backoff(d.life.failures))
	case doDisarm:
		d.timer.Stop()
	case doNothing:
	}
}

// open opens the camera. It counts as open with its first Frame, as devices
// exist that open well and then deliver nothing.
func (d *director) open(ctx context.Context) {
	reader, err := d.cfg.Camera.Open(ctx)
	if err != nil {
		d.report(ctx, report{event: evFailed, err: err})
		return
	}
	unwatch := context.AfterFunc(ctx, func() { d.discard(reader) })
	d.keeping(reader)
	frame, err := reader.Read()
	if err != nil {
		d.discard(reader)
		d.report(ctx, report{event: evFailed, err: err})
		return
	}
	if !d.report(ctx, report{event: evOpened, reader: reader, frame: frame}) {
		frame.Release()
		d.discard(reader)
	}
	unwatch()
}

// read passes Frames on until the reader fails, or is closed.
func (d *director) read(ctx context.Context, reader FrameReader) {
	defer d.forget()
	thin := d.thinning(reader)
	for {
		thin()
		frame, err := reader.Read()
		if err != nil {
			d.report(ctx, report{event: evFailed, reader: reader, err: err})
			return
		}
		d.offer(frame)
	}
}

func (d *director) close(ctx context.Context, reader FrameReader) {
	d.discard(reader)
	d.report(ctx, report{event: evClosed})
}

func (d *director) discard(reader FrameReader) {
	if err := reader.Close(); err != nil {
		d.cfg.Log.Warn("camera close", "camera", d.cfg.Camera.Name(), "err", err)
	}
}

// report hands r to Run's goroutine, unless ctx is over.
func (d *director) report(ctx context.Context, r report) bool {
	select {
	case d.reports <- r:
		return true
	case <-ctx.Done():
		return false
	}
}

// finish closes what is open and waits for every goroutine.
func (d *director) finish() {
	d.timer.Stop()
	d.slates.due.Stop()
	if d.reader != nil {
		d.discard(d.reader)
	}
	d.running.Wait()
	d.setStatus(Idle, Mode{}, "")
}
