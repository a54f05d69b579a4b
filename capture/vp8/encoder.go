package vp8

// #cgo pkg-config: vpx
// #cgo CFLAGS: -O2
// #cgo noescape pushcam_vp8_encode
// #cgo nocallback pushcam_vp8_encode
// #include "bridge.h"
import "C"

import (
	"fmt"
	"time"
	"unsafe"

	"github.com/pushcam/pushcam/capture"
)

// maxPixels bounds what libvpx is asked to allocate: 4096x2304, the same
// picture at which H.264 level 5.2 ends.
const maxPixels = 4096 * 2304

// Encoder is a capture.Encoder. One goroutine uses it. It owns one libvpx
// encoder, opened for the size of the first Frame and opened anew when that
// changes; Close frees it.
type Encoder struct {
	config  capture.EncoderConfig // Bitrate is the present target
	cpuUsed int
	closed  bool

	lib       *C.pushcam_vp8 // nil until the first Frame
	size      capture.Size
	rate      rate // what lib was last told
	regulator regulator
	layering  layering
	cadence   capture.Cadence
	pts       time.Duration
}

var _ capture.LayeredEncoder = (*Encoder)(nil)

// New returns an Encoder that has not opened libvpx yet. It reports what is
// wrong with the configuration; Preset is libvpx's cpu-used.
func New(config capture.EncoderConfig) (*Encoder, error) {
	if err := config.Validate(); err != nil {
		return nil, fmt.Errorf("vp8: %w", err)
	}
	cpuUsed, err := parsePreset(config.Preset)
	if err != nil {
		return nil, fmt.Errorf("vp8: %w", err)
	}
	return &Encoder{config: config, cpuUsed: cpuUsed, cadence: capture.NewCadence(config.FrameRate)}, nil
}

// Encode implements capture.Encoder.
func (e *Encoder) Encode(f *capture.Frame, force bool) (*capture.AccessUnit, error) {
	if e.closed {
		return nil, capture.ErrEncoderClosed
	}
	if err := f.Validate(); err != nil {
		return nil, fmt.Errorf("vp8: %w", err)
	}
	if f.Pixels() > maxPixels {
		return nil, fmt.Errorf("vp8: frame %v: larger than 4096x2304", f.Size)
	}
	if e.lib == nil || e.size != f.Size {
		if err := e.open(f.Size); err != nil {
			return nil, fmt.Errorf("vp8: %w", err)
		}
		force = true
	}
	p := e.layering.next(force)
	if err := e.setRate(e.regulator.rate(e.config.Bitrate, e.layering.shared, force)); err != nil {
		return nil, fmt.Errorf("vp8: %w", err)
	}
	// libvpx takes each picture's duration for the present frame rate, and a
	// change of a tenth for a new one. So it gets the averaged intervals,
	// joined without gaps, and not the camera's jitter.
	interval := e.cadence.Next(f)
	code := C.pushcam_vp8_encode(e.lib, plane(f.Y), plane(f.U), plane(f.V), C.int(f.YStride), C.int(f.UVStride),
		C.int64_t(e.pts/time.Microsecond), C.int64_t(interval/time.Microsecond), p.flags, C.int(p.layer))
	if code != 0 {
		return nil, fmt.Errorf("vp8: encode %v: %w", f.Size, vpxError(code))
	}
	e.pts += interval.Truncate(time.Microsecond)
	if e.lib.size == 0 {
		return nil, nil
	}
	e.layering.advance()
	e.regulator.note(e.lib.keyframe != 0, int(e.lib.quantizer), interval)
	payload := make([]byte, int(e.lib.size))
	copy(payload, unsafe.Slice((*byte)(e.lib.payload), len(payload)))
	return &capture.AccessUnit{
		Codec:     capture.VP8,
		Size:      f.Size,
		Keyframe:  e.lib.keyframe != 0,
		Layer:     p.layer,
		LayerSync: p.sync,
		Time:      f.Time,
		Payload:   payload,
	}, nil
}

func (e *Encoder) setRate(r rate) error {
	if e.rate == r {
		return nil
	}
	if code := C.pushcam_vp8_set_rate(e.lib, r.c()); code != 0 {
		return fmt.Errorf("bitrate %v: %w", r.bitrate, vpxError(code))
	}
	e.rate = r
	return nil
}

func (e *Encoder) open(size capture.Size) error {
	e.free()
	n := threads(e.config)
	e.regulator = regulator{}
	r := e.regulator.rate(e.config.Bitrate, false, true)
	e.lib = C.pushcam_vp8_open(C.pushcam_vp8_config{
		width:                 C.int(size.Width),
		height:                C.int(size.Height),
		rate:                  r.c(),
		threads:               C.int(n),
		token_partitions_log2: C.int(partitionsLog2(n)),
		cpu_used:              C.int(e.cpuUsed),
		max_intra_percent:     maxIntraPercent,
	})
	if e.lib == nil {
		return fmt.Errorf("open %v: libvpx refused", size)
	}
	e.size, e.rate = size, r
	return nil
}

// SetBitrate implements capture.Encoder.
func (e *Encoder) SetBitrate(bitrate capture.Bitrate) error {
	if e.closed {
		return capture.ErrEncoderClosed
	}
	config, err := e.config.WithBitrate(bitrate)
	if err != nil {
		return fmt.Errorf("vp8: %w", err)
	}
	e.regulator.retarget(e.config.Bitrate, bitrate)
	e.config = config
	return nil
}

// SetLayered implements capture.LayeredEncoder.
func (e *Encoder) SetLayered(layered bool) { e.layering.wanted = layered }

// Close implements capture.Encoder.
func (e *Encoder) Close() error {
	e.free()
	e.closed = true
	return nil
}

func (e *Encoder) free() {
	if e.lib != nil {
		C.pushcam_vp8_close(e.lib)
		e.lib = nil
	}
}

// vpxError is libvpx's own words for a code that is not VPX_CODEC_OK.
func vpxError(code C.int) error {
	return fmt.Errorf("libvpx: %s", C.GoString(C.vpx_codec_err_to_string(C.vpx_codec_err_t(code))))
}

func (r rate) c() C.pushcam_vp8_rate {
	return C.pushcam_vp8_rate{
		kbps:          kbps(r.bitrate),
		shared:        flag(r.shared),
		buffer_ms:     C.int(r.buffer.Milliseconds()),
		min_quantizer: C.int(r.finest),
	}
}

func kbps(b capture.Bitrate) C.int { return C.int((b + capture.Kbps/2) / capture.Kbps) }

func plane(p []byte) *C.uint8_t { return (*C.uint8_t)(unsafe.SliceData(p)) }

func flag(b bool) C.int {
	if b {
		return 1
	}
	return 0
}
