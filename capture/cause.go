package capture

import "fmt"

// cause says why a rendition's Effort changes.
type cause uint8

const (
	noCause       cause = iota
	causeSlow           // pictures take longer than there is time
	causeDecoding       // of that, decoding takes most
	causeCap            // the process uses more cores than it may
	causeHeat           // the processor is too hot for its full clock
	causeEase           // there is room for more
)

// String is the cause as logs name it.
func (c cause) String() string {
	switch c {
	case noCause:
		return "none"
	case causeSlow:
		return "pictures take too long"
	case causeDecoding:
		return "pictures take too long to decode"
	case causeCap:
		return "more cores than allowed"
	case causeHeat:
		return "processor too hot"
	case causeEase:
		return "room for more"
	}
	return "unknown"
}

// purpose is what less Effort is for, as viewers are told.
func (c cause) purpose(maxCores float64) string {
	switch c {
	case causeCap:
		return fmt.Sprintf("to use no more than %v cores", maxCores)
	case causeHeat:
		return "to cool the processor"
	case noCause, causeSlow, causeDecoding, causeEase:
	}
	return "to spare the CPU"
}
