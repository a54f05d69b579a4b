package capture

import "encoding/binary"

// CopyPlane copies rows of width bytes from one plane to another.
func CopyPlane(dst []byte, dstStride int, src []byte, srcStride, width, rows int) {
	if dstStride == width && srcStride == width {
		copy(dst, src[:width*rows])
		return
	}
	for y := range rows {
		copy(dst[y*dstStride:][:width], src[y*srcStride:][:width])
	}
}

// HalveRows turns a 4:2:2 chroma plane into a 4:2:0 one: each pair of rows of
// width bytes becomes its average, rounded up. An odd last row stands for
// itself, so dst has (rows+1)/2 rows.
func HalveRows(dst []byte, dstStride int, src []byte, srcStride, width, rows int) {
	for y := 0; y < rows; y += 2 {
		d := dst[y/2*dstStride:][:width]
		a, b := rowPair(src, srcStride, width, y, rows)
		averageRows(d, a, b)
	}
}

// HalvePlane turns a 4:4:4 chroma plane into a 4:2:0 one: each square of four
// bytes becomes its average, rounded to nearest. An odd last row or column
// stands for two, so dst has (rows+1)/2 rows of (width+1)/2 bytes.
func HalvePlane(dst []byte, dstStride int, src []byte, srcStride, width, rows int) {
	for y := 0; y < rows; y += 2 {
		d := dst[y/2*dstStride:][:(width+1)/2]
		a, b := rowPair(src, srcStride, width, y, rows)
		averageSquares(d, a, b)
	}
}

func rowPair(src []byte, stride, width, y, rows int) (a, b []byte) {
	a = src[y*stride:][:width]
	if y+1 == rows {
		return a, a
	}
	return a, src[(y+1)*stride:][:width]
}

// averageRows works on eight bytes at once. The sum of two bytes is twice what
// they share plus what they differ in, so a|b less half the difference is
// their average rounded up, and no byte carries into the next.
func averageRows(dst, a, b []byte) {
	const low7 = 0x7f7f7f7f7f7f7f7f
	a, b = a[:len(dst)], b[:len(dst)]
	for len(dst) >= 8 && len(a) >= 8 && len(b) >= 8 {
		x, y := binary.LittleEndian.Uint64(a), binary.LittleEndian.Uint64(b)
		binary.LittleEndian.PutUint64(dst, (x|y)-(x^y)>>1&low7)
		dst, a, b = dst[8:], a[8:], b[8:]
	}
	for i := range dst {
		dst[i] = uint8((uint16(a[i]) + uint16(b[i]) + 1) / 2)
	}
}

// averageSquares makes four bytes of two times eight: it adds even and odd
// columns of both rows in lanes of 16 bits, which hold a sum of four bytes.
func averageSquares(dst, a, b []byte) {
	const (
		evens = 0x00ff00ff00ff00ff
		twos  = 0x0002000200020002
	)
	for len(dst) >= 4 && len(a) >= 8 && len(b) >= 8 {
		x, y := binary.LittleEndian.Uint64(a), binary.LittleEndian.Uint64(b)
		sum := x&evens + x>>8&evens + y&evens + y>>8&evens + twos
		sum = sum >> 2 & evens
		sum = (sum | sum>>8) & 0x0000ffff0000ffff
		binary.LittleEndian.PutUint32(dst, uint32(sum|sum>>16))
		dst, a, b = dst[4:], a[8:], b[8:]
	}
	for i := range dst {
		left, right := 2*i, min(2*i+1, len(a)-1)
		sum := uint16(a[left]) + uint16(a[right]) + uint16(b[left]) + uint16(b[right])
		dst[i] = uint8((sum + 2) / 4)
	}
}
