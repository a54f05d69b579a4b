package peer

import (
	"math"
	"testing"
	"time"

	"github.com/pion/rtcp"

	"github.com/pushcam/pushcam/peer/packetizer"
)

func TestRoundTrip(t *testing.T) {
	sent := time.Date(2026, 1, 2, 3, 4, 5, 600e6, time.UTC)
	lsr := uint32(packetizer.NTPTime(sent) >> 16)
	for name, tt := range map[string]struct {
		after     time.Duration
		lsr, dlsr uint32
		want      time.Duration
	}{
		"at once":            {40 * time.Millisecond, lsr, 0, 40 * time.Millisecond},
		"held back a second": {1040 * time.Millisecond, lsr, 65536, 40 * time.Millisecond},
		"no report seen":     {time.Second, 0, 0, 0},
		"from the future":    {0, lsr + 1000, 0, 0},
		"forged":             {time.Second, 12345, 0, 0},
		"held back longer":   {time.Second, lsr, 655360, 0},
	} {
		got := roundTrip(sent.Add(tt.after), tt.lsr, tt.dlsr)
		if (got - tt.want).Abs() > time.Millisecond {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

func TestLossReports(t *testing.T) {
	var c counters
	for _, tt := range []struct {
		reported uint32 // 24 bits
		want     uint64
	}{{0, 0}, {5, 5}, {0x7fffff, 0x7fffff}, {0xffffff, 0}, {0x800000, 0}, {math.MaxUint32, 0}} {
		c.received(rtcp.ReceptionReport{TotalLost: tt.reported}, 0)
		if got := c.lost.Load(); got != tt.want {
			t.Errorf("reported %x: %d lost, want %d", tt.reported, got, tt.want)
		}
	}
}
