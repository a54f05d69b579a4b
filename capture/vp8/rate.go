package vp8

import (
	"time"

	"github.com/pushcam/pushcam/capture"
)

// rate is what libvpx's rate control is told.
type rate struct {
	bitrate capture.Bitrate
	shared  bool          // among layers
	buffer  time.Duration // what it wants to have in its buffer, as time
	// finest is the lowest quantizer, 0 to 63, that a picture may have.
	finest int
}

const (
	// bufferTime is how much may be unspent, or spent ahead, in the long run.
	bufferTime = 600 * time.Millisecond
	// finestQuantizer is the lowest that is of any use.
	finestQuantizer = 2
)

// After a keyframe, which is coarser than the pictures before it, libvpx makes
// all good with the next picture, which is as large again. So for so many
// pictures each is only a little finer than the one before. Measured on
// capturetest's scene, 30 pictures a second, through a path of 1.2 times the
// bitrate: a picture takes 82 ms and not 176 (720p, 2 Mbit/s), 88 and not 143
// (360p, 500 kbit/s), 142 and not 176 (360p, 150 kbit/s), for 0.5 dB in the
// second after the keyframe. With layers, of which each has an account of its
// own, it makes things worse.
const (
	refinePictures = 8
	refineStep     = 4 // of the quantizer
)

// A target that falls to a quarter is exceeded by 90 % in the next half second,
// and one that rises again missed by 75 %: libvpx's account of what was spent is
// in bits of the old one. So the buffer begins again as one picture's, and grows
// so slowly that filling it takes what the bitrate is told higher.
const (
	settleTime   = 2500 * time.Millisecond
	settleBuffer = 33 * time.Millisecond
	settlePart   = 20 // percent
)

// regulator steers libvpx's rate control. Its zero value is ready for the first
// keyframe. One goroutine uses it.
type regulator struct {
	settling  time.Duration // left, after a change of the target
	since     int           // pictures since the last keyframe, and with it
	quantizer int           // of the last picture
}

// retarget notes a change of the target. By less than a quarter libvpx follows
// well enough by itself.
func (r *regulator) retarget(from, to capture.Bitrate) {
	if 5*min(from, to) < 4*max(from, to) {
		r.settling = settleTime
	}
}

// rate is what to tell before the next picture.
func (r *regulator) rate(target capture.Bitrate, shared, keyframe bool) rate {
	out := rate{target, shared, bufferTime, finestQuantizer}
	if r.settling > 0 {
		settled := 1 - r.settling.Seconds()/settleTime.Seconds()
		out.buffer = max(time.Duration(settled*float64(bufferTime)), settleBuffer)
		out.bitrate += target * settlePart / 100
	}
	if !shared && !keyframe && r.since <= refinePictures {
		out.finest = max(r.quantizer-refineStep, finestQuantizer)
	}
	return out
}

// note takes what a picture, shown for interval, has become.
func (r *regulator) note(keyframe bool, quantizer int, interval time.Duration) {
	r.settling = max(r.settling-interval, 0)
	r.quantizer = quantizer
	r.since++
	if keyframe {
		r.since = 1
	}
}
