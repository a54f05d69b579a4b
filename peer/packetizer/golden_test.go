//go:build cgo && linux

package packetizer_test

import (
	"bytes"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/capturetest"
	"github.com/pushcam/pushcam/capture/h264"
	"github.com/pushcam/pushcam/capture/vp8"
	"github.com/pushcam/pushcam/capture/x264"
	"github.com/pushcam/pushcam/peer/packetizer"
)

// What is recorded: enough of it for several packets a picture, and a keyframe
// in the middle of a round of layers.
const (
	frameRate  = 30
	pictures   = 90
	bitrate    = 800 * capture.Kbps
	keyframeAt = 50
)

var size = capture.Size{Width: 320, Height: 180}

// film is what an encoder makes.
func film(t *testing.T, newEncoder capturetest.NewEncoder) (units []*capture.AccessUnit) {
	t.Helper()
	e, err := newEncoder(capture.EncoderConfig{Bitrate: bitrate, FrameRate: frameRate})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	scene := capturetest.NewScene(size, frameRate, time.Unix(1e9, 0))
	for i := range pictures {
		au, err := e.Encode(scene.Frame(i, 0), i == keyframeAt)
		if err != nil || au == nil {
			t.Fatalf("picture %d: %v, %v", i, au, err)
		}
		units = append(units, au)
	}
	return units
}

// TestVP8 holds what viewers are sent who get all layers, some, or one, to the
// judgement of others: tshark for the packets, GStreamer for the pictures in
// them, ffmpeg for what can be seen.
func TestVP8(t *testing.T) {
	whole := film(t, capturetest.Layered(t, func(c capture.EncoderConfig) (capture.Encoder, error) { return vp8.New(c) }))
	upTo := func(top uint8) func(int) uint8 { return func(int) uint8 { return top } }
	for name, tt := range map[string]struct {
		top  func(i int) uint8
		want int // pictures
	}{
		"all":             {upTo(2), 90},
		"without layer 2": {upTo(1), 45},
		"layer 0 only":    {upTo(0), 23},
		"down and up": {func(i int) uint8 {
			if i >= 20 && i < syncAfter(whole, 33) {
				return 0
			}
			return 2
		}, 81},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			units := kept(t, whole, tt.top, tt.want)
			r := record(t, capture.VP8, units)
			r.checkVP8()
			for i, got := range r.checkPictures() {
				if !bytes.Equal(got, units[i].Payload) {
					t.Errorf("picture %d is not what went in", i)
				}
			}
		})
	}
}

// syncAfter is where layer 2, and all below, can be taken up.
func syncAfter(units []*capture.AccessUnit, from int) int {
	return from + slices.IndexFunc(units[from:], func(au *capture.AccessUnit) bool { return au.LayerSync && au.Layer == 2 })
}

// checkVP8 holds each packet's header and descriptor, as tshark reads them, to
// the pictures.
func (r *recording) checkVP8() {
	r.t.Helper()
	descriptors := r.checkHeaders("vp8.pld.s", "vp8.pld.partid", "vp8.pld.pictureid", "vp8.pld.tl0picidx", "vp8.pld.tid", "vp8.pld.y")
	id, base := descriptors[0][2], descriptors[0][3]-1
	i := 0
	for _, au := range r.units {
		if au.Layer == 0 {
			base++
		}
		for j := range au.Fragments(packetizer.Cut) {
			want := []int{bit(j == 0), 0, id & 0x7fff, base & 0xff, int(au.Layer), bit(au.LayerSync)}
			if !slices.Equal(descriptors[i], want) {
				r.t.Fatalf("packet %d: tshark reads %v, want %v", i, descriptors[i], want)
			}
			i++
		}
		id++
	}
}

