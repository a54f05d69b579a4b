package governor

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
	"unsafe"

	"github.com/pushcam/pushcam/capture"
)

// feedbacks are what viewers send. Chromium adds a report to each REMB, unless
// reduced-size RTCP is agreed on.
var feedbacks = map[string]path{
	"REMB with RR": {remb: true, reports: 200 * time.Millisecond},
	"REMB and RR":  {remb: true, reports: time.Second},
	"RR":           {reports: time.Second},
}

// each runs a test with each feedback and with each of some buffers.
func each(t *testing.T, buffers []time.Duration, test func(t *testing.T, p path)) {
	for name, p := range feedbacks {
		for _, buffer := range buffers {
			t.Run(fmt.Sprintf("%s/%v", name, buffer), func(t *testing.T) {
				t.Parallel()
				p := p
				p.rtt, p.buffer = 50*time.Millisecond, buffer
				test(t, p)
			})
		}
	}
}

// show prints a run when its test has failed.
func show(t *testing.T, s *sender) {
	t.Helper()
	if !t.Failed() && !testing.Verbose() {
		return
	}
	for i, v := range s.trace {
		t.Logf("%3d s: estimate %7.0fk target %7.0fk sent %7.0fk remb %7.0fk %7v layer %d queue %v", i+1,
			float64(v.allowance.Estimate)/1e3, float64(v.allowance.Target)/1e3, v.sent/1e3, v.remb/1e3, v.rung, v.layer, v.queue.Round(time.Millisecond))
	}
	t.Logf("switches: %v", s.switches)
}

// mean is what was sent per second between two seconds of a run.
func (s *sender) mean(from, to int) (bps float64) {
	for _, v := range s.trace[from:to] {
		bps += v.sent / float64(to-from)
	}
	return bps
}

func (s *sender) longest(from, to int) (queue time.Duration) {
	for _, v := range s.trace[from:to] {
		queue = max(queue, v.queue)
	}
	return queue
}

func TestStep(t *testing.T) {
	each(t, []time.Duration{0, 200 * time.Millisecond, time.Second, 3 * time.Second}, func(t *testing.T, p path) {
		p.capacity = func(at time.Duration) float64 {
			if at > 20*time.Second && at < 50*time.Second {
				return 0.5e6
			}
			return 2.3e6
		}
		s := newSender(p)
		s.run(80 * time.Second)
		defer show(t, s)
		if got := s.mean(22, 24); got > 0.5e6 {
			t.Errorf("two seconds after the step %.0f bit/s were sent", got)
		}
		if got := s.mean(25, 50); got < 0.35e6 {
			t.Errorf("of 500 kbit/s, %.0f were used", got/1e3)
		}
		after := 23
		if p.buffer > time.Second { // what is in there has to come out first
			after = 27
		}
		if got := s.longest(after, 50); got > 300*time.Millisecond {
			t.Errorf("a queue of %v after the step", got)
		}
		if len(s.switches) != 2 || s.trace[69].rung != capture.Full {
			t.Errorf("switched %v: want down, and up within 20 s", s.switches)
		}
	})
}

// TestFullQueue is of viewers that report each second: what they ask for tells
// sooner that most of it is lost.
func TestFullQueue(t *testing.T) {
	p := path{rtt: 50 * time.Millisecond, reports: time.Second, capacity: func(at time.Duration) float64 {
		if at > 20200*time.Millisecond {
			return 0.5e6
		}
		return 2.3e6
	}}
	s := newSender(p)
	s.run(20 * time.Second)
	before := s.governor.Allowance(s.began.Add(s.path.now)).Estimate
	s.run(700 * time.Millisecond)
	after := s.governor.Allowance(s.began.Add(s.path.now)).Estimate
	if before < 2*capture.Mbps || after > 700*capture.Kbps {
		t.Errorf("the estimate was %v, and %v half a second after the path got narrow", before, after)
	}
}

