package h264

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
)

func TestComplement(t *testing.T) {
	var p ParameterSets
	p.Add(stream(t, "SQ"))
	for _, tt := range []struct{ unit, want string }{
		{"P", "P"},
		{"AP", "AP"},
		{"ASQI", "ASQI"},
		{"SQEI", "SQEI"},
		{"I", "SQI"},
		{"AI", "ASQI"},
		{"EIi", "SQEIi"},
		{"ASI", "ASQI"},
		{"AQEIiF", "ASQEIiF"},
		{"AF", "AF"},
		{"", ""},
	} {
		unit := stream(t, tt.unit)
		got := p.Complement(unit)
		if letters(got) != tt.want {
			t.Errorf("%s becomes %s, want %s", tt.unit, letters(got), tt.want)
		}
		if same := len(unit) > 0 && &got[0] == &unit[0]; same != (tt.unit == tt.want) && len(unit) > 0 {
			t.Errorf("%s: copied %v", tt.unit, !same)
		}
		if cap(got) < len(got) || tt.unit != tt.want && cap(got) > len(got)+64 {
			t.Errorf("%s: %d bytes in memory of %d", tt.unit, len(got), cap(got))
		}
	}
	var none ParameterSets
	if got := none.Complement(stream(t, "I")); letters(got) != "I" {
		t.Errorf("without parameter sets: %s", letters(got))
	}
}

func TestStream(t *testing.T) {
	asked := errors.New("asked")
	s := Stream{RequestKeyframe: func() error { return asked }}
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	if f := s.Frame(stream(t, "P"), at); f != nil {
		t.Errorf("a frame before the first SPS: %v", f)
	}
	s.Size = capture.Size{Width: 640, Height: 360}
	if f := s.Frame(stream(t, "P"), at); f == nil || f.Size != s.Size {
		t.Errorf("a frame of the size that is said beforehand: %v", f)
	}
	key := s.Frame(stream(t, "ASQI"), at)
	delta := s.Frame(stream(t, "AP"), at.Add(time.Second))
	s.Lost()
	bare := s.Frame(stream(t, "AI"), at)
	for i, f := range []*capture.Frame{key, delta, bare} {
		want := []struct {
			letters  string
			sequence uint64
		}{{"ASQI", 3}, {"AP", 4}, {"ASQI", 6}}[i]
		if f == nil || f.Coded == nil {
			t.Fatalf("frame %d: %v", i, f)
		}
		c := f.Coded
		if letters(c.Payload) != want.letters || c.Sequence != want.sequence || c.Codec != capture.H264 ||
			f.Size != (capture.Size{Width: 1280, Height: 720}) || !errors.Is(c.RequestKeyframe(), asked) {
			t.Errorf("frame %d: %s, sequence %d, %v %v", i, letters(c.Payload), c.Sequence, c.Codec, f.Size)
		}
		f.Release()
	}
	if !delta.Time.Equal(at.Add(time.Second)) {
		t.Errorf("time %v", delta.Time)
	}
	wide := s.Frame(append(unhex(t, "000001"+otherSPS), stream(t, "QI")...), at)
	if wide.Width != 1920 || !bytes.Contains(wide.Coded.Payload, unhex(t, otherSPS)) {
		t.Errorf("after a new SPS: %v", wide.Size)
	}
}
