package capturetest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"sync"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/h264"
)

// FakeEncoder is a capture.Encoder in pure Go. Its AccessUnits have real
// headers (SPS, PPS and slice NAL units, or a VP8 frame header with the size),
// the length that the bitrate asks for, and a picture number; a decoder would
// make nothing of them. When layers are turned on there are three, in the order
// 0 2 1 2, of which only the last refers to more than layer 0.
//
// Like any Encoder it is used by one goroutine; the exported methods beyond
// capture.Encoder may be called from others.
type FakeEncoder struct {
	codec     capture.Codec
	frameRate float64

	mu      sync.Mutex
	bitrate capture.Bitrate
	size    capture.Size
	number  uint32
	forced  int
	fail    error
	skip    int
	layered bool
	place   int // in the layers' order
	closed  bool
}

var _ capture.LayeredEncoder = (*FakeEncoder)(nil)

// fakeKeyframe is a fake keyframe's length, in average pictures.
const fakeKeyframe = 4

// NewFakeEncoder returns a FakeEncoder of that codec.
func NewFakeEncoder(codec capture.Codec, config capture.EncoderConfig) (*FakeEncoder, error) {
	if err := config.Validate(); err != nil {
		return nil, fmt.Errorf("fake encoder: %w", err)
	}
	if codec != capture.H264 && codec != capture.VP8 {
		return nil, fmt.Errorf("fake encoder: codec %v: want h264 or vp8", codec)
	}
	return &FakeEncoder{codec: codec, bitrate: config.Bitrate, frameRate: config.FrameRate}, nil
}

// Encode implements capture.Encoder.
func (e *FakeEncoder) Encode(f *capture.Frame, force bool) (*capture.AccessUnit, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, capture.ErrEncoderClosed
	}
	if err := f.Validate(); err != nil {
		return nil, fmt.Errorf("fake encoder: %w", err)
	}
	if e.fail != nil {
		return nil, e.fail
	}
	if force {
		e.forced++
	}
	keyframe := force || f.Size != e.size
	if e.skip > 0 && !keyframe {
		e.skip--
		return nil, nil
	}
	e.size = f.Size
	length := int(float64(e.bitrate) / 8 / e.frameRate)
	if keyframe {
		length *= fakeKeyframe
	}
	e.number++
	au := &capture.AccessUnit{Codec: e.codec, Size: f.Size, Keyframe: keyframe, Time: f.Time}
	au.Layer, au.LayerSync = e.layer(keyframe)
	if e.codec == capture.H264 {
		au.Payload = fakeH264(f.Size, keyframe, e.number, length)
	} else {
		au.Payload = fakeVP8(f.Size, keyframe, e.number, length)
	}
	return au, nil
}

func (e *FakeEncoder) layer(keyframe bool) (layer uint8, sync bool) {
	if keyframe {
		e.place = 0
	}
	place := e.place
	if e.layered || place != 0 { // rounds are finished
		e.place = (e.place + 1) % 4
	}
	return [...]uint8{0, 2, 1, 2}[place], place == 1 || place == 2
}

// SetLayered implements capture.LayeredEncoder.
func (e *FakeEncoder) SetLayered(layered bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.layered = layered
}

// SetBitrate implements capture.Encoder.
func (e *FakeEncoder) SetBitrate(bitrate capture.Bitrate) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return capture.ErrEncoderClosed
	}
	config := capture.EncoderConfig{Bitrate: bitrate, FrameRate: e.frameRate}
	if err := config.Validate(); err != nil {
		return fmt.Errorf("fake encoder: %w", err)
	}
	e.bitrate = bitrate
	return nil
}

// Close implements capture.Encoder.
func (e *FakeEncoder) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	return nil
}

// Fail makes every Encode return err, until it is called with nil.
func (e *FakeEncoder) Fail(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.fail = err
}

// Skip makes the next n Encodes that need no keyframe return no picture, as
// rate control may.
func (e *FakeEncoder) Skip(n int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.skip = n
}

