package pattern

// plane is one component of a painted layer, as it is needed while running:
// bias already subtracted, to be added to grain.
type plane struct {
	w, h       int
	pix, alpha []byte
}

// overlay is a plane that lets what is below show through where it is clear.
type overlay struct {
	plane
	runs [][]run // of each row, left to right
}

// run is a stretch of one row that is drawn the same way.
type run struct {
	x0, x1 int
	kind   runKind
}

type runKind uint8

const (
	runClear  runKind = iota // nothing painted: what lies below shows
	runMixed                 // an edge
	runOpaque                // nothing of what lies below shows
)

// planes converts a painted canvas to I420.
func (c *canvas) planes(lumaBias, chromaBias int) [3]plane {
	return [3]plane{
		newPlane(c, c.y, 1, lumaBias),
		newPlane(c, c.u, 2, chromaBias),
		newPlane(c, c.v, 2, chromaBias),
	}
}

// newPlane takes one component; step is 1 for full and 2 for half resolution,
// where a pixel is the mean of four.
func newPlane(c *canvas, component []byte, step, bias int) plane {
	p := plane{w: c.w / step, h: c.h / step}
	p.pix = make([]byte, p.w*p.h)
	p.alpha = make([]byte, p.w*p.h)
	for y := range p.h {
		upper := y * step * c.w
		lower := upper + (step-1)*c.w
		for x := range p.w {
			left, right := x*step, x*step+step-1
			sum, alpha := 0, 0
			for _, at := range [4]int{upper + left, upper + right, lower + left, lower + right} {
				sum += int(component[at]) * int(c.a[at])
				alpha += int(c.a[at])
			}
			if alpha > 0 {
				p.pix[y*p.w+x] = byte(max((sum+alpha/2)/alpha-bias, 0))
			}
			p.alpha[y*p.w+x] = byte(alpha / 4)
		}
	}
	return p
}

func newOverlay(p plane) overlay {
	o := overlay{plane: p, runs: make([][]run, p.h)}
	for y := range o.runs {
		o.runs[y] = findRuns(p.alpha[y*p.w : (y+1)*p.w])
	}
	return o
}

func findRuns(alpha []byte) []run {
	var runs []run
	for x, a := range alpha {
		kind := runMixed
		switch a {
		case 0:
			kind = runClear
		case 255:
			kind = runOpaque
		}
		if n := len(runs); n > 0 && runs[n-1].kind == kind {
			runs[n-1].x1 = x + 1
		} else {
			runs = append(runs, run{x, x + 1, kind})
		}
	}
	return runs
}

// compose sets one row of a picture: row y over what is below, plus noise.
// Both are at least as long as dst.
func (o *overlay) compose(dst, below, noise []byte, y int) {
	row, alpha := o.pix[y*o.w:(y+1)*o.w], o.alpha[y*o.w:(y+1)*o.w]
	for _, r := range o.runs[y] {
		switch r.kind {
		case runClear:
			addBytes(dst[r.x0:r.x1], below[r.x0:], noise[r.x0:])
		case runOpaque:
			addBytes(dst[r.x0:r.x1], row[r.x0:], noise[r.x0:])
		case runMixed:
			for x := r.x0; x < r.x1; x++ {
				b := int(below[x])
				dst[x] = byte(b+(int(row[x])-b)*int(alpha[x])/255) + noise[x]
			}
		}
	}
}
