package feed

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/pushcam/pushcam/capture"
)

// cutter cuts pictures out of a sequence of bytes of one format. One goroutine
// uses it.
type cutter interface {
	// mode is what is known of the pictures by now.
	mode() capture.Mode
	// next blocks for the next picture. It asks whether that is wanted when it
	// has come, and if not, may return nothing. An error wraps errBroken when
	// the one after may be good, and io.EOF or io.ErrUnexpectedEOF at the end of
	// the bytes.
	next(wanted func() bool) (picture, error)
}

// format is what bytes can be.
type format uint8

const (
	unknown format = iota
	formatY4M
	formatMJPEG
	formatH264
)

const (
	// inputSize is the buffer between what delivers and the cutters.
	inputSize = 64 << 10
	// sniffSize is within how many bytes a format has to show.
	sniffSize = 4096
)

// errUnknown is for bytes that are none of the formats.
var errUnknown = errors.New("want Y4M, JPEGs one after the other, or H.264 as Annex B; " +
	"ffmpeg writes them with -f yuv4mpegpipe, -f mjpeg or -f h264, rpicam-vid with --codec mjpeg or h264")

// newCutter recognizes what in delivers, for which it blocks. idle is nil for
// what is not live.
func (k *kit) newCutter(in *bufio.Reader, idle idler) (cutter, error) {
	f, err := sniff(in)
	if err != nil {
		return nil, err
	}
	switch f {
	case formatY4M:
		return newY4MCutter(k, in)
	case formatMJPEG:
		return &mjpegCutter{kit: k, in: in}, nil
	case formatH264:
		return newH264Cutter(in, idle), nil
	case unknown:
	}
	return nil, errUnknown
}

// sniff decides as soon as the bytes do.
func sniff(in *bufio.Reader) (format, error) {
	for n := 1; ; {
		begun, err := in.Peek(n)
		if err == nil {
			begun, _ = in.Peek(min(in.Buffered(), sniffSize))
		}
		f, certain := recognize(begun)
		switch {
		case f != unknown:
			return f, nil
		case certain || len(begun) == sniffSize || errors.Is(err, io.EOF) && len(begun) > 0:
			return unknown, refuse(begun)
		case err != nil:
			return unknown, err
		}
		n = len(begun) + 1
	}
}

// recognize looks for the beginning of a format. It is certain when more bytes
// could not change its mind.
func recognize(b []byte) (f format, certain bool) {
	if bytes.HasPrefix(b, []byte("YUV4MPEG2 ")) {
		return formatY4M, true
	}
	if name := foreign(b); name != "" {
		return unknown, true
	}
	// What was begun to be read in its middle, and multipart headers, come
	// before the first whole picture.
	jpeg, h264 := bytes.Index(b, []byte{0xff, 0xd8, 0xff}), parameterSet(b)
	switch {
	case jpeg >= 0 && (h264 < 0 || jpeg < h264):
		return formatMJPEG, true
	case h264 >= 0:
		return formatH264, true
	}
	return unknown, false
}

// parameterSet is where the first Annex B start code with what an H.264
// sequence can begin with is, or -1: a sequence parameter set (7), an access
// unit delimiter (9) or supplemental information (6).
func parameterSet(b []byte) int {
	for at := 0; ; {
		i := bytes.Index(b[at:], []byte{0, 0, 1})
		if i < 0 || at+i+3 >= len(b) {
			return -1
		}
		at += i + 3
		if kind := b[at] & 0x1f; b[at]&0x80 == 0 && (kind == 7 || kind == 9 || kind == 6) {
			return at - 3
		}
	}
}

// foreign names formats that people try, and that are not read here.
func foreign(b []byte) string {
	for _, f := range []struct {
		at           int
		begins, name string
	}{
		{4, "ftyp", "MP4"},
		{0, "\x1a\x45\xdf\xa3", "Matroska or WebM"},
		{0, "RIFF", "AVI"},
		{0, "FLV", "FLV"},
		{0, "OggS", "Ogg"},
		{0, "DKIF", "IVF"},
		{0, "\x89PNG", "PNG"},
		{0, "\x00\x00\x00\x01\x40\x01", "H.265"},
		{188, "G", "MPEG-TS"}, // its packets are of 188 bytes
	} {
		if len(b) >= f.at+len(f.begins) && string(b[f.at:][:len(f.begins)]) == f.begins && (f.at != 188 || b[0] == 'G') {
			return f.name
		}
	}
	return ""
}

func refuse(b []byte) error {
	if name := foreign(b); name != "" {
		return fmt.Errorf("is %s: %w", name, errUnknown)
	}
	return fmt.Errorf("begins with %.16q: %w", b, errUnknown)
}
