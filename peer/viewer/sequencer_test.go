package viewer

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// arrival is one packet of a test: r marks a retransmission, at is when.
type arrival struct {
	sequence uint16
	r        bool
	at       time.Duration
}

func arrivals(sequences ...int) (all []arrival) {
	for _, s := range sequences {
		all = append(all, arrival{sequence: uint16(s)})
	}
	return all
}

func run(from, to int) (all []int) {
	for i := from; i <= to; i++ {
		all = append(all, i)
	}
	return all
}

var sequencerTests = []struct {
	name string
	in   []arrival
	out  string // delivered, | where packets before are lost
	want packetCounts
}{
	{"in order", arrivals(1, 2, 3), "1 2 3", packetCounts{received: 3}},
	{"wraps", arrivals(65534, 65535, 0, 1), "65534 65535 0 1", packetCounts{received: 4}},
	{"reordered", arrivals(1, 3, 4, 2), "1 2 3 4", packetCounts{received: 4, reordered: 1}},
	{"reversed", arrivals(1, 4, 3, 2), "1 2 3 4", packetCounts{received: 4, reordered: 2}},
	{"repaired over the wrap", []arrival{{65535, false, 0}, {1, false, 0}, {0, true, 0}},
		"65535 0 1", packetCounts{received: 3, repaired: 1}},
	{"repaired for nothing", []arrival{{1, false, 0}, {2, false, 0}, {1, true, 0}},
		"1 2", packetCounts{received: 2, duplicates: 1}},
	{"duplicates, passed and held", arrivals(1, 1, 3, 3, 2), "1 2 3",
		packetCounts{received: 3, duplicates: 2, reordered: 1}},
	{"waits", []arrival{{1, false, 0}, {3, false, 0}, {4, false, repairWait - 1}},
		"1", packetCounts{received: 3}},
	{"given up by time", []arrival{{1, false, 0}, {3, false, 0}, {4, false, repairWait}},
		"1 |3 4", packetCounts{received: 3, lost: 1}},
	{"several given up", []arrival{{1, false, 0}, {5, false, 0}, {6, false, repairWait}},
		"1 |5 6", packetCounts{received: 3, lost: 3}},
	{"each gap has its own time", []arrival{{1, false, 0}, {3, false, 0}, {5, false, repairWait / 2}, {6, false, repairWait}},
		"1 |3", packetCounts{received: 4, lost: 1}},
	{"late", []arrival{{1, false, 0}, {3, false, 0}, {4, false, repairWait}, {2, true, repairWait}, {2, true, repairWait}},
		"1 |3 4", packetCounts{received: 3, lost: 1, late: 1, duplicates: 1}},
	{"given up by number", arrivals(slices.Concat([]int{1}, run(3, 2+reorderWindow))...),
		"1 |" + numbers(3, 2+reorderWindow), packetCounts{received: 1 + reorderWindow, lost: 1}},
	{"big loss", arrivals(0, 2000, 2001), "0", packetCounts{received: 3, lost: 2001 - reorderWindow}},
	{"old numbers are new after a turn", arrivals(run(0, 70000)...), numbers16(0, 70000), packetCounts{received: 70001}},
	{"one wild packet", arrivals(1, 30000, 2), "1 2", packetCounts{received: 2}},
	{"new sequence ahead", arrivals(1, 30000, 30001, 30002), "1 |30001 30002", packetCounts{received: 3, restarts: 1}},
	{"new sequence behind", arrivals(20000, 20002, 100, 101, 102), "20000 |101 102",
		packetCounts{received: 4, restarts: 1}},
}

func numbers(from, to int) string { return strings.Trim(fmt.Sprint(run(from, to)), "[]") }

func numbers16(from, to int) string {
	var all []uint16
	for _, n := range run(from, to) {
		all = append(all, uint16(n))
	}
	return strings.Trim(fmt.Sprint(all), "[]")
}

