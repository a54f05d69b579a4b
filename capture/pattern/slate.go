package pattern

import (
	"strings"
	"time"

	"github.com/pushcam/pushcam/capture"
)

// Slate draws the picture that stands in for a lost camera: what is wrong, in
// words, on a calm dark ground, and the time of day, so that one sees that the
// connection lives. The zero value is ready; one goroutine at a time uses it.
type Slate struct {
	frames capture.FramePool
	still  *capture.Frame // all but the time; nil before the first
	says   slateText      // what still does
	masks  masks
}

var _ capture.SlateFunc = (*Slate)(nil).Draw

// slateText is what a Slate says beside the time.
type slateText struct{ camera, reason string }

// Draw implements capture.SlateFunc, for any size that can be encoded.
func (s *Slate) Draw(size capture.Size, status capture.Status, now time.Time) *capture.Frame {
	says := slateText{status.Camera, status.Detail}
	if strings.Contains(says.reason, says.camera) {
		says.camera = ""
	}
	g := slatePen{newSlateGeometry(size), s.masks}
	if s.still == nil || s.still.Size != size || s.says != says {
		s.masks = masks{} // of other heights
		g.masks = s.masks
		s.still, s.says = capture.NewFrame(size), says
		g.drawStill(s.still, says)
	}
	f := s.frames.Get(size)
	for _, plane := range [3][2][]byte{{f.Y, s.still.Y}, {f.U, s.still.U}, {f.V, s.still.V}} {
		copy(plane[0], plane[1]) // both are tight
	}
	g.drawTime(f, now)
	return f
}

// slateGeometry is where things are on a Slate: in a square in the middle, or
// as much of it as there is.
type slateGeometry struct {
	width  float64 // of the text at most
	cx     float64
	top    float64
	height float64
	unit   float64 // what the text's height is measured in
}

func newSlateGeometry(size capture.Size) slateGeometry {
	w, h := float64(size.Width), float64(size.Height)
	height := min(w, h)
	return slateGeometry{width: 0.88 * w, cx: w / 2, top: (h - height) / 2, height: height, unit: min(h, 0.6*w)}
}

// y is a part of the square's height, from its top.
func (g slateGeometry) y(part float64) float64 { return g.top + part*g.height }

// slatePen draws one Slate.
type slatePen struct {
	slateGeometry
	masks masks
}

// Luma of what is drawn. Colour is the ground's alone: what is lighter looks
// near enough to white.
const (
	slateBright = 215
	slateSoft   = 165
	slateDim    = 90
)

func (g slatePen) drawStill(f *capture.Frame, says slateText) {
	ground := dialColor()
	fillRows(f.Y, f.YStride, f.Width, 0, f.Height, byte(ground.y))
	fillRows(f.U, f.UVStride, f.Width/2, 0, f.Height/2, byte(ground.u))
	fillRows(f.V, f.UVStride, f.Width/2, 0, f.Height/2, byte(ground.v))

	g.emblem(f)
	g.line(f, text{"No camera", 0.085 * g.unit, 1.2}, 0.33, slateBright)
	reason := 0.49
	if says.camera != "" {
		g.line(f, text{says.camera, 0.048 * g.unit, 1.1}, 0.48, slateBright)
		reason = 0.58
	}
	g.paragraph(f, says.reason, reason, 0.855)
}

// emblem is a camera, struck through.
func (g slatePen) emblem(f *capture.Frame) {
	const size = 0.075 // from the middle to the top, in units
	s := size * g.unit
	x, y, width := g.cx-0.25*s, g.y(0.185), max(0.14*s, 1)
	left, right, top, bottom := x-1.15*s, x+0.75*s, y-0.8*s, y+0.8*s
	slash := bar(left-0.25*s, top-0.45*s, right+0.55*s, bottom+0.45*s, width)
	for _, l := range [][4]float64{
		{left, top, right, top}, {right, top, right, bottom}, {right, bottom, left, bottom}, {left, bottom, left, top},
		{right, y - 0.2*s, right + 0.9*s, y - 0.7*s}, {right + 0.9*s, y - 0.7*s, right + 0.9*s, y + 0.7*s}, {right + 0.9*s, y + 0.7*s, right, y + 0.2*s},
	} {
		stroke := bar(l[0], l[1], l[2], l[3], width)
		shade(f, along(l[0], l[1], l[2], l[3], width), func(px, py float64) float64 {
			return max(stroke(px, py), width-slash(px, py)) // a gap on both sides of the slash
		}, slateSoft)
	}
	shade(f, around(x, y, 2.5*s), slash, slateSoft)
}

// line draws t in the middle, narrower if it has to be.
func (g slatePen) line(f *capture.Frame, t text, part float64, luma byte) {
	g.masks.text(f, t.fit(g.width), g.cx, g.y(part), luma)
}

// lineHeight is from one line's top to the next, in heights of a digit.
const lineHeight = 1.75

// paragraph draws content as large as it fits between two parts of the height.
// What does not fit at the smallest readable size is cut off.
func (g slatePen) paragraph(f *capture.Frame, content string, from, to float64) {
	const largest, smallest, step = 0.05, 0.03, 0.9
	least := max(smallest*g.unit, 7)
	room := (to - from) * g.height
	height := max(largest*g.unit, least)
	lines := wrap(content, g.width/height*emHeight)
	for float64(len(lines))*lineHeight*height > room && height > least {
		height = max(height*step, least)
		lines = wrap(content, g.width/height*emHeight)
	}
	if most := int(room / (lineHeight * height)); len(lines) > most {
		if lines = lines[:most]; most > 0 {
			lines[most-1] += " ..."
		}
	}
	for i, l := range lines {
		g.line(f, text{l, height, 1}, from+float64(i)*lineHeight*height/g.height, slateSoft)
	}
}

// wrap breaks content into lines of at most this width, on the glyphs' grid,
// between words where it can.
func wrap(content string, width float64) []string {
	fits := func(s string) bool { return text{content: s, height: emHeight}.width() <= width }
	var lines []string
	current := ""
	for word := range strings.FieldsSeq(content) {
		joined := strings.TrimPrefix(current+" "+word, " ")
		if fits(joined) {
			current = joined
			continue
		}
		if current != "" {
			lines = append(lines, current)
		}
		current = ""
		for _, r := range word {
			if current != "" && !fits(current+string(r)) {
				lines = append(lines, current)
				current = ""
			}
			current += string(r)
		}
	}
	if current != "" {
		lines = append(lines, current)
	}
	return lines
}

// drawTime draws the time of day, and a dot that comes and goes twice a second.
func (g slatePen) drawTime(f *capture.Frame, now time.Time) {
	t := text{now.Format("15:04:05"), max(0.042*g.unit, 7), 1}.fit(0.7 * g.width)
	y := g.y(0.92)
	g.masks.text(f, t, g.cx, y, slateSoft)
	luma := byte(slateDim)
	if now.Nanosecond() < int(time.Second/2) {
		luma = slateBright
	}
	r := max(0.22*t.height, 1.5)
	x := g.cx - t.width()/2 - 4*r
	shade(f, around(x, y+t.height/2, r), disc(x, y+t.height/2, r), luma)
}
