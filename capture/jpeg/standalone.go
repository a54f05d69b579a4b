package jpeg

import "bytes"

// Markers, ITU-T T.81 table B.1.
const (
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
	tables, scan := findScan(jpeg)
	if scan < 0 {
		return bytes.Clone(jpeg)
	}
	end := findEnd(jpeg, scan)
	out := make([]byte, 0, end+len(standardTables)+2)
	out = append(out, jpeg[:scan]...)
	if !tables {
		out = append(out, standardTables[:]...)
	}
	out = append(out, jpeg[scan:end]...)
	return append(out, 0xff, markerEOI)
}

// findScan returns where the scan begins, -1 if it does not, and whether there
// are Huffman tables before it.
func findScan(jpeg []byte) (tables bool, at int) {
	if !bytes.HasPrefix(jpeg, []byte{0xff, markerSOI}) {
		return false, -1
	}
	for at = 2; at+4 <= len(jpeg); {
		if jpeg[at] != 0xff { // padding between segments
			at++
			continue
		}
		switch m := jpeg[at+1]; {
		case m == markerSOS:
			return tables, at
		case m == 0 || m == 0xff:
			at++
			continue
		case m == markerTEM || m >= markerRST0 && m <= markerEOI:
			at += 2 // have no length
			continue
		case m == markerDHT:
			tables = true
		}
		at += 2 + int(jpeg[at+2])<<8 + int(jpeg[at+3])
	}
	return false, -1
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
