package y4m

import (
	"fmt"
	"io"
	"math"

	"github.com/pushcam/pushcam/capture"
)

// Writer writes one stream. One goroutine uses it.
type Writer struct {
	w      io.Writer
	size   capture.Size
	header string // until it is written
}

// NewWriter returns a Writer for Frames of this size. frameRate is in pictures
// per second; 0 says that it is not known. It writes nothing yet.
func NewWriter(w io.Writer, size capture.Size, frameRate float64) *Writer {
	num, den := ratio(frameRate)
	return &Writer{w: w, size: size, header: fmt.Sprintf(
		// "jpeg" is where chroma lies: between the pixels, as averaging puts it.
		"YUV4MPEG2 W%d H%d F%d:%d Ip A1:1 C420jpeg XCOLORRANGE=LIMITED\n", size.Width, size.Height, num, den)}
}

// WriteFrame writes f, which has to be of the Writer's size, and keeps no
// reference. After an error the stream is broken.
func (w *Writer) WriteFrame(f *capture.Frame) error {
	if f.Size != w.size {
		return fmt.Errorf("write y4m: frame of %v in a stream of %v", f.Size, w.size)
	}
	if err := f.Validate(); err != nil {
		return fmt.Errorf("write y4m: %w", err)
	}
	if _, err := io.WriteString(w.w, w.header+"FRAME\n"); err != nil {
		return fmt.Errorf("write y4m: %w", err)
	}
	w.header = ""
	uvWidth, uvHeight := (f.Width+1)/2, (f.Height+1)/2
	for _, p := range []struct {
		pix                 []byte
		stride, width, rows int
	}{
		{f.Y, f.YStride, f.Width, f.Height},
		{f.U, f.UVStride, uvWidth, uvHeight},
		{f.V, f.UVStride, uvWidth, uvHeight},
	} {
		if err := writePlane(w.w, p.pix, p.stride, p.width, p.rows); err != nil {
			return fmt.Errorf("write y4m: %w", err)
		}
	}
	return nil
}

func writePlane(w io.Writer, pix []byte, stride, width, rows int) error {
	if stride == width {
		_, err := w.Write(pix[:width*rows])
		return err
	}
	for y := range rows {
		if _, err := w.Write(pix[y*stride:][:width]); err != nil {
			return err
		}
	}
	return nil
}

// ratio finds the fraction that a rate stands for: 29.97 is 30000/1001. It
// returns 0:0 for a rate that is not known.
func ratio(rate float64) (num, den int) {
	if !(rate > 0 && rate < 1e6) {
		return 0, 0
	}
	for _, den := range []int{1, 1001, 1000} {
		exact := rate * float64(den)
		num := int(math.Round(exact))
		if den == 1001 {
			num = int(math.Round(exact/1000)) * 1000
		}
		if num > 0 && (math.Abs(float64(num)/float64(den)-rate) < 0.001 || den == 1000) {
			return num, den
		}
	}
	return 0, 0
}
