package pattern

import (
	"fmt"
	"testing"
)

// TestGlyphs: what error messages are written in can be read, and no two look
// the same.
func TestGlyphs(t *testing.T) {
	const slack = 10 // round parts may reach into the space between glyphs
	seen := map[string]rune{}
	for _, r := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:.,'-/()_\"=+$%!?;" {
		g := glyphOf(r)
		if len(g.strokes) == 0 {
			t.Errorf("%q is blank", r)
		}
		m := newMask(g, 40, 1)
		drawing := fmt.Sprint(m)
		if other, ok := seen[drawing]; ok {
			t.Errorf("%q looks like %q", r, other)
		}
		seen[drawing] = r
		for _, s := range g.strokes {
			for _, p := range s {
				if p.x < -slack || p.x > g.width+slack || p.y < -slack || p.y > descent {
					t.Errorf("%q has a point at %.0f, %.0f, outside its width of %.0f", r, p.x, p.y, g.width)
				}
			}
		}
	}
	for _, r := range " ü監\x00" {
		if g := glyphOf(r); len(g.strokes) > 0 || g.width <= 0 {
			t.Errorf("%q is %v", r, g)
		}
	}
}
