package v4l2

import (
	"encoding/binary"
	"hash/crc32"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"

	"github.com/pushcam/pushcam/capture"
)

// lies are what a hostile driver writes over its answers: for each ioctl that
// succeeds one byte that says whether to, then where and what.
type lies struct{ rest []byte }

func (l *lies) take(n int) []byte {
	var out [8]byte
	l.rest = l.rest[copy(out[:n], l.rest):]
	return out[:n]
}

// tell writes into the argument of an ioctl, but not over what points to
// memory of this process, which the kernel would not.
func (l *lies) tell(multi bool) func(request, unsafe.Pointer) {
	return func(r request, argument unsafe.Pointer) {
		how := l.take(1)[0]
		if how < 0x80 {
			return
		}
		where, what := int(binary.LittleEndian.Uint16(l.take(2))), l.take(4)
		raw := unsafe.Slice((*byte)(argument), r.argumentSize())
		switch r {
		case requestGetWide, requestSetWide:
			raw = raw[:unsafe.Offsetof(wideControlValues{}.controls)]
		case requestQueryBuffer, requestQueue, requestDequeue:
			if multi {
				planes := (*bufferDescription)(argument).planes()
				if how >= 0xc0 {
					raw = unsafe.Slice((*byte)(unsafe.Pointer(planes)), unsafe.Sizeof(*planes))
				} else {
					raw = raw[:unsafe.Offsetof(bufferDescription{}.location)]
				}
			}
		default:
		}
		copy(raw[where%len(raw):], what)
	}
}

// lie makes a seed: the nth ioctl that succeeds gets 32 bits at an offset.
func lie(nth int, offset uintptr, value uint32) []byte {
	out := make([]byte, nth, nth+7)
	out = append(out, 0x80)
	out = binary.LittleEndian.AppendUint16(out, uint16(offset))
	return binary.NativeEndian.AppendUint32(out, value)
}

// hostileAnswers seeds the fuzzing, and is a test by itself. The ioctls of
// live are, by number: 0 QUERYCAP, 1 to 6 lists of formats and modes, then
// controls, S_FMT, S_PARM, G_FMT, G_PARM, REQBUFS, QUERYBUF.
func hostileAnswers() [][]byte {
	seeds := [][]byte{{}}
	offsets := []uintptr{0, 4, 8, 12, 16, 24, 28, 44, unsafe.Offsetof(bufferDescription{}.length), unsafe.Offsetof(bufferDescription{}.sequence)}
	for nth := range 60 {
		for _, offset := range offsets {
			for _, value := range []uint32{0, 5, 0xffffffff} {
				seeds = append(seeds, lie(nth, offset, value))
			}
		}
	}
	return seeds
}

func hostileFake(data []byte, multi bool) *fake {
	f := webcam()
	f.formats = []fakeFormat{
		{pixelFormat: I420, sizes: []capture.Size{{Width: 64, Height: 48}}, intervals: []Interval{{1, 30}}},
		{pixelFormat: YUYV, kind: kindStepwise, ranges: &rangeOfSizes{16, 64, 16, 16, 48, 16}, between: &frameInterval{kind: kindStepwise, min: Interval{1, 30}, max: Interval{1, 5}, step: Interval{1, 30}}},
	}
	f.controls = f.controls[:4]
	if multi {
		f.formats = []fakeFormat{{pixelFormat: NV12M, sizes: []capture.Size{{Width: 64, Height: 48}}, intervals: []Interval{{1, 30}}}}
		f.multi, f.caps = true, capVideoCaptureMulti|capStreaming
	}
	f.anyLength = true
	f.answer = (&lies{rest: data}).tell(multi)
	return f
}

