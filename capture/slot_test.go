package capture

import (
	"testing"
	"time"
)

func TestSlotKeepsTheNewest(t *testing.T) {
	var pool FramePool
	size := Size{16, 16}
	s := newSlot()
	first, second := pool.Get(size), pool.Get(size)
	if n := s.put(first); n != 0 {
		t.Errorf("put into an empty slot dropped %d", n)
	}
	if n := s.put(second); n != 1 {
		t.Errorf("put over a Frame dropped %d, want 1", n)
	}
	if got := s.take(); got != second {
		t.Errorf("took %p, want the newest, %p", got, second)
	}
	if got := s.take(); got != nil {
		t.Errorf("took %p from an empty slot", got)
	}
	if again := pool.Get(size); again != first {
		t.Error("the dropped Frame did not go back to its pool")
	}
	s.put(second)
	s.close()
	s.put(first)
	if len(pool.free) != 2 {
		t.Errorf("%d Frames in the pool after close, want both", len(pool.free))
	}
}

// TestSlotKeepsCodedFrames checks that Frames which need each other stay
// together, or go together.
func TestSlotKeepsCodedFrames(t *testing.T) {
	size := Size{16, 16}
	coded := func(n int) *Frame {
		return NewCodedFrame(size, &Coded{Codec: H264, Sequence: uint64(n)}, time.Time{})
	}
	for _, c := range []struct {
		name    string
		frames  []*Frame
		dropped int
		taken   int
	}{
		{"in a line", []*Frame{coded(0), coded(1), coded(2)}, 0, 3},
		{"coded after raw", []*Frame{NewFrame(size), coded(1), coded(2)}, 1, 2},
		{"raw after coded", []*Frame{coded(0), coded(1), NewFrame(size)}, 2, 1},
		{"one too many", []*Frame{
			coded(0), coded(1), coded(2), coded(3), coded(4), coded(5), coded(6), coded(7), coded(8),
		}, codedLength, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSlot()
			dropped := 0
			for _, f := range c.frames {
				dropped += s.put(f)
			}
			if dropped != c.dropped {
				t.Errorf("dropped %d, want %d", dropped, c.dropped)
			}
			for _, want := range c.frames[len(c.frames)-c.taken:] {
				if got := s.take(); got != want {
					t.Errorf("took %v, want %v", got, want)
				}
			}
			if got := s.take(); got != nil {
				t.Errorf("took %v from an empty slot", got)
			}
		})
	}
}

func TestFrameReferences(t *testing.T) {
	for name, misuse := range map[string]func(*Frame){
		"released twice":          func(f *Frame) { f.Release() },
		"retained after the last": func(f *Frame) { f.Retain() },
	} {
		t.Run(name, func(t *testing.T) {
			f := NewFrame(Size{16, 16})
			f.Retain().Release()
			f.Release()
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			misuse(f)
		})
	}
}

func TestFramePoolChangesSize(t *testing.T) {
	var pool FramePool
	small := pool.Get(Size{16, 16})
	small.Release()
	large := pool.Get(Size{32, 32})
	if large == small || len(large.Y) != 32*32 || len(large.U) != 16*16 {
		t.Errorf("got %v with %d luma and %d chroma bytes", large.Size, len(large.Y), len(large.U))
	}
}