// TestStart is of a phone that joins over a path that is too narrow.
func TestStart(t *testing.T) {
	each(t, []time.Duration{0, 200 * time.Millisecond, time.Second}, func(t *testing.T, p path) {
		p.capacity = constant(0.4e6)
		s := newSender(p)
		s.run(30 * time.Second)
		defer show(t, s)
		if s.trace[1].rung == capture.Full || len(s.switches) > 2 {
			t.Errorf("switched %v: want a lower rung within 2 s", s.switches)
		}
		if got := s.longest(5, 30); got > 300*time.Millisecond {
			t.Errorf("a queue of %v", got)
		}
		if got := s.mean(10, 30); got < 0.28e6 {
			t.Errorf("of 400 kbit/s, %.0f were used", got/1e3)
		}
	})
}

// TestWide is of paths that carry everything, as most do: nothing must make the
// picture worse there.
func TestWide(t *testing.T) {
	for name, change := range map[string]func(*sender){
		"constant": func(*sender) {},
		"a scene that moves now and then": func(s *sender) {
			s.content = func(at time.Duration) float64 {
				if at/(7*time.Second)%2 == 0 {
					return 0.1
				}
				return 1
			}
		},
		"another viewer keeps the bitrate low for a while": func(s *sender) {
			s.most = func(at time.Duration) capture.Bitrate {
				if at < 30*time.Second {
					return ladder[0].Floor
				}
				return ladder[0].Ceiling
			}
		},
		"Wi-Fi that stands still now and then": func(s *sender) {
			s.path.stall = func(at time.Duration) bool { return at%(7*time.Second) < 150*time.Millisecond }
		},
		"Wi-Fi that stands still for longer": func(s *sender) {
			s.path.stall = func(at time.Duration) bool { return at%(9*time.Second) < 400*time.Millisecond }
		},
		"Wi-Fi that loses all now and then": func(s *sender) {
			s.path.loss = func(at time.Duration) float64 {
				if at%(10*time.Second) < 100*time.Millisecond {
					return 1
				}
				return 0
			}
		},
		"2 % are lost": func(s *sender) { s.path.loss = constant(0.02) },
	} {
		t.Run(name, func(t *testing.T) {
			each(t, []time.Duration{time.Second}, func(t *testing.T, p path) {
				p.capacity = constant(10e6)
				s := newSender(p)
				change(s)
				s.run(90 * time.Second)
				defer show(t, s)
				if len(s.switches) > 0 {
					t.Errorf("switched %v", s.switches)
				}
				for i, v := range s.trace[40:] {
					if v.allowance.Estimate < ladder[0].Floor*5/4 {
						t.Errorf("second %d: estimate %v", 40+i, v.allowance.Estimate)
						break
					}
				}
			})
		})
	}
}

// TestRandomLoss holds that loss is not taken for congestion for long, however
// much of it retransmission can mend.
func TestRandomLoss(t *testing.T) {
	for _, loss := range []float64{0.05, 0.10, 0.15} {
		t.Run(fmt.Sprint(loss), func(t *testing.T) {
			each(t, []time.Duration{200 * time.Millisecond}, func(t *testing.T, p path) {
				p.capacity = constant(10e6)
				p.loss = constant(loss)
				s := newSender(p)
				s.run(120 * time.Second)
				defer show(t, s)
				if len(s.switches) > 0 {
					t.Errorf("switched %v", s.switches)
				}
				if got := s.mean(10, 120); got < 1.8e6 {
					t.Errorf("of 2 Mbit/s, %.0f kbit/s were used", got/1e3)
				}
			})
		})
	}
}

