package capture

import (
	"cmp"
	"context"
	"time"
)

// OnlookerConfig is what an Onlooker wants.
type OnlookerConfig struct {
	// FrameRate is how many Frames per second it gets at most; 0 is for all.
	FrameRate float64
	// Needs is what it makes use of; 0 is like Planes.
	Needs Parts
}

// Onlooker is one reader's place at a Source's Frames, which need no encoder.
// While it is open the camera is. One Frame waits for it, the newest: a reader
// that is slow misses pictures, and holds nothing up. All methods are safe from
// any goroutine; one at a time calls Next.
type Onlooker struct {
	source *Source
	config OnlookerConfig
	gate   *gate // nil for all pictures
	slot   *slot
	ended  chan struct{} // closed by Close, or at the end of the Source
}

// Onlook takes a place. It does not wait for the camera. The first Frame is the
// last that there was, if the camera is open.
func (s *Source) Onlook(cfg OnlookerConfig) (*Onlooker, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return nil, ErrClosed
	}
	cfg.Needs = cmp.Or(cfg.Needs, Planes)
	o := &Onlooker{source: s, config: cfg, slot: newSlot(), ended: make(chan struct{})}
	if s.newest != nil && s.newest.does(o.config.Needs) {
		o.slot.put(s.newest.Retain())
	}
	s.onlookers.add(o)
	s.signal()
	return o, nil
}

// Next blocks for the next Frame, and returns it with one reference, the
// caller's. While the camera is Lost that is a Slate, where the Source draws
// such. Of a camera that encodes by itself it fails with ErrCoded; else with
// ErrClosed, or the error of ctx.
func (o *Onlooker) Next(ctx context.Context) (*Frame, error) {
	for {
		if f := o.slot.take(); f != nil {
			return decoded(f)
		}
		select {
		case <-o.slot.ready:
		case <-o.ended:
			return nil, ErrClosed
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// Close gives the place up. A Next that is under way returns ErrClosed.
func (o *Onlooker) Close() error {
	s := o.source
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.onlookers.remove(o) {
		s.signal()
	}
	return nil
}

// onlookers are those of a Source, and guarded by its mu.
type onlookers struct {
	all           map[*Onlooker]struct{}
	gates         map[time.Duration]*gate
	jpegs, planes int // how many need them
}

// gate lets pictures through at one rate, for all who want that: they get the
// same ones, so that what is made of each is made once.
type gate struct {
	interval time.Duration
	users    int
	due      time.Time // the next picture
	open     bool      // for the picture at hand
}

func newOnlookers() onlookers {
	return onlookers{all: map[*Onlooker]struct{}{}, gates: map[time.Duration]*gate{}}
}

func (l *onlookers) present() bool { return len(l.all) > 0 }

func (l *onlookers) add(o *Onlooker) {
	l.all[o] = struct{}{}
	l.count(o, 1)
	if rate := o.config.FrameRate; rate > 0 {
		interval := time.Duration(float64(time.Second) / rate)
		if l.gates[interval] == nil {
			l.gates[interval] = &gate{interval: interval}
		}
		o.gate = l.gates[interval]
		o.gate.users++
	}
}

func (l *onlookers) count(o *Onlooker, n int) {
	if o.config.Needs&OwnJPEG != 0 {
		l.jpegs += n
	}
	if o.config.Needs&Planes != 0 {
		l.planes += n
	}
}

// remove reports whether o was there.
func (l *onlookers) remove(o *Onlooker) bool {
	if _, ok := l.all[o]; !ok {
		return false
	}
	delete(l.all, o)
	l.count(o, -1)
	if o.gate != nil {
		if o.gate.users--; o.gate.users == 0 {
			delete(l.gates, o.gate.interval)
		}
	}
	o.slot.close()
	close(o.ended)
	return true
}

func (l *onlookers) end() {
	for o := range l.all {
		l.remove(o)
	}
}

// offer gives f to all who want it.
func (l *onlookers) offer(f *Frame) {
	for _, g := range l.gates {
		g.open = f.Slate || g.passes(f.Time)
	}
	for o := range l.all {
		if (o.gate == nil || o.gate.open) && f.does(o.config.Needs) {
			o.slot.put(f.Retain())
		}
	}
}

// passes reports whether a picture of this time is due. It may come a little
// early, as cameras are not that even; over time the rate is kept all the same.
func (g *gate) passes(at time.Time) bool {
	early := g.due.Sub(at)
	if early > g.interval/4 && early <= 2*g.interval {
		return false
	}
	if early < -g.interval || early > 2*g.interval { // after a pause, or a clock that was set
		g.due = at
	}
	g.due = g.due.Add(g.interval)
	return true
}
