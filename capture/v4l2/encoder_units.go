package v4l2

import (
	"errors"
	"fmt"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/h264"
)

const (
	profileIDCBaseline = 66
	// constraints are constraint_set0_flag to constraint_set2_flag: it obeys
	// the baseline profile, constrained baseline, and, what follows from that,
	// the extended profile. The SDP says so: 42e0.
	constraints = 0xe0
)

// headers are the parameter sets that an encoder sent last. Some send them
// once, some before each keyframe, some in a buffer of their own.
type headers struct{ sets h264.ParameterSets }

// accessUnit is what a viewer needs of a buffer of the driver's: a copy, in
// which parameter sets come before an IDR picture and nowhere else. Without a
// picture in it, it is nil.
func (h *headers) accessUnit(stream []byte, size capture.Size) (payload []byte, keyframe bool, err error) {
	var slices [][]byte
	bytes, idr := 0, 0
	for nal := range h264.NALs(stream) {
		t := h264.TypeOf(nal)
		if !t.Coded() {
			continue
		}
		if t == h264.TypeIDR {
			idr++
		}
		slices, bytes = append(slices, nal), bytes+len(h264.StartCode)+len(nal)
	}
	h.sets.Add(stream)
	switch {
	case len(slices) == 0:
		return nil, false, nil
	case idr != 0 && idr != len(slices):
		return nil, false, errors.New("it mixes keyframe and other slices in one picture")
	case idr != 0:
		if payload, err = h.begin(size); err != nil {
			return nil, false, err
		}
	}
	out := make([]byte, 0, len(payload)+bytes)
	out = append(out, payload...)
	for _, nal := range slices {
		out = append(append(out, h264.StartCode...), nal...)
	}
	return out, idr != 0, nil
}

// begin is what stands before a keyframe.
func (h *headers) begin(size capture.Size) ([]byte, error) {
	sps, _ := h.sets.SPS()
	switch {
	case !h.sets.Complete():
		return nil, errors.New("it writes a keyframe without parameter sets")
	case sps.Profile != profileIDCBaseline:
		return nil, fmt.Errorf("it writes profile %s, want baseline", sps.ProfileLevelID())
	case sps.Size != size:
		return nil, fmt.Errorf("it makes pictures of %v of %v", sps.Size, size)
	}
	var stream []byte
	for nal := range h264.NALs(h.sets.Append(nil)) {
		if h264.TypeOf(nal) == h264.TypeSPS {
			nal[2] |= constraints
			// Of drivers' colors and order nothing is known, and both are ours.
			if described, err := h264.Describe(nal); err == nil {
				nal = described
			}
		}
		stream = append(append(stream, h264.StartCode...), nal...)
	}
	return stream, nil
}
