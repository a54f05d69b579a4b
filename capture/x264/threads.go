package x264

import (
	"runtime"

	"github.com/pushcam/pushcam/capture"
)

const (
	// pixelsPerThread makes two threads of 720p and one of everything
	// smaller: a slice costs no CPU that could be measured and 0.1 dB at
	// most, and 720p is ready in two thirds of the time. Below that the
	// encoder is quick enough for the difference not to show.
	pixelsPerThread = 640 * 720
	// maxThreads leaves cores for decoding the camera's JPEG and for sending.
	maxThreads = 4
)

// threads is how many slices a picture is cut into.
func threads(config capture.EncoderConfig, size capture.Size) int {
	n := config.Threads
	if n == 0 {
		n = max(min(size.Pixels()/pixelsPerThread, maxThreads, runtime.NumCPU()), 1)
	}
	if config.MaxThreads > 0 {
		n = min(n, config.MaxThreads)
	}
	return n
}
