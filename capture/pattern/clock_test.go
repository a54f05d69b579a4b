package pattern

import (
	"bytes"
	"math/bits"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
)

// clockTimes have many and few white cells, and both ends of the range.
func clockTimes() []time.Time {
	return []time.Time{
		time.UnixMilli(0),
		time.UnixMilli(1<<48 - 1),
		time.UnixMilli(0x5555_5555_5555),
		time.Date(2026, 3, 4, 21, 48, 37, 385e6, time.UTC),
		time.Date(2038, 1, 19, 3, 14, 8, 0, time.UTC),
	}
}

// change is what may happen to a picture between DrawClock and ReadClock.
type change struct {
	name  string
	apply func(luma) luma
}

func changes() []change {
	return []change{
		{"none", func(p luma) luma { return p }},
		{"half, box", func(p luma) luma { return p.box(0.5) }},
		{"a third, box", func(p luma) luma { return p.box(0.33) }},
		{"half, bilinear", func(p luma) luma { return p.bilinear(0.5) }},
		{"a third, bilinear", func(p luma) luma { return p.bilinear(0.33) }},
		{"one and a half, bilinear", func(p luma) luma { return p.bilinear(1.5) }},
		{"stretched", func(p luma) luma { return p.resize(p.w*4/3, p.h*2/3) }},
		{"noise", func(p luma) luma { return p.noise(40) }},
		{"full range", func(p luma) luma { return p.levels(255.0/219, -18) }},
		{"dark", func(p luma) luma { return p.levels(0.4, 0) }},
		{"pale", func(p luma) luma { return p.levels(0.3, 150) }},
		{"overexposed", func(p luma) luma { return p.levels(1.6, 80) }},
		{"everything", func(p luma) luma { return p.box(0.5).levels(0.5, 40).noise(25) }},
	}
}

func TestClockSurvives(t *testing.T) {
	for _, size := range []capture.Size{{Width: 320, Height: 240}, {Width: 640, Height: 360}, {Width: 360, Height: 640}} {
		card := newPicture(capture.Mode{Size: size, FrameRate: 30}, "no camera")
		for n, want := range clockTimes() {
			f := capture.NewFrame(size)
			f.Time = want
			card.draw(f, int64(n))
			for _, c := range changes() {
				p := c.apply(lumaOf(f))
				got, err := ReadClockLuma(p.pix, p.w, p.size())
				if err != nil || !got.Equal(want) {
					t.Errorf("%v, %s: read %v, %v; want %v", size, c.name, got, err, want)
				}
			}
		}
	}
}

func TestClockTruncatesToMilliseconds(t *testing.T) {
	f := capture.NewFrame(capture.Size{Width: 320, Height: 180})
	DrawClock(f, time.UnixMilli(1234).Add(999*time.Microsecond))
	if got, err := ReadClock(f); err != nil || !got.Equal(time.UnixMilli(1234)) {
		t.Errorf("read %v, %v; want 1234 ms", got, err)
	}
}

func TestSmallestClock(t *testing.T) {
	for h := 60; h < 90; h++ {
		for w := 108; w < 190; w += 3 {
			f := capture.NewFrame(capture.Size{Width: w, Height: h})
			want := clockTimes()[3]
			DrawClock(f, want)
			if got, err := ReadClock(f); err != nil || !got.Equal(want) {
				t.Fatalf("%v: read %v, %v; want %v", f.Size, got, err, want)
			}
		}
	}
}

func TestDrawClockStaysInside(t *testing.T) {
	// Rows padded as a device may pad them, the padding not ours to touch.
	f := &capture.Frame{Size: capture.Size{Width: 320, Height: 182}, YStride: 352, UVStride: 176}
	f.Y = bytes.Repeat([]byte{7}, f.YStride*f.Height)
	f.U, f.V = bytes.Repeat([]byte{7}, f.UVStride*f.Height/2), bytes.Repeat([]byte{7}, f.UVStride*f.Height/2)
	DrawClock(f, clockTimes()[3])
	if _, err := ReadClock(f); err != nil {
		t.Error(err)
	}
	check := func(name string, plane []byte, stride, width, top int) {
		for i, v := range plane {
			if touched, ours := v != 7, i%stride < width && i/stride >= top; touched != ours {
				t.Fatalf("%s, row %d, column %d: touched %v, want %v", name, i/stride, i%stride, touched, ours)
			}
		}
	}
	check("Y", f.Y, f.YStride, 320, 155)
	check("U", f.U, f.UVStride, 160, 77)
	check("V", f.V, f.UVStride, 160, 77)
}

