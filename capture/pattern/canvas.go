package pattern

import "math"

// color is YCbCr, BT.601 in limited range.
type color struct{ y, u, v float64 }

// rgb converts 0xRRGGBB.
func rgb(hex uint32) color {
	r, g, b := float64(hex>>16&255)/255, float64(hex>>8&255)/255, float64(hex&255)/255
	y := 0.299*r + 0.587*g + 0.114*b
	return color{16 + 219*y, 128 + 224*(b-y)/1.772, 128 + 224*(r-y)/1.402}
}

// mix goes from a (t = 0) to b (t = 1).
func mix(a, b color, t float64) color {
	t = min(max(t, 0), 1)
	return color{a.y + (b.y-a.y)*t, a.u + (b.u-a.u)*t, a.v + (b.v-a.v)*t}
}

// shape is a signed distance in pixels: negative inside. It is what makes
// every edge smooth at every size.
type shape func(x, y float64) float64

func rectangle(x0, y0, x1, y1 float64) shape {
	return func(x, y float64) float64 { return max(x0-x, x-x1, y0-y, y-y1) }
}

func disc(cx, cy, r float64) shape {
	return func(x, y float64) float64 { return length(x-cx, y-cy) - r }
}

func ring(cx, cy, r, width float64) shape {
	return func(x, y float64) float64 { return abs(length(x-cx, y-cy)-r) - width/2 }
}

// bar is a thick line with round ends.
func bar(x0, y0, x1, y1, width float64) shape {
	dx, dy := x1-x0, y1-y0
	length2 := max(dx*dx+dy*dy, 1e-9)
	return func(x, y float64) float64 {
		t := min(max(((x-x0)*dx+(y-y0)*dy)/length2, 0), 1)
		return length(x-x0-t*dx, y-y0-t*dy) - width/2
	}
}

// length needs none of math.Hypot's care for overflow, and takes a third of
// its time.
func length(x, y float64) float64 { return math.Sqrt(x*x + y*y) }

// box is a range of pixels, x1 and y1 excluded.
type box struct{ x0, y0, x1, y1 int }

// around is the box that holds everything up to r from a point.
func around(x, y, r float64) box {
	return box{int(x - r - 1), int(y - r - 1), int(x + r + 2), int(y + r + 2)}
}

func (b box) clip(w, h int) box {
	return box{max(b.x0, 0), max(b.y0, 0), min(b.x1, w), min(b.y1, h)}
}

// canvas is where a layer is painted once: full-resolution YCbCr with alpha,
// transparent at first.
type canvas struct {
	w, h       int
	y, u, v, a []byte
}

func newCanvas(w, h int) *canvas {
	buf := make([]byte, 4*w*h)
	n := w * h
	return &canvas{w, h, buf[:n], buf[n : 2*n], buf[2*n : 3*n], buf[3*n:]}
}

// paint lays the shape over what is there, inside b only.
func (c *canvas) paint(b box, s shape, ink color, opacity float64) {
	b = b.clip(c.w, c.h)
	for y := b.y0; y < b.y1; y++ {
		for x := b.x0; x < b.x1; x++ {
			if cover := min(0.5-s(float64(x)+0.5, float64(y)+0.5), 1); cover > 0 {
				c.over(x, y, ink, cover*opacity)
			}
		}
	}
}

// each sets every pixel of b to an opaque colour.
func (c *canvas) each(b box, ink func(x, y int) color) {
	b = b.clip(c.w, c.h)
	for y := b.y0; y < b.y1; y++ {
		for x := b.x0; x < b.x1; x++ {
			c.set(x, y, ink(x, y))
		}
	}
}

func (c *canvas) set(x, y int, ink color) {
	i := y*c.w + x
	c.y[i], c.u[i], c.v[i], c.a[i] = byte(ink.y+0.5), byte(ink.u+0.5), byte(ink.v+0.5), 255
}

func (c *canvas) over(x, y int, ink color, alpha float64) {
	i := y*c.w + x
	below := float64(c.a[i]) / 255 * (1 - alpha)
	sum := alpha + below
	if sum <= 0 {
		return
	}
	t := alpha / sum
	blend := func(p *byte, to float64) { *p = byte(float64(*p)*(1-t) + to*t + 0.5) }
	blend(&c.y[i], ink.y)
	blend(&c.u[i], ink.u)
	blend(&c.v[i], ink.v)
	c.a[i] = byte(sum*255 + 0.5)
}
