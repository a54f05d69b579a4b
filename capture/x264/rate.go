package x264

import (
	"math"
	"time"

	"github.com/pushcam/pushcam/capture"
)

// rate is what libx264's rate control is told. Its unit of time is a picture
// at the nominal frame rate, so both numbers stand for bits per picture.
type rate struct{ kbps, bufferKbit int }

const (
	// bufferPictures is the VBV buffer, in average pictures. libx264 lets a
	// keyframe take a bit more than half of it, which is what bounds the
	// burst on the network: 7 average pictures. Measured on capturetest's
	// scene at 720p, 500 kbit/s and four keyframes in ten seconds, 20
	// pictures gain 0.7 dB and make keyframes of 12; 6 lose 1.1 dB.
	bufferPictures = 12
	// maxKbps is the highest number that libx264's rate control takes.
	maxKbps = 2_000_000
)

// budget holds libx264 to the bitrate. By itself it stays 10 to 20 % below:
// after each keyframe it refills its buffer and does not spend the rest. One
// goroutine uses it.
type budget struct {
	// unspent is the time in which the target bitrate would send what the
	// pictures so far left over; negative when they took too much.
	unspent time.Duration
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
)

// rate returns what to tell libx264 before a picture that is shown for
// interval.
func (b *budget) rate(config capture.EncoderConfig, interval time.Duration) rate {
	bits := float64(config.Bitrate) * interval.Seconds()
	factor := max(1+b.unspent.Seconds()/repayTime.Seconds(), minFactor)
	return rate{
		kbps:       toKilo(bits * config.FrameRate * factor),
		bufferKbit: toKilo(bits * bufferPictures),
	}
}

// spend counts a picture.
func (b *budget) spend(bytes int, target capture.Bitrate, interval time.Duration) {
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
