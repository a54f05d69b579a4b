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
	thrifts map[renditionKey]*thrift   // of every rendition that was ever in use
	active  map[renditionKey]time.Time // when each last encoded
	looked  time.Time
	cpu     cpuMeter
	cores   float64 // used lately; 0 when not known
	blind   bool    // CPUTime failed
	health  Health
	asked   time.Time // for health
	warned  bool      // of the power supply
}

func newSteward(s *Source) *steward {
	return &steward{Source: s, thrifts: map[renditionKey]*thrift{}, active: map[renditionKey]time.Time{}}
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
	key    renditionKey
	thrift *thrift
	load   load
	to     int
	why    cause
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
		one.to, one.why = one.thrift.consider(one.load)
	}
	s.decide(all)
	return true
}

// inspect reads the meters.
func (s *steward) inspect(now time.Time, elapsed time.Duration) []inspected {
	var all []inspected
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.inUseLocked() { // who is asked first must not be chance
		key, l := r.renditionKey, r.meter.read(now)
		l.elapsed, l.rate, l.thins = elapsed, s.status.Mode.FrameRate, s.thinner
		t := s.thrifts[key]
		if t == nil || l.encoded > 0 && now.Sub(s.active[key]) > forget {
			t = s.newThrift(key)
			s.thrifts[key], s.active[key] = t, now
			s.spareLocked(key, sparing{})
		}
		if l.encoded > 0 {
			s.active[key] = now
		}
		all = append(all, inspected{key: key, thrift: t, load: l})
	}
	return all
}

func (s *steward) newThrift(key renditionKey) *thrift {
	cores := s.cfg.Thrift.Cores
	if cores == 0 {
		cores = runtime.GOMAXPROCS(0)
	}
	return newThrift(s.cfg.Thrift.Presets[key.codec], cores, max(s.cfg.Encoding.Threads, s.cfg.Encoding.MaxThreads))
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

// decide makes the moves. A rendition that is too slow moves by itself. For the
// sake of the whole machine one moves at a time, down the one that costs most,
// as the effect of each shows in what all use.
func (s *steward) decide(all []inspected) {
	shared := -1 // the one that moves for the sake of all
	for i, one := range all {
		switch one.why {
		case noCause:
		case causeSlow:
			s.move(one)
		case causeCap, causeHeat:
			if shared < 0 || all[shared].why == causeEase || one.thrift.usual.encode > all[shared].thrift.usual.encode {
				shared = i
			}
		case causeEase:
			if s.cfg.Thrift.MaxCores == 0 {
				s.move(one)
			} else if shared < 0 {
				shared = i
			}
		}
	}
	if shared >= 0 {
		s.move(all[shared])
	}
}

func (s *steward) move(i inspected) {
	from, l := i.thrift.effort(), i.load
	rate := i.thrift.rate
	if l.rate > 0 {
		rate = l.rate
	}
	i.thrift.moved(i.to, i.why)
	s.cpu.reset()
	s.cores = 0
	why, word := i.why, "lowered"
	if why == causeEase {
		word = "raised"
		s.stats.raised.Add(1)
		s.mu.Lock()
		why = s.sparing[i.key].why // what is left of it
		s.mu.Unlock()
	} else {
		s.stats.lowered.Add(1)
	}
	effort := i.thrift.effort()
	now := sparing{effort: effort, why: why, size: l.size.halved(effort.Halvings), rate: rate / float64(effort.every())}
	if effort == (Effort{}) {
		now = sparing{}
	}
	s.mu.Lock()
	s.spareLocked(i.key, now)
	s.mu.Unlock()
	each := func(total time.Duration, n int) time.Duration {
		return (total / time.Duration(max(n, 1))).Round(10 * time.Microsecond)
	}
	numbers := []any{
		"codec", i.key.codec, "rung", i.key.rung, "why", i.why, "from", from, "to", effort,
		"encode", each(l.encoding, l.encoded), "decode", each(l.decoding, l.seen),
		"interval", time.Duration(float64(time.Second) / i.thrift.rate).Round(10 * time.Microsecond),
		"late", l.late,
	}
	if l.cpu > 0 { // it is measured only where it is limited
		numbers = append(numbers, "cores", math.Round(100*l.cpu)/100)
	}
	s.cfg.Log.Info("effort "+word, numbers...)
}
