package peertest

import (
	"fmt"
	"slices"
	"time"

	"github.com/pushcam/pushcam/capture"
)

// Seen is one whole picture at a viewer.
type Seen struct {
	// At is when it could be decoded, all before it included, and Captured
	// the capture time.
	At, Captured time.Time
	Size         capture.Size
	Bytes        int
	Keyframe     bool
	Decodable    bool
}

// Age is the time from capture to the last packet's arrival.
func (s Seen) Age() time.Duration { return s.At.Sub(s.Captured) }

// Watched is pictures in the order of their arrival.
type Watched []Seen

// Decodable are those that a decoder could show.
func (w Watched) Decodable() Watched {
	return slices.DeleteFunc(slices.Clone(w), func(s Seen) bool { return !s.Decodable })
}

// Within counts the decodable pictures that were not older than limit.
func (w Watched) Within(limit time.Duration) (n int) {
	for _, s := range w {
		if s.Decodable && s.Age() <= limit {
			n++
		}
	}
	return n
}

// Age is the so many-th percentile (nearest rank) of decodable pictures' ages, 0
// without any.
func (w Watched) Age(percent int) time.Duration {
	var ages []time.Duration
	for _, s := range w.Decodable() {
		ages = append(ages, s.Age())
	}
	if len(ages) == 0 {
		return 0
	}
	slices.Sort(ages)
	return ages[max((len(ages)*percent+99)/100, 1)-1]
}

// LongestGap is the longest that the picture stood still.
func (w Watched) LongestGap() (longest time.Duration) {
	pictures := w.Decodable()
	for i := 1; i < len(pictures); i++ {
		longest = max(longest, pictures[i].At.Sub(pictures[i-1].At))
	}
	return longest
}

// Bitrate is what the pictures' bytes come to over a time.
func (w Watched) Bitrate(over time.Duration) capture.Bitrate {
	bytes := 0
	for _, s := range w {
		bytes += s.Bytes
	}
	return capture.Bitrate(float64(bytes) * 8 / over.Seconds())
}

// Describe is what was seen over a time, in a line.
func (w Watched) Describe(over time.Duration) string {
	return fmt.Sprintf("%v bit/s, %.1f pictures/s, age p50 %v p95 %v, longest gap %v, switches %v", int64(w.Bitrate(over)),
		float64(len(w.Decodable()))/over.Seconds(), w.Age(50), w.Age(95), w.LongestGap(), w.Switches())
}

// Switch is a change of the picture's size.
type Switch struct {
	// Captured is the capture time of the first picture after it.
	Captured time.Time
	From, To capture.Size
}

// String is the switch in a few words.
func (s Switch) String() string { return fmt.Sprintf("%v to %v", s.From, s.To) }

// Switches are all changes of size.
func (w Watched) Switches() (all []Switch) {
	for i := 1; i < len(w); i++ {
		if w[i].Size != w[i-1].Size {
			all = append(all, Switch{w[i].Captured, w[i-1].Size, w[i].Size})
		}
	}
	return all
}
