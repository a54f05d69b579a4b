package pattern

import (
	"math"
	"time"

	"github.com/pushcam/pushcam/capture"
)

// comet is the point that runs around the dial once in two seconds: any
// picture lost or late makes it jump.
type comet struct {
	geometry
	ink color
}

const (
	cometTurn = 2 * time.Second
	cometTail = 28 // dots
)

func (c *comet) draw(f *capture.Frame, t time.Time) {
	turn := float64(t.UnixNano()%int64(cometTurn)) / float64(cometTurn)
	for i := cometTail - 1; i >= 0; i-- {
		age := float64(i) / cometTail
		x, y := c.onDial(turn-age*0.11, 0.915)
		opacity := 0.25 * (1 - age)
		if i == 0 {
			opacity = 1
		}
		drawDot(f, x, y, (1-0.6*age)*0.046*c.radius, c.ink, opacity)
	}
}

// drawDot blends a disc with smooth edges into all three planes.
func drawDot(f *capture.Frame, x, y, r float64, ink color, opacity float64) {
	dotPlane(f.Y, f.YStride, f.Width, f.Height, x, y, r, ink.y, opacity)
	w, h := (f.Width+1)/2, (f.Height+1)/2
	dotPlane(f.U, f.UVStride, w, h, x/2, y/2, r/2, ink.u, opacity)
	dotPlane(f.V, f.UVStride, w, h, x/2, y/2, r/2, ink.v, opacity)
}

func dotPlane(pix []byte, stride, w, h int, x, y, r, ink, opacity float64) {
	b := around(x, y, r).clip(w, h)
	outer, inner := (r+0.5)*(r+0.5), max(r-0.5, 0)*max(r-0.5, 0)
	for py := b.y0; py < b.y1; py++ {
		row := pix[py*stride:][:w]
		dy := float64(py) + 0.5 - y
		for px := b.x0; px < b.x1; px++ {
			dx := float64(px) + 0.5 - x
			alpha := opacity
			if square := dx*dx + dy*dy; square >= outer {
				continue
			} else if square > inner { // the edge
				alpha *= min(r+0.5-math.Sqrt(square), 1)
			}
			p := float64(row[px])
			row[px] = byte(p + (ink-p)*alpha + 0.5)
		}
	}
}

// readout is the time of day in the middle of the dial: hh:mm:ss.mmm, made of
// tiles that were painted once on the dial's colour.
type readout struct {
	tiles  [12]tile // digits, colon, point
	x, y   int      // of the first tile
	height int
}

// tile is one glyph's luma with its spacing, ready for grain. White on the
// dial is near enough to neutral to leave chroma alone.
type tile struct {
	width int
	pix   []byte
}

const (
	tileColon = 10
	tilePoint = 11
)

func newReadout(g geometry, bias int) *readout {
	t := text{"00:00:00.000", 0.24 * g.radius, 1.15}
	t = t.fit(1.58 * g.radius)
	scale := t.height / emHeight
	margin := int(strokeWidth*scale) + 2
	r := &readout{height: int(t.height) + 2*margin}
	for i, glyphRune := range "0123456789:." {
		shape := glyphOf(glyphRune)
		w := int(math.Round((shape.width + glyphSpacing) * scale))
		c := newCanvas(w, r.height)
		c.each(box{0, 0, w, r.height}, func(int, int) color { return dialColor() })
		c.glyph(shape, (float64(w)-shape.width*scale)/2, float64(margin), scale, t.weight, paleColor())
		r.tiles[i] = tile{w, newPlane(c, c.y, 1, bias).pix}
	}
	width := 9*r.tiles[0].width + 2*r.tiles[tileColon].width + r.tiles[tilePoint].width
	r.x = (g.w - width) / 2
	r.y = int(g.cy+0.04*g.radius) - r.height/2
	return r
}

func (r *readout) draw(f *capture.Frame, t time.Time, noise *grain, picture int64) {
	hour, minute, second := t.Clock()
	ms := t.Nanosecond() / int(time.Millisecond)
	x := r.x
	for _, i := range [...]int{
		hour / 10, hour % 10, tileColon, minute / 10, minute % 10, tileColon,
		second / 10, second % 10, tilePoint, ms / 100, ms / 10 % 10, ms % 10,
	} {
		t := r.tiles[i]
		for y := range r.height {
			row := f.Y[(r.y+y)*f.YStride+x:][:t.width]
			addBytes(row, t.pix[y*t.width:], noise.row(picture, r.y+y)[x:])
		}
		x += t.width
	}
}
