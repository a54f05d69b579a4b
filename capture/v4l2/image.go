package v4l2

import (
	"image"
	"image/color"
)

// mediadevices hands pictures on as image.Image. A Buffer is one, so that it
// passes through uncopied; who knows a Buffer uses Planes or Bytes.

// ColorModel implements image.Image.
func (b *Buffer) ColorModel() color.Model { return color.YCbCrModel }

// Bounds implements image.Image.
func (b *Buffer) Bounds() image.Rectangle {
	return image.Rect(0, 0, b.queue.format.Width, b.queue.format.Height)
}

// At implements image.Image, slowly, for formats that have Planes. Others are
// grey all over. The range of the values is the format's.
func (b *Buffer) At(x, y int) color.Color {
	grey := color.YCbCr{Y: 128, Cb: 128, Cr: 128}
	if !(image.Point{X: x, Y: y}).In(b.Bounds()) {
		return grey
	}
	at := func(plane, x, y int) uint8 { return b.planes[plane].Pix[y*b.planes[plane].Stride+x] }
	f := b.queue.format.PixelFormat
	switch f.arrangement() {
	case unknownArrangement:
		return grey
	case packed422:
		even := x &^ 1 * 2
		if f == UYVY {
			return color.YCbCr{Y: at(0, 2*x+1, y), Cb: at(0, even, y), Cr: at(0, even+2, y)}
		}
		return color.YCbCr{Y: at(0, 2*x, y), Cb: at(0, even+1, y), Cr: at(0, even+3, y)}
	case lumaOnly:
		return color.YCbCr{Y: at(0, x, y), Cb: 128, Cr: 128}
	case semiPlanar420:
		cb, cr := at(1, x&^1, y/2), at(1, x|1, y/2)
		if f.crFirst() {
			cb, cr = cr, cb
		}
		return color.YCbCr{Y: at(0, x, y), Cb: cb, Cr: cr}
	case planar420:
		return color.YCbCr{Y: at(0, x, y), Cb: at(1, x/2, y/2), Cr: at(2, x/2, y/2)}
	}
	return grey
}
