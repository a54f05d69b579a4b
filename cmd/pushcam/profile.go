package main

import (
	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/x264"
)

// expectedProfiles is what is known of the H.264 before its first picture: that
// of libx264 for the mode which the camera runs in, or will. Of what a camera
// encodes itself nothing is known.
func expectedProfiles(c *serveConfig, mode capture.Mode) []string {
	size, rate := c.Size, c.FPS
	switch {
	case mode.Format == "H264", c.Codec.Passthrough && mode.Size == capture.Size{}:
		return nil
	case mode.Size != capture.Size{}:
		size = mode.Size
		if mode.FrameRate >= 1 {
			rate = mode.FrameRate
		}
	}
	id, err := x264.ProfileLevelID(size, rate, c.Bitrate)
	if err != nil {
		return nil // the encoder will say so, too
	}
	return []string{id}
}

// h264Profiles implements peer.Config's. While the camera is lost there is only
// a Slate to wait for.
func (s *service) h264Profiles() []string {
	mode := s.picked.mode
	switch status, _ := s.source.Status(); status.State {
	case capture.Live:
		mode = status.Mode
	case capture.Lost:
		mode = capture.Mode{Size: s.config.Size, FrameRate: s.config.FPS}
	case capture.Idle, capture.Opening, capture.Closing:
		if s.picked.fed && mode == (capture.Mode{}) {
			return nil
		}
	}
	return expectedProfiles(s.config, mode)
}
