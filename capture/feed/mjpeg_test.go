package feed

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/capturetest"
)

// jpegSample is a case for the tests and a seed for the fuzzer.
type jpegSample struct {
	name   string
	data   []byte
	want   [][]byte
	broken int
	end    error
}

func jpegSamples(t testing.TB) []jpegSample {
	a, b := jpegOf(t, testSize, 50), jpegOf(t, testSize, 200)
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	// A camera's picture with another whole one, its thumbnail, in APP1.
	thumb := join(a[:2], []byte{0xff, 0xe1, byte((len(b) + 2) >> 8), byte(len(b) + 2)}, b, a[2:])
	boundary := []byte("\r\n--ffmpeg\r\nContent-type: image/jpeg\r\nContent-length: 1234\r\n\r\n")
	text := []byte(strings.Repeat("no picture \xff\xd8 today ", 5000))
	half := a[:len(a)-20]
	noEnd := a[:len(a)-2]
	fill := join(a[:2], []byte{0xff, 0xff, 0xff}, a[2:len(a)-2], []byte{0xff, 0xff, 0xff}, a[len(a)-2:])
	restarts := join(a[:len(a)-2], []byte{0xff, 0xd0, 1, 2, 0xff, 0, 3, 0xff, 0xd7, 4}, a[len(a)-2:])
	return []jpegSample{
		{"one after the other", join(a, b, a), [][]byte{a, b, a}, 0, io.EOF},
		{"multipart", join(boundary, a, boundary, b, boundary), [][]byte{a, b}, 0, io.EOF},
		{"a thumbnail", join(thumb, b), [][]byte{thumb, b}, 0, io.EOF},
		{"garbage before and between", join(text, a, text, b), [][]byte{a, b}, 0, io.EOF},
		{"padding", join(a, make([]byte, 100000), b), [][]byte{a, b}, 0, io.EOF},
		{"fill bytes and restarts", join(fill, restarts), [][]byte{fill, restarts}, 0, io.EOF},
		{"no end of image", join(noEnd, b), [][]byte{noEnd, b}, 0, io.EOF},
		{"torn in its data", join(half, b), [][]byte{half, b}, 0, io.EOF},
		{"torn in its data, multipart", join(half, boundary, b), [][]byte{join(half, boundary), b}, 0, io.EOF},
		// The rest of the header swallows what comes next, once.
		{"torn in its header", join(a[:22], b, a), [][]byte{a}, 1, io.EOF},
		{"no picture in it", join(a[:2], []byte{0xff, 0xd9}, b), [][]byte{b}, 1, io.EOF},
		{"twice a beginning", join(a[:2], b), [][]byte{b}, 1, io.EOF},
		{"a segment of no length", join(a[:2], []byte{0xff, 0xe0, 0, 1}, b), [][]byte{b}, 1, io.EOF},
		{"no marker", join(a[:2], []byte{0xff, 0xe0, 0, 2, 1, 2}, b), [][]byte{b}, 1, io.EOF},
		{"marker 0", join(a[:2], []byte{0xff, 0x00}, b), [][]byte{b}, 1, io.EOF},
		{"without end", join(noEnd, bytes.Repeat([]byte{1}, maxJPEG), b, a), [][]byte{b, a}, 1, io.EOF},
		{"ends in a picture", join(a, half), [][]byte{a}, 0, io.ErrUnexpectedEOF},
		{"ends in a header", join(a, b[:30]), [][]byte{a}, 0, io.ErrUnexpectedEOF},
		{"nothing", nil, nil, 0, io.EOF},
	}
}

// cutAll cuts pictures until the bytes end.
func cutAll(t testing.TB, in io.Reader, skip bool) (got [][]byte, n, broken int, err error) {
	k := new(kit)
	c := &mjpegCutter{kit: k, in: bufio.NewReaderSize(in, inputSize)}
	for {
		p, err := c.next(func() bool { return !skip })
		switch {
		case errors.Is(err, errBroken):
			broken++
		case err != nil:
			return got, n, broken, err
		default:
			n++
			if !skip {
				got = append(got, bytes.Clone(p.jpeg))
			}
			k.drop(p)
		}
		if n+broken > 1<<20 {
			t.Fatal("no end")
		}
	}
}

func TestMJPEGCutter(t *testing.T) {
	for _, s := range jpegSamples(t) {
		t.Run(s.name, func(t *testing.T) {
			check := func(how string, in io.Reader) {
				got, _, broken, err := cutAll(t, in, false)
				if broken != s.broken || !errors.Is(err, s.end) || len(got) != len(s.want) {
					t.Fatalf("%s: %d pictures, %d broken, then %v; want %d, %d, %v", how, len(got), broken, err, len(s.want), s.broken, s.end)
				}
				for i := range got {
					if !bytes.Equal(got[i], s.want[i]) {
						t.Errorf("%s: picture %d has %d bytes, want %d", how, i, len(got[i]), len(s.want[i]))
					}
				}
			}
			check("at once", bytes.NewReader(s.data))
			check("in halves", iotest.HalfReader(bytes.NewReader(s.data)))
			if len(s.data) < 1<<20 {
				check("byte by byte", iotest.OneByteReader(bytes.NewReader(s.data)))
			}
			if _, n, broken, err := cutAll(t, bytes.NewReader(s.data), true); n != len(s.want) || broken != s.broken || !errors.Is(err, s.end) {
				t.Errorf("skipped: %d pictures, %d broken, then %v", n, broken, err)
			}
		})
	}
}

func FuzzMJPEGCutter(f *testing.F) {
	for _, s := range jpegSamples(f) {
		if len(s.data) < 1<<20 {
			f.Add(s.data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, _, _, _ := cutAll(t, bytes.NewReader(data), false)
		pieces, _, _, _ := cutAll(t, iotest.OneByteReader(bytes.NewReader(data)), false)
		if len(got) != len(pieces) {
			t.Fatalf("%d pictures at once, %d byte by byte", len(got), len(pieces))
		}
		for i, p := range got {
			if !bytes.Equal(p, pieces[i]) || !bytes.HasPrefix(p, []byte{0xff, markerSOI, 0xff}) || len(p) > maxJPEG {
				t.Errorf("picture %d: %x at once, %x byte by byte", i, p, pieces[i])
			}
		}
	})
}

func TestMJPEGCutterAllocatesNothing(t *testing.T) {
	k := new(kit)
	c := &mjpegCutter{kit: k, in: bufio.NewReaderSize(&capturetest.Repeat{Data: jpegOf(t, testSize, 7)}, inputSize)}
	if n := testing.AllocsPerRun(100, func() {
		p, err := c.next(always)
		if err != nil {
			t.Error(err)
		}
		k.drop(p)
	}); n != 0 {
		t.Errorf("%v allocations a picture", n)
	}
}

// BenchmarkFiguresCut720p is what finding a webcam's pictures costs, before
// they are decoded.
func BenchmarkFiguresCut720p(b *testing.B) {
	size := capture.Size{Width: 1280, Height: 720}
	data := capturetest.SceneJPEG(b, size)
	k := new(kit)
	c := &mjpegCutter{kit: k, in: bufio.NewReaderSize(&capturetest.Repeat{Data: data}, inputSize)}
	b.ReportAllocs()
	for b.Loop() {
		p, err := c.next(always)
		if err != nil {
			b.Fatal(err)
		}
		k.drop(p)
	}
	b.ReportMetric(b.Elapsed().Seconds()*1000/float64(b.N), "ms/frame")
}

func always() bool { return true }
