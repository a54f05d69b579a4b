package h264

import (
	"bytes"
	"testing"
)

// stream names NAL units by a letter each, so that a test's stream can be read:
// the first slice of an (I)DR or other (P)icture, later slices (i, p), S and Q
// for SPS and PPS, A for AUD, E for SEI, F for filler, Z for an end of sequence.
func stream(t testing.TB, letters string) []byte {
	t.Helper()
	units := map[rune]string{
		'I': "65b801", 'i': "655802", 'P': "41e003", 'p': "416004", 'S': testSPS, 'Q': testPPS,
		'A': "0910", 'E': "060501ff80", 'F': "0cffff80", 'Z': "0a",
	}
	var b []byte
	for i, c := range letters {
		if c == '0' {
			b = append(b, 0)
			continue
		}
		if i%2 == 0 {
			b = append(b, 0)
		}
		b = append(append(b, 0, 0, 1), unhex(t, units[c])...)
	}
	return b
}

// letters is stream's inverse, as far as NAL unit types go.
func letters(unit []byte) string {
	var s []byte
	for nal := range NALs(unit) {
		c := map[Type]byte{
			TypeIDR: 'I', TypeSlice: 'P', TypeSPS: 'S', TypePPS: 'Q', TypeAUD: 'A', TypeSEI: 'E', TypeFiller: 'F', TypeEndOfSeq: 'Z',
		}[TypeOf(nal)]
		if (c == 'I' || c == 'P') && nal[1]&0x80 == 0 {
			c += 'a' - 'A'
		}
		s = append(s, c)
	}
	return string(s)
}

var splitterTests = []struct {
	name, stream string
	want         []string // all but the last known at once, that one after Flush
}{
	{"one picture", "SQI", []string{"SQI"}},
	{"no delimiters", "SQIPPP", []string{"SQI", "P", "P", "P"}},
	{"delimiters", "ASQIAPAPASQI", []string{"ASQI", "AP", "AP", "ASQI"}},
	{"parameter sets begin a picture", "SQIPSQI", []string{"SQI", "P", "SQI"}},
	{"SEI begins a picture", "SQEIEPP", []string{"SQEI", "EP", "P"}},
	{"slices", "SQIiiPpPpp", []string{"SQIii", "Pp", "Ppp"}},
	{"filler and end stay with the picture before", "SQIFPFFZSQI", []string{"SQIF", "PFFZ", "SQI"}},
	{"it begins in the middle of a picture", "iipPPAP", []string{"P", "P", "AP"}},
	{"zeros between and at the end", "00SQI00P000", []string{"SQI", "P"}},
	{"no picture at all", "SQAEF", nil},
	{"empty", "", nil},
}

func TestSplitter(t *testing.T) {
	for _, tt := range splitterTests {
		t.Run(tt.name, func(t *testing.T) {
			whole := stream(t, tt.stream)
			for _, piece := range []int{1, 2, 3, 7, len(whole) + 1} {
				var s Splitter
				var got []string
				for rest := whole; len(rest) > 0; {
					n := min(piece, len(rest))
					_, _ = s.Write(rest[:n])
					rest = rest[n:]
					for unit := s.Next(); unit != nil; unit = s.Next() {
						got = append(got, letters(unit))
					}
				}
				if n := len(tt.want); len(got) != max(n-1, 0) {
					t.Errorf("in pieces of %d: %q before the end, of %q", piece, got, tt.want)
				}
				if unit := s.Flush(); unit != nil {
					got = append(got, letters(unit))
				}
				if !equal(got, tt.want) {
					t.Errorf("in pieces of %d: %q, want %q", piece, got, tt.want)
				}
				if unit := s.Flush(); unit != nil {
					t.Errorf("in pieces of %d: %q after the end", piece, letters(unit))
				}
			}
		})
	}
}

func equal(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// TestSplitterLosesNothing holds that the pictures together are the stream.
func TestSplitterLosesNothing(t *testing.T) {
	whole := stream(t, "ASQEIiAPpAPpASQIFAP")
	var s Splitter
	_, _ = s.Write(whole)
	var got []byte
	for unit := s.Next(); unit != nil; unit = s.Next() {
		got = append(got, unit...)
	}
	if got = append(got, s.Flush()...); !bytes.Equal(got, whole[1:]) { // but for a zero before it all
		t.Errorf("got %x, want %x", got, whole)
	}
}

// TestSplitterFlush holds that who flushes in the middle of a picture loses the
// rest of it, and no more.
func TestSplitterFlush(t *testing.T) {
	var s Splitter
	_, _ = s.Write(stream(t, "SQ"))
	if unit := s.Flush(); unit != nil {
		t.Errorf("%q of parameter sets alone", letters(unit))
	}
	_, _ = s.Write(stream(t, "I"))
	if unit := s.Next(); unit != nil {
		t.Errorf("%q before its end", letters(unit))
	}
	if got := letters(s.Flush()); got != "SQI" {
		t.Errorf("got %q, want SQI", got)
	}
	_, _ = s.Write(unhex(t, "ffff"))
	_, _ = s.Write(stream(t, "iPP"))
	if got := letters(s.Next()); got != "P" {
		t.Errorf("got %q, want P", got)
	}
}

func TestSplitterBound(t *testing.T) {
	var s Splitter
	_, _ = s.Write(stream(t, "SQI"))
	piece := bytes.Repeat([]byte{0xab}, 1<<20)
	for range 3 * maxUnit / len(piece) {
		_, _ = s.Write(piece)
		if unit := s.Next(); unit != nil {
			t.Fatalf("a picture of %d bytes", len(unit))
		}
	}
	if n := cap(s.buffer); n > 2*maxUnit {
		t.Errorf("keeps %d bytes", n)
	}
	_, _ = s.Write(stream(t, "SQIP"))
	if got := letters(s.Next()); got != "SQI" {
		t.Errorf("after a picture without an end: %q, want SQI", got)
	}
}

func FuzzSplitter(f *testing.F) {
	for _, tt := range splitterTests {
		f.Add(stream(f, tt.stream), uint8(3))
	}
	f.Add([]byte{0, 0, 1, 0, 0, 1, 0, 0, 1}, uint8(1))
	f.Fuzz(func(t *testing.T, data []byte, piece uint8) {
		var pieces, whole Splitter
		var a, b [][]byte
		for rest := data; len(rest) > 0; {
			n := min(int(piece)+1, len(rest))
			_, _ = pieces.Write(rest[:n])
			rest = rest[n:]
			for unit := pieces.Next(); unit != nil; unit = pieces.Next() {
				a = append(a, unit)
			}
		}
		_, _ = whole.Write(data)
		for unit := whole.Next(); unit != nil; unit = whole.Next() {
			b = append(b, unit)
		}
		a, b = append(a, pieces.Flush()), append(b, whole.Flush())
		if len(a) != len(b) {
			t.Fatalf("%d pictures in pieces, %d at once", len(a), len(b))
		}
		for i := range a {
			if !bytes.Equal(a[i], b[i]) {
				t.Fatalf("picture %d is %x in pieces, %x at once", i, a[i], b[i])
			}
			if len(a[i]) > 0 && !bytes.HasPrefix(bytes.TrimLeft(a[i], "\x00"), []byte{1}) {
				t.Errorf("picture %d has no start code: %x", i, a[i])
			}
		}
	})
}
