package viewer

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/pushcam/pushcam/capture"
)

// Report is what many Viewers saw together. Its JSON names are stable.
type Report struct {
	// Viewers were tried, Connected of them had a connection, Playing a
	// complete keyframe.
	Viewers   int `json:"viewers"`
	Connected int `json:"connected"`
	Playing   int `json:"playing"`
	// JoinMs is the time from the request to the first complete keyframe, of
	// those Playing; null when none is.
	JoinMs *Percentiles `json:"joinMs"`
	// JoinStepsMs is where that time went; null when none is Playing.
	JoinStepsMs *Steps[Percentiles] `json:"joinStepsMs"`
	// FramesPerSecond is the mean of those Playing, and the slowest one's.
	FramesPerSecond    float64 `json:"framesPerSecond"`
	FramesPerSecondMin float64 `json:"framesPerSecondMin"`
	// MegabitsPerSecond is all Viewers' sum.
	MegabitsPerSecond float64 `json:"megabitsPerSecond"`
	// LongestGapMs is the longest that any Viewer's picture stood still.
	LongestGapMs float64 `json:"longestGapMs"`

	// The rest are sums over all Viewers of the fields of Stats.
	Pictures           uint64 `json:"pictures"`
	PicturesIncomplete uint64 `json:"picturesIncomplete"`
	Keyframes          uint64 `json:"keyframes"`
	KeyframeRequests   uint64 `json:"keyframeRequests"`
	PacketsReceived    uint64 `json:"packetsReceived"`
	PacketsLost        uint64 `json:"packetsLost"`
	PacketsRepaired    uint64 `json:"packetsRepaired"`

	// Codecs and Sizes count the Playing viewers by "h264" and "1280x720",
	// Profiles those of H.264 by what the stream says it is, "42e01f".
	Codecs   map[string]int `json:"codecs"`
	Sizes    map[string]int `json:"sizes"`
	Profiles map[string]int `json:"profiles"`
}

// Percentiles are nearest-rank: the pth is the smallest value that at least p
// percent of all values do not exceed. It is one of the values itself.
type Percentiles struct {
	P50 float64 `json:"p50"`
	P95 float64 `json:"p95"`
	P99 float64 `json:"p99"`
}

// Aggregate sums up one Stats per Viewer.
func Aggregate(all []Stats) Report {
	r := Report{Viewers: len(all), Codecs: map[string]int{}, Sizes: map[string]int{}, Profiles: map[string]int{}}
	var joins []time.Duration
	var rates []float64
	var steps []Steps[time.Duration]
	for _, s := range all {
		if !s.Connected.IsZero() {
			r.Connected++
		}
		if !s.FirstKeyframe.IsZero() {
			r.Playing++
			joins = append(joins, s.JoinTime())
			steps = append(steps, s.Steps())
			rates = append(rates, s.FramesPerSecond())
			r.Codecs[s.Codec.String()]++
			r.Sizes[s.Size.String()]++
			if s.ProfileLevelID != "" {
				r.Profiles[s.ProfileLevelID]++
			}
		}
		r.MegabitsPerSecond += float64(s.Bitrate()) / float64(capture.Mbps)
		r.LongestGapMs = max(r.LongestGapMs, milliseconds(s.LongestGap))
		r.Pictures += s.Pictures
		r.PicturesIncomplete += s.Incomplete
		r.Keyframes += s.Keyframes
		r.KeyframeRequests += s.KeyframeRequests
		r.PacketsReceived += s.PacketsReceived
		r.PacketsLost += s.PacketsLost
		r.PacketsRepaired += s.PacketsRepaired
	}
	if r.Playing == 0 {
		return r
	}
	join, parts := percentiles(joins), sumUp(steps)
	r.JoinMs, r.JoinStepsMs = &join, &parts
	r.FramesPerSecondMin = slices.Min(rates)
	for _, rate := range rates {
		r.FramesPerSecond += rate / float64(len(rates))
	}
	return r
}

// percentiles sorts the values, of which there is at least one.
func percentiles(values []time.Duration) Percentiles {
	slices.Sort(values)
	return Percentiles{
		P50: milliseconds(nearestRank(values, 50)),
		P95: milliseconds(nearestRank(values, 95)),
		P99: milliseconds(nearestRank(values, 99)),
	}
}

// nearestRank returns the pth percentile of sorted values, of which there is
// at least one.
func nearestRank[T cmp.Ordered](sorted []T, p int) T {
	rank := int(math.Ceil(float64(p) / 100 * float64(len(sorted))))
	return sorted[max(rank, 1)-1]
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// String is the Report for a person, some lines without a final newline.
func (r Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "viewers   %d, %d connected, %d playing\n", r.Viewers, r.Connected, r.Playing)
	if r.JoinMs != nil {
		fmt.Fprintf(&b, "join      p50 %.0f ms, p95 %.0f ms, p99 %.0f ms\n", r.JoinMs.P50, r.JoinMs.P95, r.JoinMs.P99)
		fmt.Fprintf(&b, "  of it   %s ms (medians)\n", medians(*r.JoinStepsMs))
		fmt.Fprintf(&b, "picture   %s, %s, %.1f frames/s (slowest %.1f), longest gap %.0f ms\n",
			counted(r.Codecs), counted(r.Sizes), r.FramesPerSecond, r.FramesPerSecondMin, r.LongestGapMs)
	}
	fmt.Fprintf(&b, "pictures  %d, %d incomplete, %d keyframes, %d keyframe requests\n",
		r.Pictures, r.PicturesIncomplete, r.Keyframes, r.KeyframeRequests)
	fmt.Fprintf(&b, "network   %.2f Mbit/s, %d packets, %d lost, %d repaired",
		r.MegabitsPerSecond, r.PacketsReceived, r.PacketsLost, r.PacketsRepaired)
	return b.String()
}

// counted writes "h264 3, vp8 1", or just "h264" when there is one kind.
func counted(kinds map[string]int) string {
	var parts []string
	for kind, n := range kinds {
		if len(kinds) == 1 {
			return kind
		}
		parts = append(parts, fmt.Sprintf("%s %d", kind, n))
	}
	slices.Sort(parts)
	return strings.Join(parts, ", ")
}
