package packetizer

import (
	"bytes"
	"encoding/binary"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pushcam/pushcam/capture"
)

func TestNTPTime(t *testing.T) {
	for _, tt := range []struct {
		t    time.Time
		want uint64
	}{
		{time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC), 2208988800 << 32},
		{time.Date(1970, 1, 1, 0, 0, 0, 500e6, time.UTC), 2208988800<<32 | 1<<31},
	} {
		if got := NTPTime(tt.t); got != tt.want {
			t.Errorf("%v: %x, want %x", tt.t, got, tt.want)
		}
	}
}

// TestExtensionsOfAPicture holds which packets carry what, and that all packets
// of a picture have headers of one size.
func TestExtensionsOfAPicture(t *testing.T) {
	for name, ids := range map[string]Extensions{
		"all":              allExtensions,
		"none":             {},
		"send time":        {AbsSendTime: 14},
		"capture time":     {AbsCaptureTime: 1},
		"mid without name": {MID: 3},
		"id too large":     {AbsSendTime: 15, PlayoutDelay: 2},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFilm(t, Config{Codec: capture.VP8, Extensions: ids})
			lastFull := time.Time{}
			for i := range 100 {
				f.packets = nil
				f.shoot(1, i%50 == 0)
				sent := f.at.Add(10 * time.Millisecond) // as shoot does
				full := i%50 == 0 || sent.Sub(lastFull) >= extensionInterval
				if full {
					lastFull = sent
				}
				for _, k := range f.packets {
					if got, want := k.MarshalSize(), f.packets[0].MarshalSize(); got != want {
						t.Fatalf("picture %d: headers of %d and %d bytes", i, want, got)
					}
					for _, e := range []struct {
						id   uint8
						want []byte
					}{
						{ids.AbsSendTime, times(24, NTPTime(sent)>>14)},
						{ids.AbsCaptureTime, only(full, times(64, NTPTime(f.at)))},
						{ids.PlayoutDelay, only(full, []byte{0, 0, 0})},
						{ids.MID, only(full && ids.MIDValue != "", []byte(ids.MIDValue))},
					} {
						if e.id == 0 || e.id > 14 {
							e.want = nil
						}
						if got := k.GetExtension(e.id); !bytes.Equal(got, e.want) {
							t.Fatalf("picture %d, extension %d: %x, want %x", i, e.id, got, e.want)
						}
					}
				}
			}
		})
	}
}

func only(when bool, b []byte) []byte {
	if when {
		return b
	}
	return nil
}

// times is the low bits of v.
func times(bits int, v uint64) []byte {
	b := binary.BigEndian.AppendUint64(nil, v)
	return b[len(b)-bits/8:]
}

// TestHeaderFits holds what MaxPayload promises of packets with all extensions.
func TestHeaderFits(t *testing.T) {
	f := newFilm(t, Config{Codec: capture.VP8, RTXSSRC: 8, Extensions: Extensions{1, 2, 3, 4, "12"}})
	f.shoot(1, true)
	for _, k := range f.packets {
		again := f.again(k.SequenceNumber, 0, Repeated)
		const overhead = MaxPayload + 16 + 8 + 40 // SRTP tag, UDP, IPv6
		if size := again.MarshalSize() + len("RT") + overhead; size > 1280 {
			t.Fatalf("a packet of up to %d bytes", size)
		}
	}
}

// TestNoAllocations: a viewer costs no garbage.
func TestNoAllocations(t *testing.T) {
	for _, codec := range capture.Codecs() {
		f := newFilm(t, Config{Codec: codec, RTXSSRC: 8, Extensions: allExtensions})
		f.shoot(1, true)
		au := &capture.AccessUnit{Codec: codec, Time: f.at, Payload: annexB(unit(0x41, 8000))}
		now := f.at
		discard := func(*rtp.Header, []byte) error { return nil }
		if n := testing.AllocsPerRun(200, func() {
			now = now.Add(time.Second / 30)
			if _, _, err := f.Packetize(au, now, discard); err != nil {
				t.Fatal(err)
			}
			if outcome, err := f.Resend(f.next-3, now, 0, discard); outcome != Repeated || err != nil {
				t.Fatal(outcome, err)
			}
		}); n != 0 {
			t.Errorf("%v: %v allocations for each picture", codec, n)
		}
	}
}
