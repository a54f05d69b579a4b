package capture

import "math"

// Band is which bitrates a rendition's encoder works at: it never goes below
// Floor, whatever its readers' paths carry.
type Band struct{ Floor, Ceiling Bitrate }

// Clamp is the bitrate in the Band that is nearest to b.
func (b Band) Clamp(rate Bitrate) Bitrate { return min(max(rate, b.Floor), b.Ceiling) }

// How bands are cut. At 2 Mbit/s, 1280x720:
//
//	full     800k ─────────────────── 2M
//	half     249k ────── 1M
//	quarter   77k ─ 311k
const (
	// fairFloor is for fairPixels: from there down, half the size looks
	// better than more loss. It falls with the power fairPower of the
	// pixels, as what is lost in a smaller picture is seen more.
	fairFloor  = 800 * Kbps
	fairPixels = 1280 * 720
	fairPower  = 0.84
	// leastFloor is what the headers of a packet per picture already take a
	// third of.
	leastFloor = 50 * Kbps
)

// ladder is the Bands for a camera's pictures of this size, by Rung. The first
// one's Ceiling is what was configured. Each other one ends a quarter above the
// Floor before it, so that a path that carries just that Floor changes its rung
// once only. A rung is left out where it would show too little, or save nothing.
func ladder(size Size, configured Bitrate) []Band {
	bands := []Band{bandOf(size, configured)}
	for rung := Half; rung <= Quarter; rung++ {
		small, above := size.halved(int(rung)), bands[rung-1].Floor
		band := bandOf(small, (above + above/4).whole())
		if !small.shows() || band.Floor >= above {
			break
		}
		bands = append(bands, band)
	}
	return bands
}

// bandOf bounds the fair Floor from both sides. Below an eighth of the Ceiling
// one viewer's bad path would spoil a picture for which much was granted; above
// two fifths viewers of fair paths would lose half the size for nothing.
func bandOf(size Size, ceiling Bitrate) Band {
	fair := Bitrate(float64(fairFloor) * math.Pow(float64(size.Pixels())/fairPixels, fairPower))
	floor := min(max(fair, ceiling/8), ceiling*2/5).whole()
	return Band{Floor: min(max(floor, leastFloor), ceiling), Ceiling: ceiling}
}

// whole is b in whole kbit/s, as encoders take it.
func (b Bitrate) whole() Bitrate { return b / Kbps * Kbps }

// bandOf is the Band of a rendition.
func (s *Source) bandOf(k renditionKey) Band {
	bands := s.Ladder(k.codec)
	return bands[min(int(k.rung), len(bands)-1)]
}

// Ladder is the Bands of a codec's renditions, by Rung: one only while the
// camera encodes its pictures itself, and before its first. It changes with the
// size of the camera's pictures. It is shared, and not to be written to.
func (s *Source) Ladder(Codec) []Band {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ladder
}

// Sizes is how large the pictures of a codec's renditions are, by Rung; none
// before the camera's first.
func (s *Source) Sizes(Codec) (sizes []Size) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pictured == (pictureKind{}) {
		return nil
	}
	for rung := range s.ladder {
		sizes = append(sizes, s.pictured.size.halved(rung))
	}
	return sizes
}

// lowestLocked is the last Rung of the Ladder.
func (s *Source) lowestLocked() Rung { return Rung(len(s.ladder) - 1) }

// lean takes note of a camera's picture. When the Ladder is another one with it,
// who is below its end has to move: it returns them.
func (s *Source) leanLocked(f *Frame) (below []*Subscription) {
	kind := pictureKind{f.Size, f.Coded != nil}
	if f.Slate || kind == s.pictured {
		return nil
	}
	s.pictured = kind
	s.ladder = ladder(f.Size, s.cfg.Encoding.Bitrate)
	if kind.coded {
		s.ladder = s.ladder[:1]
	}
	for _, r := range s.renditions {
		r.retarget.Store(true)
	}
	for sub := range s.subscriptions {
		if sub.lowestRung() > s.lowestLocked() {
			below = append(below, sub)
		}
	}
	return below
}

// pictureKind is what a Ladder depends on.
type pictureKind struct {
	size  Size
	coded bool
}
