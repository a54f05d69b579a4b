package x264

// #include "bridge.h"
import "C"

import (
	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/h264"
)

// layering puts every second picture into layer 1:
//
//	layer 1     1     3     5
//	layer 0  0     2     4     6
//
// All refer to pictures of layer 0 only, so layers begin and end between any two
// pictures. The zero value is without layers.
type layering struct {
	wanted bool
	off    bool // for good
	layers h264.Layers
}

// coarser is how much higher the quantizer of a picture in layer 1 is than that of
// the one before: nothing refers to it, so bits are better spent on layer 0. By
// itself libx264 spends too much on layer 1, as it looks at how a picture differs
// from the one before it and not from the one to which it may refer.
const (
	coarser      = 2
	maxQuantizer = 51
)

// next is the next picture's layer, and its quantizer if libx264 is not to choose.
func (l *layering) next(keyframe bool) (layer uint8, quantizer int) {
	if !l.wanted || l.off || keyframe || !l.layers.Ready() {
		return 0, 0
	}
	return 1, min(l.layers.Quantizer()+coarser, maxQuantizer)
}

// picture encodes f in its layer. Should libx264 write what cannot be rewritten,
// there are no layers any more: a keyframe begins a stream that has none.
func (e *Encoder) picture(f *capture.Frame, force bool) (payload []byte, layer uint8, err error) {
	payload, layer, err = e.original(f, force)
	if err != nil || e.layering.off {
		return payload, 0, err
	}
	if rewritten, err := e.layering.layers.Rewrite(payload, layer > 0); err == nil {
		return rewritten, layer, nil
	}
	e.layering.off = true
	if e.lib.keyframe != 0 {
		return payload, 0, nil
	}
	payload, err = e.encode(f, true, 0)
	return payload, 0, err
}

// original returns libx264's picture, which says nothing of its layer.
func (e *Encoder) original(f *capture.Frame, force bool) (payload []byte, layer uint8, err error) {
	layer, quantizer := e.layering.next(force)
	payload, err = e.encode(f, force, quantizer)
	if err != nil {
		return nil, 0, err
	}
	if e.lib.keyframe != 0 || layer > 0 && C.pushcam_x264_forget(e.lib) != 0 {
		layer = 0
	}
	return payload, layer, nil
}
