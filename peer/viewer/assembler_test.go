package viewer

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
)

// Payloads of the tests.
const (
	// vp8Key is a keyframe's first packet (descriptor with S), 320x240.
	vp8Key = "10 100000 9d012a 4001 f000"
	// vp8Delta is an interframe's first packet.
	vp8Delta = "10 110000 aa"
	// vp8Rest is a later packet of either.
	vp8Rest = "00 bb"
	// vp8Sync is vp8Delta for layered, with a mark that it refers to layer 0
	// only, and vp8Open marks that more packets follow.
	vp8Sync = vp8Delta + " Y"
	vp8Open = " O"
	// testSPS is 1280x720, constrained baseline 3.1.
	testSPS = "6742c01fd9005005bb011000000300100000030 3c0f1832480"
	testPPS = "68cb83cb20"
	// stap holds both parameter sets.
	stap = "18 0019" + testSPS + "0005" + testPPS
	// Slices of an IDR and a P picture, with first_mb_in_slice 0.
	idr, slice = "6588aa", "419aaa"
	// The second slice of a P picture.
	slice2 = "415aaa"
	// An IDR slice in three fragments.
	fuFirst, fuMiddle, fuLast = "7c85 88aa", "7c05 bb", "7c45 cc"
)

// piece is one packet of a test: a payload in hex, preceded by "ts N " for
// another RTP timestamp than before, "gap " for losses before it, and followed
// by " M" for the marker.
type piece = string

// layered gives a picture in one packet the long descriptor (RFC 7741 section
// 4.2): TL0PICIDX, TID and Y.
func layered(base, layer byte, s piece) piece {
	s, open := strings.CutSuffix(s, vp8Open)
	s, sync := strings.CutSuffix(s, " Y")
	mark := layer << 6
	if sync {
		mark |= 0x20
	}
	s = fmt.Sprintf("90 e0 8000 %02x %02x %s", base, mark, s[len("10"):])
	if !open {
		s += " M"
	}
	return s
}

