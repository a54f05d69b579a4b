package y4m

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/pushcam/pushcam/capture"
)

// ErrCorrupt is for bytes where no picture begins though one should: a writer
// that was killed within a picture and started again leaves such. The next
// read looks for the next beginning.
var ErrCorrupt = errors.New("corrupt")

const (
	// bufferSize is for headers and small rows; planes are read past the buffer.
	bufferSize = 64 << 10
	// maxLine bounds a header. Real ones have about 80 bytes.
	maxLine = 4096
	// searchPictures is after how many pictures' bytes without a beginning a
	// search says that it still searches.
	searchPictures = 2
)

// Reader reads one stream. Sides that are odd lose their last pixel, full range
// becomes limited, and 4:2:2 and 4:4:4 become 4:2:0. One goroutine uses it.
type Reader struct {
	in     *bufio.Reader
	header header
	mode   capture.Mode
	rows   []byte // two rows of color, for what is not 4:2:0
	astray bool   // the next picture has to be searched for
	begun  bool   // a picture's first byte is the next to be read
}

// NewReader reads the header from r, for which it blocks. Errors wrap
// ErrUnsupported where that is the reason.
func NewReader(r io.Reader) (*Reader, error) {
	y := &Reader{in: bufio.NewReaderSize(r, bufferSize)}
	line, err := y.line()
	if err == nil {
		err = y.take(line)
	}
	if err != nil {
		return nil, fmt.Errorf("read y4m: %w", whole(err))
	}
	return y, nil
}

// Mode is the pictures' size, as they are returned, and rate, which is 0 when
// the stream does not say. A new header within the stream changes it.
func (r *Reader) Mode() capture.Mode { return r.mode }

// ReadFrame blocks for the next picture and returns it as a Frame from pool,
// with one reference and no Time. The error is io.EOF at the end of the stream
// and wraps io.ErrUnexpectedEOF within a picture, ErrCorrupt when the next call
// may succeed, or ErrUnsupported.
func (r *Reader) ReadFrame(pool *capture.FramePool) (*capture.Frame, error) {
	if err := r.begin(); err != nil {
		return nil, r.failure(err)
	}
	f := pool.Get(r.mode.Size)
	if err := r.fill(f); err != nil {
		f.Release()
		return nil, r.failure(whole(err))
	}
	return f, nil
}

// Await blocks until a picture has begun, which the next ReadFrame or SkipFrame
// takes. Its errors are theirs.
func (r *Reader) Await() error {
	if err := r.begin(); err != nil {
		return r.failure(err)
	}
	r.begun = true
	return nil
}

// SkipFrame is ReadFrame for a picture that nobody wants.
func (r *Reader) SkipFrame() error {
	if err := r.begin(); err != nil {
		return r.failure(err)
	}
	if _, err := r.in.Discard(r.header.bytes()); err != nil {
		return r.failure(whole(err))
	}
	return nil
}

func (r *Reader) failure(err error) error {
	if err == io.EOF { //nolint:errorlint // only the bare one is the end
		return err
	}
	return fmt.Errorf("read y4m: %w", err)
}

// whole is err for a place where the stream must not end.
func whole(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// begin reads up to a picture's first byte. Headers may stand between pictures:
// who starts a writer again and again into the same pipe makes such.
func (r *Reader) begin() error {
	if r.begun {
		r.begun = false
		return nil
	}
	if r.astray {
		if err := r.search(); err != nil {
			return err
		}
		r.astray = false
	}
	for {
		line, err := r.line()
		if err != nil {
			return err
		}
		if isFrame(line) {
			return nil
		}
		if !bytes.HasPrefix(line, []byte(Magic)) {
			r.astray = true
			return fmt.Errorf("%.20q where a picture should begin: %w", line, ErrCorrupt)
		}
		if err := r.take(line); err != nil {
			return err
		}
	}
}

// isFrame knows the line before each picture, whose fields mean nothing here.
func isFrame(line []byte) bool {
	rest, ok := bytes.CutPrefix(line, []byte("FRAME"))
	return ok && (len(rest) == 0 || rest[0] == ' ')
}

func (r *Reader) take(line []byte) (err error) {
	if r.header, err = parseHeader(line); err == nil {
		r.mode = r.header.mode()
	}
	return err
}

// line returns the next one without its end; it is valid until the next read.
// Bytes that are no line are ErrCorrupt.
func (r *Reader) line() ([]byte, error) {
	for n := 1; ; n++ {
		begun, err := r.in.Peek(n)
		if err != nil {
			if len(begun) > 0 {
				err = whole(err)
			}
			return nil, err
		}
		begun, _ = r.in.Peek(min(r.in.Buffered(), maxLine))
		if i := bytes.IndexByte(begun, '\n'); i >= 0 {
			_, _ = r.in.Discard(i + 1)
			return begun[:i], nil
		}
		if n = len(begun); n == maxLine {
			_, _ = r.in.Discard(n)
			r.astray = true
			return nil, fmt.Errorf("a line of more than %d bytes: %w", maxLine, ErrCorrupt)
		}
	}
}

// search discards what comes before the next header or picture.
func (r *Reader) search() error {
	for left := searchPictures * r.header.bytes(); left > 0; {
		if _, err := r.in.Peek(len(Magic)); err != nil {
			return whole(err)
		}
		seen, _ := r.in.Peek(r.in.Buffered())
		at := -1
		for _, begin := range []string{"FRAME\n", "FRAME ", Magic} {
			if i := bytes.Index(seen, []byte(begin)); i >= 0 && (at < 0 || i < at) {
				at = i
			}
		}
		if at >= 0 {
			_, _ = r.in.Discard(at)
			return nil
		}
		// The last bytes may be the beginning of one.
		n, _ := r.in.Discard(len(seen) - len(Magic) + 1)
		left -= n
	}
	return fmt.Errorf("no beginning of a picture in %d bytes: %w", searchPictures*r.header.bytes(), ErrCorrupt)
}
