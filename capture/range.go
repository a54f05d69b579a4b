package capture

import "encoding/binary"

// LimitLuma brings Y of full range (0 to 255: JFIF, ITU-T T.871) to the limited
// range of a Frame (16 to 235: BT.601), in place: 219/255 of it plus 16, to
// one step. Without it a camera's JPEG shows with crushed blacks and burnt
// whites.
func LimitLuma(plane []byte) { scaleBytes(plane, 220, 16<<8+128) }

// LimitChroma does the same to Cb or Cr, from 0 to 255 to 16 to 240 with 128
// in the middle.
func LimitChroma(plane []byte) { scaleBytes(plane, 225, 16<<8) }

// scaleBytes makes (b*factor + offset) / 256 of each byte, eight at once in
// lanes of 16 bits, which hold 255*factor + offset for the factors above.
func scaleBytes(plane []byte, factor, offset uint64) {
	const (
		evens = 0x00ff00ff00ff00ff
		ones  = 0x0001000100010001
	)
	for len(plane) >= 8 {
		x := binary.LittleEndian.Uint64(plane)
		even := (x&evens*factor + offset*ones) >> 8 & evens
		odd := (x>>8&evens*factor + offset*ones) &^ evens
		binary.LittleEndian.PutUint64(plane, even|odd)
		plane = plane[8:]
	}
	for i, b := range plane {
		plane[i] = uint8((uint64(b)*factor + offset) >> 8)
	}
}
