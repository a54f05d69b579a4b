package packetizer

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"
	"github.com/pushcam/pushcam/capture"
)

var epoch = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// sent is one packet as it went out.
type sent struct {
	rtp.Header
	payload []byte
}

func recorder(to *[]sent) WriteFunc {
	return func(h *rtp.Header, payload []byte) error {
		*to = append(*to, sent{h.Clone(), bytes.Clone(payload)})
		return nil
	}
}

// annexB joins NAL units with start codes of either length.
func annexB(units ...[]byte) []byte {
	var b []byte
	for i, u := range units {
		if i%2 == 0 {
			b = append(b, 0)
		}
		b = append(append(b, 0, 0, 1), u...)
	}
	return b
}

// unit is a NAL unit of n bytes that holds no start code.
func unit(header byte, n int) []byte {
	u := bytes.Repeat([]byte{0xab, 0, 0x42}, n/3+1)[:n]
	u[0], u[n-1] = header, 0x80
	return u
}

func depacketize(t *testing.T, codec capture.Codec, packets []sent) []byte {
	t.Helper()
	var out []byte
	h264, vp8 := &codecs.H264Packet{}, &codecs.VP8Packet{}
	for _, p := range packets {
		var part []byte
		var err error
		if codec == capture.H264 {
			part, err = h264.Unmarshal(p.payload)
		} else {
			part, err = vp8.Unmarshal(p.payload)
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, part...)
	}
	return out
}

func TestPacketize(t *testing.T) {
	sps, pps := unit(0x67, 12), unit(0x68, 4)
	for name, tt := range map[string]struct {
		codec    capture.Codec
		payload  []byte
		units    [][]byte // H.264 only
		packets  int
		keyframe bool
	}{
		"h264 small":           {capture.H264, nil, [][]byte{unit(0x41, 100)}, 1, false},
		"h264 just fits":       {capture.H264, nil, [][]byte{unit(0x41, MaxPayload)}, 1, false},
		"h264 just not":        {capture.H264, nil, [][]byte{unit(0x41, MaxPayload+1)}, 2, false},
		"h264 keyframe":        {capture.H264, nil, [][]byte{sps, pps, unit(0x65, 20000)}, 20, true},
		"h264 several slices":  {capture.H264, nil, [][]byte{unit(0x41, 3000), unit(0x41, 10), unit(0x41, 3000)}, 7, false},
		"vp8 one packet":       {capture.VP8, unit(0x9d, 100), nil, 1, false},
		"vp8 just fits":        {capture.VP8, unit(0x9d, MaxPayload-vp8DescriptorSize), nil, 1, false},
		"vp8 just not":         {capture.VP8, unit(0x9d, MaxPayload-vp8DescriptorSize+1), nil, 2, false},
		"vp8 keyframe":         {capture.VP8, unit(0x9d, 30000), nil, 27, true},
		"vp8 empty":            {capture.VP8, nil, nil, 0, false},
		"h264 no start code":   {capture.H264, []byte{1, 2, 3}, nil, 0, false},
		"h264 only start code": {capture.H264, []byte{0, 0, 1, 0, 0, 0, 1}, nil, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			if tt.units != nil {
				tt.payload = annexB(tt.units...)
			}
			p := New(Config{Codec: tt.codec, PayloadType: 96, SSRC: 7, Extensions: Extensions{PlayoutDelay: 5}}, epoch)
			var packets []sent
			au := &capture.AccessUnit{Codec: tt.codec, Keyframe: tt.keyframe, Time: epoch.Add(time.Second / 2), Payload: tt.payload}
			n, size, err := p.Packetize(au, epoch, recorder(&packets))
			if err != nil || n != len(packets) || n != tt.packets {
				t.Fatalf("%d packets, %d recorded, %v; want %d", n, len(packets), err, tt.packets)
			}
			total := 0
			for i, k := range packets {
				total += len(k.payload)
				if len(k.payload) > MaxPayload {
					t.Errorf("packet %d carries %d bytes", i, len(k.payload))
				}
				if k.Marker != (i == len(packets)-1) || k.SequenceNumber != packets[0].SequenceNumber+uint16(i) ||
					k.Timestamp != p.offset+ClockRate/2 || k.SSRC != 7 || k.PayloadType != 96 {
					t.Errorf("packet %d of %d: header %+v", i, len(packets), k.Header)
				}
				if got := k.GetExtension(5); !bytes.Equal(got, []byte{0, 0, 0}) {
					t.Errorf("packet %d: playout delay %v", i, got)
				}
			}
			if total != size {
				t.Errorf("%d bytes reported, %d sent", size, total)
			}
			want := tt.payload
			if tt.codec == capture.H264 {
				want = nil
				for _, u := range tt.units {
					want = append(append(want, 0, 0, 0, 1), u...)
				}
			}
			if got := depacketize(t, tt.codec, packets); !bytes.Equal(got, want) {
				t.Errorf("depacketized to %d bytes, want the %d that went in", len(got), len(want))
			}
		})
	}
}

