package capture

import (
	"fmt"
	"strconv"
	"strings"
)

// Bitrate is a rate in bits per second.
type Bitrate int64

// The usual multiples; decimal, as everywhere in networking.
const (
	Kbps Bitrate = 1000
	Mbps Bitrate = 1000 * Kbps
)

// String prints the shortest exact form that ParseBitrate reads: "2M", "800k".
func (b Bitrate) String() string {
	switch {
	case b != 0 && b%Mbps == 0:
		return fmt.Sprintf("%dM", b/Mbps)
	case b != 0 && b%Kbps == 0:
		return fmt.Sprintf("%dk", b/Kbps)
	}
	return strconv.FormatInt(int64(b), 10)
}

// ParseBitrate reads a positive rate with an optional suffix k or M (decimal):
// "2M", "1.5M", "800k", "300000".
func ParseBitrate(s string) (Bitrate, error) {
	number, unit := s, Bitrate(1)
	if n := len(s); n > 0 {
		switch s[n-1] {
		case 'k', 'K':
			number, unit = s[:n-1], Kbps
		case 'm', 'M':
			number, unit = s[:n-1], Mbps
		}
	}
	f, err := strconv.ParseFloat(number, 64)
	bits := f * float64(unit)
	if err != nil || !(bits >= 1 && bits <= 1e12) {
		return 0, fmt.Errorf("bitrate %q: want a positive number like 2M, 800k or 300000", s)
	}
	return Bitrate(bits), nil
}

// UnmarshalText lets a Bitrate stand in flags and configuration files.
func (b *Bitrate) UnmarshalText(text []byte) (err error) {
	*b, err = ParseBitrate(string(text))
	return err
}

// Size is a picture's size in pixels.
type Size struct{ Width, Height int }

// MaxDimension bounds both sides of a Size: the largest picture that an RTP
// VP8 payload can describe (14 bits, RFC 6386 section 9.1).
const MaxDimension = 16383

// String returns the form that ParseSize reads: "1280x720".
func (s Size) String() string { return fmt.Sprintf("%dx%d", s.Width, s.Height) }

// Pixels is the picture's area.
func (s Size) Pixels() int { return s.Width * s.Height }

// ParseSize reads WIDTHxHEIGHT. Both have to be even, as 4:2:0 chroma has half
// their resolution, and from 16 to MaxDimension.
func ParseSize(text string) (Size, error) {
	w, h, ok := strings.Cut(strings.ToLower(text), "x")
	width, errW := strconv.Atoi(w)
	height, errH := strconv.Atoi(h)
	s := Size{width, height}
	if !ok || errW != nil || errH != nil || !s.valid() {
		return Size{}, fmt.Errorf("size %q: want WIDTHxHEIGHT like 1280x720, both even, 16 to %d", text, MaxDimension)
	}
	return s, nil
}

func (s Size) valid() bool {
	in := func(n int) bool { return n >= 16 && n <= MaxDimension && n%2 == 0 }
	return in(s.Width) && in(s.Height)
}

// UnmarshalText lets a Size stand in flags and configuration files.
func (s *Size) UnmarshalText(text []byte) (err error) {
	*s, err = ParseSize(string(text))
	return err
}
