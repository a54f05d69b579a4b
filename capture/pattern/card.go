package pattern

import (
	"fmt"
	"math"

	"github.com/pushcam/pushcam/capture"
)

// geometry is where the parts of the card are, in pixels.
type geometry struct {
	w, h           int
	barsBottom     int
	top            int // where the landscape begins; even
	bottom         int // where the clock's panel begins
	cx, cy, radius float64
	line           float64 // width of a thin line
}

func newGeometry(size capture.Size) geometry {
	w, h := size.Width, size.Height
	g := geometry{w: w, h: h, barsBottom: h * 13 / 100, top: h * 17 / 100 &^ 1, bottom: clockY(panelLine, h)}
	g.cx, g.cy = float64(w)/2, float64(g.top+g.bottom)/2
	g.radius = min(0.305*float64(h), 0.30*float64(w))
	g.line = max(float64(min(w, h))/480, 1)
	return g
}

// Colours of the dial.
func dialColor() color   { return rgb(0x0c1526) }
func accentColor() color { return rgb(0xff8a4c) }
func quietColor() color  { return rgb(0x8fa3c0) }
func paleColor() color   { return rgb(0xf2f5fa) }

// newCard paints all that stands still.
func newCard(g geometry, mode capture.Mode, caption string) *canvas {
	c := newCanvas(g.w, g.h)
	c.bars(g)
	c.marks(g)
	side := g.cx - g.radius
	r := min(0.125*float64(g.h), 0.37*side)
	c.zonePlate(side/2, g.cy, r, g.line)
	c.star(float64(g.w)-side/2, g.cy, r, g.line)
	c.dial(g, mode, caption)
	return c
}

// bars are the colours at 75 % and, below, a staircase of grey.
func (c *canvas) bars(g geometry) {
	hues := []color{
		rgb(0xbfbfbf), rgb(0xbfbf00), rgb(0x00bfbf), rgb(0x00bf00),
		rgb(0xbf00bf), rgb(0xbf0000), rgb(0x0000bf), rgb(0x101010),
	}
	c.each(box{0, 0, g.w, g.barsBottom}, func(x, _ int) color { return hues[x*len(hues)/g.w] })
	const steps = 11
	c.each(box{0, g.barsBottom, g.w, g.top}, func(x, _ int) color {
		return mix(rgb(0x000000), rgb(0xffffff), float64(x*steps/g.w)/(steps-1))
	})
}

// marks show whether the picture is cut, stretched or off centre.
func (c *canvas) marks(g geometry) {
	w, top, bottom := float64(g.w), float64(g.top), float64(g.bottom)
	pale, half := paleColor(), g.line/2
	inner := box{0, g.top, g.w, g.bottom}
	c.paint(inner, rectangle(0, g.cy-half, w, g.cy+half), pale, 0.55)
	c.paint(inner, rectangle(g.cx-half, top, g.cx+half, bottom), pale, 0.55)
	unit := w / clockColumns
	for i := 1; i < clockColumns; i++ {
		x, size := float64(i)*unit, unit/8
		if i%3 == 0 {
			size *= 2
		}
		c.paint(around(x, g.cy, size+g.line), rectangle(x-half, g.cy-size, x+half, g.cy+size), pale, 0.55)
	}
	inset, arm := unit/2, unit*1.25
	for i := range 4 {
		x, y, dx, dy := inset, top+inset, arm, arm
		if i&1 == 1 {
			x, dx = w-inset, -arm
		}
		if i&2 == 2 {
			y, dy = bottom-inset, -arm
		}
		c.paint(around(x, y, arm), bar(x, y, x+dx, y, 2*g.line), pale, 0.9)
		c.paint(around(x, y, arm), bar(x, y, x, y+dy, 2*g.line), pale, 0.9)
	}
}

// zonePlate has all spatial frequencies up to a third of the pixels'.
func (c *canvas) zonePlate(cx, cy, r, line float64) {
	k := math.Pi / 3 / r
	c.inDisc(cx, cy, r, line, func(dx, dy float64) float64 { return math.Cos(k * (dx*dx + dy*dy)) })
}

// star has spokes in all directions: blur turns its centre grey.
func (c *canvas) star(cx, cy, r, line float64) {
	c.inDisc(cx, cy, r, line, func(dx, dy float64) float64 {
		const spokes = 24
		// The edge of a spoke is one pixel wide at any radius.
		return min(max(math.Sin(math.Atan2(dy, dx)*spokes)*length(dx, dy)/spokes, -1), 1)
	})
}

// inDisc paints shade, from -1 black to 1 white, framed by a circle.
func (c *canvas) inDisc(cx, cy, r, line float64, shade func(dx, dy float64) float64) {
	b := around(cx, cy, r).clip(c.w, c.h)
	inside := disc(cx, cy, r)
	for y := b.y0; y < b.y1; y++ {
		for x := b.x0; x < b.x1; x++ {
			px, py := float64(x)+0.5, float64(y)+0.5
			if cover := min(0.5-inside(px, py), 1); cover > 0 {
				c.over(x, y, mix(dialColor(), paleColor(), 0.5+0.5*shade(px-cx, py-cy)), cover)
			}
		}
	}
	c.paint(around(cx, cy, r+2*line), ring(cx, cy, r, 2*line), paleColor(), 1)
}

// dial is the disc in the middle: what this is, room for the time, a second's
// worth of ticks.
func (c *canvas) dial(g geometry, mode capture.Mode, caption string) {
	r := g.radius
	all := around(g.cx, g.cy, r+3*g.line)
	c.paint(all, disc(g.cx, g.cy, r), dialColor(), 1)
	c.paint(all, ring(g.cx, g.cy, r, 2.5*g.line), paleColor(), 1)
	for i := range 60 {
		x, y := g.onDial(float64(i)/60, 0.92)
		c.paint(around(x, y, 0.06*r), g.tick(i), mix(dialColor(), quietColor(), 0.35), 1)
	}
	sizeLine := 0.545
	if caption == "" {
		sizeLine = 0.36
	}
	for _, l := range []struct {
		content string
		y       float64 // of the top, in radii from the centre
		height  float64 // in radii
		weight  float64
		ink     color
	}{
		{"pushcam", -0.66, 0.19, 1.25, paleColor()},
		{"test pattern", -0.375, 0.115, 1, quietColor()},
		{caption, 0.305, 0.125, 1.1, accentColor()},
		{fmt.Sprintf("%v  %.4g fps", mode.Size, mode.FrameRate), sizeLine, 0.095, 1, quietColor()},
	} {
		t := text{l.content, l.height * r, l.weight}
		widest := math.Sqrt(0.78*0.78-l.y*l.y) * 2 * r
		c.text(t.fit(widest), g.cx, g.cy+l.y*r, l.ink)
	}
}

// tick is the mark of second i on the dial.
func (g geometry) tick(i int) shape {
	inner, width := 0.91, g.radius*0.014
	if i%5 == 0 {
		inner, width = 0.88, g.radius*0.024
	}
	x0, y0 := g.onDial(float64(i)/60, inner)
	x1, y1 := g.onDial(float64(i)/60, 0.95)
	return bar(x0, y0, x1, y1, max(width, 1))
}

// onDial is a point in polar coordinates: turns clockwise from the top, and
// radii of the dial.
func (g geometry) onDial(turn, radii float64) (x, y float64) {
	sin, cos := math.Sincos(turn * 2 * math.Pi)
	return g.cx + sin*radii*g.radius, g.cy - cos*radii*g.radius
}
