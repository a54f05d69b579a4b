package y4m

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"

	"github.com/pushcam/pushcam/capture"
)

// Magic is what every Y4M begins with.
const Magic = "YUV4MPEG2 "

// MaxPixels bounds a picture: 4096x2304. Forty bytes of header must not be
// able to ask for gigabytes.
const MaxPixels = 4096 * 2304

// ErrUnsupported is for pictures of a kind or size that is not read here. What
// follows will be the same.
var ErrUnsupported = errors.New("unsupported")

// header is what a stream says of its pictures.
type header struct {
	size      capture.Size // as sent: odd sides are possible
	frameRate float64      // 0 when it is not known
	chroma    chroma
	fullRange bool
}

// mode is what comes of the pictures here.
func (h header) mode() capture.Mode {
	return capture.Mode{
		Size:      capture.Size{Width: h.size.Width &^ 1, Height: h.size.Height &^ 1},
		FrameRate: h.frameRate, Format: "Y4M",
	}
}

// bytes is how long a picture is.
func (h header) bytes() int {
	width, rows := h.chroma.plane(h.size)
	return h.size.Pixels() + 2*width*rows
}

// parseHeader reads the first line, without its end.
func parseHeader(line []byte) (header, error) {
	h := header{chroma: chroma420}
	rest, ok := bytes.CutPrefix(line, []byte(Magic))
	if !ok {
		return h, fmt.Errorf("header %.40q: want %s", line, Magic)
	}
	for field := range bytes.FieldsSeq(rest) {
		if err := h.set(field[0], string(field[1:])); err != nil {
			return h, err
		}
	}
	if min(h.size.Width, h.size.Height) < 16 || h.size.Pixels() > MaxPixels {
		return h, fmt.Errorf("picture of %v: %w: want sides from 16, and at most 4096x2304", h.size, ErrUnsupported)
	}
	return h, nil
}

// set takes one field. Interlacing (I), the shape of pixels (A) and what else
// there may be change nothing here.
func (h *header) set(tag byte, value string) (err error) {
	switch tag {
	case 'W':
		h.size.Width, err = parseSide(value)
	case 'H':
		h.size.Height, err = parseSide(value)
	case 'F':
		h.frameRate, err = parseRate(value)
	case 'C':
		h.chroma, err = parseChroma(value)
	case 'X':
		if value == "COLORRANGE=FULL" {
			h.fullRange = true
		}
	}
	return err
}

func parseSide(text string) (int, error) {
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil || n > capture.MaxDimension {
		return 0, fmt.Errorf("side of %.20q pixels: %w: want a number up to %d", text, ErrUnsupported, capture.MaxDimension)
	}
	return int(n), nil
}

// parseRate reads a fraction; 0:0 says that the rate is not known, and so
// does one that cannot be.
func parseRate(text string) (float64, error) {
	num, den, ok := bytes.Cut([]byte(text), []byte(":"))
	n, err := strconv.ParseUint(string(num), 10, 32)
	d, denErr := strconv.ParseUint(string(den), 10, 32)
	if !ok || err != nil || denErr != nil {
		return 0, fmt.Errorf("frame rate %.20q: want a fraction like 30:1", text)
	}
	if rate := float64(n) / float64(d); d != 0 && rate >= 0.01 && rate <= 1000 {
		return rate, nil
	}
	return 0, nil
}