// TestLossyAndNarrow holds that a path's own loss does not hide congestion.
func TestLossyAndNarrow(t *testing.T) {
	each(t, []time.Duration{0, 500 * time.Millisecond}, func(t *testing.T, p path) {
		p.loss = constant(0.08)
		p.capacity = func(at time.Duration) float64 {
			if at > 30*time.Second {
				return 0.6e6
			}
			return 5e6
		}
		s := newSender(p)
		s.run(90 * time.Second)
		defer show(t, s)
		if got := s.mean(5, 30); got < 1.7e6 {
			t.Errorf("before, %.0f kbit/s were used", got/1e3)
		}
		if got := s.mean(34, 90); got > 0.6e6 || got < 0.3e6 {
			t.Errorf("of 600 kbit/s, %.0f were sent", got/1e3)
		}
		if len(s.switches) > 2 {
			t.Errorf("switched %v", s.switches)
		}
	})
}

// TestEdge is of ten minutes on paths that carry just about a rung's Floor.
func TestEdge(t *testing.T) {
	for _, capacity := range []float64{0.30e6, 0.8e6, 0.92e6, 1.2e6} {
		t.Run(fmt.Sprint(capacity), func(t *testing.T) {
			each(t, []time.Duration{0, 300 * time.Millisecond}, func(t *testing.T, p path) {
				p.capacity = constant(capacity)
				s := newSender(p)
				s.run(10 * time.Minute)
				defer show(t, s)
				if len(s.switches) > 8 {
					t.Errorf("switched %d times: %v", len(s.switches), s.switches)
				}
				if got := s.mean(30, 600); got < 0.65*capacity {
					t.Errorf("of %.0f kbit/s, %.0f were used", capacity/1e3, got/1e3)
				}
			})
		})
	}
}

// TestREMBStops holds that the rest steers when REMB does not come any more.
func TestREMBStops(t *testing.T) {
	p := feedbacks["REMB and RR"]
	p.rtt, p.buffer, p.rembEndsAt = 50*time.Millisecond, 500*time.Millisecond, 10*time.Second
	p.capacity = func(at time.Duration) float64 {
		if at > 30*time.Second {
			return 0.5e6
		}
		return 1e6
	}
	s := newSender(p)
	s.run(60 * time.Second)
	defer show(t, s)
	if got := s.mean(15, 30); got < 0.7e6 || got > 1e6 {
		t.Errorf("of 1 Mbit/s, %.0f kbit/s were used", got/1e3)
	}
	if got := s.mean(33, 60); got > 0.5e6 {
		t.Errorf("of 500 kbit/s, %.0f were used", got/1e3)
	}
}

// TestLayers holds that below the last rung's Floor layers are left out, and
// that they come back.
func TestLayers(t *testing.T) {
	each(t, []time.Duration{300 * time.Millisecond}, func(t *testing.T, p path) {
		p.capacity = func(at time.Duration) float64 {
			if at < 40*time.Second {
				return 75e3 // with headers the Floor makes more
			}
			return 400e3
		}
		s := newSender(p)
		s.layers = true
		s.run(90 * time.Second)
		defer show(t, s)
		if v := s.trace[35]; v.rung != capture.Quarter || v.layer >= 2 {
			t.Errorf("sent %v up to layer %d of it", v.rung, v.layer)
		}
		if v := s.trace[89]; v.layer < 2 {
			t.Errorf("up to layer %d of %v in the end", v.layer, v.rung)
		}
		if got := s.longest(20, 40); got > 300*time.Millisecond {
			t.Errorf("a queue of %v", got)
		}
	})
}

