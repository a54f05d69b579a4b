package vp8

import (
	"fmt"
	"math/bits"
	"strconv"

	"github.com/pushcam/pushcam/capture"
)

const (
	// DefaultPreset is libvpx's cpu-used. Negative numbers are a fixed
	// speed; positive ones let libvpx choose by its own stopwatch, which on
	// a busy machine gave 4 dB less and 13 % too many bits at 500 kbit/s.
	//
	// CPU and PSNR of a 720p picture at 2 Mbit/s on an x86-64 server:
	// -4 26 ms 40.8 dB, -6 and -8 16 ms 40.7 and 40.6, -10 11.5 ms 40.6,
	// -12 10.8 ms 40.7, -16 9.7 ms and only 34.6: beyond -12 it skips the
	// search for what moved.
	DefaultPreset = "-12"
	// maxIntraPercent bounds a keyframe, in percent of the average picture.
	// libvpx does not encode twice, so it may miss by a third.
	maxIntraPercent = 600
)

func parsePreset(s string) (int, error) {
	if s == "" {
		s = DefaultPreset
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < -16 || n > 16 {
		return 0, fmt.Errorf("preset %q: want libvpx's cpu-used, -16 to 16", s)
	}
	return n, nil
}

// threads is 1 unless asked for more: libvpx's threads wait for each other by
// spinning, and when other work has the cores, as decoding and sending do
// here, two of them burn 55 ms of CPU on a picture that one does in 8.
func threads(config capture.EncoderConfig) int {
	n := max(config.Threads, 1)
	if config.MaxThreads > 0 {
		n = min(n, config.MaxThreads)
	}
	return n
}

// partitionsLog2 gives each thread a token partition to write; VP8 knows up
// to eight (RFC 6386 section 9.5).
func partitionsLog2(threads int) int { return min(bits.Len(uint(threads-1)), 3) }
