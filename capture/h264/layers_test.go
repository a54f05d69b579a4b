package h264

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// craft is a slice header, written with what readSlice takes from testSPS, which
// has 3 references and 4 bits of frame_num, and testPPS.
type craft struct {
	idr, upper bool
	kind       uint32 // slice_type
	pps        uint32
	number     uint32
	active     uint32   // 0: no override
	moves      []uint32 // idc, arg, idc, arg ...
	adapts     bool
	plain      bool // without an emulation to prevent
}

func (c craft) nal() []byte {
	w := &BitWriter{}
	w.Golomb(0)
	w.Golomb(c.kind)
	w.Golomb(c.pps)
	w.Bits(c.number, 4)
	first := byte(0x61)
	if c.idr {
		first = 0x65
		w.Golomb(1) // idr_pic_id
	}
	if c.kind%5 == sliceP {
		w.Bits(min(c.active, 1), 1)
		if c.active > 0 {
			w.Golomb(c.active - 1)
		}
		w.Bits(uint32(min(len(c.moves), 1)), 1)
		if len(c.moves) > 0 {
			for _, v := range c.moves {
				w.Golomb(v)
			}
			w.Golomb(3)
		}
	}
	switch {
	case c.upper:
		first = 0x01
	case c.idr:
		w.Bits(0, 2)
	case c.adapts:
		w.Bits(1, 1)
	default:
		w.Bits(0, 1)
	}
	w.Bits(0b00101, 5) // slice_qp_delta -2
	// Slice data, in which start codes show up at any shift.
	if !c.plain {
		w.Bits(0x81, 8)
		w.Bits(0, 29)
		w.Bits(1, 3)
		w.Bits(0, 24)
		w.Bits(3, 2)
	}
	w.Bits(0x5a, 7)
	w.Bits(1, 1) // rbsp_stop_one_bit
	return append([]byte{first}, escape(w.data)...)
}

func annexB(nals ...[]byte) (unit []byte) {
	for _, nal := range nals {
		unit = append(append(unit, StartCode...), nal...)
	}
	return unit
}

// withSets puts testSPS and testPPS before slices.
func withSets(t testing.TB, slices ...[]byte) []byte {
	return annexB(append([][]byte{unhex(t, testSPS), unhex(t, testPPS)}, slices...)...)
}

var idr = craft{idr: true, kind: 7}

func p(number uint32) craft { return craft{kind: 5, number: number & 15, active: 1} }

func (c craft) of(active uint32, moves ...uint32) craft {
	c.active, c.moves = active, moves
	return c
}

func (c craft) above() craft {
	c.upper = true
	return c
}

// layerStep is what becomes of one picture behind an IDR picture.
type layerStep struct {
	in    craft
	upper bool
	want  craft
	fails string
}

var layerTests = []struct {
	name  string
	steps []layerStep
}{
	{"nothing in layer 1", []layerStep{
		{in: p(1), want: p(1)},
		{in: p(2).of(2), want: p(2).of(2)},
		{in: p(3).of(3), want: p(3).of(3)},
		{in: craft{kind: 2, number: 4}, want: craft{kind: 2, number: 4}},
	}},
	{"every second picture", []layerStep{
		{in: p(1), upper: true, want: p(1).above()},
		{in: p(2).of(1, 0, 1), want: p(1)},
		{in: p(3).of(2, 0, 0, 0, 1), upper: true, want: p(2).of(2).above()},
		{in: p(4).of(1, 0, 1), want: p(2)},
		{in: p(5).of(1), want: p(3)},
	}},
	{"a move that changes nothing", []layerStep{
		{in: p(1).of(1, 0, 0), want: p(1).of(1, 0, 0)},
		{in: p(2).of(2, 0, 0, 0, 0), upper: true, want: p(2).of(2).above()},
		{in: p(3).of(2, 0, 2, 1, 0), fails: "refers"},
	}},
	{"forth and back", []layerStep{
		{in: p(1), want: p(1)},
		{in: p(2).of(2, 0, 1, 1, 0), fails: "refers"}, // 0, then 1
	}},
	{"to layer 1", []layerStep{
		{in: p(1), upper: true, want: p(1).above()},
		{in: p(2), fails: "refers to [1] of [0]"},
	}},
	{"to itself", []layerStep{{in: p(1).of(1, 0, 15), fails: "refers"}}},
	{"beyond what is held", []layerStep{{in: p(1).of(2), fails: "refers"}}},
	{"two of layer 1 in a row", []layerStep{
		{in: p(1), upper: true, want: p(1).above()},
		{in: p(2).of(1, 0, 1), upper: true, fails: "two pictures"},
		{in: p(2), fails: "wait"},
	}},
	{"a gap", []layerStep{{in: p(2), fails: "frame_num 2, want 1"}}},
	{"another PPS", []layerStep{{in: craft{kind: 5, number: 1, pps: 1}, fails: "PPS"}}},
	{"a B slice", []layerStep{{in: craft{kind: 6, number: 1}, fails: "type 1"}}},
	{"not a reference", []layerStep{{in: p(1).above(), fails: "nal_ref_idc 0"}}},
	{"marks references", []layerStep{{in: craft{kind: 5, number: 1, adapts: true}, fails: "marks"}}},
	{"a long-term reference", []layerStep{{in: p(1).of(1, 2, 0), fails: "range"}}},
	{"moves without end", []layerStep{{in: p(1).of(1, 0, 0, 0, 0, 0, 0), fails: "range"}}},
}

