package jpeg

import (
	"bytes"
	"image/jpeg"
	"testing"

	"github.com/pushcam/pushcam/capture"
)

// TestStandalone: what webcams send, and Decode forgives, is what image/jpeg
// takes, too.
func TestStandalone(t *testing.T) {
	whole := read(t, "440") // has the standard tables
	for name, data := range map[string][]byte{
		"whole":            whole,
		"padded":           append(bytes.Clone(whole), make([]byte, 1000)...),
		"padded with ends": append(bytes.Clone(whole), 0xff, 0xd9, 0xff, 0xd9),
		"without an end":   whole[:len(whole)-2],
		"half an end":      whole[:len(whole)-1],
		"without tables":   withoutTables(whole),
		"without both":     withoutTables(whole[:len(whole)-2]),
	} {
		t.Run(name, func(t *testing.T) {
			before := bytes.Clone(data)
			got := Standalone(data)
			if !bytes.Equal(data, before) || len(got) > 0 && &got[0] == &data[0] {
				t.Error("not a copy")
			}
			want, err := jpeg.Decode(bytes.NewReader(whole))
			if err != nil {
				t.Fatal(err)
			}
			img, err := jpeg.Decode(bytes.NewReader(got))
			if err != nil {
				t.Fatal(err)
			}
			f, err := newDecoder(t).Decode(new(capture.FramePool), got)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Release()
			compare(t, f, want)
			if img.At(50, 50) != want.At(50, 50) {
				t.Error("another picture")
			}
			if !bytes.HasSuffix(got, []byte{0xff, 0xd9}) || len(got) > len(whole)+len(standardTables) {
				t.Errorf("%d bytes, ends with % x", len(got), got[len(got)-2:])
			}
		})
	}
	if got := Standalone(whole); !bytes.Equal(got, whole) {
		t.Error("a whole one is changed")
	}
}

// TestUndecoded: what is whole and can be decoded, as Standalone has it; of all
// else nothing.
func TestUndecoded(t *testing.T) {
	whole := read(t, "440")
	broken := func(marker byte, offset int, value byte) []byte {
		data := bytes.Clone(whole)
		data[bytes.Index(data, []byte{0xff, marker})+offset] = value
		return data
	}
	takes := map[string][]byte{
		"whole":          whole,
		"padded":         append(bytes.Clone(whole), make([]byte, 1000)...),
		"without tables": withoutTables(whole),
	}
	for _, kind := range kinds() {
		takes[kind] = read(t, kind)
	}
	for name, data := range takes {
		got := Undecoded(data)
		f, err := newDecoder(t).Decode(new(capture.FramePool), data)
		switch {
		case err != nil: // see below
			continue
		case got == nil:
			t.Errorf("%s: not taken", name)
		case got.Size != f.Size || got.Y != nil || !bytes.Equal(got.JPEG, Standalone(data)):
			t.Errorf("%s: %v, %d bytes", name, got.Size, len(got.JPEG))
		}
		f.Release()
	}
	for name, data := range map[string][]byte{
		"nothing":          nil,
		"no picture":       whole[:20],
		"without an end":   whole[:len(whole)-2],
		"half an end":      whole[:len(whole)-1],
		"cut off":          whole[:len(whole)*3/4],
		"progressive":      read(t, "progressive"),
		"four components":  read(t, "cmyk"),
		"twelve bits":      broken(markerSOF0, 4, 12),
		"a side too short": broken(markerSOF0, 6, 2),
	} {
		if Undecoded(data) != nil {
			t.Errorf("%s: taken", name)
		}
	}
}

// FuzzStandalone: whatever it is given, what can be decoded can be decoded after.
func FuzzStandalone(f *testing.F) {
	for _, kind := range kinds() {
		f.Add(read(f, kind))
		f.Add(withoutTables(read(f, kind)))
	}
	f.Add([]byte{0xff, 0xd8, 0xff})
	f.Add([]byte{0xff, 0xd8, 0xff, 0xda, 0xff, 0xff})
	d := newDecoder(f)
	pool := new(capture.FramePool)
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<16 {
			return
		}
		out := Standalone(data)
		before, err := d.Decode(pool, data)
		if err != nil {
			return
		}
		defer before.Release()
		after, err := d.Decode(pool, out)
		if err != nil {
			t.Fatalf("no longer decoded: %v", err)
		}
		defer after.Release()
		if alone := Undecoded(data); alone != nil && alone.Size != before.Size {
			t.Errorf("undecoded %v, decoded %v", alone.Size, before.Size)
		}
		if !bytes.Equal(before.Y, after.Y) {
			t.Error("another picture")
		}
	})
}
