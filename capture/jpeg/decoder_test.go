package jpeg

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"testing"

	"github.com/pushcam/pushcam/capture"
)

// kinds are the pictures in testdata, 104x88: neither side is whole MCUs of
// 16, and the width is not a whole number of chroma blocks.
func kinds() []string { return []string{"420", "422", "440", "444", "gray", "gray22"} }

func read(t testing.TB, kind string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", kind+".jpg"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func newDecoder(t testing.TB) *Decoder {
	d := NewDecoder()
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return d
}

func TestDecode(t *testing.T) {
	for _, kind := range kinds() {
		t.Run(kind, func(t *testing.T) {
			data := read(t, kind)
			want, err := jpeg.Decode(bytes.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			f, err := newDecoder(t).Decode(new(capture.FramePool), data)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Release()
			compare(t, f, want)
		})
	}
}

// compare holds f to what image/jpeg makes of the same picture, brought to
// limited range and 4:2:0 with floating-point numbers.
func compare(t *testing.T, f *capture.Frame, want image.Image) {
	t.Helper()
	if want.Bounds().Dx() != f.Width || want.Bounds().Dy() != f.Height {
		t.Fatalf("size %v, want %v", f.Size, want.Bounds())
	}
	at := func(x, y int) [3]float64 {
		c := color.YCbCrModel.Convert(want.At(x, y)).(color.YCbCr)
		return [3]float64{float64(c.Y), float64(c.Cb), float64(c.Cr)}
	}
	worst := [3]float64{}
	note := func(plane int, got byte, want float64) {
		worst[plane] = max(worst[plane], float64(got)-want, want-float64(got))
	}
	for y := range f.Height {
		for x := range f.Width {
			note(0, f.Y[y*f.YStride+x], 16+at(x, y)[0]*219/255)
		}
	}
	for y := range f.Height / 2 {
		for x := range f.Width / 2 {
			for plane, got := range [][]byte{1: f.U, 2: f.V} {
				if plane == 0 {
					continue
				}
				sum := at(2*x, 2*y)[plane] + at(2*x+1, 2*y)[plane] + at(2*x, 2*y+1)[plane] + at(2*x+1, 2*y+1)[plane]
				note(plane, got[y*f.UVStride+x], 128+(sum/4-128)*224/255)
			}
		}
	}
	// One step for each of: the other library's IDCT, averaging, rounding.
	for plane, d := range worst {
		if d > 3 {
			t.Errorf("plane %d is off by up to %.1f", plane, d)
		}
	}
}

func TestRange(t *testing.T) {
	for _, tt := range []struct{ full, luma, chroma byte }{
		{0, 16, 16}, {255, 235, 240}, {128, 126, 128}, {16, 30, 30},
	} {
		img := image.NewYCbCr(image.Rect(0, 0, 16, 16), image.YCbCrSubsampleRatio420)
		for _, plane := range [][]byte{img.Y, img.Cb, img.Cr} {
			for i := range plane {
				plane[i] = tt.full
			}
		}
		var b bytes.Buffer
		if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 100}); err != nil {
			t.Fatal(err)
		}
		f, err := newDecoder(t).Decode(new(capture.FramePool), b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if f.Y[100] != tt.luma || f.U[20] != tt.chroma || f.V[20] != tt.chroma {
			t.Errorf("%d became %d, %d, %d; want %d, %d", tt.full, f.Y[100], f.U[20], f.V[20], tt.luma, tt.chroma)
		}
	}
}

// sample is a case for the tests and a seed for the fuzzer.
type sample struct {
	name string
	data []byte
	want error // nil: decodes
}

