package viewer

import (
	"slices"
	"testing"
	"time"
)

func TestNacker(t *testing.T) {
	type step struct {
		at       time.Duration
		sequence uint16
		want     []uint16
	}
	tests := []struct {
		name  string
		steps []step
	}{
		{"nothing is missing", []step{{0, 1, nil}, {0, 2, nil}}},
		{"at once, over the wrap", []step{{0, 65534, nil}, {0, 2, []uint16{65535, 0, 1}}}},
		{"again after a while", []step{{0, 1, nil}, {0, 3, []uint16{2}}, {nackRetry - 1, 4, nil}, {nackRetry, 5, []uint16{2}}}},
		{"only the new gap", []step{{0, 1, nil}, {0, 3, []uint16{2}}, {1, 6, []uint16{4, 5}}}},
		{"not once it came", []step{{0, 1, nil}, {0, 4, []uint16{2, 3}}, {1, 2, nil}, {nackRetry, 5, []uint16{3}}}},
		{"not once it is given up", []step{{0, 1, nil}, {0, 3, []uint16{2}}, {repairWait, 4, nil}, {repairWait + nackRetry, 5, nil}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			start := time.Now()
			s := sequencer{deliver: func(packet, bool) {}}
			var n nacker
			for _, step := range tt.steps {
				now := start.Add(step.at)
				s.push(packet{sequence: step.sequence, received: now})
				if got := n.due(&s, now); !slices.Equal(got, step.want) {
					t.Errorf("after %d: %v, want %v", step.sequence, got, step.want)
				}
			}
		})
	}
}

func TestNackerStops(t *testing.T) {
	now := time.Now()
	s := sequencer{deliver: func(packet, bool) {}}
	var n nacker
	s.push(packet{sequence: 1, received: now})
	s.push(packet{sequence: 3, received: now})
	tries := 0
	for ; len(n.due(&s, now)) > 0; now = now.Add(nackRetry) {
		tries++
	}
	if tries != nackTries {
		t.Errorf("requested %d times, want %d", tries, nackTries)
	}
}