// checkHeaders does so for the RTP header, and returns other fields.
func (r *recording) checkHeaders(fields ...string) (rest [][]int) {
	r.t.Helper()
	rows := r.dissect(append([]string{"rtp.seq", "rtp.timestamp", "rtp.marker"}, fields...)...)
	var sequence, timestamp int
	i := 0
	for _, au := range r.units {
		fragments := au.Fragments(packetizer.Cut)
		for j := range fragments {
			var got []int
			for _, text := range rows[i] {
				n, err := strconv.ParseInt(text, 0, 64)
				if err != nil {
					r.t.Fatalf("packet %d: tshark says %q", i, rows[i])
				}
				got = append(got, int(n))
			}
			if i == 0 {
				sequence, timestamp = got[0], got[1]
			}
			ticks := int(au.Time.Sub(r.units[0].Time) * packetizer.ClockRate / time.Second)
			want := []int{(sequence + i) & 0xffff, (timestamp + ticks) & 0xffffffff, bit(j == len(fragments)-1)}
			if !slices.Equal(got[:3], want) {
				r.t.Fatalf("packet %d: tshark reads %v, want %v", i, got[:3], want)
			}
			rest = append(rest, got[3:])
			i++
		}
	}
	return rest
}

// checkPictures holds the pictures that GStreamer gets out of the packets to
// what ffmpeg can decode, and returns them.
func (r *recording) checkPictures() [][]byte {
	r.t.Helper()
	got := r.depayload()
	if len(got) != len(r.units) {
		r.t.Fatalf("GStreamer found %d pictures, want %d", len(got), len(r.units))
	}
	var units []*capture.AccessUnit
	for _, picture := range got {
		units = append(units, &capture.AccessUnit{Payload: picture})
	}
	if n := len(capturetest.DecodeLuma(r.t, r.codec, size, units)); n != len(units) {
		r.t.Errorf("ffmpeg found %d pictures, want %d", n, len(units))
	}
	return got
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// TestH264 is the same for what x264 makes, with layers and without.
func TestH264(t *testing.T) {
	one := func(c capture.EncoderConfig) (capture.Encoder, error) { return x264.New(c) }
	plain, whole := film(t, one), film(t, capturetest.Layered(t, one))
	for name, tt := range map[string]struct {
		film []*capture.AccessUnit
		top  func(i int) uint8
		want int // pictures
	}{
		"without layers": {plain, func(int) uint8 { return 0 }, 90},
		"all":            {whole, func(int) uint8 { return 1 }, 90},
		"layer 0 only":   {whole, func(int) uint8 { return 0 }, 45},
		"down and up":    {whole, func(i int) uint8 { return uint8(i / 10 % 2) }, 65},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			units := kept(t, tt.film, tt.top, tt.want)
			r := record(t, capture.H264, units)
			r.checkH264()
			for i, got := range r.checkPictures() {
				if !slices.EqualFunc(nals(got), nals(units[i].Payload), bytes.Equal) {
					t.Errorf("picture %d is not what went in", i)
				}
			}
		})
	}
}

// kept is what of a film is sent when of its i-th picture's layers those up to
// top(i) are: so many pictures.
func kept(t *testing.T, film []*capture.AccessUnit, top func(i int) uint8, want int) (units []*capture.AccessUnit) {
	t.Helper()
	for i, au := range film {
		if au.Layer <= top(i) {
			units = append(units, au)
		}
	}
	if len(units) != want {
		t.Errorf("%d pictures, want %d", len(units), want)
	}
	return units
}

// checkH264 holds the NAL units in the packets, as tshark reads them, to the
// pictures.
func (r *recording) checkH264() {
	r.t.Helper()
	headers := r.checkHeaders("h264.nal_unit_hdr", "h264.nal_nri")
	i := 0
	for _, au := range r.units {
		n := len(au.Fragments(packetizer.Cut))
		// A keyframe is an SPS, a PPS and IDR slices, any other picture slices;
		// those that take several packets are FU-A.
		allowed := []int{1, 28}
		if au.Keyframe {
			if headers[i][0] != 7 || headers[i+1][0] != 8 {
				r.t.Errorf("keyframe begins with NAL units %v and %v, want SPS and PPS", headers[i], headers[i+1])
			}
			i, n, allowed = i+2, n-2, []int{5, 28}
		}
		for _, got := range headers[i : i+n] {
			if !slices.Contains(allowed, got[0]) {
				r.t.Errorf("NAL unit of type %d in a picture (keyframe: %v)", got[0], au.Keyframe)
			}
			if referred := got[1] > 0; referred != (au.Layer == 0) {
				r.t.Errorf("a picture in layer %d has nal_ref_idc %d", au.Layer, got[1])
			}
		}
		i += n
	}
}

func nals(annexB []byte) [][]byte { return slices.Collect(h264.NALs(annexB)) }
