package capture

import "testing"

func TestSlotKeepsTheNewest(t *testing.T) {
	var pool FramePool
	size := Size{16, 16}
	s := newSlot()
	first, second := pool.Get(size), pool.Get(size)
	if s.put(first) {
		t.Error("put into an empty slot dropped something")
	}
	if !s.put(second) {
		t.Error("put over a Frame dropped nothing")
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