func TestSequencer(t *testing.T) {
	start := time.Now()
	for _, tt := range sequencerTests {
		t.Run(tt.name, func(t *testing.T) {
			var out []string
			s := sequencer{deliver: func(p packet, gap bool) {
				word := fmt.Sprint(p.sequence)
				if gap {
					word = "|" + word
				}
				if want := fmt.Sprint("payload of ", p.sequence); string(p.payload) != want {
					t.Errorf("got %q, want %q", p.payload, want)
				}
				out = append(out, word)
			}}
			var payload []byte // reused, as a read buffer is
			for _, a := range tt.in {
				payload = fmt.Append(payload[:0], "payload of ", a.sequence)
				s.push(packet{sequence: a.sequence, repair: a.r, received: start.Add(a.at), payload: payload})
			}
			if got := strings.Join(out, " "); got != tt.out {
				t.Errorf("delivered %.200s, want %.200s", got, tt.out)
			}
			if s.count != tt.want {
				t.Errorf("counted %+v, want %+v", s.count, tt.want)
			}
		})
	}
}

// TestSequencerLeaps: pictures have three packets, those that begin at 9 and 18
// are keyframes.
func TestSequencerLeaps(t *testing.T) {
	for _, tt := range []struct {
		name string
		in   []int
		out  string
		lost uint64
	}{
		{"to a keyframe", []int{3, 4, 7, 8, 9, 10, 11, 12}, "3 4 |7 8 9 10 11 12", 2},
		{"not before it is whole", []int{3, 4, 7, 9, 10}, "3 4", 0},
		{"by its first packet", []int{3, 4, 10, 11, 9}, "3 4 |9 10 11", 4},
		{"by one in the middle", []int{3, 4, 9, 11, 10, 12}, "3 4 |9 10 11 12", 4},
		{"to the newer of two", []int{3, 9, 10, 18, 19, 20}, "3 |9 10 |18 19 20", 12},
		{"not to another picture", []int{3, 4, 6, 7, 8, 12, 13, 14}, "3 4", 0},
		{"over the wrap", []int{65532, 65533, 9, 10, 11}, "65532 65533 |9 10 11", 11},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out []string
			s := sequencer{
				deliver: func(p packet, gap bool) {
					word := fmt.Sprint(p.sequence)
					if gap {
						word = "|" + word
					}
					out = append(out, word)
				},
				fresh: func(payload []byte) bool { return payload[0] == 9 || payload[0] == 18 },
			}
			for _, n := range tt.in {
				sequence := uint16(n)
				s.push(packet{
					sequence: sequence, timestamp: uint32(sequence / 3), marker: sequence%3 == 2,
					payload: []byte{byte(sequence)},
				})
			}
			if got := strings.Join(out, " "); got != tt.out || s.count.lost != tt.lost {
				t.Errorf("delivered %s and lost %d, want %s and %d", got, s.count.lost, tt.out, tt.lost)
			}
		})
	}
}

// Two bytes are a step from the last sequence number, a third the time that
// passed and whether it is a retransmission.
func FuzzSequencer(f *testing.F) {
	for _, tt := range sequencerTests {
		var data []byte
		last := arrival{}
		for _, a := range tt.in[:min(len(tt.in), 600)] {
			step := a.sequence - last.sequence
			data = append(data, byte(step>>8), byte(step), byte((a.at-last.at)/(10*time.Millisecond))<<1)
			last = a
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		now := time.Time{}
		var last uint16
		var delivered uint64
		restarts, started := uint64(0), false
		// Every picture has four packets, every eighth is a keyframe.
		s := sequencer{fresh: func(payload []byte) bool { return payload[0]%32 == 0 }}
		s.deliver = func(p packet, gap bool) {
			step := p.sequence - last
			if started && s.count.restarts == restarts && (step == 0 || step >= 1<<15 || step > 1 && !gap) {
				t.Fatalf("%d follows %d, gap %v", p.sequence, last, gap)
			}
			last, started, restarts = p.sequence, true, s.count.restarts
			delivered++
		}
		var sequence uint16
		for ; len(data) >= 3; data = data[3:] {
			sequence += uint16(data[0])<<8 | uint16(data[1])
			now = now.Add(time.Duration(data[2]>>1) * 10 * time.Millisecond)
			s.push(packet{
				sequence: sequence, timestamp: uint32(sequence / 4), marker: sequence%4 == 3,
				received: now, repair: data[2]&1 == 1, payload: []byte{byte(sequence)},
			})
			if s.heldN < 0 || s.heldN > reorderWindow || s.count.received < delivered {
				t.Fatalf("%d held, %d received, %d delivered", s.heldN, s.count.received, delivered)
			}
		}
		full := 0
		for _, h := range s.held {
			if h.full {
				full++
			}
		}
		if full != s.heldN {
			t.Fatalf("%d slots full, %d counted", full, s.heldN)
		}
	})
}
