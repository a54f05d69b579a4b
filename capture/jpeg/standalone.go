package jpeg

import (
	"bytes"

	"github.com/pushcam/pushcam/capture"
)

// Markers, ITU-T T.81 table B.1.
const (
	markerSOF0 = 0xc0 // baseline
	markerSOF1 = 0xc1 // the same with more tables
	markerDHT  = 0xc4
	markerRST0 = 0xd0
	markerRST7 = 0xd7
	markerSOI  = 0xd8
	markerEOI  = 0xd9
	markerSOS  = 0xda
	markerTEM  = 0x01
)

// Standalone copies a JPEG that Decode has taken, so that other programs take it
// too: with the Huffman tables that many webcams leave out, with its end marker,
// and without what cameras pad it with after that. Of other data it is a copy.
func Standalone(jpeg []byte) []byte {
	h := readHeader(jpeg)
	if h.scan < 0 {
		return bytes.Clone(jpeg)
	}
	return h.standalone(jpeg, findEnd(jpeg, h.scan))
}

// Undecoded makes a Frame of a JPEG alone, in a copy like Standalone's, without
// planes and a Time. It is nil of what Decode would not take, and of a picture
// without its end marker: only Decode can tell whether that is whole.
func Undecoded(jpeg []byte) *capture.Frame {
	h := readHeader(jpeg)
	if h.scan < 0 || !fits(h.size) {
		return nil
	}
	end := findEnd(jpeg, h.scan)
	if !bytes.HasPrefix(jpeg[end:], []byte{0xff, markerEOI}) {
		return nil
	}
	return capture.NewJPEGFrame(h.size, h.standalone(jpeg, end))
}

// header is what stands before the scan.
type header struct {
	tables bool         // for Huffman coding
	size   capture.Size // zero unless it is baseline, of one or three components
	scan   int          // where that begins, -1 if it does not
}

// standalone copies a JPEG of which the coded data ends there.
func (h header) standalone(jpeg []byte, end int) []byte {
	out := make([]byte, 0, end+len(standardTables)+2)
	out = append(out, jpeg[:h.scan]...)
	if !h.tables {
		out = append(out, standardTables[:]...)
	}
	out = append(out, jpeg[h.scan:end]...)
	return append(out, 0xff, markerEOI)
}

func readHeader(jpeg []byte) (h header) {
	h.scan = -1
	if !bytes.HasPrefix(jpeg, []byte{0xff, markerSOI}) {
		return h
	}
	for at := 2; at+4 <= len(jpeg); {
		if jpeg[at] != 0xff { // padding between segments
			at++
			continue
		}
		switch m := jpeg[at+1]; {
		case m == markerSOS:
			h.scan = at
			return h
		case m == 0 || m == 0xff:
			at++
			continue
		case m == markerTEM || m >= markerRST0 && m <= markerEOI:
			at += 2 // have no length
			continue
		case m == markerDHT:
			h.tables = true
		case m == markerSOF0 || m == markerSOF1:
			h.size = frameSize(jpeg[at+4:])
		}
		at += 2 + int(jpeg[at+2])<<8 + int(jpeg[at+3])
	}
	return h
}

// frameSize reads a frame header (ITU-T T.81 section B.2.2) after its length.
func frameSize(b []byte) capture.Size {
	if len(b) < 6 || b[0] != 8 || b[5] != 1 && b[5] != 3 {
		return capture.Size{}
	}
	return capture.Size{Height: int(b[1])<<8 + int(b[2]), Width: int(b[3])<<8 + int(b[4])}
}

// findEnd returns where the coded data of the scan ends. In it 0xff is followed
// by 0, by another 0xff, or by a restart marker.
func findEnd(jpeg []byte, scan int) int {
	if scan+4 > len(jpeg) {
		return len(jpeg)
	}
	for at := scan + 2 + int(jpeg[scan+2])<<8 + int(jpeg[scan+3]); at < len(jpeg); {
		next := bytes.IndexByte(jpeg[at:], 0xff)
		if next < 0 || at+next+1 >= len(jpeg) {
			break
		}
		at += next
		switch m := jpeg[at+1]; {
		case m == 0 || m >= markerRST0 && m <= markerRST7:
			at += 2
		case m == 0xff:
			at++
		default:
			return at
		}
	}
	if n := len(jpeg); n > scan && jpeg[n-1] == 0xff {
		return n - 1 // half a marker
	}
	return len(jpeg)
}