// TestSharedPicture holds that viewers share what was cut and nothing else.
func TestSharedPicture(t *testing.T) {
	au := &capture.AccessUnit{Codec: capture.H264, Time: epoch, Payload: annexB(unit(0x65, 5000))}
	a, b := New(Config{Codec: capture.H264, SSRC: 1}, epoch), New(Config{Codec: capture.H264, SSRC: 2}, epoch)
	var fromA, fromB []sent
	for range 2 {
		if _, _, err := a.Packetize(au, epoch, recorder(&fromA)); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := b.Packetize(au, epoch, recorder(&fromB)); err != nil {
		t.Fatal(err)
	}
	if &au.Fragments(Cut)[0].Payload[0] != &au.Payload[5] {
		t.Error("fragments do not share the picture's memory")
	}
	for i := range fromB {
		if !bytes.Equal(fromA[i].payload, fromB[i].payload) || fromA[i].SSRC == fromB[i].SSRC {
			t.Errorf("packet %d differs in more than its header", i)
		}
	}
}

func TestTimestampOverDays(t *testing.T) {
	p := New(Config{}, epoch)
	const days = 40
	if got, want := p.Timestamp(epoch.AddDate(0, 0, days)), p.offset+uint32(uint64(days*24*3600*ClockRate)&0xffffffff); got != want {
		t.Errorf("after %d days: %d, want %d", days, got, want)
	}
	if got, want := p.Timestamp(epoch.Add(-time.Second)), p.offset-ClockRate; got != want {
		t.Errorf("before the epoch: %d, want %d", got, want)
	}
}

func BenchmarkPacketize(b *testing.B) {
	for _, codec := range capture.Codecs() {
		b.Run(fmt.Sprint(codec), func(b *testing.B) {
			p := New(Config{Codec: codec, PayloadType: 96, SSRC: 7}, epoch)
			au := &capture.AccessUnit{Codec: codec, Time: epoch, Payload: annexB(unit(0x41, 8000))}
			discard := func(*rtp.Header, []byte) error { return nil }
			b.ReportAllocs()
			packets := 0
			for b.Loop() {
				n, _, err := p.Packetize(au, epoch, discard)
				if err != nil {
					b.Fatal(err)
				}
				packets += n
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(packets), "ns/packet")
		})
	}
}

func FuzzCutH264(f *testing.F) {
	f.Add(annexB(unit(0x67, 12), unit(0x68, 4), unit(0x65, 5000)))
	f.Add([]byte{0, 0, 1})
	f.Add([]byte{0, 0, 0, 1, 0x65, 0, 0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		size := 0
		for _, fragment := range cutH264(b) {
			n := fragment.HeaderN + len(fragment.Payload)
			if n == 0 || n > MaxPayload {
				t.Fatalf("fragment of %d bytes", n)
			}
			size += len(fragment.Payload)
		}
		if size > len(b) {
			t.Fatalf("%d bytes out of %d", size, len(b))
		}
	})
}
