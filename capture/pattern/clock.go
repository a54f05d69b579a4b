package pattern

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/pushcam/pushcam/capture"
)

// The layout of the clock; doc.go has the drawing.
const (
	clockColumns = 36 // the picture's width in cells, margins included
	clockLines   = 40 // the picture's height in half cells
	panelLine    = 34 // where the black panel begins
	firstLine    = 35 // where the upper row of cells begins
	linesPerCell = 2
	bitsPerRow   = 32
	leftColumn   = 1                           // reference cells
	rightColumn  = leftColumn + bitsPerRow + 1 // reference cells

	clockBits = 2 * bitsPerRow
	crcBits   = 16
)

// Black and white of 8-bit video in limited range (ITU-R BT.601 section 2.5.3).
const (
	black   = 16
	white   = 235
	neutral = 128
)

// minContrast is the least difference between the reference cells, of 219 in
// the original, that is still taken for a clock.
const minContrast = 40

// DrawClock draws t, truncated to the millisecond, over the lowest 3/20 of f,
// which the caller must own alone.
func DrawClock(f *capture.Frame, t time.Time) {
	word := clockWord(t.UnixMilli())
	// With the reference cells, as 34 cells from the left.
	upper := 1<<(bitsPerRow+1) | word>>bitsPerRow<<1
	lower := word<<1&(1<<(bitsPerRow+1)-1) | 1
	const secondLine = firstLine + linesPerCell
	lumaBand(f, panelLine, firstLine, 0)
	lumaBand(f, firstLine, secondLine, upper)
	lumaBand(f, secondLine, secondLine+linesPerCell, lower)
	lumaBand(f, secondLine+linesPerCell, clockLines, 0)
	top, width, height := clockY(panelLine, f.Height)/2, (f.Width+1)/2, (f.Height+1)/2
	fillRows(f.U, f.UVStride, width, top, height, neutral)
	fillRows(f.V, f.UVStride, width, top, height, neutral)
}

// lumaBand draws the cells that are set, the rest black.
func lumaBand(f *capture.Frame, fromLine, toLine int, cells uint64) {
	from, to := clockY(fromLine, f.Height), clockY(toLine, f.Height)
	fillRows(f.Y, f.YStride, f.Width, from, min(from+1, to), black)
	for column := leftColumn; column <= rightColumn; column++ {
		if cells>>(rightColumn-column)&1 == 1 && from < to {
			fill(f.Y[from*f.YStride:][clockX(column, f.Width):clockX(column+1, f.Width)], white)
		}
	}
	for y := from + 1; y < to; y++ {
		copy(f.Y[y*f.YStride:][:f.Width], f.Y[from*f.YStride:])
	}
}

// ReadClock returns the time that DrawClock drew into f, however f was scaled
// and compressed since, or an error when it cannot be known for certain.
func ReadClock(f *capture.Frame) (time.Time, error) {
	return ReadClockLuma(f.Y, f.YStride, f.Size)
}

// ReadClockLuma is ReadClock for a picture of which only the luma plane is at
// hand: size.Height rows, stride bytes apart.
func ReadClockLuma(luma []byte, stride int, size capture.Size) (time.Time, error) {
	cell, err := newCellReader(luma, stride, size)
	if err != nil {
		return time.Time{}, fmt.Errorf("read clock: %w", err)
	}
	whites := [2]float64{cell.mean(0, leftColumn), cell.mean(1, rightColumn)}
	blacks := [2]float64{cell.mean(1, leftColumn), cell.mean(0, rightColumn)}
	high, low := (whites[0]+whites[1])/2, (blacks[0]+blacks[1])/2
	contrast := high - low
	if contrast < minContrast {
		return time.Time{}, fmt.Errorf("read clock: reference cells differ by %.0f, want %d", contrast, minContrast)
	}
	if spread := max(abs(whites[0]-whites[1]), abs(blacks[0]-blacks[1])); spread > contrast/2 {
		return time.Time{}, fmt.Errorf("read clock: reference cells of one colour differ by %.0f of %.0f", spread, contrast)
	}
	var word uint64
	for i := range clockBits {
		word <<= 1
		if cell.mean(i/bitsPerRow, leftColumn+1+i%bitsPerRow) > (high+low)/2 {
			word |= 1
		}
	}
	ms := int64(word >> crcBits)
	if clockWord(ms) != word {
		return time.Time{}, errors.New("read clock: checksum is wrong")
	}
	return time.UnixMilli(ms), nil
}

// cellReader samples the cells of one luma plane.
type cellReader struct {
	luma   []byte
	stride int
	size   capture.Size
}

func newCellReader(luma []byte, stride int, size capture.Size) (cellReader, error) {
	switch {
	case size.Width < 2*clockColumns || size.Height < clockLines:
		return cellReader{}, fmt.Errorf("size %v: want at least %dx%d", size, 2*clockColumns, clockLines)
	case stride < size.Width || len(luma) < (size.Height-1)*stride+size.Width:
		return cellReader{}, fmt.Errorf("luma of %d bytes, stride %d: too short for %v", len(luma), stride, size)
	}
	return cellReader{luma, stride, size}, nil
}

// mean averages the middle half of a cell, which neither scaling nor a codec's
// ringing at the edges reaches.
func (c cellReader) mean(row, column int) float64 {
	x0, x1 := middle(column, 1, clockColumns, c.size.Width)
	y0, y1 := middle(firstLine+row*linesPerCell, linesPerCell, clockLines, c.size.Height)
	sum := 0
	for y := y0; y < y1; y++ {
		for _, v := range c.luma[y*c.stride:][x0:x1] {
			sum += int(v)
		}
	}
	return float64(sum) / float64((x1-x0)*(y1-y0))
}

// middle returns the pixels whose centres lie in the middle half of the
// interval [at, at+length), counted in units of which the picture has total;
// at least the one pixel in the very middle.
func middle(at, length, total, pixels int) (from, to int) {
	quarters := func(n int) int { // first pixel centre at or right of n quarters
		return (n*pixels + total*2 - 1) / (total * 4)
	}
	from, to = quarters(4*at+length), quarters(4*at+3*length)
	if from >= to {
		from = (2*at + length) * pixels / (2 * total)
		to = from + 1
	}
	return from, to
}

// clockWord is what the 64 cells say, most significant bit first.
func clockWord(ms int64) uint64 {
	word := uint64(ms) << crcBits
	var data [clockBits / 8]byte
	binary.BigEndian.PutUint64(data[:], word)
	return word | uint64(crc16(data[:(clockBits-crcBits)/8]))
}

// crc16 is CRC-16/IBM-3740.
func crc16(data []byte) uint16 {
	crc := uint16(0xffff)
	for _, b := range data {
		crc ^= uint16(b) << 8
		for range 8 {
			carry := crc >> 15
			crc = crc<<1 ^ carry*0x1021
		}
	}
	return crc
}

// clockX and clockY are the first pixel of a column and of a line.
func clockX(column, width int) int { return (column*width + clockColumns/2) / clockColumns }
func clockY(line, height int) int  { return (line*height + clockLines/2) / clockLines }

func fillRows(plane []byte, stride, width, from, to int, v byte) {
	for y := from; y < to; y++ {
		if y == from {
			fill(plane[y*stride:][:width], v)
		} else {
			copy(plane[y*stride:][:width], plane[from*stride:])
		}
	}
}

func fill(row []byte, v byte) {
	for i := range row {
		row[i] = v
	}
}

func abs(x float64) float64 { return max(x, -x) }
