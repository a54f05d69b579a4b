package x264

import (
	"fmt"
	"math"

	"github.com/pushcam/pushcam/capture"
)

// level is one row of ITU-T H.264 table A-1.
type level struct {
	idc        int // level_idc: ten times the level's number
	perSecond  int // macroblocks per second
	perPicture int // macroblocks per picture
	dpb        int // macroblocks in the decoded picture buffer
	maxBitrate capture.Bitrate
}

// levels starts at 3.1, the level of the 42e01f that every browser offers:
// saying less of a small picture gains nothing, and would leave SetBitrate
// less room without a new SPS. Higher levels than 5.2 are for 8K.
func levels() []level {
	return []level{
		{31, 108000, 3600, 18000, 14 * capture.Mbps},
		{32, 216000, 5120, 20480, 20 * capture.Mbps},
		{40, 245760, 8192, 32768, 20 * capture.Mbps},
		{41, 245760, 8192, 32768, 50 * capture.Mbps},
		{42, 522240, 8704, 34816, 50 * capture.Mbps},
		{50, 589824, 22080, 110400, 135 * capture.Mbps},
		{51, 983040, 36864, 184320, 240 * capture.Mbps},
		{52, 2073600, 36864, 184320, 240 * capture.Mbps},
	}
}

func macroblocks(pixels int) int { return (pixels + 15) / 16 }

// levelFor returns the lowest level that allows all three: 3.1 for 720p at 30
// pictures a second, 4.0 for 1080p. The frame rate is rounded, because a
// camera's 30.01 is nobody's reason to leave level 3.1.
func levelFor(size capture.Size, frameRate float64, bitrate capture.Bitrate) (level, error) {
	w, h := macroblocks(size.Width), macroblocks(size.Height)
	perSecond := float64(w*h) * math.Round(frameRate)
	for _, l := range levels() {
		// A.3.1: neither side exceeds the square root of 8 pictures.
		side := int(math.Sqrt(float64(8 * l.perPicture)))
		if w <= side && h <= side && w*h <= l.perPicture &&
			perSecond <= float64(l.perSecond) && bitrate <= l.maxBitrate {
			return l, nil
		}
	}
	return level{}, fmt.Errorf("%v at %g/s: more than H.264 level 5.2 allows", size, frameRate)
}

// maxReferences is how many pictures of this size the level's decoded picture
// buffer holds.
func (l level) maxReferences(size capture.Size) int {
	return min(l.dpb/(macroblocks(size.Width)*macroblocks(size.Height)), 16)
}