func samples(t testing.TB) []sample {
	good := read(t, "422")
	change := func(f func([]byte) []byte) []byte { return f(bytes.Clone(good)) }
	scan := bytes.Index(good, []byte{0xff, 0xda})
	frame := bytes.Index(good, []byte{0xff, 0xc0})
	resize := func(h, w uint16) []byte {
		return change(func(b []byte) []byte {
			copy(b[frame+5:], []byte{byte(h >> 8), byte(h), byte(w >> 8), byte(w)})
			return b
		})
	}
	return []sample{
		{"good", good, nil},
		{"no end marker", good[:len(good)-2], nil},
		{"padding after the end", append(bytes.Clone(good), make([]byte, 512)...), nil},
		{"padding before the end", change(func(b []byte) []byte {
			return append(b[:len(b)-2:len(b)-2], 0, 0, 0, 0xff, 0xd9)
		}), nil},
		{"no Huffman tables", withoutTables(read(t, "440")), nil},
		{"empty", nil, ErrCorrupt},
		{"one byte", good[:1], ErrCorrupt},
		{"text", []byte("no picture today"), ErrCorrupt},
		{"only a header", good[:scan], ErrCorrupt},
		{"half", good[:scan+(len(good)-scan)/2], ErrCorrupt},
		{"last byte of the scan missing", good[:len(good)-6], ErrCorrupt},
		{"second half zero", change(func(b []byte) []byte { clear(b[scan+(len(b)-scan)/2:]); return b }), ErrCorrupt},
		{"marker in the scan", change(func(b []byte) []byte { copy(b[scan+200:], []byte{0xff, 0xd3}); return b }), ErrCorrupt},
		{"odd width", resize(88, 103), ErrUnsupported},
		{"odd height", resize(87, 104), ErrUnsupported},
		{"no size", resize(0, 0), ErrCorrupt},
		{"tiny", resize(8, 8), ErrUnsupported},
		{"absurd", resize(65534, 65534), ErrCorrupt}, // above libjpeg's own 65500
		{"too large", resize(16000, 16000), ErrUnsupported},
		{"too wide", resize(16, 65000), ErrUnsupported},
		{"larger than its scan", resize(2000, 4000), ErrCorrupt},
		{"progressive", read(t, "progressive"), ErrUnsupported},
		{"RGB", read(t, "rgb"), ErrUnsupported},
		{"CMYK", read(t, "cmyk"), ErrUnsupported},
		{"4:1:1", read(t, "411"), ErrUnsupported},
	}
}

// withoutTables removes the Huffman tables, as AVI's MJPEG and some cameras do.
func withoutTables(data []byte) []byte {
	out := bytes.Clone(data[:2])
	for at := 2; at+4 <= len(data); {
		length := 2 + int(data[at+2])<<8 + int(data[at+3])
		switch data[at+1] {
		case 0xc4:
		case 0xda:
			return append(out, data[at:]...)
		default:
			out = append(out, data[at:at+length]...)
		}
		at += length
	}
	return out
}

func TestSamples(t *testing.T) {
	d, pool := newDecoder(t), new(capture.FramePool)
	good := read(t, "420")
	for _, s := range samples(t) {
		t.Run(s.name, func(t *testing.T) {
			f, err := d.Decode(pool, s.data)
			if !errors.Is(err, s.want) || (err == nil) != (s.want == nil) {
				t.Errorf("got %v, want %v", err, s.want)
			}
			if f != nil {
				f.Release()
			}
			// Whatever it was, the next picture is not harmed.
			f, err = d.Decode(pool, good)
			if err != nil {
				t.Fatalf("the next picture: %v", err)
			}
			f.Release()
		})
	}
}

// Damage that leaves the picture readable has to be seen, wherever it is.
func TestTruncatedAnywhere(t *testing.T) {
	d, pool := newDecoder(t), new(capture.FramePool)
	for _, kind := range kinds() {
		data := read(t, kind)
		for n := range len(data) - 3 { // the last byte of a scan may be padding bits
			if f, err := d.Decode(pool, data[:n]); !errors.Is(err, ErrCorrupt) {
				t.Fatalf("%s: first %d of %d bytes: got %v, %v", kind, n, len(data), f, err)
			}
		}
	}
}

func TestPooledFrames(t *testing.T) {
	d, pool, data := newDecoder(t), new(capture.FramePool), read(t, "422")
	allocs := testing.AllocsPerRun(100, func() {
		f, err := d.Decode(pool, data)
		if err != nil {
			t.Error(err)
			return
		}
		f.Release()
	})
	if allocs != 0 {
		t.Errorf("%v allocations a picture, want 0", allocs)
	}
}

func TestClosed(t *testing.T) {
	d := NewDecoder()
	if _, err := d.Decode(new(capture.FramePool), read(t, "420")); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := d.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	if _, err := d.Decode(new(capture.FramePool), read(t, "420")); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v, want %v", err, ErrClosed)
	}
	if err := NewDecoder().Close(); err != nil {
		t.Errorf("Close of an unused decoder: %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range samples(f) {
		f.Add(s.data)
	}
	d, pool := newDecoder(f), new(capture.FramePool)
	f.Fuzz(func(t *testing.T, data []byte) {
		frame, err := d.Decode(pool, data)
		switch {
		case (frame == nil) == (err == nil):
			t.Fatalf("got %v, %v", frame, err)
		case err != nil:
			if !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrUnsupported) {
				t.Errorf("unnamed error %v", err)
			}
		default:
			if err := frame.Validate(); err != nil {
				t.Error(err)
			}
			frame.Release()
		}
	})
}
