package feed

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/pushcam/pushcam/capture"
)

// maxJPEG bounds a picture: four times what the largest that can be decoded
// has in good quality.
const maxJPEG = 16 << 20

// JPEG markers, ITU-T T.81 table B.1.
const (
	markerTEM  = 0x01
	markerRST0 = 0xd0
	markerRST7 = 0xd7
	markerSOI  = 0xd8
	markerEOI  = 0xd9
	markerSOS  = 0xda
)

var errTooLong = fmt.Errorf("JPEG of more than %d MiB: %w", maxJPEG>>20, errBroken)

// mjpegCutter cuts JPEGs out of bytes, whatever stands between them. It walks
// from marker to marker by their lengths, so that the thumbnails and tables
// inside of a picture do not look like its end.
type mjpegCutter struct {
	kit *kit
	in  *bufio.Reader

	buf []byte // the picture so far
	// again is set when the beginning of the next picture was found in this
	// one, and has been read.
	again bool
}

func (c *mjpegCutter) mode() capture.Mode { return capture.Mode{Format: capture.FormatMJPEG} }

// next implements cutter.
func (c *mjpegCutter) next(wanted func() bool) (picture, error) {
	if c.buf == nil {
		c.buf = c.kit.jpegs.get()
	}
	if err := c.seek(); err != nil {
		return picture{}, err
	}
	if err := c.cut(); err != nil {
		return picture{}, err
	}
	if !wanted() {
		return picture{}, nil
	}
	p := picture{jpeg: c.buf}
	c.buf = nil
	return p, nil
}

// seek reads up to and with the next start of image that a marker follows.
func (c *mjpegCutter) seek() error {
	if c.again {
		c.again = false
		c.buf = append(c.buf[:0], 0xff, markerSOI)
		return nil
	}
	for {
		if _, err := c.in.Peek(3); err != nil {
			// The rest of a text is not half a picture.
			return endOf(err, false)
		}
		seen, _ := c.in.Peek(c.in.Buffered())
		if i := bytes.Index(seen, []byte{0xff, markerSOI, 0xff}); i >= 0 {
			_, _ = c.in.Discard(i + 2)
			c.buf = append(c.buf[:0], 0xff, markerSOI)
			return nil
		}
		_, _ = c.in.Discard(len(seen) - 2)
	}
}

// cut reads the rest of a picture. One without an end of image ends where the
// next begins; whether it is whole is its decoder's to say.
func (c *mjpegCutter) cut() error {
	scanned := false
	for {
		m, err := c.marker()
		if err != nil {
			return endOf(err, true)
		}
		switch {
		case m == markerEOI && scanned:
			return nil
		case m == markerSOI:
			c.again = true
			if scanned {
				c.buf = c.buf[:len(c.buf)-2]
				return nil
			}
			return fmt.Errorf("JPEG without a picture in it: %w", errBroken)
		case m == markerEOI:
			return fmt.Errorf("JPEG without a picture in it: %w", errBroken)
		case m == markerTEM || m >= markerRST0 && m <= markerRST7:
			continue // have no length
		}
		if err := c.segment(); err != nil {
			return endOf(err, true)
		}
		if m == markerSOS {
			scanned = true
			if err := c.scan(); err != nil {
				return endOf(err, true)
			}
		}
	}
}

// endOf is io.ErrUnexpectedEOF for an end within a picture.
func endOf(err error, within bool) error {
	if within && errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// marker reads one, with any fill bytes before it. Where none is, the picture
// is broken.
func (c *mjpegCutter) marker() (byte, error) {
	if err := c.take(1); err != nil {
		return 0, err
	}
	if c.buf[len(c.buf)-1] != 0xff {
		return 0, fmt.Errorf("JPEG without a marker where one should be: %w", errBroken)
	}
	for {
		if err := c.take(1); err != nil {
			return 0, err
		}
		switch m := c.buf[len(c.buf)-1]; m {
		case 0xff: // fill
		case 0:
			return 0, fmt.Errorf("JPEG without a marker where one should be: %w", errBroken)
		default:
			return m, nil
		}
	}
}

// segment reads a length and as many bytes.
func (c *mjpegCutter) segment() error {
	if err := c.take(2); err != nil {
		return err
	}
	n := len(c.buf)
	length := int(c.buf[n-2])<<8 | int(c.buf[n-1])
	if length < 2 {
		return fmt.Errorf("JPEG segment of %d bytes: %w", length, errBroken)
	}
	return c.take(length - 2)
}

// scan reads coded data up to, and without, a marker that ends it: any but a
// restart. In coded data 0xff has 0 behind it.
func (c *mjpegCutter) scan() error {
	for {
		if _, err := c.in.Peek(2); err != nil {
			return err
		}
		seen, _ := c.in.Peek(c.in.Buffered())
		i := bytes.IndexByte(seen[:len(seen)-1], 0xff)
		switch {
		case i < 0:
			i = len(seen) - 1
		case isMarker(seen[i+1]):
			return c.take(i)
		case seen[i+1] == 0xff: // fill, or the first half of a marker
			i++
		default:
			i += 2
		}
		if err := c.take(i); err != nil {
			return err
		}
	}
}

func isMarker(b byte) bool { return b > markerTEM && b != 0xff && (b < markerRST0 || b > markerRST7) }

// take moves n bytes to the picture.
func (c *mjpegCutter) take(n int) error {
	if len(c.buf)+n > maxJPEG {
		return errTooLong
	}
	for n > 0 {
		if c.in.Buffered() == 0 {
			if _, err := c.in.Peek(1); err != nil {
				return err
			}
		}
		some, _ := c.in.Peek(min(n, c.in.Buffered()))
		c.buf = append(c.buf, some...)
		_, _ = c.in.Discard(len(some))
		n -= len(some)
	}
	return nil
}
