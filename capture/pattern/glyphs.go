package pattern

import "math"

type point struct{ x, y float64 }

// glyph is drawn on a grid: x to the right from 0 to width, y down, digits
// from 0 to emHeight, small letters from xTop, their tails to descent.
type glyph struct {
	width   float64
	strokes [][]point
}

const (
	xTop    = 30
	xMid    = (xTop + emHeight) / 2
	xHalf   = emHeight - xMid
	descent = 128
)

func draw(width float64, strokes ...[]point) glyph { return glyph{width, strokes} }

// line goes through x, y pairs.
func line(xy ...float64) []point {
	points := make([]point, 0, len(xy)/2)
	for i := 0; i+1 < len(xy); i += 2 {
		points = append(points, point{xy[i], xy[i+1]})
	}
	return points
}

func dot(x, y float64) []point { return line(x, y) }

// arc is part of an ellipse, between angles in degrees: 0 is right, 90 down.
func arc(cx, cy, rx, ry, from, to float64) []point {
	const steps = 16
	points := make([]point, steps+1)
	for i := range points {
		sin, cos := math.Sincos((from + (to-from)*float64(i)/steps) * math.Pi / 180)
		points[i] = point{cx + rx*cos, cy + ry*sin}
	}
	return points
}

// bowl is the round part that most small letters share.
func bowl() []point { return arc(27, xMid, 27, xHalf, 0, 360) }

// arch is the bent part of h, m and n.
func arch(x, halfWidth float64) []point {
	return append(arc(x+halfWidth, xTop+halfWidth, halfWidth, halfWidth, 180, 360), point{x + 2*halfWidth, emHeight})
}

