package pattern

import "math"

// text is one line of the card's own stroke font: drawn, not scaled from a
// bitmap, so that it is smooth from 320x240 to 4K.
type text struct {
	content string
	height  float64 // of a digit, in pixels
	weight  float64 // width of a stroke, 1 is regular
}

const (
	emHeight     = 100 // glyphs are drawn on a grid with digits this high
	strokeWidth  = 12
	glyphSpacing = 26 // from one glyph's outline to the next
)

// width is in pixels, up to the end of the last glyph.
func (t text) width() float64 {
	w := 0.0
	for _, r := range t.content {
		w += glyphOf(r).width + glyphSpacing
	}
	return max(w-glyphSpacing, 0) * t.height / emHeight
}

// fit makes t smaller until it is at most width wide.
func (t text) fit(width float64) text {
	if w := t.width(); w > width {
		t.height *= width / w
	}
	return t
}

// paint draws t centred around x, its digits' tops at y.
func (c *canvas) text(t text, x, y float64, ink color) {
	scale := t.height / emHeight
	x -= t.width() / 2
	for _, r := range t.content {
		g := glyphOf(r)
		c.glyph(g, x, y, scale, t.weight, ink)
		x += (g.width + glyphSpacing) * scale
	}
}

func (c *canvas) glyph(g glyph, x, y, scale, weight float64, ink color) {
	// Small text would vanish if its strokes became thinner than a pixel.
	half := max(strokeWidth*weight*scale, 1) / 2
	b := box{int(x - half - 1), int(y - half - 1), int(x + g.width*scale + half + 2), int(y + descent*scale + half + 2)}
	c.paint(b, func(px, py float64) float64 {
		px, py = (px-x)/scale, (py-y)/scale
		nearest := math.Inf(1)
		for _, s := range g.strokes {
			for i := range max(len(s)-1, 1) {
				nearest = min(nearest, squaredDistance(px, py, s[i], s[min(i+1, len(s)-1)]))
			}
		}
		return math.Sqrt(nearest)*scale - half
	}, ink, 1)
}

func squaredDistance(x, y float64, a, b point) float64 {
	dx, dy := b.x-a.x, b.y-a.y
	t := 0.0
	if length2 := dx*dx + dy*dy; length2 > 0 {
		t = min(max(((x-a.x)*dx+(y-a.y)*dy)/length2, 0), 1)
	}
	x, y = x-a.x-t*dx, y-a.y-t*dy
	return x*x + y*y
}
