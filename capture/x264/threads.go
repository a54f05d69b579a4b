package x264

import "github.com/pushcam/pushcam/capture"

func threads(config capture.EncoderConfig, size capture.Size) int {
	return max(config.Threads, 1)
}
