//go:build lab && linux

package main

import (
	"flag"
	"fmt"
	"image"
	"os"
	"time"
)

// width and height of the pictures: small, as the machine is slow.
const width, height = 640, 360

func main() {
	rate := flag.Uint("rate", 15, "pictures a second")
	broken := flag.Bool("broken", false, "cut off every 5th picture, replace every 7th by noise")
	noTables := flag.Bool("no-tables", false, "leave out the Huffman tables")
	coded := flag.String("h264", "", "write the access units of this file instead, each behind its length")
	flag.Parse()
	if err := run(flag.Arg(0), uint32(*rate), *broken, *noTables, *coded); err != nil {
		fmt.Fprintln(os.Stderr, "loopback:", err)
		os.Exit(1)
	}
}

func run(path string, rate uint32, broken, noTables bool, coded string) error {
	if coded != "" {
		film, err := readFilm(coded)
		if err != nil {
			return err
		}
		return play(path, pixelFormatH264, rate, film, false)
	}
	film, err := shoot(image.Rect(0, 0, width, height), noTables)
	if err != nil {
		return err
	}
	return play(path, pixelFormatMJPEG, rate, film, broken)
}

// play writes pictures until that fails.
func play(path string, pixelFormat, rate uint32, film [][]byte, broken bool) error {
	o, err := openOutput(path, pixelFormat, width, height, rate)
	if err != nil {
		return err
	}
	defer o.Close()
	tick := time.NewTicker(time.Second / time.Duration(rate))
	defer tick.Stop()
	for n := 0; ; n++ {
		picture := film[n%len(film)]
		if broken {
			picture = harm(picture, n+1)
		}
		// One write is one picture, of which the driver takes what fits.
		if count, err := o.Write(picture); err != nil || count != len(picture) {
			return fmt.Errorf("write picture of %d bytes: %d written: %w", len(picture), count, err)
		}
		<-tick.C
	}
}
