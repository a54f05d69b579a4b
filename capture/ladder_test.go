package capture

import (
	"fmt"
	"testing"
	"time"
)

func TestLadder(t *testing.T) {
	for _, tt := range []struct {
		size       Size
		configured Bitrate
		want       string
	}{
		{Size{1280, 720}, 2 * Mbps, "800k-2M 249k-1M 77k-311k"},
		{Size{1280, 720}, 1 * Mbps, "400k-1M 200k-500k 77k-250k"},
		{Size{1280, 720}, 20 * Mbps, "2500k-20M 390k-3125k 77k-487k"},
		{Size{1280, 720}, 200 * Kbps, "80k-200k 50k-100k"},
		{Size{1280, 720}, 100 * Kbps, "50k-100k"},
		{Size{1280, 720}, 10 * Kbps, "10k-10k"},
		{Size{1920, 1080}, 4 * Mbps, "1580k-4M 493k-1975k 153k-616k"},
		{Size{3840, 2160}, 20 * Mbps, "5065k-20M 1580k-6331k 493k-1975k"},
		{Size{640, 480}, 2 * Mbps, "317k-2M 99k-396k 50k-123k"},
		{Size{720, 1280}, 2 * Mbps, "800k-2M 249k-1M 77k-311k"},
		{Size{320, 240}, 2 * Mbps, "250k-2M 50k-312k"},
		{Size{320, 176}, 2 * Mbps, "250k-2M"},
		{Size{16, 16}, 2 * Mbps, "250k-2M"},
		{Size{}, 2 * Mbps, "250k-2M"},
	} {
		var got string
		for _, b := range ladder(tt.size, tt.configured) {
			got += fmt.Sprintf(" %v-%v", b.Floor, b.Ceiling)
		}
		if got = got[1:]; got != tt.want {
			t.Errorf("%v at %v: %s, want %s", tt.size, tt.configured, got, tt.want)
		}
	}
}

// TestLaddersHold is about all sizes and bitrates: there is no hole between two
// rungs, a rung is worth having, and encoders accept what it says.
func TestLaddersHold(t *testing.T) {
	for _, size := range []Size{{160, 90}, {176, 144}, {320, 180}, {640, 360}, {640, 480}, {854, 480}, {1280, 720}, {1920, 1080}, {2592, 1944}, {3840, 2160}, {16382, 16382}} {
		for rate := 10 * Kbps; rate <= 200*Mbps; rate += rate / 7 {
			bands := ladder(size, rate)
			if bands[0].Ceiling != rate || len(bands) > 3 {
				t.Fatalf("%v at %v: %v", size, rate, bands)
			}
			for i, b := range bands {
				c := EncoderConfig{Bitrate: b.Floor, FrameRate: 30}
				if err := c.Validate(); err != nil || b.Floor > b.Ceiling {
					t.Errorf("%v at %v: %v: %v", size, rate, bands, err)
				}
				if !size.halved(i).shows() && i > 0 {
					t.Errorf("%v at %v: rung %d shows nothing", size, rate, i)
				}
				if i == 0 {
					continue
				}
				above := bands[i-1]
				if overlap := float64(b.Ceiling) / float64(above.Floor); overlap < 1.2 || overlap > 1.3 || b.Floor >= above.Floor || b.Ceiling >= above.Ceiling {
					t.Errorf("%v at %v: %v after %v", size, rate, b, above)
				}
			}
		}
	}
}

func TestParseRung(t *testing.T) {
	for r := Full; r <= Quarter; r++ {
		if got, ok := ParseRung(r.String()); got != r || !ok {
			t.Errorf("%v: %v, %t", r, got, ok)
		}
	}
	for _, name := range []string{"", "auto", "Full", "rung(3)"} {
		if got, ok := ParseRung(name); got != Full || ok {
			t.Errorf("%q: %v, %t", name, got, ok)
		}
	}
}

func TestDial(t *testing.T) {
	band := Band{100 * Kbps, Mbps}
	type turn struct {
		after time.Duration
		want  Bitrate
		told  Bitrate // by this turn; 0: nothing
	}
	for _, tt := range []struct {
		name  string
		turns []turn
	}{
		{"begins with what is wanted", []turn{{0, 300 * Kbps, 300 * Kbps}, {0, 300 * Kbps, 0}}},
		{"begins within the band", []turn{{0, 9 * Mbps, Mbps}}},
		{"down at once", []turn{{0, Mbps, Mbps}, {0, 400 * Kbps, 400 * Kbps}, {0, 200 * Kbps, 200 * Kbps}}},
		{"not for a little", []turn{{0, Mbps, Mbps}, {0, 975 * Kbps, 0}, {0, 965 * Kbps, 965 * Kbps}}},
		{"never below the floor", []turn{{0, Mbps, Mbps}, {0, 20 * Kbps, 100 * Kbps}, {0, 10 * Kbps, 0}}},
		{"up in steps", []turn{
			{0, 300 * Kbps, 300 * Kbps}, {499 * ms, Mbps, 0}, {ms, Mbps, 450 * Kbps}, {0, Mbps, 0},
			{500 * ms, Mbps, 675 * Kbps}, {500 * ms, Mbps, Mbps}, {time.Hour, Mbps, 0},
		}},
		{"up not for a little", []turn{{0, 500 * Kbps, 500 * Kbps}, {time.Second, 520 * Kbps, 0}, {0, 525 * Kbps, 525 * Kbps}}},
		{"but to the end", []turn{{0, 990 * Kbps, 990 * Kbps}, {time.Second, 2 * Mbps, Mbps}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var d dial
			now := time.UnixMilli(0)
			for i, turn := range tt.turns {
				now = now.Add(turn.after)
				if told := d.turn(turn.want, band, now); told != (turn.told > 0) || told && d.told != turn.told {
					t.Fatalf("turn %d: told %t, %v; want %v", i, told, d.told, turn.told)
				}
			}
		})
	}
	d := dial{told: Mbps}
	if !d.turn(Mbps, Band{100 * Kbps, 990 * Kbps}, time.UnixMilli(0)) || d.told != 990*Kbps {
		t.Errorf("%v, above a band that has become another", d.told)
	}
}
