package capture

import "fmt"

// Rung is a place on the ladder of renditions of one codec: how often the sides
// of its pictures are halved. The zero value is the camera's own size.
type Rung uint8

// The rungs that a Ladder has, if its pictures are large enough.
const (
	Full Rung = iota
	Half
	Quarter
)

// String returns the rung's name in lower case.
func (r Rung) String() string {
	switch r {
	case Full:
		return "full"
	case Half:
		return "half"
	case Quarter:
		return "quarter"
	}
	return fmt.Sprintf("rung(%d)", uint8(r))
}

// ParseRung is the Rung with this name; false if none has it.
func ParseRung(name string) (Rung, bool) {
	for r := Full; r <= Quarter; r++ {
		if r.String() == name {
			return r, true
		}
	}
	return Full, false
}

// renditionKey says which rendition is meant: there is one of each at most.
type renditionKey struct {
	codec Codec
	rung  Rung
}

// String is like "h264", and below the full size like "h264 half".
func (k renditionKey) String() string {
	if k.rung == Full {
		return k.codec.String()
	}
	return k.codec.String() + " " + k.rung.String()
}
