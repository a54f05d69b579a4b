package h264

import (
	"bytes"
	"encoding/hex"
	"testing"
)

func TestDescribe(t *testing.T) {
	for _, tt := range spsTests {
		t.Run(tt.name, func(t *testing.T) {
			nal := unhex(t, tt.unit)
			before, err := ParseSPS(nal)
			got, describeErr := Describe(nal)
			if (err == nil) != (describeErr == nil) {
				t.Fatalf("ParseSPS: %v, Describe: %v", err, describeErr)
			}
			if err == nil {
				checkDescribed(t, before, got)
			}
		})
	}
}

// checkDescribed compares an SPS with what Describe made of it.
func checkDescribed(t *testing.T, before SPS, nal []byte) {
	t.Helper()
	after, err := ParseSPS(nal)
	if err != nil || after.VUI == nil {
		t.Fatalf("%x: %+v, %v", nal, after, err)
	}
	v := after.VUI
	if v.FullRange || v.Primaries != 1 || v.Transfer != 1 || v.Matrix != 6 || !v.Restricted || v.ReorderFrames != 0 {
		t.Errorf("VUI %+v", *v)
	}
	if before.VUI != nil && (v.UnitsInTick != before.VUI.UnitsInTick || v.TimeScale != before.VUI.TimeScale) {
		t.Errorf("timing %d/%d became %d/%d", before.VUI.UnitsInTick, before.VUI.TimeScale, v.UnitsInTick, v.TimeScale)
	}
	after.VUI, before.VUI = nil, nil
	if after != before {
		t.Errorf("%+v became %+v", before, after)
	}
	if bytes.Contains(nal, []byte{0, 0, 0}) || bytes.Contains(nal, []byte{0, 0, 1}) || bytes.Contains(nal, []byte{0, 0, 2}) {
		t.Errorf("%x has a start code in it", nal)
	}
	again, err := Describe(nal)
	if err != nil || !bytes.Equal(again, nal) {
		t.Errorf("described again: %x, %v; want %x", again, err, nal)
	}
}

// TestDescribeBare adds a VUI where there is none.
func TestDescribeBare(t *testing.T) {
	// 320x180, cropped, without VUI, level 3.1.
	w := &BitWriter{}
	for _, v := range []uint32{0, 0, 2, 1} {
		w.Golomb(v)
	}
	w.Bits(0, 1)
	w.Golomb(19)
	w.Golomb(11)
	w.Bits(0b111, 3)
	for _, v := range []uint32{0, 0, 0, 6} {
		w.Golomb(v)
	}
	w.Bits(0b01, 2)
	nal := append([]byte{0x67, 0x42, 0xe0, 0x1f}, w.data...)
	before, err := ParseSPS(nal)
	if err != nil || before.VUI != nil || before.Size.Height != 180 {
		t.Fatalf("%+v, %v", before, err)
	}
	got, err := Describe(nal)
	if err != nil {
		t.Fatal(err)
	}
	checkDescribed(t, before, got)
}

func FuzzDescribe(f *testing.F) {
	for _, tt := range spsTests {
		if nal, err := hex.DecodeString(tt.unit); err == nil {
			f.Add(nal)
		}
	}
	f.Fuzz(func(t *testing.T, nal []byte) {
		got, err := Describe(nal)
		if err != nil {
			return
		}
		before, err := ParseSPS(nal)
		if err != nil {
			t.Fatal(err)
		}
		after, err := ParseSPS(got)
		if err != nil || after.Size != before.Size || after.VUI == nil {
			t.Errorf("%x became %x: %+v, %v", nal, got, after, err)
		}
	})
}
