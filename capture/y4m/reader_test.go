package y4m_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/capturetest"
	"github.com/pushcam/pushcam/capture/y4m"
)

// header is a stream's beginning, of 16x16 and F25:1 unless fields say
// otherwise.
func header(fields string) string { return "YUV4MPEG2 W16 H16 F25:1 " + fields + "\n" }

// body is a picture of so many bytes, all of value.
func body(value byte, n int) string { return "FRAME\n" + strings.Repeat(string([]byte{value}), n) }

const small = 16 * 16 * 3 / 2

// sample is a case for the tests and a seed for the fuzzer.
type sample struct {
	name   string
	data   string
	frames int
	err    error  // after the frames; nil is io.EOF
	about  string // that the error says
}

func samples() []sample {
	two := body(1, small) + body(2, small)
	return []sample{
		{"plain", header("C420jpeg") + two, 2, nil, ""},
		{"no chroma field", header("") + two, 2, nil, ""},
		{"no rate", "YUV4MPEG2 W16 H16\n" + two, 2, nil, ""},
		{"interlaced, with comments", header("It A1:1 C420paldv XYSCSS=420PALDV XCOLORRANGE=LIMITED") + two, 2, nil, ""},
		{"fields at pictures", header("C420") + strings.ReplaceAll(two, "FRAME", "FRAME Ixtt XHELLO"), 2, nil, ""},
		{"4:2:2", header("C422") + body(9, 16*16*2), 1, nil, ""},
		{"4:4:4", header("C444") + body(9, 16*16*3), 1, nil, ""},
		{"grey", header("Cmono") + body(9, 16*16), 1, nil, ""},
		{"odd sides", "YUV4MPEG2 W17 H19\n" + body(9, 17*19+2*9*10), 1, nil, ""},
		{"another size within", header("") + two + "YUV4MPEG2 W32 H16\n" + body(3, 2*small), 3, nil, ""},
		{"killed and started again", header("") + body(1, small/2) + header("") + two + two, 3, nil, ""},
		{"garbage between", header("") + two + "what is this\n and this" + two, 4, nil, ""},
		{"garbage without a line", header("") + two + strings.Repeat("x", 9000) + two, 4, nil, ""},
		{"ends in a picture", header("") + two[:len(two)-1], 1, io.ErrUnexpectedEOF, ""},
		{"ends before a picture", header("") + two + "FRA", 2, io.ErrUnexpectedEOF, ""},
		{"ends in garbage", header("") + two + strings.Repeat("x\n", 3000), 2, io.ErrUnexpectedEOF, ""},
		{"no picture", header(""), 0, nil, ""},
		{"nothing", "", 0, io.ErrUnexpectedEOF, ""},
		{"half a header", "YUV4MPEG2 W16 H", 0, io.ErrUnexpectedEOF, ""},
		{"something else", "RIFF....AVI LIST\n", 0, nil, "want YUV4MPEG2"},
		{"a header without end", y4m.Magic + strings.Repeat("X", 1<<20), 0, y4m.ErrCorrupt, "4096"},
		{"no size", "YUV4MPEG2 F25:1\n" + two, 0, y4m.ErrUnsupported, "want sides from 16"},
		{"tiny", "YUV4MPEG2 W15 H16\n" + two, 0, y4m.ErrUnsupported, "want sides from 16"},
		{"negative", "YUV4MPEG2 W-16 H16\n" + two, 0, y4m.ErrUnsupported, "-16"},
		{"too large", "YUV4MPEG2 W16000 H16000\n" + two, 0, y4m.ErrUnsupported, "at most 4096x2304"},
		{"absurd", "YUV4MPEG2 W9999999999999999999 H16\n" + two, 0, y4m.ErrUnsupported, ""},
		{"10 bits", header("C420p10 XYSCSS=420P10") + two, 0, y4m.ErrUnsupported, "-pix_fmt yuv420p"},
		{"4:1:1", header("C411") + two, 0, y4m.ErrUnsupported, "C411"},
		{"a rate that is none", "YUV4MPEG2 W16 H16 Fabc\n" + two, 0, nil, "want a fraction"},
		{"becomes what is not read", header("") + two + header("C444p16"), 2, y4m.ErrUnsupported, ""},
	}
}

