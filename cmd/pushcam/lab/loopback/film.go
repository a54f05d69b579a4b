//go:build lab && linux

package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math/rand/v2"
	"os"
)

// pictures is how many different ones there are, shown over and over.
const pictures = 6

// shoot returns JPEGs of a bar that moves over grey.
func shoot(frame image.Rectangle, noTables bool) ([][]byte, error) {
	var film [][]byte
	for i := range pictures {
		canvas := image.NewRGBA(frame)
		draw.Draw(canvas, frame, image.NewUniform(color.Gray{Y: 90}), image.Point{}, draw.Src)
		bar := image.Rect(frame.Dx()*i/pictures, 0, frame.Dx()*(i+1)/pictures, frame.Dy())
		draw.Draw(canvas, bar, image.NewUniform(color.RGBA{R: 220, G: 160, B: 40, A: 255}), image.Point{}, draw.Src)
		var out bytes.Buffer
		if err := jpeg.Encode(&out, canvas, &jpeg.Options{Quality: 80}); err != nil {
			return nil, fmt.Errorf("encode picture: %w", err)
		}
		picture := out.Bytes()
		if noTables {
			var err error
			if picture, err = withoutTables(picture); err != nil {
				return nil, err
			}
		}
		film = append(film, picture)
	}
	return film, nil
}

// readFilm reads what a camera has encoded: each picture behind its length, of
// four bytes, little-endian.
func readFilm(name string) ([][]byte, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var film [][]byte
	for len(data) >= 4 {
		n := int(binary.LittleEndian.Uint32(data))
		if n > len(data)-4 {
			break
		}
		film, data = append(film, data[4:4+n]), data[4+n:]
	}
	if len(film) == 0 || len(data) > 0 {
		return nil, fmt.Errorf("read %s: %d pictures, and %d bytes that are none", name, len(film), len(data))
	}
	return film, nil
}

// harm returns what a bad cable makes of the n-th picture: every 7th is noise,
// of the others every 5th ends in the middle.
func harm(picture []byte, n int) []byte {
	switch {
	case n%7 == 0:
		noise := rand.New(rand.NewPCG(uint64(n), 0))
		out := make([]byte, len(picture))
		for i := range out {
			out[i] = byte(noise.Uint32())
		}
		return out
	case n%5 == 0:
		return picture[:len(picture)/2]
	}
	return picture
}

// Markers of a JPEG (ITU-T T.81 table B.1).
const (
	markerDHT = 0xc4 // Huffman tables
	markerSOS = 0xda // the picture itself, up to the end
)

// withoutTables takes the Huffman tables out. Many cameras leave them out, as
// those of T.81 annex K are meant, which image/jpeg uses, too.
func withoutTables(picture []byte) ([]byte, error) {
	out := picture[:2:2] // SOI
	for at := 2; at+4 <= len(picture) && picture[at] == 0xff; {
		if picture[at+1] == markerSOS {
			return append(out, picture[at:]...), nil
		}
		end := at + 2 + int(binary.BigEndian.Uint16(picture[at+2:]))
		if end > len(picture) {
			break
		}
		if picture[at+1] != markerDHT {
			out = append(out, picture[at:end]...)
		}
		at = end
	}
	return nil, errors.New("picture has segments that are not understood")
}
