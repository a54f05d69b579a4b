package x264

import (
	"testing"

	"github.com/pushcam/pushcam/capture"
)

func TestLevelFor(t *testing.T) {
	tests := []struct {
		name          string
		width, height int
		rate          float64
		bitrate       capture.Bitrate
		idc, refs     int // idc 0: an error
	}{
		{"small", 320, 240, 30, capture.Mbps, 31, 16},
		{"720p30", 1280, 720, 30, 2 * capture.Mbps, 31, 5},
		{"a camera's 30.02", 1280, 720, 30.02, 2 * capture.Mbps, 31, 5},
		{"720p31", 1280, 720, 31, 2 * capture.Mbps, 32, 5},
		{"720p30 at 14M", 1280, 720, 30, 14 * capture.Mbps, 31, 5},
		{"720p30 at 15M", 1280, 720, 30, 15 * capture.Mbps, 32, 5},
		{"1080p30", 1920, 1080, 30, 4 * capture.Mbps, 40, 4},
		{"1080p30 at 30M", 1920, 1080, 30, 30 * capture.Mbps, 41, 4},
		{"1080p60", 1920, 1080, 60, 4 * capture.Mbps, 42, 4},
		{"4K30", 3840, 2160, 30, 20 * capture.Mbps, 51, 5},
		{"wide and flat", 4096, 16, 30, capture.Mbps, 40, 16},
		{"4K120", 3840, 2160, 120, 20 * capture.Mbps, 0, 0},
		{"8K", 7680, 4320, 30, 20 * capture.Mbps, 0, 0},
		{"absurd", 16382, 16382, 1, capture.Mbps, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			size := capture.Size{Width: tt.width, Height: tt.height}
			l, err := levelFor(size, tt.rate, tt.bitrate)
			if (err != nil) != (tt.idc == 0) {
				t.Fatalf("error %v", err)
			}
			if err == nil && (l.idc != tt.idc || l.maxReferences(size) != tt.refs) {
				t.Errorf("level %d with %d references, want %d with %d", l.idc, l.maxReferences(size), tt.idc, tt.refs)
			}
		})
	}
}