func TestLayers(t *testing.T) {
	for _, tt := range layerTests {
		t.Run(tt.name, func(t *testing.T) {
			var l Layers
			if l.Ready() {
				t.Error("ready before the first picture")
			}
			key := withSets(t, idr.nal(), idr.nal())
			if out, err := l.Rewrite(key, true); err != nil || !bytes.Equal(out, key) || !l.Ready() || l.Quantizer() == 0 {
				t.Fatalf("IDR picture: %x, %v; ready %v", out, err, l.Ready())
			}
			for i, s := range tt.steps {
				// Two slices, of which one is as short as can be.
				short, wantShort := s.in, s.want
				short.plain, wantShort.plain = true, true
				in, want := annexB(s.in.nal(), short.nal()), annexB(s.want.nal(), wantShort.nal())
				out, err := l.Rewrite(in, s.upper)
				if s.fails != "" {
					if err == nil || !strings.Contains(err.Error(), s.fails) || l.Ready() {
						t.Errorf("picture %d: %v, ready %v; want an error with %q", i+1, err, l.Ready(), s.fails)
					}
					continue
				}
				if err != nil || !bytes.Equal(out, want) || l.Ready() == s.upper {
					t.Fatalf("picture %d: %v, ready %v\n got %x\nwant %x", i+1, err, l.Ready(), out, want)
				}
			}
			if out, err := l.Rewrite(key, false); err != nil || !bytes.Equal(out, key) {
				t.Errorf("the next IDR picture: %x, %v", out, err)
			}
		})
	}
}

// TestLayersCount takes frame_num around, with layers that come and go.
func TestLayersCount(t *testing.T) {
	var l Layers
	if _, err := l.Rewrite(withSets(t, idr.nal()), false); err != nil {
		t.Fatal(err)
	}
	references, last := uint32(1), 0
	for i := 1; i < 200; i++ {
		in, want := p(uint32(i)), p(references)
		if last < i-1 {
			in = in.of(1, 0, uint32(i-last-1))
		}
		upper := i%7 < 4 && l.Ready()
		if want.upper = upper; !upper {
			references, last = references+1, i
		}
		got, err := l.Rewrite(annexB(in.nal()), upper)
		if wantUnit := annexB(want.nal()); err != nil || !bytes.Equal(got, wantUnit) {
			t.Fatalf("picture %d: %x, %v; want %x", i, got, err, wantUnit)
		}
		if len(l.held) > l.sps.References || cap(l.held) > 16 {
			t.Fatalf("%d pictures held", len(l.held))
		}
	}
}

// TestLayersRefuse streams that need more than a slice header of the simplest
// kind, and wait for one that does not.
func TestLayersRefuse(t *testing.T) {
	pps := func(bits string) []byte {
		w := &BitWriter{}
		for _, b := range bits {
			if b != ' ' {
				w.Bits(uint32(b-'0'), 1)
			}
		}
		return append([]byte{0x68}, w.Bytes()...)
	}
	// id, SPS, CABAC, bottom, groups, references, l1, weights, QP, QS, chroma,
	// deblocking, intra, redundant, stop.
	const plain = "1 1 00 1 1 1 000 1 1 1 00 0 1"
	sps, slice := unhex(t, testSPS), idr.nal()
	for name, c := range map[string]struct {
		unit []byte
		ok   bool
	}{
		"plain":            {annexB(sps, pps(plain), slice), true},
		"CABAC":            {annexB(sps, pps("1 1 10 1 1 1 000 1 1 1 00 0 1"), slice), false},
		"field order":      {annexB(sps, pps("1 1 01 1 1 1 000 1 1 1 00 0 1"), slice), false},
		"slice groups":     {annexB(sps, pps("1 1 00 010 1 1 1 000 1 1 1 00 0 1"), slice), false},
		"weights":          {annexB(sps, pps("1 1 00 1 1 1 100 1 1 1 00 0 1"), slice), false},
		"redundant slices": {annexB(sps, pps("1 1 00 1 1 1 000 1 1 1 00 1 1"), slice), false},
		"another SPS":      {annexB(sps, pps("1 010 00 1 1 1 000 1 1 1 00 0 1"), slice), false},
		"cut short":        {annexB(sps, []byte{0x68}, slice), false},
		"no PPS":           {annexB(sps, slice), false},
		"no SPS":           {annexB(pps(plain), slice), false},
		"two PPS":          {annexB(sps, pps(plain), pps(plain), slice), false},
		"main profile":     {annexB(unhex(t, spsTests[2].unit), pps(plain), slice), false},
		"interlaced":       {annexB(unhex(t, spsTests[3].unit), pps(plain), slice), false},
		"high profile":     {annexB(unhex(t, spsTests[5].unit), pps(plain), slice), false},
		"no slice":         {annexB(sps, pps(plain)), false},
		"empty":            {nil, false},
		"long-term":        {withSets(t, []byte{0x65, 0xb8, 0x51, 0xff}), false},
	} {
		var l Layers
		if _, err := l.Rewrite(c.unit, false); (err == nil) != c.ok || l.Ready() != c.ok {
			t.Errorf("%s: %v, ready %v", name, err, l.Ready())
		}
	}
}