var assemblerTests = []struct {
	name  string
	codec capture.Codec
	in    []piece
	out   []string // per picture: K, D (decodable), layer above 0, Annex B or frame in hex
	want  pictureCounts
}{
	{"vp8 in one packet", capture.VP8, []piece{vp8Key + " M", "ts 1 " + vp8Delta + " M"},
		[]string{"KD 1000009d012a4001f000", "D 110000aa"}, pictureCounts{complete: 2, keyframes: 1}},
	{"vp8 in three", capture.VP8, []piece{vp8Key, vp8Rest, vp8Rest + " M"},
		[]string{"KD 1000009d012a4001f000bbbb"}, pictureCounts{complete: 1, keyframes: 1}},
	{"vp8 with a long descriptor", capture.VP8, []piece{"90 f0 8123 05 a0" + vp8Key[2:] + " M"},
		[]string{"KD2 1000009d012a4001f000"}, pictureCounts{complete: 1, keyframes: 1}},
	{"vp8 partition 1 is no beginning", capture.VP8, []piece{"11 110000" + " M"}, nil, pictureCounts{incomplete: 1}},
	{"vp8 delta before any keyframe", capture.VP8, []piece{vp8Delta + " M"},
		[]string{" 110000aa"}, pictureCounts{complete: 1, undecodable: 1}},
	{"vp8 hole in the middle", capture.VP8, []piece{vp8Key + " M", "ts 1 " + vp8Delta, "gap " + vp8Rest + " M", "ts 2 " + vp8Delta + " M", "ts 3 " + vp8Key + " M"},
		[]string{"KD 1000009d012a4001f000", " 110000aa", "KD 1000009d012a4001f000"},
		pictureCounts{complete: 3, keyframes: 2, undecodable: 1, incomplete: 1}},
	{"vp8 end lost", capture.VP8, []piece{vp8Key, "ts 1 gap " + vp8Key + " M"},
		[]string{"KD 1000009d012a4001f000"}, pictureCounts{complete: 1, keyframes: 1, incomplete: 1}},
	{"vp8 end and beginning lost", capture.VP8, []piece{vp8Key, "ts 1 gap " + vp8Rest + " M"},
		nil, pictureCounts{incomplete: 2}},
	{"vp8 whole picture lost", capture.VP8, []piece{vp8Key + " M", "ts 2 gap " + vp8Delta + " M"},
		[]string{"KD 1000009d012a4001f000", " 110000aa"}, pictureCounts{complete: 2, keyframes: 1, undecodable: 1}},
	{"vp8 joined in the middle", capture.VP8, []piece{vp8Rest, vp8Rest + " M", "ts 1 " + vp8Key + " M"},
		[]string{"KD 1000009d012a4001f000"}, pictureCounts{complete: 1, keyframes: 1, incomplete: 1}},
	{"vp8 without markers", capture.VP8, []piece{vp8Key, "ts 1 " + vp8Delta, "ts 2 " + vp8Delta},
		[]string{"KD 1000009d012a4001f000", "D 110000aa"}, pictureCounts{complete: 2, keyframes: 1}},
	{"vp8 padding between", capture.VP8, []piece{vp8Key, "", vp8Rest + " M", ""},
		[]string{"KD 1000009d012a4001f000bb"}, pictureCounts{complete: 1, keyframes: 1}},
	{"vp8 begins twice", capture.VP8, []piece{vp8Key, vp8Delta + " M"}, nil, pictureCounts{incomplete: 1, malformed: 1}},
	{"vp8 wrong start code", capture.VP8, []piece{"10 100000 9d012b 4001 f000 M"}, nil, pictureCounts{incomplete: 1, malformed: 1}},
	{"vp8 keyframe cut short", capture.VP8, []piece{"10 100000 9d M"}, nil, pictureCounts{incomplete: 1, malformed: 1}},
	{"vp8 descriptor cut short", capture.VP8, []piece{vp8Key, "90 M"}, nil, pictureCounts{incomplete: 1, malformed: 1}},

	{"vp8 with all layers", capture.VP8, []piece{layered(255, 0, vp8Key), "ts 1 " + layered(255, 2, vp8Sync), "ts 2 " + layered(255, 1, vp8Sync), "ts 3 " + layered(255, 2, vp8Delta), "ts 4 " + layered(0, 0, vp8Delta)},
		[]string{"KD 1000009d012a4001f000", "D2 110000aa", "D1 110000aa", "D2 110000aa", "D 110000aa"},
		pictureCounts{complete: 5, keyframes: 1}},
	{"vp8 with layers taken up", capture.VP8, []piece{layered(7, 0, vp8Key), "ts 1 " + layered(8, 0, vp8Delta), "ts 2 " + layered(8, 2, vp8Delta), "ts 3 " + layered(9, 0, vp8Delta), "ts 4 " + layered(9, 1, vp8Sync), "ts 5 " + layered(9, 2, vp8Delta)},
		[]string{"KD 1000009d012a4001f000", "D 110000aa", "2 110000aa", "D 110000aa", "D1 110000aa", "2 110000aa"},
		pictureCounts{complete: 6, keyframes: 1, undecodable: 2}},
	{"vp8 base lost", capture.VP8, []piece{layered(7, 0, vp8Key), "ts 2 gap " + layered(8, 2, vp8Sync), "ts 3 " + layered(9, 0, vp8Delta)},
		[]string{"KD 1000009d012a4001f000", "2 110000aa", " 110000aa"}, pictureCounts{complete: 3, keyframes: 1, undecodable: 2}},
	{"vp8 base lost before a base", capture.VP8, []piece{layered(7, 0, vp8Key), "ts 2 gap " + layered(9, 0, vp8Delta), "ts 3 " + layered(10, 0, vp8Key)},
		[]string{"KD 1000009d012a4001f000", " 110000aa", "KD 1000009d012a4001f000"}, pictureCounts{complete: 3, keyframes: 2, undecodable: 1}},
	{"vp8 upper layer lost", capture.VP8, []piece{layered(7, 0, vp8Key), "ts 1 " + layered(7, 2, vp8Sync), "ts 3 gap " + layered(7, 2, vp8Delta), "ts 4 " + layered(8, 0, vp8Delta), "ts 5 " + layered(8, 2, vp8Sync)},
		[]string{"KD 1000009d012a4001f000", "D2 110000aa", "2 110000aa", "D 110000aa", "D2 110000aa"}, pictureCounts{complete: 5, keyframes: 1, undecodable: 1}},
	{"vp8 hole in an upper layer", capture.VP8, []piece{layered(7, 0, vp8Key), "ts 1 " + layered(7, 1, vp8Sync), "ts 2 " + layered(7, 2, vp8Sync+vp8Open), "gap 80 e0 8000 07 80 bb M", "ts 3 " + layered(7, 1, vp8Delta), "ts 4 " + layered(7, 2, vp8Delta)},
		[]string{"KD 1000009d012a4001f000", "D1 110000aa", "D1 110000aa", "2 110000aa"}, pictureCounts{complete: 4, keyframes: 1, undecodable: 1, incomplete: 1}},
	{"vp8 hole in the base", capture.VP8, []piece{layered(7, 0, vp8Key), "ts 1 " + layered(8, 0, vp8Delta+vp8Open), "gap 80 e0 8000 08 00 bb M", "ts 2 " + layered(8, 1, vp8Sync)},
		[]string{"KD 1000009d012a4001f000", "1 110000aa"}, pictureCounts{complete: 2, keyframes: 1, undecodable: 1, incomplete: 1}},

	{"h264 single units", capture.H264, []piece{testSPS, testPPS, idr + " M", "ts 1 " + slice + " M"},
		[]string{"KD 00000001" + testSPS + "00000001" + testPPS + "00000001" + idr, "D 00000001" + slice},
		pictureCounts{complete: 2, keyframes: 1}},
	{"h264 aggregate and fragments", capture.H264, []piece{stap, fuFirst, fuMiddle, fuLast + " M"},
		[]string{"KD 00000001" + testSPS + "00000001" + testPPS + "00000001 65 88aa bb cc"},
		pictureCounts{complete: 1, keyframes: 1}},
	{"h264 IDR without parameter sets", capture.H264, []piece{idr + " M"},
		[]string{" 00000001" + idr}, pictureCounts{complete: 1, undecodable: 1}},
	{"h264 parameter sets of before", capture.H264, []piece{stap, idr + " M", "ts 1 " + idr + " M"},
		[]string{"KD 00000001" + testSPS + "00000001" + testPPS + "00000001" + idr, "KD 00000001" + idr},
		pictureCounts{complete: 2, keyframes: 2}},
	{"h264 fragment lost", capture.H264, []piece{stap, fuFirst, "gap " + fuLast + " M", "ts 1 " + slice + " M"},
		[]string{" 00000001" + slice}, pictureCounts{complete: 1, undecodable: 1, incomplete: 1}},
	{"h264 first slice lost", capture.H264, []piece{stap, idr + " M", "ts 1 gap " + slice2 + " M"},
		[]string{"KD 00000001" + testSPS + "00000001" + testPPS + "00000001" + idr},
		pictureCounts{complete: 1, keyframes: 1, incomplete: 1}},
	{"h264 end without its fragment's end", capture.H264, []piece{fuFirst, fuMiddle + " M"}, nil, pictureCounts{incomplete: 1, malformed: 1}},
	{"h264 another unit inside a fragment", capture.H264, []piece{fuFirst, slice + " M"}, nil, pictureCounts{incomplete: 1, malformed: 1}},
	{"h264 fragment begins twice", capture.H264, []piece{fuFirst, fuFirst, fuLast + " M"}, nil, pictureCounts{incomplete: 1, malformed: 1}},
	{"h264 fragment without beginning", capture.H264, []piece{slice, fuLast + " M"}, nil, pictureCounts{incomplete: 1, malformed: 1}},
	{"h264 aggregate longer than the packet", capture.H264, []piece{slice, "18 0009 41 M"}, nil, pictureCounts{incomplete: 1, malformed: 1}},
	{"h264 empty unit in an aggregate", capture.H264, []piece{slice, "18 0000 41 M"}, nil, pictureCounts{incomplete: 1, malformed: 1}},
	{"h264 aggregate cut in a length", capture.H264, []piece{slice, "18 00 M"}, nil, pictureCounts{incomplete: 1, malformed: 1}},
	{"h264 interleaved mode", capture.H264, []piece{slice, "19 0000 M"}, nil, pictureCounts{incomplete: 1, malformed: 1}},
	{"h264 one byte", capture.H264, []piece{slice, "7c M"}, nil, pictureCounts{incomplete: 1, malformed: 1}},
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatalf("%q: %v", s, err)
	}
	return b
}

