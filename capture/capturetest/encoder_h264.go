package capturetest

import (
	"errors"
	"fmt"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/h264"
)

// h264Picture returns whether an access unit is an IDR picture behind its
// parameter sets, and the size in them.
func h264Picture(payload []byte) (keyframe bool, size capture.Size, err error) {
	seen := map[h264.Type]bool{}
	for nal := range h264.NALs(payload) {
		switch kind := h264.TypeOf(nal); kind {
		case h264.TypeSPS:
			sps, err := h264.ParseSPS(nal)
			if err != nil {
				return false, size, err
			}
			size = sps.Size
			seen[kind] = true
		case h264.TypeIDR:
			if !seen[h264.TypeSPS] || !seen[h264.TypePPS] {
				return true, size, errors.New("h264: IDR picture without parameter sets before it")
			}
			seen[kind] = true
		default:
			seen[kind] = true
		}
	}
	if seen[h264.TypeIDR] == seen[h264.TypeSlice] {
		return seen[h264.TypeIDR], size, fmt.Errorf("h264: access unit with NAL unit types %v", seen)
	}
	return seen[h264.TypeIDR], size, nil
}
