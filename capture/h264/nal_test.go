package h264

import (
	"bytes"
	"slices"
	"testing"
)

func TestNALs(t *testing.T) {
	for _, tt := range []struct {
		name, stream string
		want         []string
	}{
		{"empty", "", nil},
		{"no start code", "0000 6701", nil},
		{"start code alone", "000001", nil},
		{"start codes alone", "000001 00000001 000001", nil},
		{"short start code", "000001 6701", []string{"6701"}},
		{"long start code", "00000001 6701", []string{"6701"}},
		{"mixed", "00000001 6701 000001 6802 00000001 6503", []string{"6701", "6802", "6503"}},
		{"zeros around", "0000000000000001 6701 00000000000001 6802 000000", []string{"6701", "6802"}},
		{"garbage before", "ffff 000001 6701", []string{"6701"}},
		{"an escaped start code is none", "000001 65000003 01", []string{"6500000301"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			stream := unhex(t, tt.stream)
			got := slices.Collect(NALs(stream))
			want := make([][]byte, len(tt.want))
			for i, w := range tt.want {
				want[i] = unhex(t, w)
			}
			if !slices.EqualFunc(got, want, bytes.Equal) {
				t.Errorf("got %x, want %x", got, want)
			}
		})
	}
}

func TestNALsAllocateNothing(t *testing.T) {
	stream := bytes.Repeat(unhex(t, "00000001 41e0 9a8b7c"), 100)
	if n := testing.AllocsPerRun(10, func() {
		for nal := range NALs(stream) {
			_ = TypeOf(nal)
		}
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestKeyframe(t *testing.T) {
	for stream, want := range map[string]bool{
		"":                                    false,
		"000001 0910 000001 65b8":             true,
		"000001 0910 000001 6742 000001 41e0": false,
		"000001 0910 000001 0605 000001 25b8": true,
		"000001 6742 000001 68ce":             false,
	} {
		if got := Keyframe(unhex(t, stream)); got != want {
			t.Errorf("%s: %v, want %v", stream, got, want)
		}
	}
}

func TestSliceType(t *testing.T) {
	for unit, want := range map[string]int{
		"6588": 2,  // ue 0, ue 7: I
		"4198": 0,  // ue 0, ue 5: P
		"41e0": 0,  // ue 0, ue 0: P
		"6742": -1, // no slice
		"41":   -1,
		"":     -1,
		"4100000000000000000000000000000000000000": -1,
	} {
		got, err := SliceType(unhex(t, unit))
		if err != nil {
			got = -1
		}
		if got != want {
			t.Errorf("%s: %d (%v), want %d", unit, got, err, want)
		}
	}
}
