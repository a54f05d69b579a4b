package capture

import "testing"

func TestFrameValidate(t *testing.T) {
	size := Size{Width: 64, Height: 32}
	tests := []struct {
		name   string
		change func(*Frame)
		ok     bool
	}{
		{"as made", func(*Frame) {}, true},
		{"last row ends at the edge", func(f *Frame) { f.YStride = 80; f.Y = make([]byte, 80*31+64) }, true},
		{"one byte short", func(f *Frame) { f.YStride = 80; f.Y = make([]byte, 80*31+63) }, false},
		{"odd width", func(f *Frame) { f.Width = 63 }, false},
		{"odd height", func(f *Frame) { f.Height = 31 }, false},
		{"zero", func(f *Frame) { f.Size = Size{} }, false},
		{"negative", func(f *Frame) { f.Width = -64 }, false},
		{"larger than its planes", func(f *Frame) { f.Height = 34 }, false},
		{"absurd", func(f *Frame) { f.Size = Size{1 << 40, 1 << 40} }, false},
		{"short chroma", func(f *Frame) { f.V = f.V[1:] }, false},
		{"no planes", func(f *Frame) { f.Y, f.U, f.V = nil, nil, nil }, false},
		{"stride shorter than a row", func(f *Frame) { f.YStride = 62 }, false},
		{"chroma stride zero", func(f *Frame) { f.UVStride = 0 }, false},
		{"absurd stride", func(f *Frame) { f.YStride = 1 << 62 }, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := NewFrame(size)
			tt.change(f)
			if err := f.Validate(); (err == nil) != tt.ok {
				t.Errorf("got %v", err)
			}
		})
	}
	if (*Frame)(nil).Validate() == nil {
		t.Error("a nil frame is valid")
	}
}
