package y4m

import (
	"fmt"

	"github.com/pushcam/pushcam/capture"
)

// chroma is how many bytes of color there are, as the C field says it.
type chroma uint8

const (
	chroma420 chroma = iota // a quarter of Y's, for each of Cb and Cr
	chroma422               // half as wide
	chroma444               // as many
	chromaNone
)

// parseChroma reads the C field. The kinds of 4:2:0 differ in where color lies
// between the pixels, by less than one, which is left as it is.
func parseChroma(text string) (chroma, error) {
	switch text {
	case "420", "420jpeg", "420mpeg2", "420paldv":
		return chroma420, nil
	case "422":
		return chroma422, nil
	case "444":
		return chroma444, nil
	case "mono":
		return chromaNone, nil
	}
	return 0, fmt.Errorf("pixels C%.20s: %w: want 8 bits of 4:2:0, 4:2:2, 4:4:4 or grey, which ffmpeg makes with -pix_fmt yuv420p", text, ErrUnsupported)
}

// plane is how wide and how high Cb and Cr of a picture are, each.
func (c chroma) plane(s capture.Size) (width, rows int) {
	switch c {
	case chroma420:
		return (s.Width + 1) / 2, (s.Height + 1) / 2
	case chroma422:
		return (s.Width + 1) / 2, s.Height
	case chroma444:
		return s.Width, s.Height
	case chromaNone:
	}
	return 0, 0
}
