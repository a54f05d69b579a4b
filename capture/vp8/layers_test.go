package vp8

import "testing"

// TestLayersNowAndThen: without layers, a viewer has a picture in each often
// enough to know newer from older.
func TestLayersNowAndThen(t *testing.T) {
	l := &layering{}
	var last [3]int
	for i := range 5 * longestWithout {
		p := l.next(i == 0 || i == 100)
		if i == 100 {
			last = [3]int{i, i, i} // viewers forget with a keyframe
		}
		if l.shared {
			t.Fatalf("picture %d: rate control shares", i)
		}
		if p.layer > 0 && i < longestWithout {
			t.Fatalf("picture %d is in layer %d", i, p.layer)
		}
		last[p.layer] = i
		for layer, at := range last {
			if i-at > longestWithout+8 {
				t.Fatalf("picture %d: the last in layer %d was %d", i, layer, at)
			}
		}
		l.advance()
	}
}

// TestKeyframeBeginsARound, wherever it comes.
func TestKeyframeBeginsARound(t *testing.T) {
	for at := range 8 {
		l := &layering{wanted: true}
		for i := range at {
			l.next(i == 0)
			l.advance()
		}
		for i, want := range []uint8{0, 2, 1, 2, 0, 2} {
			if p := l.next(i == 0); p.layer != want {
				t.Errorf("keyframe after %d pictures, then %d: layer %d, want %d", at, i, p.layer, want)
			}
			l.advance()
		}
	}
}
