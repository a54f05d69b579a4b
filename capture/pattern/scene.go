package pattern

import (
	"math"
	"math/rand/v2"
)

// scene is the landscape behind the card: painted once, as if around a
// cylinder, and seen from its inside, turning. The water's rows move faster
// the nearer they are.
type scene struct {
	planes  [3]plane // every row twice, so that a window can begin anywhere
	width   int      // in luma pixels, after which it repeats
	horizon int      // first row of water
	height  int
	speed   float64 // luma pixels per picture at the horizon and above
}

// nearSpeed is how much faster the nearest water moves than the land.
const nearSpeed = 3

func newScene(w, h int, frameRate float64, lumaBias, chromaBias int) *scene {
	s := &scene{width: w, horizon: h * 66 / 100, height: h}
	// A whole and even number of pixels keeps luma and chroma together and
	// the motion of the land free of judder: about 8 s for one width.
	s.speed = 2 * max(math.Round(float64(w)/16/frameRate), 1)
	c := newCanvas(w, h)
	c.sky(s.horizon)
	c.land(s.horizon)
	c.water(s.horizon)
	for i, p := range c.planes(lumaBias, chromaBias) {
		s.planes[i] = p.twice()
	}
	return s
}

// twice puts a copy of p to its right.
func (p plane) twice() plane {
	wide := plane{w: 2 * p.w, h: p.h, pix: make([]byte, 0, 2*len(p.pix))}
	for y := range p.h {
		row := p.pix[y*p.w : (y+1)*p.w]
		wide.pix = append(append(wide.pix, row...), row...)
	}
	return wide
}

// row returns what shows in row y of a plane, from the window's left edge.
func (s *scene) row(plane int, picture int64, y int) []byte {
	step := 1
	if plane > 0 {
		step = 2
	}
	speed := s.speed
	if depth := y*step - s.horizon; depth > 0 {
		speed *= 1 + (nearSpeed-1)*float64(depth)/float64(s.height-s.horizon)
	}
	offset := int(int64(speed*float64(picture)) % int64(s.width))
	p := &s.planes[plane]
	return p.pix[y*p.w+offset/step : (y+1)*p.w]
}

func (c *canvas) sky(horizon int) {
	top, middle, low := rgb(0x16264d), rgb(0x7a5f93), rgb(0xf4a676)
	for y := range horizon {
		t := 2 * float64(y) / float64(horizon)
		ink := mix(top, middle, t)
		if t > 1 {
			ink = mix(middle, low, t-1)
		}
		c.each(box{0, y, c.w, y + 1}, func(int, int) color { return ink })
	}
	x, y, r := float64(c.w)*0.30, float64(horizon)*0.62, min(float64(horizon)*0.13, float64(c.w)*0.05)
	halo := rgb(0xffd9a0)
	glow := around(x, y, 6*r).clip(c.w, horizon)
	for py := glow.y0; py < glow.y1; py++ {
		for px := glow.x0; px < glow.x1; px++ {
			distance := length(float64(px)+0.5-x, float64(py)+0.5-y)/r - 1
			c.over(px, py, halo, 0.6*math.Exp(-max(distance, 0)))
		}
	}
	c.paint(around(x, y, r), disc(x, y, r), rgb(0xfff0cf), 1)
}

// land paints three ranges of hills, the nearer the darker and the rougher.
func (c *canvas) land(horizon int) {
	for i, hill := range []struct {
		base, rise float64 // in heights of the sky, from the top
		lowest     int     // harmonics of the outline
		highest    int
		foot, peak color
	}{
		{0.80, 0.26, 3, 40, rgb(0xb97f8c), rgb(0x5d5684)},
		{0.92, 0.18, 5, 70, rgb(0x6f5a78), rgb(0x3b4468)},
		{1.00, 0.11, 7, 220, rgb(0x24384a), rgb(0x16283a)},
	} {
		outline := newOutline(uint64(i+1), c.w, hill.lowest, hill.highest)
		rng := rand.New(rand.NewPCG(7, uint64(i)))
		for x := range c.w {
			peak := (hill.base - hill.rise*outline[x]) * float64(horizon)
			streak := 0.12 * rng.Float64()
			for y := max(int(peak), 0); y < horizon; y++ {
				depth := (float64(y) - peak) / (float64(horizon) - peak)
				shade := depth + streak*math.Sin(float64(y)*0.35+8*outline[x]) + 0.05*rng.Float64()
				c.over(x, y, mix(hill.peak, hill.foot, shade), min(float64(y)+1-peak, 1))
			}
		}
	}
}

func (c *canvas) water(horizon int) {
	far, near, glint := rgb(0xd08f7c), rgb(0x152a4a), rgb(0xffdcae)
	depthOf := float64(c.h - horizon)
	for y := horizon; y < c.h; y++ {
		depth := (float64(y-horizon) + 0.5) / depthOf
		// Waves look longer and higher when near.
		shortest := 12 + int(140*(1-depth))
		waves := newOutline(uint64(1000+y), c.w, shortest/4, shortest)
		for x := range c.w {
			ink := mix(far, near, math.Sqrt(depth))
			wave := waves[x]
			ink = mix(ink, glint, 3*(wave-0.72)*(1-0.6*depth))
			c.set(x, y, mix(ink, near, 1.5*(0.4-wave)))
		}
	}
}

// newOutline is a random curve from about 0 to 1 that repeats after n steps:
// a sum of sines that make a whole number of turns, the finer the smaller.
func newOutline(seed uint64, n, lowest, highest int) []float64 {
	rng := rand.New(rand.NewPCG(seed, 1))
	curve := make([]float64, n)
	energy := 0.0
	for k := max(lowest, 1); k <= highest; k += 1 + k/5 {
		amplitude := (0.5 + rng.Float64()) / float64(k)
		energy += amplitude * amplitude / 2
		// One sine is the last one turned a little further.
		sin, cos := math.Sincos(2 * math.Pi * rng.Float64())
		turnSin, turnCos := math.Sincos(2 * math.Pi * float64(k) / float64(n))
		for x := range curve {
			curve[x] += amplitude * sin
			sin, cos = sin*turnCos+cos*turnSin, cos*turnCos-sin*turnSin
		}
	}
	scale := 0.22 / math.Sqrt(energy)
	for x := range curve {
		curve[x] = min(max(0.5+scale*curve[x], 0), 1)
	}
	return curve
}