// glyphOf returns a blank for what it does not know: letters beyond ASCII.
func glyphOf(r rune) glyph {
	if r >= '0' && r <= '9' {
		return digit(r)
	}
	if r >= 'A' && r <= 'Z' {
		return capital(r)
	}
	switch r {
	case 'a':
		return draw(54, bowl(), line(54, xTop, 54, 100))
	case 'b':
		return draw(54, bowl(), line(0, 0, 0, 100))
	case 'c':
		return draw(48, arc(27, xMid, 27, xHalf, 48, 312))
	case 'd':
		return draw(54, bowl(), line(54, 0, 54, 100))
	case 'e':
		return draw(54, append(line(0, xMid), arc(27, xMid, 27, xHalf, 360, 48)...))
	case 'f':
		return draw(34, append(arc(34, 22, 20, 22, 270, 180), point{14, 100}), line(0, xTop+4, 32, xTop+4))
	case 'g':
		return draw(54, bowl(), append(line(54, xTop), arc(27, 102, 27, 26, 0, 150)...))
	case 'h':
		return draw(52, line(0, 0, 0, 100), arch(0, 26))
	case 'i':
		return draw(6, line(3, xTop, 3, 100), dot(3, 5))
	case 'j':
		return draw(18, append(line(15, xTop), arc(-5, 108, 20, 20, 0, 90)...), dot(15, 5))
	case 'k':
		return draw(46, line(0, 0, 0, 100), line(44, xTop, 0, 72), line(17, 61, 46, 100))
	case 'l':
		return draw(6, line(3, 0, 3, 100))
	case 'm':
		return draw(84, line(0, xTop, 0, 100), arch(0, 21), arch(42, 21))
	case 'n':
		return draw(52, line(0, xTop, 0, 100), arch(0, 26))
	case 'o':
		return draw(54, bowl())
	case 'p':
		return draw(54, bowl(), line(0, xTop, 0, descent))
	case 'q':
		return draw(54, bowl(), line(54, xTop, 54, descent))
	case 'r':
		return draw(36, line(0, xTop, 0, 100), arc(26, xTop+26, 26, 26, 180, 295))
	case 's':
		return draw(46, append(arc(23, 48, 21, 18, -28, -270), arc(23, 83, 23, 17, -90, 152)...))
	case 't':
		return draw(34, append(line(13, 4), arc(34, 78, 21, 22, 180, 90)...), line(0, xTop, 34, xTop))
	case 'u':
		return draw(52, append(line(0, xTop), arc(26, 74, 26, 26, 180, 0)...), line(52, xTop, 52, 100))
	case 'v':
		return draw(50, line(0, xTop, 25, 100, 50, xTop))
	case 'w':
		return draw(76, line(0, xTop, 19, 100, 38, xTop+6, 57, 100, 76, xTop))
	case 'x':
		return draw(48, line(0, xTop, 48, 100), line(48, xTop, 0, 100))
	case 'y':
		return draw(50, line(0, xTop, 26, 100), line(50, xTop, 16, descent))
	case 'z':
		return draw(46, line(0, xTop, 46, xTop, 0, 100, 46, 100))
	case ':':
		return draw(8, dot(4, 36), dot(4, 84))
	case '.':
		return draw(8, dot(4, 97))
	case ',':
		return draw(8, line(5, 96, 1, 114))
	case '\'':
		return draw(6, line(3, 0, 3, 20))
	case '-':
		return draw(34, line(2, 62, 32, 62))
	case '/':
		return draw(40, line(0, 110, 40, -8))
	case '(':
		return draw(18, arc(40, 55, 38, 70, 120, 240))
	case ')':
		return draw(18, arc(-22, 55, 38, 70, -60, 60))
	case '_':
		return draw(50, line(0, 108, 50, 108))
	case '"':
		return draw(24, line(3, 0, 3, 20), line(21, 0, 21, 20))
	case '=':
		return draw(44, line(2, 50, 42, 50), line(2, 74, 42, 74))
	case '+':
		return draw(44, line(2, 62, 42, 62), line(22, 42, 22, 82))
	case '$':
		return draw(46, append(arc(23, 35, 21, 18, -28, -270), arc(23, 71, 23, 18, -90, 152)...), line(23, 4, 23, 104))
	case '%':
		return draw(76, arc(15, 20, 15, 18, 0, 360), arc(61, 80, 15, 18, 0, 360), line(62, 2, 14, 98))
	case '!':
		return draw(8, line(4, 0, 4, 66), dot(4, 97))
	case '?':
		return draw(44, append(arc(22, 24, 21, 22, 195, 400), line(22, 58, 22, 68)...), dot(22, 97))
	case ';':
		return draw(8, dot(4, 46), line(5, 96, 1, 114))
	}
	return draw(24)
}

// digit returns one of ten glyphs of the same width, so that a running time
// does not tremble.
func digit(r rune) glyph {
	const width = 56
	switch r {
	case '0':
		return draw(width, append(append(arc(28, 28, 28, 28, 180, 360), arc(28, 72, 28, 28, 0, 180)...), point{0, 28}))
	case '1':
		return draw(width, line(12, 20, 34, 0, 34, 100))
	case '2':
		return draw(width, append(arc(28, 28, 27, 28, 190, 398), line(2, 100, 56, 100)...))
	case '3':
		return draw(width, append(arc(27, 25, 25, 25, 205, 450), arc(27, 75, 28, 25, -90, 160)...))
	case '4':
		return draw(width, line(42, 100, 42, 0, 0, 70, 57, 70))
	case '5':
		return draw(width, append(line(50, 0, 8, 0), arc(26, 68, 29, 32, 222, 510)...))
	case '6':
		return draw(width, arc(28, 70, 27, 30, 0, 360), arc(47, 70, 46, 70, 180, 260))
	case '7':
		return draw(width, line(0, 0, 56, 0, 20, 100))
	case '8':
		return draw(width, arc(28, 25, 24, 25, 0, 360), arc(28, 75, 28, 25, 0, 360))
	default:
		return draw(width, arc(28, 30, 27, 30, 0, 360), arc(9, 30, 46, 70, 0, 80))
	}
}
