package viewer

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
)

func TestNearestRank(t *testing.T) {
	tests := []struct {
		name   string
		sorted []int
		p      int
		want   int
	}{
		{"one value", []int{7}, 99, 7},
		{"half of two is the first", []int{1, 2}, 50, 1},
		{"95 of 20", run(1, 20), 95, 19},
		{"99 of 20", run(1, 20), 99, 20},
		{"99 of 100", run(1, 100), 99, 99},
		{"50 of 5", run(1, 5), 50, 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := nearestRank(tt.sorted, tt.p); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}

func TestAggregate(t *testing.T) {
	start := time.Now()
	playing := Stats{
		At: start.Add(11 * time.Second), Requested: start,
		Described: start.Add(100 * time.Millisecond), Answered: start.Add(120 * time.Millisecond),
		Checked: start.Add(180 * time.Millisecond), Connected: start.Add(170 * time.Millisecond), // told late of ICE
		FirstPacket: start.Add(time.Second), FirstKeyframe: start.Add(time.Second),
		Codec: capture.H264, ProfileLevelID: "64001f", Size: capture.Size{Width: 1280, Height: 720},
		Pictures: 310, Undecodable: 10, Incomplete: 1, Keyframes: 2, KeyframeRequests: 1,
		Bytes: 2_500_000, PacketsReceived: 2000, PacketsLost: 3, PacketsRepaired: 4,
		LongestGap: 50 * time.Millisecond,
	}
	slow := playing
	slow.Codec, slow.ProfileLevelID, slow.Pictures, slow.FirstKeyframe = capture.VP8, "", 110, start.Add(6*time.Second)
	tests := []struct {
		name, json, text string
		in               []Stats
	}{
		{
			"nobody",
			`{"viewers":0,"connected":0,"playing":0,"joinMs":null,"joinStepsMs":null,"framesPerSecond":0,"framesPerSecondMin":0,"megabitsPerSecond":0,"longestGapMs":0,"pictures":0,"picturesIncomplete":0,"keyframes":0,"keyframeRequests":0,"packetsReceived":0,"packetsLost":0,"packetsRepaired":0,"codecs":{},"sizes":{},"profiles":{}}`,
			"viewers   0, 0 connected, 0 playing\npictures  0, 0 incomplete, 0 keyframes, 0 keyframe requests\nnetwork   0.00 Mbit/s, 0 packets, 0 lost, 0 repaired",
			nil,
		},
		{
			"two of three play",
			`{"viewers":3,"connected":2,"playing":2,"joinMs":{"p50":1000,"p95":6000,"p99":6000},"joinStepsMs":{"describe":{"p50":100,"p95":100,"p99":100},"answer":{"p50":20,"p95":20,"p99":20},"ice":{"p50":60,"p95":60,"p99":60},"dtls":{"p50":0,"p95":0,"p99":0},"packet":{"p50":820,"p95":820,"p99":820},"keyframe":{"p50":0,"p95":5000,"p99":5000}},"framesPerSecond":25,"framesPerSecondMin":20,"megabitsPerSecond":4,"longestGapMs":50,"pictures":420,"picturesIncomplete":2,"keyframes":4,"keyframeRequests":2,"packetsReceived":4000,"packetsLost":6,"packetsRepaired":8,"codecs":{"h264":1,"vp8":1},"sizes":{"1280x720":2},"profiles":{"64001f":1}}`,
			"viewers   3, 2 connected, 2 playing\njoin      p50 1000 ms, p95 6000 ms, p99 6000 ms\n  of it   offer 100, answer 20, ICE 60, DTLS 0, packet 820, keyframe 0 ms (medians)\npicture   h264 1, vp8 1, 1280x720, 25.0 frames/s (slowest 20.0), longest gap 50 ms\npictures  420, 2 incomplete, 4 keyframes, 2 keyframe requests\nnetwork   4.00 Mbit/s, 4000 packets, 6 lost, 8 repaired",
			[]Stats{playing, slow, {At: start, Requested: start}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := Aggregate(tt.in)
			got, err := json.Marshal(r)
			if err != nil || string(got) != tt.json {
				t.Errorf("got  %s, %v\nwant %s", got, err, tt.json)
			}
			if r.String() != tt.text {
				t.Errorf("got\n%s\nwant\n%s", r, tt.text)
			}
			if strings.HasSuffix(r.String(), "\n") {
				t.Error("text ends with a newline")
			}
		})
	}
}
