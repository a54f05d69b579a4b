package capture

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"runtime"
	"strings"
	"time"
)

const (
	// stewardTick is how often the steward looks.
	stewardTick = 250 * time.Millisecond
	// healthEvery is how often it asks the Machine, which may have to ask
	// firmware.
	healthEvery = 3 * time.Second
	// forgetAfter is how long a rendition's Effort is kept for the next viewer:
	// the machine will have had other work then.
	forgetAfter = 10 * time.Minute
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

// judged is one rendition at one look.
type judged struct {
	*rendition
	load load
	to   int // the step that it is to move to
	why  cause
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

// look judges every rendition in use; false when there is none.
func (s *steward) look(now time.Time) bool {
	elapsed := now.Sub(s.looked)
	s.looked = now
	s.mu.Lock()
	inUse, rate, thins := s.inUseLocked(), s.status.Mode.FrameRate, s.thinner
	s.mu.Unlock()
	all, busy := make([]judged, len(inUse)), false
	for i, r := range inUse {
		l := r.meter.read(now)
		l.elapsed, l.rate, l.thins = elapsed, rate, thins
		busy = busy || l.encoded > 0 || l.pending > 0
		all[i] = judged{rendition: r, load: l}
	}
	if !busy {
		return len(all) > 0 // no camera, or nobody reads: nothing to learn
	}
	s.measure(now)
	for i := range all {
		l := &all[i].load
		l.cpu, l.hot = s.cores, s.health.Throttled
		if !s.blind {
			l.maxCores = s.cfg.CPU.MaxCores
		}
		all[i].to, all[i].why = all[i].thrift.consider(*l)
	}
	s.decide(all)
	return true
}

// measure asks the Machine what is due.
func (s *steward) measure(now time.Time) {
	machine := s.cfg.CPU.Machine
	if machine == nil {
		return
	}
	if s.cfg.CPU.MaxCores > 0 && !s.blind {
		used, err := machine.CPUTime()
		if err != nil {
			s.blind, s.cores = true, 0
			s.cfg.Log.Warn("use of CPU is not known, and cannot be limited", "err", err)
		} else {
			s.cores = s.cpu.add(now, used)
		}
	}
	if now.Sub(s.asked) < healthEvery {
		return
	}
	s.asked, s.health = now, machine.Health()
	if s.health.UnderVoltage && !s.warned {
		s.warned = true
		s.cfg.Log.Warn("the power supply is too weak: the machine reports under-voltage")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.weak != s.health.UnderVoltage {
		s.weak = s.health.UnderVoltage
		s.publishStatus()
	}
}

// decide makes the moves. All renditions share the CPU, and what one leaves of
// it shows in what the others take. So one moves at a time, down before up: the
// one that costs most, or up the first one. Only decoding becomes less when all
// leave pictures out, so there each moves.
func (s *steward) decide(all []judged) {
	var one *judged
	for i := range all {
		next := &all[i]
		switch {
		case next.why == noCause:
		case next.why == causeDecoding:
			s.move(next)
		case one == nil, one.why == causeEase && next.why != causeEase,
			next.why != causeEase && next.thrift.usual.encode > one.thrift.usual.encode:
			one = next
		}
	}
	if one == nil {
		return
	}
	s.move(one)
	for _, other := range all {
		if other.rendition != one.rendition {
			other.thrift.recount()
		}
	}
}

func (s *steward) move(j *judged) {
	t, l := j.thrift, j.load
	from, usual := t.effort(), t.usual
	t.moved(j.to, j.why)
	s.cpu.reset()
	s.cores = 0
	change, count := "effort lowered", &s.stats.lowered
	if j.why == causeEase {
		change, count = "effort raised", &s.stats.raised
	}
	count.Add(1)
	hundredths := func(cores float64) float64 { return math.Round(100*cores) / 100 }
	s.cfg.Log.Info(change, "codec", j.codec, "rung", j.rung, "why", j.why, "from", from, "to", t.effort(), "late", l.late,
		"encoding", hundredths(usual.encode), "decoding", hundredths(usual.decode), "cores", hundredths(l.cpu))
	s.mu.Lock()
	defer s.mu.Unlock()
	j.thrift.spared = t.effort().words(l.size, cmp.Or(l.rate, t.rate), t.lowered.purpose(s.cfg.CPU.MaxCores))
	s.publishStatus()
}

// sparedLocked is what viewers are told while the camera is Live; "" when they
// see all that was asked for.
func (s *Source) sparedLocked() string {
	var parts []string
	for _, r := range s.inUseLocked() {
		switch spared := r.thrift.spared; {
		case spared == "":
		case len(s.renditions) > 1:
			parts = append(parts, fmt.Sprintf("%v: %s", r.renditionKey, spared))
		default:
			parts = append(parts, spared)
		}
	}
	if s.weak {
		parts = append(parts, "the power supply is too weak (under-voltage)")
	}
	return strings.Join(parts, "; ")
}

// thriftLocked is that of a rendition that begins: the one it had, unless it is
// too long ago that there were pictures.
func (s *Source) thriftLocked(key renditionKey) *thrift {
	t := s.thrifts[key]
	if t == nil || time.Since(t.ended) > forgetAfter {
		t = newThrift(s.cfg.CPU.Presets[key.codec], cmp.Or(s.cfg.CPU.Cores, runtime.GOMAXPROCS(0)))
		s.thrifts[key] = t
	}
	return t
}
