//go:build lab && linux

package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
)

// shoot returns, for each size, JPEGs of a bar that falls over blue.
func shoot() (film [][][]byte, err error) {
	const pictures = 6
	for _, size := range frameSizes() {
		frame := image.Rect(0, 0, int(size.width), int(size.height))
		var all [][]byte
		for i := range pictures {
			canvas := image.NewRGBA(frame)
			draw.Draw(canvas, frame, image.NewUniform(color.RGBA{R: 20, G: 40, B: 120, A: 255}), image.Point{}, draw.Src)
			bar := image.Rect(0, frame.Dy()*i/pictures, frame.Dx(), frame.Dy()*(i+1)/pictures)
			draw.Draw(canvas, bar, image.NewUniform(color.Gray{Y: 210}), image.Point{}, draw.Src)
			var out bytes.Buffer
			if err := jpeg.Encode(&out, canvas, &jpeg.Options{Quality: 80}); err != nil {
				return nil, fmt.Errorf("encode picture: %w", err)
			}
			all = append(all, out.Bytes())
		}
		film = append(film, all)
	}
	return film, nil
}
