package pattern

import (
	"math"
	"math/rand/v2"

	"github.com/pushcam/pushcam/capture"
)

// luma is a picture in grey, for doing to it what screens and codecs do.
type luma struct {
	w, h int
	pix  []byte
}

func newLuma(w, h int) luma { return luma{w, h, make([]byte, w*h)} }

func lumaOf(f *capture.Frame) luma { return luma{f.Width, f.Height, f.Y} }

func (p luma) size() capture.Size { return capture.Size{Width: p.w, Height: p.h} }

// at returns a picture of the same size whose pixels come from elsewhere.
func (p luma) at(from func(x, y int) (int, int)) luma {
	out := newLuma(p.w, p.h)
	for i := range out.pix {
		x, y := from(i%p.w, i/p.w)
		out.pix[i] = p.pix[y*p.w+x]
	}
	return out
}

// each returns a picture with every pixel changed, and clipped.
func (p luma) each(change func(v float64) float64) luma {
	out := newLuma(p.w, p.h)
	for i, v := range p.pix {
		out.pix[i] = byte(min(max(math.Round(change(float64(v))), 0), 255))
	}
	return out
}

func (p luma) levels(contrast, brightness float64) luma {
	return p.each(func(v float64) float64 { return v*contrast + brightness })
}

func (p luma) noise(deviation float64) luma {
	rng := rand.New(rand.NewPCG(3, 4))
	return p.each(func(v float64) float64 { return v + rng.NormFloat64()*deviation })
}

// cell returns p with one cell of the clock set.
func (p luma) cell(row, column int, v byte) luma {
	return p.at(func(x, y int) (int, int) { return x, y }).fillCell(row, column, v)
}

func (p luma) fillCell(row, column int, v byte) luma {
	line := firstLine + row*linesPerCell
	for y := clockY(line, p.h); y < clockY(line+linesPerCell, p.h); y++ {
		fill(p.pix[y*p.w:][clockX(column, p.w):clockX(column+1, p.w)], v)
	}
	return p
}

// box scales down; every pixel is the mean of the area that it covers.
func (p luma) box(scale float64) luma {
	out := newLuma(int(float64(p.w)*scale), int(float64(p.h)*scale))
	stepX, stepY := float64(p.w)/float64(out.w), float64(p.h)/float64(out.h)
	for i := range out.pix {
		x0, y0 := float64(i%out.w)*stepX, float64(i/out.w)*stepY
		sum, area := 0.0, 0.0
		for y := int(y0); y < min(int(math.Ceil(y0+stepY)), p.h); y++ {
			height := min(y0+stepY, float64(y+1)) - max(y0, float64(y))
			for x := int(x0); x < min(int(math.Ceil(x0+stepX)), p.w); x++ {
				part := height * (min(x0+stepX, float64(x+1)) - max(x0, float64(x)))
				sum += part * float64(p.pix[y*p.w+x])
				area += part
			}
		}
		out.pix[i] = byte(math.Round(sum / area))
	}
	return out
}

func (p luma) bilinear(scale float64) luma {
	return p.resize(int(float64(p.w)*scale), int(float64(p.h)*scale))
}

func (p luma) resize(w, h int) luma {
	out := newLuma(w, h)
	at := func(x, y int) float64 { return float64(p.pix[min(max(y, 0), p.h-1)*p.w+min(max(x, 0), p.w-1)]) }
	for i := range out.pix {
		x := (float64(i%w)+0.5)*float64(p.w)/float64(w) - 0.5
		y := (float64(i/w)+0.5)*float64(p.h)/float64(h) - 0.5
		x0, y0 := math.Floor(x), math.Floor(y)
		dx, dy := x-x0, y-y0
		left, top := int(x0), int(y0)
		out.pix[i] = byte(math.Round((at(left, top)*(1-dx)+at(left+1, top)*dx)*(1-dy) +
			(at(left, top+1)*(1-dx)+at(left+1, top+1)*dx)*dy))
	}
	return out
}