// live does with a device of a system all that one can, and looks at every byte.
func live(t *testing.T, s system, f *fake) {
	s.open, s.monotonic = func(string) (node, error) { return f.open() }, f.monotonic
	d, err := s.device("/dev/video0")
	if err != nil {
		f.check(t)
		return
	}
	defer func() {
		_ = d.Close()
		f.check(t)
	}()
	_ = d.Node()
	if modes, err := d.Modes(); err == nil {
		for _, m := range modes {
			if !sensible(m.Size) {
				t.Errorf("mode %v", m)
			}
		}
	}
	controls, _ := d.Controls()
	values := map[string]int64{}
	for _, c := range controls {
		_ = c.Range()
		values[c.Key] = c.Default
	}
	_ = d.Apply(values)
	_, _ = d.SetFormat(f.formats[0].pixelFormat, capture.Size{Width: 64, Height: 48})
	_, _ = d.SetInterval(Interval{1, 30})
	q, err := d.Start(QueueConfig{FirstPicture: time.Second, NextPicture: time.Second})
	if err != nil {
		return
	}
	for range 8 {
		b, err := q.Next()
		if err != nil {
			return
		}
		sum := uint32(0)
		for _, p := range append(b.Planes(), Plane{Pix: b.Bytes()}) {
			sum += crc32.ChecksumIEEE(p.Pix) % 256
		}
		size := b.Bounds().Size()
		b.At(size.X-1, size.Y-1)
		b.At(int(sum), int(sum))
		b.Release()
	}
	_ = q.Close()
}

func TestHostileAnswers(t *testing.T) {
	s := system{root: t.TempDir()}
	for _, multi := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			for _, data := range hostileAnswers() {
				live(t, s, hostileFake(data, multi))
			}
		})
	}
}

func FuzzHostileAnswers(f *testing.F) {
	for i, data := range hostileAnswers() {
		if i%97 == 0 {
			f.Add(data, i%2 == 0)
		}
	}
	s := system{root: f.TempDir()}
	f.Fuzz(func(t *testing.T, data []byte, multi bool) {
		synctest.Test(t, func(t *testing.T) { live(t, s, hostileFake(data, multi)) })
	})
}

// FuzzFormat reads any answer to G_FMT, and fills a picture of it.
func FuzzFormat(f *testing.F) {
	for _, p := range []PixelFormat{YUYV, GREY, NV12, I420, NV12M, I420M, MJPEG} {
		for _, kind := range []uint32{bufferCapture, bufferCaptureMulti} {
			raw := pictureFormat{kind: kind}
			if kind == bufferCapture {
				*raw.single() = pixFormat{width: 33, height: 17, pixelFormat: p, bytesPerLine: 67, sizeImage: 5000}
			} else {
				*raw.multi() = pixFormatMulti{width: 33, height: 17, pixelFormat: p, planeCount: 3}
				for i := range 3 {
					raw.multi().planes[i] = planeFormat{bytesPerLine: 67, sizeImage: 5000}
				}
			}
			f.Add(raw.union[:], kind == bufferCaptureMulti)
		}
	}
	f.Fuzz(func(t *testing.T, union []byte, multi bool) {
		raw := pictureFormat{kind: bufferCapture}
		if multi {
			raw.kind = bufferCaptureMulti
		}
		copy(raw.union[:], union)
		format, err := decodeFormat(&raw)
		if err != nil {
			return
		}
		layout, err := format.layout()
		if err != nil {
			t.Fatalf("decoded, without a layout: %v", err)
		}
		q := &Queue{device: &Device{kind: raw.kind}, format: format, layout: layout}
		b := &Buffer{queue: q}
		planes, used := [maxMemoryPlanes]planeDescription{}, 0
		for i, m := range format.Memory {
			if used += m.Size; used > 1<<22 {
				return
			}
			b.memory = append(b.memory, make([]byte, m.Size))
			planes[i].bytesUsed = uint32(m.Size)
		}
		if !b.fill(&bufferDescription{bytesUsed: uint32(len(b.memory[0]))}, &planes) {
			t.Errorf("%v in %v: a full picture is short", format, format.Memory)
		}
		b.At(format.Width-1, format.Height-1)
		b.At(0, 0)
		for _, p := range b.Planes() {
			if len(p.Pix) == 0 || p.Stride == 0 {
				t.Errorf("%v: empty plane", format)
			}
		}
	})
}
