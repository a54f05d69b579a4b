package camera

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/pion/mediadevices/pkg/frame"
	"github.com/pion/mediadevices/pkg/prop"

	"github.com/pushcam/pushcam/capture"
)

// Wish is the mode that a user would like. Zero fields mean the default.
type Wish struct {
	Size      capture.Size
	FrameRate float64
	Coded     Coded
}

// The mode that is picked when nothing is asked for: what every USB camera of
// the last fifteen years has, and every phone can decode.
const (
	DefaultWidth, DefaultHeight = 1280, 720
	DefaultFrameRate            = 30
)

// Choice is a mode and, in words, why it is that one.
type Choice struct {
	Mode   capture.Mode
	Reason string
}

// Choose picks a mode in three steps, each among what the one before left:
//
//  1. The size asked for, else the largest that exceeds it in neither
//     dimension, else the smallest there is.
//  2. The rate asked for (1 % off is the same: 29.97 is 30), else the highest
//     below, else the lowest above, else one that the device does not state.
//  3. The format that costs least to turn into I420: see usableFormats.
//
// Modes in which the camera encodes are taken as wish.Coded says.
func Choose(modes []capture.Mode, wish Wish) (Choice, error) {
	if len(modes) == 0 {
		return Choice{}, fmt.Errorf("the camera offers no mode that can be used (of %s)", strings.Join(usableFormats(), ", "))
	}
	if wish.Size == (capture.Size{}) {
		wish.Size = capture.Size{Width: DefaultWidth, Height: DefaultHeight}
	}
	if wish.FrameRate == 0 {
		wish.FrameRate = DefaultFrameRate
	}
	modes, whyCoded, err := wish.amongCoded(modes)
	if err != nil {
		return Choice{}, err
	}
	size, whySize := chooseSize(modes, wish.Size)
	modes = filter(modes, func(m capture.Mode) bool { return m.Size == size })
	rate, whyRate := chooseRate(modes, wish.FrameRate)
	modes = filter(modes, func(m capture.Mode) bool { return sameRate(m.FrameRate, rate) })
	mode := slices.MinFunc(modes, func(a, b capture.Mode) int {
		return cmp.Or(cmp.Compare(cost(a), cost(b)), compareModes(a, b))
	})
	if whyCoded == "" {
		whyCoded = whyFormat(modes, mode)
	}
	return Choice{Mode: mode, Reason: strings.Join([]string{whySize, whyRate, whyCoded}, ", ")}, nil
}

func chooseSize(modes []capture.Mode, want capture.Size) (capture.Size, string) {
	byArea := func(a, b capture.Mode) int {
		return cmp.Or(cmp.Compare(a.Pixels(), b.Pixels()), cmp.Compare(a.Width, b.Width))
	}
	fitting := filter(modes, func(m capture.Mode) bool { return m.Width <= want.Width && m.Height <= want.Height })
	if len(fitting) == 0 {
		size := slices.MinFunc(modes, byArea).Size
		return size, fmt.Sprintf("%v: the smallest, none fits into %v", size, want)
	}
	size := slices.MaxFunc(fitting, byArea).Size
	if size == want {
		return size, fmt.Sprintf("%v as asked", size)
	}
	return size, fmt.Sprintf("%v: the largest that fits into %v", size, want)
}

func chooseRate(modes []capture.Mode, want float64) (float64, string) {
	var rates []float64
	for _, m := range modes {
		if m.FrameRate > 0 {
			rates = append(rates, m.FrameRate)
		}
	}
	if len(rates) == 0 {
		return 0, "at a rate that the camera does not state"
	}
	distance := func(a, b float64) int { return cmp.Compare(math.Abs(a-want), math.Abs(b-want)) }
	if nearest := slices.MinFunc(rates, distance); sameRate(nearest, want) {
		return nearest, fmt.Sprintf("%s fps as asked", rateText(nearest))
	}
	below := slices.DeleteFunc(slices.Clone(rates), func(r float64) bool { return r > want })
	if len(below) > 0 {
		rate := slices.Max(below)
		return rate, fmt.Sprintf("%s fps: the highest below %s", rateText(rate), rateText(want))
	}
	rate := slices.Min(rates)
	return rate, fmt.Sprintf("%s fps: the lowest, all are above %s", rateText(rate), rateText(want))
}

func whyFormat(modes []capture.Mode, chosen capture.Mode) string {
	var others []string
	for _, m := range modes {
		if m.Format != chosen.Format && m.Format != grey && !slices.Contains(others, m.Format) {
			others = append(others, m.Format)
		}
	}
	if len(others) == 0 {
		return chosen.Format + ": the only format at that size and rate"
	}
	slices.Sort(others)
	return fmt.Sprintf("%s: costs less than %s", chosen.Format, strings.Join(others, ", "))
}

func filter(modes []capture.Mode, keep func(capture.Mode) bool) []capture.Mode {
	return slices.DeleteFunc(slices.Clone(modes), func(m capture.Mode) bool { return !keep(m) })
}

// sameRate forgives 1 %: NTSC's 29.97 is 30, and drivers round.
func sameRate(a, b float64) bool { return math.Abs(a-b) <= 0.01*b }

func rateText(r float64) string { return strconv.FormatFloat(math.Round(r*100)/100, 'f', -1, 64) }

// usableFormats lists those that become a Frame, cheapest first. Of a 720p
// picture, libyuv makes one in 0.03 to 0.1 ms, libjpeg-turbo in 2.4 ms. GREY
// comes last, though it is cheap: it is what is left when there is no color.
// What the camera encodes itself is not compared with the others by cost.
func usableFormats() []string {
	return []string{
		string(frame.FormatI420), "YV12", frame.FormatNV12, frame.FormatNV21,
		frame.FormatYUYV, frame.FormatYUY2, frame.FormatUYVY, frame.FormatMJPEG, grey, codedFormat,
	}
}

// grey is V4L2's name for pictures without color.
const grey = "GREY"

// cost is the place of the mode's format in usableFormats.
func cost(m capture.Mode) int { return slices.Index(usableFormats(), m.Format) }

// compareModes is the order of Device.Modes; its least element is the best.
func compareModes(a, b capture.Mode) int {
	return cmp.Or(
		cmp.Compare(b.Pixels(), a.Pixels()),
		cmp.Compare(b.Width, a.Width),
		cmp.Compare(b.FrameRate, a.FrameRate),
		cmp.Compare(cost(a), cost(b)),
		cmp.Compare(a.Format, b.Format),
	)
}

// modesOf reads a driver's properties, which come in the random order of a Go
// map and with repetitions, and leaves out what cannot be used.
func modesOf(properties []prop.Media) []capture.Mode {
	var modes []capture.Mode
	for _, p := range properties {
		m := capture.Mode{
			Size:      capture.Size{Width: p.Width, Height: p.Height},
			FrameRate: math.Round(float64(p.FrameRate)*1000) / 1000,
			Format:    string(p.FrameFormat),
		}
		if !(m.FrameRate > 0 && m.FrameRate <= 1000) {
			m.FrameRate = 0
		}
		// ParseSize knows what a size may be.
		if _, err := capture.ParseSize(m.Size.String()); err == nil && slices.Contains(usableFormats(), m.Format) {
			modes = append(modes, m)
		}
	}
	slices.SortFunc(modes, compareModes)
	return slices.Compact(modes)
}

// media is the inverse of modesOf for one mode.
func media(m capture.Mode) prop.Media {
	return prop.Media{Video: prop.Video{
		Width: m.Width, Height: m.Height,
		FrameRate: float32(m.FrameRate), FrameFormat: frame.Format(m.Format),
	}}
}
