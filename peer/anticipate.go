package peer

import (
	"slices"

	"github.com/pushcam/pushcam/capture"
)

// anticipate takes a place at the Source before the viewer has said which codec
// it takes: the camera opens, and a keyframe is encoded, while the descriptions
// are made and exchanged. It is the codec that the last viewer took, or else the
// best one. Should this viewer take another, that keyframe was in vain.
func (s *Session) anticipate() {
	codecs := s.hub.cfg.Codecs
	codec := capture.Codec(s.hub.usual.Load())
	if !slices.Contains(codecs, codec) {
		if len(codecs) == 0 {
			return
		}
		codec = codecs[0]
	}
	place, err := s.hub.cfg.Source.Subscribe(codec)
	if err != nil {
		return // it will fail again, and be told
	}
	if !s.keepEarly(place) {
		_ = place.Close() // always nil
		return
	}
	place.Prepare()
}
