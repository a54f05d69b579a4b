package capture

import (
	"context"
	"math"
	"runtime"
	"slices"
	"time"
)

const (
	// stewardTick is how often the steward looks.
	stewardTick = 250 * time.Millisecond
	// healthEvery is how often it asks the Machine, which may have to ask
	// firmware.
	healthEvery = 3 * time.Second
	// forget is after how long without pictures an Effort starts from the top:
	// the machine had other work then.
	forget = 10 * time.Minute
)

// steward watches what the renditions in use cost and gives each its Effort,
// in a goroutine of Source.Run that sleeps while there are none.
type steward struct {
	*Source
	looked time.Time
	cpu    cpuMeter
	cores  float64 // used lately; 0 when not known
	blind  bool    // CPUTime failed
	health Health
	asked  time.Time // for health
	warned bool      // of the power supply
}

func (s *steward) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.inUse:
			s.tend(ctx)
		}
	}
}

// tend looks after the renditions until there are none.
func (s *steward) tend(ctx context.Context) {
	ticker := time.NewTicker(stewardTick)
	defer ticker.Stop()
	s.looked = time.Now()
	s.cpu.reset()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			if !s.look(now) {
				return
			}
		}
	}
}

// inspected is one rendition at one look.
type inspected struct {
	*rendition
	load load
	to   int // the step that it wants to move to
	why  cause
}

// look judges every rendition in use; false when there is none.
func (s *steward) look(now time.Time) bool {
	elapsed := now.Sub(s.looked)
	s.looked = now
	all := s.inspect(now, elapsed)
	if len(all) == 0 {
		return false
	}
	if !slices.ContainsFunc(all, func(i inspected) bool { return i.load.encoded > 0 || i.load.pending > 0 }) {
		return true // no camera, or nobody reads: nothing to learn
	}
	s.measure(now)
	for i := range all {
		one := &all[i]
		one.load.cpu, one.load.hot = s.cores, s.health.Throttled
		if !s.blind {
			one.load.maxCores = s.cfg.Thrift.MaxCores
		}
		one.to, one.why = one.economy.thrift.consider(one.load)
	}
	s.decide(all)
	return true
}

// inspect reads the meters.
func (s *steward) inspect(now time.Time, elapsed time.Duration) []inspected {
	s.mu.Lock()
	inUse, rate, thins := s.inUseLocked(), s.status.Mode.FrameRate, s.thinner
	s.mu.Unlock()
	var all []inspected
	for _, r := range inUse {
		l, e := r.meter.read(now), r.economy
		l.elapsed, l.rate, l.thins = elapsed, rate, thins
		if e.thrift == nil || l.encoded > 0 && now.Sub(e.active) > forget {
			e.thrift = s.newThrift(r.codec)
			s.spare(e, sparing{})
		}
		if l.encoded > 0 || e.active.IsZero() {
			e.active = now
		}
		all = append(all, inspected{rendition: r, load: l})
	}
	return all
}

func (s *steward) newThrift(codec Codec) *thrift {
	cores := s.cfg.Thrift.Cores
	if cores == 0 {
		cores = runtime.GOMAXPROCS(0)
	}
	return newThrift(s.cfg.Thrift.Presets[codec], cores, max(s.cfg.Encoding.Threads, s.cfg.Encoding.MaxThreads))
}

// measure asks the Machine what is due.
func (s *steward) measure(now time.Time) {
	machine := s.cfg.Thrift.Machine
	if machine == nil {
		return
	}
	if s.cfg.Thrift.MaxCores > 0 && !s.blind {
		used, err := machine.CPUTime()
		if err != nil {
			s.blind, s.cores = true, 0
			s.cfg.Log.Warn("use of CPU is not known, and cannot be limited", "err", err)
		} else {
			s.cores = s.cpu.add(now, used)
		}
	}
	if !s.asked.IsZero() && now.Sub(s.asked) < healthEvery {
		return
	}
	s.asked = now
	s.health = machine.Health()
	if s.health.UnderVoltage && !s.warned {
		s.warned = true
		s.cfg.Log.Warn("the power supply is too weak: the machine reports under-voltage")
	}
	s.setWeak(s.health.UnderVoltage)
}

// decide makes the moves. All renditions share the CPU, and what one leaves of
// it shows in what the others take. So one moves at a time, down before up: the
// one that costs most, or up the first one. Only decoding becomes less when all
// leave pictures out, so there each moves.
func (s *steward) decide(all []inspected) {
	var one *inspected
	for i := range all {
		next := &all[i]
		switch {
		case next.why == noCause:
		case next.why == causeDecoding:
			s.move(next)
		case one == nil || next.urges(one):
			one = next
		}
	}
	if one == nil {
		return
	}
	s.move(one)
	for _, other := range all {
		if other.rendition != one.rendition {
			other.economy.thrift.recount()
		}
	}
}

// urges reports whether i is to move rather than other, which comes before it.
func (i *inspected) urges(other *inspected) bool {
	if i.why == causeEase || other.why == causeEase {
		return i.why != causeEase
	}
	return i.economy.thrift.usual.encode > other.economy.thrift.usual.encode
}

func (s *steward) move(i *inspected) {
	t, l := i.economy.thrift, i.load
	from, rate := t.effort(), t.rate
	if l.rate > 0 {
		rate = l.rate
	}
	t.moved(i.to, i.why)
	s.cpu.reset()
	s.cores = 0
	why, word := i.why, "lowered"
	if why == causeEase {
		word = "raised"
		s.stats.raised.Add(1)
		why = i.economy.now.Load().why // what is left of it
	} else {
		s.stats.lowered.Add(1)
	}
	effort := t.effort()
	now := sparing{effort: effort, why: why, size: l.size.halved(effort.Halvings), rate: rate / float64(effort.every())}
	if effort == (Effort{}) {
		now = sparing{}
	}
	s.spare(i.economy, now)
	each := func(total time.Duration, n int) time.Duration {
		return (total / time.Duration(max(n, 1))).Round(10 * time.Microsecond)
	}
	numbers := []any{
		"codec", i.codec, "rung", i.rung, "why", i.why, "from", from, "to", effort,
		"encode", each(l.encoding, l.encoded), "decode", each(l.decoding, l.seen),
		"interval", time.Duration(float64(time.Second) / t.rate).Round(10 * time.Microsecond),
		"late", l.late,
	}
	if l.cpu > 0 { // it is measured only where it is limited
		numbers = append(numbers, "cores", math.Round(100*l.cpu)/100)
	}
	s.cfg.Log.Info("effort "+word, numbers...)
}