// parse makes a packet of a piece.
func parse(t testing.TB, s piece, timestamp *uint32) (p packet, gap bool) {
	t.Helper()
	s, p.marker = strings.CutSuffix(s, " M")
	if rest, ok := strings.CutPrefix(s, "ts "); ok {
		*timestamp = uint32(rest[0] - '0')
		s = rest[2:]
	}
	s, gap = strings.CutPrefix(s, "gap ")
	p.timestamp, p.payload = *timestamp, unhex(t, s)
	return p, gap
}

func TestAssembler(t *testing.T) {
	for _, tt := range assemblerTests {
		t.Run(tt.name, func(t *testing.T) {
			var out []string
			var broken uint64
			a := newAssembler(tt.codec, func(p Picture) {
				flags := ""
				if p.Keyframe {
					flags = "K"
				}
				if p.Decodable {
					flags += "D"
				}
				if p.Layer > 0 {
					flags += fmt.Sprint(p.Layer)
				}
				out = append(out, flags+" "+hex.EncodeToString(p.Payload))
			}, func() { broken++ })
			var timestamp uint32
			for _, s := range tt.in {
				a.push(parse(t, s, &timestamp))
			}
			var want []string
			for _, s := range tt.out {
				flags, picture, _ := strings.Cut(s, " ")
				want = append(want, flags+" "+strings.ReplaceAll(picture, " ", ""))
			}
			if !slices.Equal(out, want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(out, "\n"), strings.Join(want, "\n"))
			}
			if a.count != tt.want || broken > a.count.incomplete {
				t.Errorf("counted %+v and told of %d, want %+v", a.count, broken, tt.want)
			}
		})
	}
}