func TestEscape(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 1000 {
		data := make([]byte, random.IntN(40))
		for i := range data {
			data[i] = byte(max(random.IntN(8)-3, 0))
		}
		escaped := escape(data)
		for _, code := range [][]byte{{0, 0, 0}, {0, 0, 1}, {0, 0, 2}} {
			if bytes.Contains(escaped, code) {
				t.Fatalf("%x becomes %x", data, escaped)
			}
		}
		if back := unescape(escaped); !bytes.Equal(back, data) {
			t.Fatalf("%x becomes %x and then %x", data, escaped, back)
		}
	}
	for in, want := range map[string]string{"0000": "0000", "000000": "00000300", "0000000000": "00000300000300", "00000004": "0000030004", "000003": "00000303"} {
		if got := escape(unhex(t, in)); !bytes.Equal(got, unhex(t, want)) {
			t.Errorf("%s becomes %x, want %s", in, got, want)
		}
	}
}

func TestTail(t *testing.T) {
	data := unhex(t, "0f53ca0080 0000")
	for at := range 20 {
		for from := range 33 {
			w, want := &BitWriter{}, &BitWriter{}
			for _, w := range []*BitWriter{w, want} {
				w.Bits(1<<20-1, at)
			}
			w.tail(data, from)
			want.copy(&bits{data: data}, from, 33)
			if !bytes.Equal(w.data, want.data) {
				t.Errorf("from bit %d at %d: %x, want %x", from, at, w.data, want.data)
			}
		}
	}
}

// FuzzLayers: what comes out has the NAL units that went in, and their slices
// say what they have to.
func FuzzLayers(f *testing.F) {
	for _, tt := range layerTests {
		stream := withSets(f, idr.nal())
		for _, s := range tt.steps {
			stream = append(stream, annexB(s.in.nal())...)
		}
		f.Add(stream, uint64(0b1010101))
	}
	f.Fuzz(func(t *testing.T, data []byte, uppers uint64) {
		var s Splitter
		_, _ = s.Write(data)
		var l Layers
		for n := 0; ; n++ {
			unit := s.Next()
			if unit == nil {
				if unit = s.Flush(); unit == nil {
					return
				}
			}
			upper := uppers>>(n%64)&1 == 1 && l.Ready() && !Keyframe(unit)
			references := l.references
			out, err := l.Rewrite(unit, upper)
			if err != nil {
				continue
			}
			if len(out) > 2*len(unit)+64 {
				t.Fatalf("%d bytes become %d", len(unit), len(out))
			}
			before, after := slices.Collect(NALs(unit)), slices.Collect(NALs(out))
			if len(before) != len(after) {
				t.Fatalf("%d NAL units become %d: %x", len(before), len(after), out)
			}
			for i, nal := range after {
				if TypeOf(nal) != TypeOf(before[i]) {
					t.Fatalf("NAL unit %d of type %v becomes %v", i, TypeOf(before[i]), TypeOf(nal))
				}
				if TypeOf(nal) == TypeSlice {
					checkRewritten(t, &l, nal, upper, references)
				}
			}
		}
	})
}

func checkRewritten(t *testing.T, l *Layers, nal []byte, upper bool, references int) {
	t.Helper()
	if referred := nal[0]&refIDC != 0; referred == upper {
		t.Fatalf("layer 1: %v, a reference: %v", upper, referred)
	}
	if upper {
		return
	}
	s, err := readSlice(nal, l.sps, l.pps)
	if err != nil || s.number != references&l.mask() || l.changed && len(s.moved) > 0 {
		t.Fatalf("%+v, %v; want frame_num %d", s, err, references&l.mask())
	}
}
