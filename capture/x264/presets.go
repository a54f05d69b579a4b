package x264

import (
	"slices"

	"github.com/pushcam/pushcam/capture"
)

// Presets returns the preset of this name, "" for the default, and all that cost
// less than it, the fastest last; nil when there is none of this name.
func Presets(name string) []capture.Preset {
	if name == "" {
		name = DefaultPreset
	}
	all := costs()
	for i, p := range all {
		if p.Name == name {
			return all[i:]
		}
	}
	return nil
}

// costs are the CPU of a 720p picture at 2 Mbit/s on an x86-64 server, in
// relation to ultrafast's.
func costs() []capture.Preset {
	all := []capture.Preset{
		{Name: "ultrafast", Cost: 1},
		{Name: "superfast", Cost: 1.5},
		{Name: "veryfast", Cost: 2.2},
		{Name: "faster", Cost: 3.3},
		{Name: "fast", Cost: 4},
		{Name: "medium", Cost: 5.5},
		{Name: "slow", Cost: 10},
		{Name: "slower", Cost: 14},
		{Name: "veryslow", Cost: 24},
		{Name: "placebo", Cost: 110},
	}
	slices.Reverse(all)
	return all
}