// TestUpperLayerNeedsNoKeyframe, a hole in layer 0 does.
func TestUpperLayerNeedsNoKeyframe(t *testing.T) {
	for layer, want := range []int{1, 0, 0} {
		broken := 0
		a := newAssembler(capture.VP8, func(Picture) {}, func() { broken++ })
		var timestamp uint32
		base := byte(7)
		if layer == 0 {
			base++
		}
		for _, s := range []piece{layered(7, 0, vp8Key), "ts 1 " + layered(base, byte(layer), vp8Delta+vp8Open), "ts 2 gap " + layered(base, 2, vp8Sync)} {
			a.push(parse(t, s, &timestamp))
		}
		if broken != want || a.count.incomplete != 1 {
			t.Errorf("layer %d: keyframe wanted %d times, want %d; %+v", layer, broken, want, a.count)
		}
	}
}

func TestAssemblerTimes(t *testing.T) {
	start := time.Now()
	var got Picture
	a := newAssembler(capture.VP8, func(p Picture) { got = p }, func() {})
	key, rest := unhex(t, vp8Key), unhex(t, vp8Rest)
	a.push(packet{payload: key, received: start.Add(2), captured: start}, false)
	a.push(packet{payload: rest, received: start.Add(1)}, false)
	a.push(packet{payload: rest, received: start.Add(3)}, false)
	a.push(packet{payload: rest, received: start.Add(2), marker: true}, false)
	if got.FirstReceived != start.Add(1) || got.Received != start.Add(3) || got.Captured != start {
		t.Errorf("got %v to %v, captured %v", got.FirstReceived, got.Received, got.Captured)
	}
	if got.Size != (capture.Size{Width: 320, Height: 240}) {
		t.Errorf("size %v", got.Size)
	}
}

