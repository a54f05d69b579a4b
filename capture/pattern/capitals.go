package pattern

// capital returns the glyph of a letter from A to Z, as high as a digit.
func capital(r rune) glyph {
	down := func(x float64) []point { return line(x, 0, x, 100) }
	// belly leaves the stem at a height, bulges and comes back.
	belly := func(from, to, right float64) []point {
		half := (to - from) / 2
		width := right - half
		return append(append(line(0, from), arc(width, from+half, half, half, 270, 450)...), point{0, to})
	}
	round := arc(34, 50, 34, 50, 0, 360)
	switch r {
	case 'A':
		return draw(60, line(0, 100, 30, 0, 60, 100), line(11, 66, 49, 66))
	case 'B':
		return draw(54, down(0), belly(0, 48, 50), belly(48, 100, 54))
	case 'C':
		return draw(58, arc(34, 50, 34, 50, 52, 308))
	case 'D':
		return draw(58, down(0), append(append(line(0, 0), arc(22, 50, 36, 50, 270, 450)...), point{0, 100}))
	case 'E':
		return draw(48, line(48, 0, 0, 0, 0, 100, 48, 100), line(0, 48, 40, 48))
	case 'F':
		return draw(48, line(48, 0, 0, 0, 0, 100), line(0, 50, 40, 50))
	case 'G':
		return draw(68, append(arc(34, 50, 34, 50, 308, 0), point{40, 50}))
	case 'H':
		return draw(56, down(0), down(56), line(0, 50, 56, 50))
	case 'I':
		return draw(24, down(12), line(0, 0, 24, 0), line(0, 100, 24, 100))
	case 'J':
		return draw(36, append(line(36, 0), arc(18, 74, 18, 26, 0, 165)...))
	case 'K':
		return draw(54, down(0), line(52, 0, 0, 60), line(19, 38, 54, 100))
	case 'L':
		return draw(46, line(0, 0, 0, 100, 46, 100))
	case 'M':
		return draw(70, line(0, 100, 0, 0, 35, 62, 70, 0, 70, 100))
	case 'N':
		return draw(56, line(0, 100, 0, 0, 56, 100, 56, 0))
	case 'O':
		return draw(68, round)
	case 'P':
		return draw(54, down(0), belly(0, 54, 54))
	case 'Q':
		return draw(68, round, line(44, 76, 68, 104))
	case 'R':
		return draw(54, down(0), belly(0, 54, 53), line(24, 54, 54, 100))
	case 'S':
		return draw(54, append(arc(27, 25, 25, 25, -28, -270), arc(27, 75, 27, 25, -90, 152)...))
	case 'T':
		return draw(60, line(0, 0, 60, 0), down(30))
	case 'U':
		return draw(56, append(append(line(0, 0), arc(28, 70, 28, 30, 180, 0)...), point{56, 0}))
	case 'V':
		return draw(60, line(0, 0, 30, 100, 60, 0))
	case 'W':
		return draw(88, line(0, 0, 22, 100, 44, 12, 66, 100, 88, 0))
	case 'X':
		return draw(56, line(0, 0, 56, 100), line(56, 0, 0, 100))
	case 'Y':
		return draw(58, line(0, 0, 29, 50, 58, 0), line(29, 50, 29, 100))
	default:
		return draw(54, line(0, 0, 54, 0, 0, 100, 54, 100))
	}
}
