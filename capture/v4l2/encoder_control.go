package v4l2

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/pushcam/pushcam/capture"
)

// Controls of encoders, from linux/v4l2-controls.h; TestConstants compares them.
const (
	controlBFrames       = 0x009909ca // V4L2_CID_MPEG_VIDEO_B_FRAMES
	controlGOPSize       = 0x009909cb // V4L2_CID_MPEG_VIDEO_GOP_SIZE
	controlBitrateMode   = 0x009909ce // V4L2_CID_MPEG_VIDEO_BITRATE_MODE
	controlBitrate       = 0x009909cf // V4L2_CID_MPEG_VIDEO_BITRATE
	controlRateControl   = 0x009909d7 // V4L2_CID_MPEG_VIDEO_FRAME_RC_ENABLE
	controlHeaderMode    = 0x009909d8 // V4L2_CID_MPEG_VIDEO_HEADER_MODE
	controlRepeatHeaders = 0x009909e2 // V4L2_CID_MPEG_VIDEO_REPEAT_SEQ_HEADER
	controlForceKeyframe = 0x009909e5 // V4L2_CID_MPEG_VIDEO_FORCE_KEY_FRAME
	controlIPeriod       = 0x00990a66 // V4L2_CID_MPEG_VIDEO_H264_I_PERIOD
	controlLevel         = 0x00990a67 // V4L2_CID_MPEG_VIDEO_H264_LEVEL
	controlProfile       = 0x00990a6b // V4L2_CID_MPEG_VIDEO_H264_PROFILE

	constantBitrate     = 1 // V4L2_MPEG_VIDEO_BITRATE_MODE_CBR
	headersJoined       = 1 // V4L2_MPEG_VIDEO_HEADER_MODE_JOINED_WITH_1ST_FRAME
	profileBaseline     = 0 // V4L2_MPEG_VIDEO_H264_PROFILE_BASELINE
	profileConstrained  = 1 // V4L2_MPEG_VIDEO_H264_PROFILE_CONSTRAINED_BASELINE
	indexLevel31        = 9 // V4L2_MPEG_VIDEO_H264_LEVEL_3_1: others count from it
	longestKeyframeless = 1 << 20
)

// errNoControl: the driver does not have the control.
var errNoControl = errors.New("it has no such control")

// find returns a control's range, errNoControl when there is none.
func (d *Device) find(id uint32) (control, error) {
	raw, err := d.queryControl(id)
	if unsupported(err) {
		raw, err = d.queryOldControl(id)
	}
	switch {
	case unsupported(err) || err == nil && raw.flags&controlDisabled != 0:
		return control{}, errNoControl
	case err != nil:
		return control{}, err
	}
	return control{id: id, Control: capture.Control{Type: controlType(raw.kind), Min: raw.minimum, Max: raw.maximum, ReadOnly: raw.flags&controlReadOnly != 0}}, nil
}

// put sets a control to the value, or to the nearest in its range.
func (d *Device) put(id uint32, value int64) error {
	c, err := d.find(id)
	if err != nil {
		return err
	}
	if c.Type != capture.ControlButton {
		value = min(max(value, c.Min), c.Max)
	}
	return d.write(c, value)
}

// putIfAny is put for controls that not every encoder has.
func (d *Device) putIfAny(id uint32, value int64) error {
	if err := d.put(id, value); !errors.Is(err, errNoControl) {
		return err
	}
	return nil
}

// configure sets what does not change while the encoder runs: one picture in,
// one out, constrained baseline, keyframes on demand only.
func (d *Device) configure(levelIDC int) error {
	for _, c := range []struct {
		name  string
		id    uint32
		value int64
	}{
		{"rate control", controlRateControl, 1},
		{"constant bitrate", controlBitrateMode, constantBitrate},
		{"no B pictures", controlBFrames, 0},
		// Firmware computes with it, so it is not the highest number there is:
		// nine hours at 30 pictures a second.
		{"keyframes on demand", controlGOPSize, longestKeyframeless},
		{"keyframes on demand", controlIPeriod, longestKeyframeless},
		{"headers in the first picture", controlHeaderMode, headersJoined},
		// Without it the parameter sets are repeated here.
		{"repeated headers", controlRepeatHeaders, 1},
	} {
		if err := d.putIfAny(c.id, c.value); err != nil {
			return fmt.Errorf("set %s: %w", c.name, err)
		}
	}
	if err := d.setProfile(); err != nil {
		return fmt.Errorf("set the profile: %w", err)
	}
	return d.setLevel(levelIDC)
}

// setProfile asks for constrained baseline. A driver that knows only baseline
// is as good: none has the tools that the other leaves out. What it does shows
// in the SPS.
func (d *Device) setProfile() error {
	err := d.putIfAny(controlProfile, profileConstrained)
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ERANGE) {
		return d.putIfAny(controlProfile, profileBaseline)
	}
	return err
}

// setLevel asks for a level_idc of ITU-T H.264 table A-1, as the SDP has it:
// 3.1 or higher.
func (d *Device) setLevel(idc int) error {
	// The order of enum v4l2_mpeg_video_h264_level.
	menu := []int{31, 32, 40, 41, 42, 50, 51, 52, 60, 61, 62}
	for i, level := range menu {
		if level != idc {
			continue
		}
		index := indexLevel31 + i
		c, err := d.find(controlLevel)
		if errors.Is(err, errNoControl) {
			return nil
		}
		if err == nil && int64(index) > c.Max {
			return fmt.Errorf("set level %d.%d: it is above what it can", idc/10, idc%10)
		}
		if err == nil {
			err = d.write(c, int64(index))
		}
		if err != nil {
			return fmt.Errorf("set level %d.%d: %w", idc/10, idc%10, err)
		}
		return nil
	}
	return fmt.Errorf("set level %d: want 3.1 or a higher one", idc)
}

// setBitrate works while the encoder runs.
func (d *Device) setBitrate(b capture.Bitrate) error {
	if err := d.put(controlBitrate, int64(b)); err != nil {
		return fmt.Errorf("set bitrate %v: %w", b, err)
	}
	return nil
}

// forceKeyframe asks that the next picture be a keyframe.
func (d *Device) forceKeyframe() error {
	if err := d.put(controlForceKeyframe, 1); err != nil {
		return fmt.Errorf("ask for a keyframe: %w", err)
	}
	return nil
}