func TestReadClockRefuses(t *testing.T) {
	size := capture.Size{Width: 320, Height: 180}
	drawn := capture.NewFrame(size)
	DrawClock(drawn, clockTimes()[3])
	good := lumaOf(drawn)
	for _, c := range []struct {
		name string
		luma luma
		want string
	}{
		{"a black picture", newLuma(320, 180), "reference cells differ by 0"},
		{"noise", newLuma(320, 180).levels(0, 128).noise(120), "reference cells"},
		{"too little contrast", good.levels(0.1, 100), "reference cells differ by 22"},
		{"mirrored", good.at(func(x, y int) (int, int) { return 319 - x, y }), "reference cells"},
		{"upside down", good.at(func(x, y int) (int, int) { return x, 179 - y }), "reference cells"},
		{"inverted", good.levels(-1, 255), "reference cells"},
		{"cropped", good.at(func(x, y int) (int, int) { return x, y * 9 / 10 }), "reference cells"},
		{"one reference cell covered", good.cell(0, leftColumn, black), "of one colour differ"},
		{"one cell flipped", good.cell(0, 2, white), "checksum"},
		{"torn between two pictures", good.cell(1, 20, white).cell(1, 21, white).cell(1, 22, white), "checksum"},
		{"too small", newLuma(71, 39), "want at least 72x40"},
		{"rows missing", luma{320, 180, good.pix[:320*179]}, "too short"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := ReadClockLuma(c.luma.pix, c.luma.w, c.luma.size())
			if err == nil {
				t.Fatalf("read %v", got)
			}
			if !strings.HasPrefix(err.Error(), "read clock: ") || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %q, want one about %q", err, c.want)
			}
		})
	}
	if _, err := ReadClockLuma(good.pix, 319, size); err == nil {
		t.Error("a stride less than the width: no error")
	}
}

func TestCRC16(t *testing.T) {
	// The check value of CRC-16/IBM-3740 in the catalogue of CRC algorithms.
	if got := crc16([]byte("123456789")); got != 0x29b1 {
		t.Errorf("crc16 of 123456789 is %#04x, want 0x29b1", got)
	}
}

func TestChecksumFindsDamage(t *testing.T) {
	valid := func(word uint64) bool { return clockWord(int64(word>>crcBits)) == word }
	for _, at := range clockTimes() {
		word := clockWord(at.UnixMilli())
		if !valid(word) {
			t.Fatalf("%v: %#x is not valid", at, word)
		}
		for i := range clockBits {
			for j := range i + 1 {
				for k := range j + 1 { // one, two or three cells
					damage := uint64(1)<<i | uint64(1)<<j | uint64(1)<<k
					if valid(word ^ damage) {
						t.Fatalf("%#x with cells %#x flipped passes", word, damage)
					}
				}
			}
		}
		for length := 2; length <= crcBits; length++ { // any run of 16 cells
			for at := range clockBits - length + 1 {
				if valid(word ^ (1<<length-1)<<at) {
					t.Fatalf("%#x with %d cells flipped at %d passes", word, length, at)
				}
			}
		}
	}
	// What is left to chance: one in 65536, here of 2^20.
	rng, passed := rand.New(rand.NewPCG(1, 2)), 0
	for range 1 << 20 {
		if word := rng.Uint64(); valid(word) {
			passed++
		}
	}
	if passed > 40 {
		t.Errorf("%d of 2^20 random clocks pass, expected about 16", passed)
	}
}

func FuzzReadClock(f *testing.F) {
	frame := capture.NewFrame(capture.Size{Width: 108, Height: 60})
	DrawClock(frame, clockTimes()[3])
	f.Add(frame.Y, 108, 108, 60)
	f.Add(frame.Y, 107, 108, 60)
	f.Add([]byte{}, 0, 0, 0)
	f.Add([]byte{1, 2, 3}, 1<<62, 1<<62, 4)
	f.Add([]byte{1, 2, 3}, -1, -5, -5)
	f.Fuzz(func(t *testing.T, pix []byte, stride, w, h int) {
		at, err := ReadClockLuma(pix, stride, capture.Size{Width: w, Height: h})
		if err != nil {
			return
		}
		// What was accepted is a clock that could have been drawn.
		again := capture.NewFrame(capture.Size{Width: 320, Height: 180})
		DrawClock(again, at)
		if got, err := ReadClock(again); err != nil || !got.Equal(at) {
			t.Errorf("accepted %v, which draws as %v, %v", at, got, err)
		}
		if at.UnixMilli() < 0 || bits.Len64(uint64(at.UnixMilli())) > clockBits-crcBits {
			t.Errorf("accepted %v, out of range", at)
		}
	})
}