// TestNonsense holds that what no viewer means changes nothing, and what it may
// mean is bounded.
func TestNonsense(t *testing.T) {
	began := time.Unix(0, 0)
	for name, tell := range map[string]func(g *Governor, now time.Time, sequence uint16){
		"all is lost":       func(g *Governor, now time.Time, n uint16) { g.Report(now, Report{FractionLost: 255, Highest: n}) },
		"never sent":        func(g *Governor, now time.Time, n uint16) { g.Report(now, Report{Highest: n + 1000}) },
		"backwards":         func(g *Governor, now time.Time, n uint16) { g.Report(now, Report{Highest: -n}) },
		"hours":             func(g *Governor, now time.Time, n uint16) { g.Report(now, Report{Highest: n, RoundTrip: time.Hour}) },
		"before it was":     func(g *Governor, now time.Time, n uint16) { g.Report(now, Report{Highest: n, RoundTrip: -time.Hour}) },
		"REMB 0":            func(g *Governor, now time.Time, n uint16) { g.REMB(now, 0) },
		"REMB below 0":      func(g *Governor, now time.Time, n uint16) { g.REMB(now, -1<<63) },
		"REMB 18 Tbit/s":    func(g *Governor, now time.Time, n uint16) { g.REMB(now, 18e12) },
		"REMB largest":      func(g *Governor, now time.Time, n uint16) { g.REMB(now, 1<<63-1) },
		"NACK of all":       func(g *Governor, now time.Time, n uint16) { g.NACK(now, n, 1<<30) },
		"NACK of minus one": func(g *Governor, now time.Time, n uint16) { g.NACK(now, n, -1) },
	} {
		t.Run(name, func(t *testing.T) {
			g := New(Config{Start: 2 * capture.Mbps, Most: 2500 * capture.Kbps}, began)
			for i := range 20_000 { // some seconds of thousands in each
				now := began.Add(time.Duration(i) * 300 * time.Microsecond)
				if i%100 == 0 {
					g.Sent(now, uint16(i/10), 10, 10_000)
				}
				tell(g, now, uint16(i/10))
				checkBounds(t, g, now)
			}
		})
	}
	if size := unsafe.Sizeof(Governor{}); size > 16<<10 {
		t.Errorf("a Governor has %d bytes", size)
	}
}

func checkBounds(t *testing.T, g *Governor, now time.Time) {
	t.Helper()
	a := g.Allowance(now)
	if !(a.Estimate >= least && float64(a.Estimate) <= g.most) || !(a.Target >= least/2 && a.Target <= a.Estimate) {
		t.Fatalf("allowance %+v", a)
	}
}

// FuzzGovernor holds that no order of events breaks a bound.
func FuzzGovernor(f *testing.F) {
	f.Add([]byte("\x00\x21\x42\x63\x84\xa5"))
	f.Add([]byte("sent and reported, and once more"))
	random := rand.New(rand.NewPCG(3, 4))
	for range 5 {
		seed := make([]byte, 400)
		for i := range seed {
			seed[i] = byte(random.Uint32())
		}
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, events []byte) {
		now := time.Unix(0, 0)
		g := New(Config{Start: 2 * capture.Mbps, Most: 2500 * capture.Kbps}, now)
		var s Selector
		s.Start(ladder, 2*capture.Mbps, now)
		var sequence uint16
		for len(events) >= 4 {
			kind, a, b, c := events[0], events[1], events[2], events[3]
			events = events[4:]
			now = now.Add(time.Duration(kind>>3) * 7 * time.Millisecond)
			word := uint16(a)<<8 | uint16(b)
			switch kind & 7 {
			case 0, 1, 2:
				au := &capture.AccessUnit{Layer: c & 7, LayerSync: c&8 != 0, Keyframe: c&16 != 0, Rung: capture.Rung(c >> 6), Payload: make([]byte, word)}
				if s.Takes(au, now) {
					packets := int(word)/1150 + 1
					g.Sent(now, sequence, packets, int(word))
					sequence += uint16(packets)
				}
			case 3:
				g.Report(now, Report{FractionLost: c, Highest: sequence - uint16(a)})
			case 4:
				g.Report(now, Report{FractionLost: c, Highest: word, RoundTrip: time.Duration(c) << b})
			case 5:
				g.NACK(now, sequence-uint16(a), int(c))
			case 6:
				g.REMB(now, capture.Bitrate(word)<<(c&63))
			case 7:
				g.Resent(int(word))
			}
			checkBounds(t, g, now)
			length := int(c) % (len(ladder) + 1)
			s.Decide(ladder[:length], g.Allowance(now), now)
			if length > 0 && int(s.Rung()) >= length {
				t.Fatalf("%v of %d rungs", s.Rung(), length)
			}
		}
	})
}