func TestAssemblerBoundsAPicture(t *testing.T) {
	a := newAssembler(capture.VP8, func(Picture) { t.Error("got a picture") }, func() {})
	a.push(packet{payload: unhex(t, vp8Key)}, false)
	rest := append([]byte{0}, bytes.Repeat([]byte{1}, 60000)...)
	for range 2 * maxPicture / len(rest) {
		a.push(packet{payload: rest}, false)
	}
	a.push(packet{payload: rest, marker: true}, false)
	if len(a.buffer) > maxPicture+len(rest) || a.count.malformed != 1 || a.count.incomplete != 1 {
		t.Errorf("holds %d bytes, counted %+v", len(a.buffer), a.count)
	}
}

// Packets are cut from the data as length, flags (marker, gap, next
// timestamp), payload.
func FuzzAssembler(f *testing.F) {
	for _, tt := range assemblerTests {
		var data []byte
		var timestamp, before uint32
		for _, s := range tt.in {
			p, gap := parse(f, s, &timestamp)
			flags := byte(0)
			if p.marker {
				flags |= 1
			}
			if gap {
				flags |= 2
			}
			if timestamp != before {
				flags |= 4
			}
			before = timestamp
			data = append(binary.BigEndian.AppendUint16(data, uint16(len(p.payload))), flags)
			data = append(data, p.payload...)
		}
		f.Add(tt.codec == capture.VP8, data)
	}
	f.Fuzz(func(t *testing.T, isVP8 bool, data []byte) {
		codec := capture.H264
		if isVP8 {
			codec = capture.VP8
		}
		size := len(data)
		var broken uint64
		a := newAssembler(codec, func(p Picture) {
			if len(p.Payload) == 0 || p.Keyframe && !p.Decodable || p.Keyframe && p.Size.Pixels() < 0 {
				t.Fatalf("picture %+v", p)
			}
		}, func() { broken++ })
		var timestamp uint32
		for len(data) >= 3 {
			n := min(int(binary.BigEndian.Uint16(data)), len(data)-3)
			flags := data[2]
			if flags&4 != 0 {
				timestamp++
			}
			a.push(packet{payload: data[3 : 3+n], marker: flags&1 != 0, timestamp: timestamp}, flags&2 != 0)
			data = data[3+n:]
		}
		if broken > a.count.incomplete || a.count.malformed > a.count.incomplete || a.count.keyframes+a.count.undecodable > a.count.complete {
			t.Fatalf("counted %+v, told of %d", a.count, broken)
		}
		if len(a.buffer) > 3*size {
			t.Fatalf("%d bytes became %d", size, len(a.buffer))
		}
	})
}

// BenchmarkReceive is what one packet costs a viewer after pion: order, NACK
// and reassembly, of a picture of 8 packets.
func BenchmarkReceive(b *testing.B) {
	a := newAssembler(capture.H264, func(Picture) {}, func() {})
	s := sequencer{deliver: a.push, fresh: a.fresh}
	var n nacker
	now := time.Now()
	first := unhex(b, fuFirst)
	rest := append(unhex(b, fuMiddle), bytes.Repeat([]byte{1}, 1150)...)
	last := append(unhex(b, fuLast), bytes.Repeat([]byte{1}, 1150)...)
	var sequence uint16
	b.ReportAllocs()
	for b.Loop() {
		p := packet{sequence: sequence, timestamp: uint32(sequence / 8), received: now}
		switch sequence % 8 {
		case 0:
			p.payload = first
		case 7:
			p.payload, p.marker = last, true
		default:
			p.payload = rest
		}
		s.push(p)
		n.due(&s, now)
		sequence++
	}
	if a.count.incomplete > 1 {
		b.Fatalf("%+v", a.count)
	}
}
