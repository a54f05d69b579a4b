package capture

import (
	"fmt"
	"math"
	"strings"
)

// Effort is how much work a rendition makes of its pictures. The zero value is
// all that was configured; less of it spares the CPU.
type Effort struct {
	// Preset takes the place of the encoder's own; "" leaves that.
	Preset string
	// Every is how many of the camera's pictures go to one that is encoded,
	// 0 like 1 for all.
	Every int
	// Halvings is how often width and height are halved.
	Halvings int
}

// every is Every as a divisor.
func (e Effort) every() int { return max(e.Every, 1) }

// String is the Effort in a few words: "1 of 2 pictures, 1/2 size".
func (e Effort) String() string {
	var parts []string
	if e.Preset != "" {
		parts = append(parts, "preset "+e.Preset)
	}
	if e.every() > 1 {
		parts = append(parts, fmt.Sprintf("1 of %d pictures", e.Every))
	}
	if e.Halvings > 0 {
		parts = append(parts, fmt.Sprintf("1/%d size", 1<<e.Halvings))
	}
	if len(parts) == 0 {
		return "all"
	}
	return strings.Join(parts, ", ")
}

// words tells viewers what they see of pictures of this size and rate; "" is for
// all of it.
func (e Effort) words(size Size, rate float64, purpose string) string {
	switch {
	case e == (Effort{}):
		return ""
	case e.Halvings == 0 && e.every() == 1:
		return fmt.Sprintf("encoder preset %s %s", e.Preset, purpose)
	}
	return fmt.Sprintf("%v at %v fps %s", size.halved(e.Halvings), math.Round(rate/float64(e.every())), purpose)
}

// Preset is one of an encoder's, with the CPU that a picture takes with it in
// relation to the others.
type Preset struct {
	Name string
	Cost float64
}

// step is an Effort, and what a picture costs with it. Only relations between
// the costs of one list have a meaning.
type step struct {
	Effort
	cost float64
}

// What a picture costs after so many halvings: a quarter of the pixels, and
// something for the halving itself.
const (
	costOfHalf    = 0.28
	costOfQuarter = 0.08
)

// steps are the Efforts of a rendition, from all to least. First the preset
// goes down to the fastest, which costs no rate and no detail; then
//
//	every 2nd picture, full size      1/2 of the CPU
//	every 3rd picture, full size      1/3
//	every 2nd picture, half size      1/7
//	every 3rd picture, half size      1/11
//	every 3rd picture, quarter size   1/38
//
// so that detail is kept while the picture still moves. presets begins with the
// chosen one; it may be empty.
func steps(presets []Preset) []step {
	if len(presets) == 0 {
		presets = []Preset{{Cost: 1}}
	}
	out := []step{{cost: presets[0].Cost}}
	for _, p := range presets[1:] {
		out = append(out, step{Effort{Preset: p.Name}, p.Cost})
	}
	fastest := out[len(out)-1]
	for _, s := range []step{
		{Effort{Every: 2}, 1}, {Effort{Every: 3}, 1},
		{Effort{Every: 2, Halvings: 1}, costOfHalf}, {Effort{Every: 3, Halvings: 1}, costOfHalf},
		{Effort{Every: 3, Halvings: 2}, costOfQuarter},
	} {
		s.Preset = fastest.Preset
		s.cost *= fastest.cost
		out = append(out, s)
	}
	return out
}

// work is what the step costs per picture of the camera.
func (s step) work() float64 { return s.cost / float64(s.every()) }

// leastRate is what is left of a camera's pictures per second at least: fewer
// look like a camera that hangs.
const leastRate = 4

// suits reports whether the step leaves something to look at, of pictures of
// this size that come at this rate per second.
func (s step) suits(size Size, rate float64) bool {
	if rate/float64(s.every()) < leastRate && s.every() > 1 {
		return false
	}
	return s.Halvings == 0 || size.halved(s.Halvings).shows()
}
