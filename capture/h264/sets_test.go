package h264

import (
	"bytes"
	"testing"

	"github.com/pushcam/pushcam/capture"
)

// otherSPS is 1920x1080.
const otherSPS = "6742c028d900780227e5c044000003000400000300f03c60c920"

func TestParameterSets(t *testing.T) {
	var p ParameterSets
	if _, ok := p.SPS(); ok || p.Complete() || p.Append(nil) != nil {
		t.Error("an empty one has parameter sets")
	}
	secondPPS := "685bcb20" // ue 1
	for i, step := range []struct {
		unit     []byte
		changed  bool
		complete bool
		width    int
		want     string
	}{
		{stream(t, "P"), false, false, 0, ""},
		{stream(t, "AQ"), true, false, 0, "00000001" + testPPS},
		{stream(t, "ASQI"), true, true, 1280, "00000001" + testSPS + "00000001" + testPPS},
		{stream(t, "ASQI"), false, true, 1280, "00000001" + testSPS + "00000001" + testPPS},
		{stream(t, "IS"), false, true, 1280, "00000001" + testSPS + "00000001" + testPPS},
		{unhex(t, "000001"+otherSPS), true, true, 1920, "00000001" + otherSPS + "00000001" + testPPS},
		{unhex(t, "000001"+secondPPS), true, true, 1920, "00000001" + otherSPS + "00000001" + testPPS + "00000001" + secondPPS},
		{unhex(t, "000001 67 000001 68 000001 6742 000001 6800000000000000"), false, true, 1920, "00000001" + otherSPS + "00000001" + testPPS + "00000001" + secondPPS},
		{append(unhex(t, "000001"+testPPS), bytes.Repeat([]byte{0xab}, maxSet)...), false, true, 1920, "00000001" + otherSPS + "00000001" + testPPS + "00000001" + secondPPS},
	} {
		if got := p.Add(step.unit); got != step.changed {
			t.Errorf("step %d: changed %v", i, got)
		}
		for j := range step.unit {
			step.unit[j] = 0xee // it is not kept
		}
		sps, _ := p.SPS()
		if p.Complete() != step.complete || sps.Size.Width != step.width {
			t.Errorf("step %d: complete %v, %v", i, p.Complete(), sps.Size)
		}
		if got, want := p.Append(nil), unhex(t, step.want); !bytes.Equal(got, want) {
			t.Errorf("step %d: %x, want %x", i, got, want)
		}
	}
}

func TestVUI(t *testing.T) {
	var none *VUI
	if rate := none.FrameRate(); rate != 0 {
		t.Errorf("%v pictures per second of no VUI", rate)
	}
	for _, tt := range spsTests[:2] {
		s, err := ParseSPS(unhex(t, tt.unit))
		if err != nil || s.VUI == nil || !s.VUI.Restricted || s.VUI.ReorderFrames != 0 {
			t.Fatalf("%s: %+v, %v", tt.name, s.VUI, err)
		}
		if rate := s.VUI.FrameRate(); rate != 30 {
			t.Errorf("%s: %v pictures per second", tt.name, rate)
		}
	}
	s, err := ParseSPS(unhex(t, testSPS))
	if err != nil {
		t.Fatal(err)
	}
	if want := (capture.Size{Width: 1280, Height: 720}); s.Size != want || s.References != 3 {
		t.Errorf("%v with %d references", s.Size, s.References)
	}
}

func FuzzParameterSets(f *testing.F) {
	f.Add(stream(f, "ASQEIPP"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var p ParameterSets
		p.Add(data)
		all := p.Append(nil)
		var again ParameterSets
		again.Add(all)
		if got := again.Append(nil); !bytes.Equal(got, all) {
			t.Errorf("%x becomes %x", all, got)
		}
	})
}
