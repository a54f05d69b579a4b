package x264

// #cgo pkg-config: x264
// #cgo CFLAGS: -O2
// #cgo noescape pushcam_x264_encode
// #cgo nocallback pushcam_x264_encode
// #include <stdlib.h>
// #include "bridge.h"
import "C"

import (
	"fmt"
	"time"
	"unsafe"

	"github.com/pushcam/pushcam/capture"
)

// DefaultPreset is the fastest of libx264. The next one, superfast, takes a third
// more CPU and gains 1.3 dB at 2 Mbit/s in 720p.
const DefaultPreset = "ultrafast"

// Encoder is a capture.Encoder. One goroutine uses it. It owns one libx264
// encoder, opened for the size of the first Frame and opened anew when that
// changes; Close frees it.
type Encoder struct {
	config capture.EncoderConfig // Bitrate is the present target
	closed bool

	lib     *C.pushcam_x264 // nil until the first Frame
	size    capture.Size
	level   level
	rate    rate // what lib was last told
	cadence capture.Cadence
	budget  budget

	layering layering
}

var _ capture.LayeredEncoder = (*Encoder)(nil)

// New returns an Encoder that has not opened libx264 yet. It reports what is
// wrong with the configuration; Preset is one of libx264's names.
func New(config capture.EncoderConfig) (*Encoder, error) {
	if err := config.Validate(); err != nil {
		return nil, fmt.Errorf("x264: %w", err)
	}
	if config.Preset == "" {
		config.Preset = DefaultPreset
	}
	preset := C.CString(config.Preset)
	defer C.free(unsafe.Pointer(preset))
	if C.pushcam_x264_preset_known(preset) == 0 {
		return nil, fmt.Errorf("x264: preset %q: want ultrafast, superfast, veryfast, faster, fast, medium, slow, slower, veryslow or placebo", config.Preset)
	}
	return &Encoder{config: config, cadence: capture.NewCadence(config.FrameRate)}, nil
}

// Encode implements capture.Encoder. It never skips a picture.
func (e *Encoder) Encode(f *capture.Frame, force bool) (*capture.AccessUnit, error) {
	if e.closed {
		return nil, capture.ErrEncoderClosed
	}
	if err := f.Validate(); err != nil {
		return nil, fmt.Errorf("x264: %w", err)
	}
	interval := e.cadence.Next(f)
	if err := e.ready(f.Size, interval, force); err != nil {
		return nil, fmt.Errorf("x264: %w", err)
	}
	payload, layer, err := e.picture(f, force)
	if err != nil {
		return nil, fmt.Errorf("x264: encode %v: %w", f.Size, err)
	}
	e.budget.spend(len(payload), e.config.Bitrate, interval)
	return &capture.AccessUnit{
		Codec:     capture.H264,
		Size:      f.Size,
		Keyframe:  e.lib.keyframe != 0,
		Layer:     layer,
		LayerSync: layer > 0,
		Time:      f.Time,
		Payload:   payload,
	}, nil
}

// encode returns what libx264 makes of f. It chooses the quantizer if that is 0.
func (e *Encoder) encode(f *capture.Frame, force bool, quantizer int) ([]byte, error) {
	code := C.pushcam_x264_encode(e.lib, plane(f.Y), plane(f.U), plane(f.V),
		C.int(f.YStride), C.int(f.UVStride), flag(force), C.int(quantizer))
	if code != 0 || e.lib.size == 0 {
		return nil, fmt.Errorf("libx264 returned %d", code)
	}
	payload := make([]byte, int(e.lib.size))
	copy(payload, unsafe.Slice((*byte)(e.lib.payload), len(payload)))
	return payload, nil
}

// ready makes lib an encoder of this size at the present target.
func (e *Encoder) ready(size capture.Size, interval time.Duration, force bool) error {
	if e.lib == nil || e.size != size || e.config.Bitrate > e.level.maxBitrate {
		return e.open(size, interval)
	}
	want := e.budget.rate(e.config, interval, force)
	if want.near(e.rate) {
		return nil
	}
	if code := C.pushcam_x264_set_rate(e.lib, C.int(want.kbps), C.int(want.bufferKbit)); code != 0 {
		return fmt.Errorf("bitrate %v: libx264 returned %d", e.config.Bitrate, code)
	}
	e.rate = want
	return nil
}

func (e *Encoder) open(size capture.Size, interval time.Duration) error {
	level, err := levelFor(size, e.config.FrameRate, e.config.Bitrate)
	if err != nil {
		return err
	}
	e.free()
	preset := C.CString(e.config.Preset)
	defer C.free(unsafe.Pointer(preset))
	e.budget = budget{}
	r := e.budget.rate(e.config, interval, true)
	e.lib = C.pushcam_x264_open(preset, C.pushcam_x264_config{
		width:            C.int(size.Width),
		height:           C.int(size.Height),
		frames_per_1000s: C.int(e.config.FrameRate * 1000),
		kbps:             C.int(r.kbps),
		vbv_kbit:         C.int(r.bufferKbit),
		level_idc:        C.int(level.idc),
		max_refs:         C.int(level.maxReferences(size)),
		threads:          C.int(threads(e.config, size)),
	})
	if e.lib == nil {
		return fmt.Errorf("open %v: libx264 refused", size)
	}
	e.size, e.level, e.rate = size, level, r
	return nil
}

// SetBitrate implements capture.Encoder. Only a target that the level written
// in the stream does not allow (above 14 Mbit/s for 720p) starts a new stream
// with the next Encode, and so a keyframe.
func (e *Encoder) SetBitrate(bitrate capture.Bitrate) error {
	if e.closed {
		return capture.ErrEncoderClosed
	}
	config, err := e.config.WithBitrate(bitrate)
	if err != nil {
		return fmt.Errorf("x264: %w", err)
	}
	e.budget.retarget(e.config.Bitrate, bitrate)
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
		C.pushcam_x264_close(e.lib)
		e.lib = nil
	}
}

func plane(p []byte) *C.uint8_t { return (*C.uint8_t)(unsafe.SliceData(p)) }

func flag(b bool) C.int {
	if b {
		return 1
	}
	return 0
}
