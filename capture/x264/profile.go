package x264

import (
	"fmt"

	"github.com/pushcam/pushcam/capture"
)

// ProfileLevelID is what SDP has to say of the bitstream (RFC 6184 section
// 8.1): constrained baseline, as 42e0, and the level that New's Encoder writes
// for this size, frame rate (pictures per second) and bitrate.
func ProfileLevelID(size capture.Size, frameRate float64, bitrate capture.Bitrate) (string, error) {
	l, err := levelFor(size, frameRate, bitrate)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("42e0%02x", l.idc), nil
}

// LevelIDC is the level_idc (ITU-T H.264 table A-1) that an encoder has to write
// for what ProfileLevelID says to be true.
func LevelIDC(size capture.Size, frameRate float64, bitrate capture.Bitrate) (int, error) {
	l, err := levelFor(size, frameRate, bitrate)
	return l.idc, err
}
