package h264

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/pushcam/pushcam/capture"
)

// testSPS is 1280x720, constrained baseline 3.1, written by x264.
const (
	testSPS = "6742c01fd9005005bb0110000003001000000303c0f1832480"
	testPPS = "68cb83cb20"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatalf("%q: %v", s, err)
	}
	return b
}

var spsTests = []struct {
	name    string
	unit    string
	profile string
	size    capture.Size
}{
	{"x264 baseline 720p", testSPS, "42c01f", capture.Size{Width: 1280, Height: 720}},
	// These were written by x264 for the sizes and profiles in their names.
	{"constrained baseline, cropped", "6742c028d900780227e5c044000003000400000300f03c60c920", "42c028", capture.Size{Width: 1920, Height: 1080}},
	{"main", "674d401eeca05017fcb80880000003008000001e078b16cb", "4d401e", capture.Size{Width: 640, Height: 360}},
	{"main interlaced", "674d4020f200a0177e5c0440000003004000000f07c58b92", "4d4020", capture.Size{Width: 1280, Height: 720}},
	{"main interlaced, cropped", "674d4028f200f0089fbc0440000003004000000f07c58b92", "4d4028", capture.Size{Width: 1920, Height: 1080}},
	{"high", "67640028acd940780227e5c044000003000400000300f03c60c658", "640028", capture.Size{Width: 1920, Height: 1080}},
	{"high, neither side a multiple of 16", "6764000dacd94150878888c044000003000400000300f03c50a658", "64000d", capture.Size{Width: 322, Height: 242}},
	{"high 4:2:2", "677a000dbcd9415087888fc044000003000400000300f03c50a658", "7a000d", capture.Size{Width: 322, Height: 242}},
	{"high 4:2:2 interlaced", "677a0015bcd941510f11118088000003000800000301e0f8a14cb0", "7a0015", capture.Size{Width: 322, Height: 242}},
	{"high 4:4:4", "67f4000d919b282a10f1f1f80880000003008000001e078a14cb", "f4000d", capture.Size{Width: 322, Height: 242}},
	{"not an SPS", testPPS, "", capture.Size{}},
	{"empty", "", "", capture.Size{}},
	{"header alone", "6742c01f", "", capture.Size{}},
	{"cut short", "6742c01fd900", "", capture.Size{}},
	{"endless golomb code", "6742c01f0000000000000000000000", "", capture.Size{}},
}

func TestParseSPS(t *testing.T) {
	for _, tt := range spsTests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseSPS(unhex(t, tt.unit))
			if (err != nil) != (tt.profile == "") {
				t.Fatalf("error %v", err)
			}
			if err == nil && (got.ProfileLevelID() != tt.profile || got.Size != tt.size) {
				t.Errorf("got %s %v, want %s %v", got.ProfileLevelID(), got.Size, tt.profile, tt.size)
			}
		})
	}
}

func FuzzParseSPS(f *testing.F) {
	for _, tt := range spsTests {
		f.Add(unhex(f, tt.unit))
	}
	f.Fuzz(func(t *testing.T, unit []byte) {
		s, err := ParseSPS(unit)
		if err == nil && (s.Size.Width < 1 || s.Size.Height < 1 || s.Size.Width > capture.MaxDimension || s.Size.Height > capture.MaxDimension) {
			t.Errorf("size %v without an error", s.Size)
		}
	})
}

func TestAnnouncement(t *testing.T) {
	for _, tt := range []struct {
		profile, constraints byte
		interlaced           bool
		want                 string
	}{
		{66, 0xe0, false, "42e01f"},
		{66, 0x40, false, "42e01f"},
		{66, 0xc0, false, "42e01f"},
		{66, 0x00, false, "42001f 42e01f"},
		{66, 0x80, false, "42001f 42e01f"},
		{77, 0x40, false, "4d001f 42e01f"},
		{77, 0x80, false, "42e01f"},
		{100, 0x00, false, "64001f 640c1f 42e01f"},
		{100, 0x0c, false, "64001f 640c1f 42e01f"},
		{100, 0x00, true, "64001f 42e01f"},
		{122, 0x10, false, "7a101f 42e01f"},
	} {
		s := SPS{Profile: tt.profile, Constraints: tt.constraints, Level: 31, Interlaced: tt.interlaced}
		if got := strings.Join(s.Announcement(), " "); got != tt.want {
			t.Errorf("%s: %s, want %s", s.ProfileLevelID(), got, tt.want)
		}
	}
}
