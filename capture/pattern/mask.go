package pattern

import (
	"math"

	"github.com/pushcam/pushcam/capture"
)

// mask is how much of each pixel a glyph covers. Its strokes are short and many,
// so each is drawn near itself only.
type mask struct {
	x, y, w, h int // around the left end of the digits' tops
	cover      []byte
}

func newMask(g glyph, height, weight float64) mask {
	scale := height / emHeight
	// Small text would vanish if its strokes became thinner than a pixel.
	width := max(strokeWidth*weight*scale, 1)
	all := along(0, -10*scale, g.width*scale, descent*scale, width)
	m := mask{x: all.x0, y: all.y0, w: all.x1 - all.x0, h: all.y1 - all.y0}
	m.cover = make([]byte, m.w*m.h)
	for _, s := range g.strokes {
		for i := range max(len(s)-1, 1) {
			a, b := s[i], s[min(i+1, len(s)-1)]
			m.stroke(a.x*scale, a.y*scale, b.x*scale, b.y*scale, width)
		}
	}
	return m
}

func (m *mask) stroke(x0, y0, x1, y1, width float64) {
	line := bar(x0, y0, x1, y1, width)
	b := along(x0, y0, x1, y1, width)
	for y := max(b.y0, m.y); y < min(b.y1, m.y+m.h); y++ {
		for x := max(b.x0, m.x); x < min(b.x1, m.x+m.w); x++ {
			if cover := min(0.5-line(float64(x)+0.5, float64(y)+0.5), 1); cover > 0 {
				p := &m.cover[(y-m.y)*m.w+x-m.x]
				*p = max(*p, byte(255*cover+0.5))
			}
		}
	}
}

// along is the box that holds a bar of this width.
func along(x0, y0, x1, y1, width float64) box {
	r := width/2 + 1
	return box{
		int(math.Floor(min(x0, x1) - r)), int(math.Floor(min(y0, y1) - r)),
		int(math.Ceil(max(x0, x1) + r)), int(math.Ceil(max(y0, y1) + r)),
	}
}

// masks keeps the glyphs that were drawn.
type masks map[maskKey]mask

type maskKey struct {
	glyph          rune
	height, weight float64
}

func (m masks) get(g glyph, key maskKey) mask {
	kept, ok := m[key]
	if !ok {
		kept = newMask(g, key.height, key.weight)
		m[key] = kept
	}
	return kept
}

// text draws t centred around x, its digits' tops at y, in luma alone. Glyphs
// stand on whole pixels.
func (m masks) text(f *capture.Frame, t text, x, y float64, luma byte) {
	scale := t.height / emHeight
	x -= t.width() / 2
	for _, r := range t.content {
		g := glyphOf(r)
		if len(g.strokes) > 0 {
			m.get(g, maskKey{r, t.height, t.weight}).draw(f, int(math.Round(x)), int(math.Round(y)), luma)
		}
		x += (g.width + glyphSpacing) * scale
	}
}

func (m mask) draw(f *capture.Frame, x, y int, luma byte) {
	x, y = x+m.x, y+m.y
	b := box{x, y, x + m.w, y + m.h}.clip(f.Width, f.Height)
	for py := b.y0; py < b.y1; py++ {
		row := f.Y[py*f.YStride:]
		cover := m.cover[(py-y)*m.w:]
		for px := b.x0; px < b.x1; px++ {
			p, c := int(row[px]), int(cover[px-x])
			row[px] = byte(p + (int(luma)-p)*c/255)
		}
	}
}

// shade blends a shape into the luma of f, inside b only.
func shade(f *capture.Frame, b box, s shape, luma byte) {
	b = b.clip(f.Width, f.Height)
	for y := b.y0; y < b.y1; y++ {
		row := f.Y[y*f.YStride:][:f.Width]
		for x := b.x0; x < b.x1; x++ {
			if cover := min(0.5-s(float64(x)+0.5, float64(y)+0.5), 1); cover > 0 {
				row[x] = byte(float64(row[x]) + (float64(luma)-float64(row[x]))*cover + 0.5)
			}
		}
	}
}