// readAll counts pictures until an error that is not about one of them.
func readAll(t testing.TB, in io.Reader) (frames int, err error) {
	r, err := y4m.NewReader(in)
	if err != nil {
		return 0, err
	}
	pool := new(capture.FramePool)
	for {
		f, err := r.ReadFrame(pool)
		switch {
		case errors.Is(err, y4m.ErrCorrupt):
			continue
		case err != nil:
			return frames, err
		}
		if err := f.Validate(); err != nil || f.Size != r.Mode().Size {
			t.Errorf("frame of %v, mode %v: %v", f.Size, r.Mode(), err)
		}
		frames++
		f.Release()
	}
}

func TestSamples(t *testing.T) {
	for _, s := range samples() {
		t.Run(s.name, func(t *testing.T) {
			for how, in := range map[string]io.Reader{
				"at once":      strings.NewReader(s.data),
				"byte by byte": iotest.OneByteReader(strings.NewReader(s.data)),
			} {
				frames, err := readAll(t, in)
				if s.err == nil && s.about == "" {
					s.err = io.EOF
				}
				if frames != s.frames || s.err != nil && !errors.Is(err, s.err) || !strings.Contains(err.Error(), s.about) {
					t.Errorf("%s: %d frames, then %v", how, frames, err)
				}
			}
		})
	}
}