// FakeEncoderState is what a FakeEncoder was asked for so far.
type FakeEncoderState struct {
	Pictures uint32 // encoded
	Forced   int    // keyframes asked for
	Bitrate  capture.Bitrate
	Size     capture.Size // of the last picture
	Layered  bool
	Closed   bool
}

// State returns what e was asked for so far.
func (e *FakeEncoder) State() FakeEncoderState {
	e.mu.Lock()
	defer e.mu.Unlock()
	return FakeEncoderState{e.number, e.forced, e.bitrate, e.size, e.layered, e.closed}
}

// fakeMark stands before the picture number in a fake payload.
const fakeMark = "pushcam-fake:"

// FakeNumber returns the number of a FakeEncoder's picture, from 1.
func FakeNumber(payload []byte) (uint32, error) {
	_, rest, found := bytes.Cut(payload, []byte(fakeMark))
	if !found || len(rest) < 8 {
		return 0, fmt.Errorf("fake picture: %d bytes without a number", len(payload))
	}
	var number [4]byte
	for i := range number {
		number[i] = rest[2*i]<<4 | rest[2*i+1]&15
	}
	return binary.BigEndian.Uint32(number[:]), nil
}

// fakeBody is the number, and filler up to length bytes. None of its bytes is
// zero, so nothing in it looks like a start code.
func fakeBody(number uint32, length int) []byte {
	body := []byte(fakeMark)
	for shift := 28; shift >= 0; shift -= 4 {
		body = append(body, 0x40|byte(number>>shift&15))
	}
	for i := len(body); i < length; i++ {
		body = append(body, 0x80|byte(i))
	}
	return body
}

func fakeH264(size capture.Size, keyframe bool, number uint32, length int) []byte {
	start := []byte{0, 0, 0, 1}
	body := fakeBody(number, length)
	if !keyframe {
		// first_mb_in_slice 0, slice_type 5 (P), as bits 1 00110.
		return bytes.Join([][]byte{nil, append([]byte{0x41, 0x98}, body...)}, start)
	}
	pps := []byte{0x68, 0xce, 0x3c, 0x80}
	// first_mb_in_slice 0, slice_type 7 (I), as bits 1 0001000.
	return bytes.Join([][]byte{nil, fakeSPS(size), pps, append([]byte{0x65, 0x88}, body...)}, start)
}

// fakeSPS is constrained baseline, level 3.1.
func fakeSPS(size capture.Size) []byte {
	w := &h264.BitWriter{}
	mbs := func(n int) uint32 { return uint32((n + 15) / 16) }
	w.Golomb(0) // seq_parameter_set_id
	w.Golomb(0) // log2_max_frame_num_minus4
	w.Golomb(2) // pic_order_cnt_type
	w.Golomb(1) // max_num_ref_frames
	w.Bits(0, 1)
	w.Golomb(mbs(size.Width) - 1)
	w.Golomb(mbs(size.Height) - 1)
	w.Bits(3, 2) // frame_mbs_only_flag, direct_8x8_inference_flag
	w.Bits(1, 1) // frame_cropping_flag
	w.Golomb(0)
	w.Golomb((16*mbs(size.Width) - uint32(size.Width)) / 2)
	w.Golomb(0)
	w.Golomb((16*mbs(size.Height) - uint32(size.Height)) / 2)
	w.Bits(0, 1) // vui_parameters_present_flag
	w.Bits(1, 1) // rbsp_stop_one_bit
	return append([]byte{0x67, 0x42, 0xe0, 0x1f}, w.Bytes()...)
}

func fakeVP8(size capture.Size, keyframe bool, number uint32, length int) []byte {
	body := fakeBody(number, length)
	tag := 1<<4 | min(len(body), 1<<19-1)<<5
	if !keyframe {
		tag |= 1
	}
	frame := []byte{byte(tag), byte(tag >> 8), byte(tag >> 16)}
	if keyframe {
		frame = append(frame, 0x9d, 0x01, 0x2a)
		frame = binary.LittleEndian.AppendUint16(frame, uint16(size.Width))
		frame = binary.LittleEndian.AppendUint16(frame, uint16(size.Height))
	}
	return append(frame, body...)
}
