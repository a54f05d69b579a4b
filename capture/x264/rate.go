package x264

import (
	"math"
	"time"

	"github.com/pushcam/pushcam/capture"
)

// rate is what libx264's rate control is told. Its unit of time is a picture
// at the nominal frame rate, so both numbers stand for bits per picture.
type rate struct{ kbps, bufferKbit int }

// The VBV buffer, as the time in which the bitrate fills it. It bounds the burst
// on the network: libx264 lets a keyframe take a bit more than half of it, and
// what the pictures after it may take in excess is in it, too. Through a path of
// 1.2 times the bitrate all is within 150 ms. Measured on capturetest's scene,
// 640x360 at 500 kbit/s and 30 pictures a second, the second from a keyframe on:
//
//	bufferTime  keyframe, pictures  longest in the path  loss
//	400 ms      6.1                 173 ms               0.7 dB
//	300 ms      4.7                 131 ms               1.4 dB
//	230 ms      3.4                  94 ms               1.9 dB
const (
	bufferTime = 300 * time.Millisecond
	// fewPictures is below how many pictures of buffer libx264 lets a keyframe
	// take all of it; slowBufferTime is the buffer then, at least.
	fewPictures    = 5
	slowBufferTime = 180 * time.Millisecond
	// minBufferPictures is what it needs where pictures come seldom.
	minBufferPictures = 2.8
	// maxKbps is the highest number that libx264's rate control takes.
	maxKbps = 2_000_000
)

// budget holds libx264 to the bitrate. By itself it stays 10 to 20 % below:
// after each keyframe it refills its buffer and does not spend the rest. And it
// averages over more than a second: a target that falls to a quarter is exceeded
// by 60 % in the next half second. One goroutine uses it.
type budget struct {
	// unspent is the time in which the target bitrate would send what the
	// pictures so far left over; negative when they took too much.
	unspent time.Duration
	// settling is how long a change of target goes on: the buffer is one
	// picture at first, in which libx264 forgets, and then grows.
	settling time.Duration
}

const (
	// repayTime is how long it takes to make up for what was not spent.
	repayTime = time.Second
	// maxUnspent bounds the burst after a still scene that needs few bits.
	maxUnspent = repayTime * 35 / 100
	// minUnspent bounds how long a large keyframe is remembered.
	minUnspent = -repayTime
	// minFactor keeps the pictures after a keyframe from starving: libx264
	// is already saving there.
	minFactor = 0.9

	settleTime = time.Second
	// settleFactor makes up for what libx264 leaves of a small buffer.
	settleFactor = 1.2
	// settleKeyframe is how many pictures a keyframe may take meanwhile.
	settleKeyframe = 4
)

// retarget notes a change of the target. By less than a quarter libx264 follows
// well enough by itself.
func (b *budget) retarget(from, to capture.Bitrate) {
	if 5*min(from, to) < 4*max(from, to) {
		b.settling, b.unspent = settleTime, 0
	}
}

// rate returns what to tell libx264 before a picture that is shown for
// interval.
func (b *budget) rate(config capture.EncoderConfig, interval time.Duration, keyframe bool) rate {
	bitrate := float64(config.Bitrate)
	perPicture := bitrate * interval.Seconds() * config.FrameRate
	factor := max(1+b.unspent.Seconds()/repayTime.Seconds(), minFactor)
	switch {
	case b.settling > 0 && keyframe:
		return rate{toKilo(perPicture * settleKeyframe), toKilo(bitrate * interval.Seconds() * settleKeyframe)}
	case b.settling > 0:
		factor *= settleFactor
	}
	return rate{toKilo(perPicture * factor), toKilo(bitrate * b.buffer(interval).Seconds())}
}

// buffer is the VBV buffer, as a time.
func (b *budget) buffer(interval time.Duration) time.Duration {
	whole := bufferTime
	if whole < fewPictures*interval {
		whole = max(slowBufferTime, time.Duration(minBufferPictures*float64(interval)))
	}
	if b.settling == 0 {
		return whole
	}
	settled := 1 - b.settling.Seconds()/settleTime.Seconds()
	return min(max(time.Duration(settled*float64(bufferTime)), interval), whole)
}

// spend counts a picture.
func (b *budget) spend(bytes int, target capture.Bitrate, interval time.Duration) {
	b.settling = max(b.settling-interval, 0)
	used := time.Duration(float64(bytes) * 8 / float64(target) * float64(time.Second))
	b.unspent = min(max(b.unspent+interval-used, minUnspent), maxUnspent)
}

// near tells whether going from b to r is not worth a call.
func (r rate) near(b rate) bool {
	return within(r.kbps, b.kbps) && within(r.bufferKbit, b.bufferKbit)
}

// within tells whether a and b differ by one percent at most.
func within(a, b int) bool { return 100*max(a-b, b-a) <= b }

func toKilo(bits float64) int {
	return int(math.Round(min(max(bits/1000, 1), maxKbps)))
}