func TestRate(t *testing.T) {
	for field, want := range map[string]float64{
		"F25:1": 25, "F30000:1001": 30000.0 / 1001, "F7500:1000": 7.5,
		"F0:0": 0, "F25:0": 0, "F0:1": 0, "F4000000000:1": 0, "F1:4000000000": 0,
	} {
		r, err := y4m.NewReader(strings.NewReader("YUV4MPEG2 W16 H16 " + field + "\n"))
		if err != nil {
			t.Errorf("%s: %v", field, err)
		} else if got := r.Mode().FrameRate; got != want {
			t.Errorf("%s: %v pictures per second, want %v", field, got, want)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	size := capture.Size{Width: 64, Height: 48}
	var sent []*capture.Frame
	var buf bytes.Buffer
	w := y4m.NewWriter(&buf, size, 29.97)
	for i := range 3 {
		f := numbered(size, 5*i)
		f.Y[0] = byte(100 + i)
		sent = append(sent, f)
		if err := w.WriteFrame(f); err != nil {
			t.Fatal(err)
		}
	}
	r, err := y4m.NewReader(&buf)
	if err != nil {
		t.Fatal(err)
	}
	if want := (capture.Mode{Size: size, FrameRate: 30000.0 / 1001, Format: "Y4M"}); r.Mode() != want {
		t.Errorf("mode %v, want %v", r.Mode(), want)
	}
	for i, want := range sent {
		for range i { // at the first not at all, at the last twice
			if err := r.Await(); err != nil {
				t.Fatal(err)
			}
		}
		if i == 1 {
			if err := r.SkipFrame(); err != nil {
				t.Fatal(err)
			}
			continue
		}
		got, err := r.ReadFrame(new(capture.FramePool))
		if err != nil {
			t.Fatal(err)
		}
		for y := range size.Height {
			if !bytes.Equal(got.Y[y*got.YStride:][:size.Width], want.Y[y*want.YStride:][:size.Width]) {
				t.Fatalf("frame %d: Y differs in row %d", i, y)
			}
		}
		for y := range size.Height / 2 {
			if !bytes.Equal(got.U[y*got.UVStride:][:32], want.U[y*want.UVStride:][:32]) || !bytes.Equal(got.V[y*got.UVStride:][:32], want.V[y*want.UVStride:][:32]) {
				t.Fatalf("frame %d: color differs in row %d", i, y)
			}
		}
	}
	for range 2 {
		if _, err := r.ReadFrame(new(capture.FramePool)); !errors.Is(err, io.EOF) {
			t.Errorf("after the last: %v, want %v", err, io.EOF)
		}
	}
	if err := r.SkipFrame(); !errors.Is(err, io.EOF) {
		t.Errorf("after the last: %v, want %v", err, io.EOF)
	}
}

// TestFFmpegWritesIt holds every kind of pixels to one color that ffmpeg made:
// a red of Y 81, Cb 90, Cr 240 in limited range.
func TestFFmpegWritesIt(t *testing.T) {
	for _, tt := range []struct {
		pixels, size string
		want         [3]int
	}{
		{"yuv420p", "64x48", [3]int{81, 90, 240}},
		{"yuv420p", "65x49", [3]int{81, 90, 240}},
		{"yuv422p", "64x48", [3]int{81, 90, 240}},
		{"yuv422p", "65x49", [3]int{81, 90, 240}},
		{"yuv444p", "64x48", [3]int{81, 90, 240}},
		{"yuv444p", "65x49", [3]int{81, 90, 240}},
		{"yuvj420p", "64x48", [3]int{81, 90, 240}},
		{"gray", "64x48", [3]int{81, 128, 128}},
	} {
		t.Run(tt.pixels+" "+tt.size, func(t *testing.T) {
			out, err := exec.CommandContext(t.Context(), "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "color=red:s="+tt.size+":r=25:d=0.12",
				"-pix_fmt", tt.pixels, "-strict", "-1", "-f", "yuv4mpegpipe", "-").Output()
			if err != nil {
				t.Fatal(err)
			}
			r, err := y4m.NewReader(bytes.NewReader(out))
			if err != nil {
				t.Fatal(err)
			}
			for range 3 {
				f, err := r.ReadFrame(new(capture.FramePool))
				if err != nil {
					t.Fatal(err)
				}
				if f.Size != (capture.Size{Width: 64, Height: 48}) || r.Mode().FrameRate != 25 {
					t.Errorf("frame of %v, mode %v", f.Size, r.Mode())
				}
				for i, plane := range [][]byte{f.Y, f.U, f.V} {
					for _, at := range []int{0, len(plane) / 2, len(plane) - 1} {
						if d := int(plane[at]) - tt.want[i]; d < -2 || d > 2 {
							t.Fatalf("plane %d has %d at %d, want %d", i, plane[at], at, tt.want[i])
						}
					}
				}
			}
			if _, err := r.ReadFrame(new(capture.FramePool)); !errors.Is(err, io.EOF) {
				t.Errorf("after the last: %v", err)
			}
		})
	}
}

func TestReaderAllocatesNothing(t *testing.T) {
	for _, kind := range []string{"C420", "C422", "C444", "Cmono"} {
		pixels := map[string]int{"C420": 2 * small, "C422": 2 * 16 * 32, "C444": 3 * 16 * 32, "Cmono": 16 * 32}[kind]
		r, err := y4m.NewReader(io.MultiReader(strings.NewReader("YUV4MPEG2 W32 H16 XCOLORRANGE=FULL "+kind+"\n"),
			&capturetest.Repeat{Data: []byte(body(7, pixels))}))
		if err != nil {
			t.Fatal(err)
		}
		pool := new(capture.FramePool)
		if n := testing.AllocsPerRun(100, func() {
			f, err := r.ReadFrame(pool)
			if err != nil {
				t.Error(err)
				return
			}
			f.Release()
		}); n != 0 {
			t.Errorf("%s: %v allocations a picture", kind, n)
		}
	}
}

func FuzzReader(f *testing.F) {
	for _, s := range samples() {
		f.Add([]byte(s.data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := readAll(t, bytes.NewReader(data)); err == nil {
			t.Error("no end")
		}
	})
}

// BenchmarkFiguresRead720p reads from a pipe, as from another program; that
// program's side, a write, is in the time.
func BenchmarkFiguresRead720p(b *testing.B) {
	size := capture.Size{Width: 1280, Height: 720}
	in, out, err := os.Pipe()
	if err != nil {
		b.Fatal(err)
	}
	written := make(chan error, 1)
	go func() {
		w := y4m.NewWriter(out, size, 30)
		f := capturetest.NewScene(size, 30, time.Unix(0, 0)).Frame(0, 0)
		for {
			if err := w.WriteFrame(f); err != nil {
				written <- err
				return
			}
		}
	}()
	r, err := y4m.NewReader(in)
	if err != nil {
		b.Fatal(err)
	}
	pool := new(capture.FramePool)
	b.ReportAllocs()
	for b.Loop() {
		f, err := r.ReadFrame(pool)
		if err != nil {
			b.Fatal(err)
		}
		f.Release()
	}
	b.ReportMetric(b.Elapsed().Seconds()*1000/float64(b.N), "ms/frame")
	_ = in.Close()
	if err := <-written; err == nil {
		b.Error(fmt.Errorf("the writer did not notice"))
	}
}
