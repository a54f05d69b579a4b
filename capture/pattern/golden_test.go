package pattern

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
)

// goldenDir holds pictures that the decoder in JavaScript reads too, so that
// the two cannot drift apart.
const goldenDir = "../../web/browsertest/testdata"

// updateGolden is the environment variable that makes the test write the
// pictures anew.
const updateGolden = "UPDATE_GOLDEN"

// golden is one entry of clock.json.
type golden struct {
	File string `json:"file"` // binary PGM, 8 bits of luma
	// UnixMilli is what the picture says, Error a part of the reason why it
	// cannot be read.
	UnixMilli int64  `json:"unixMilli,omitempty"`
	Error     string `json:"error,omitempty"`
}

func TestGoldenPictures(t *testing.T) {
	if os.Getenv(updateGolden) != "" {
		writeGolden(t)
	}
	list, err := os.ReadFile(filepath.Join(goldenDir, "clock.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all []golden
	if err := json.Unmarshal(list, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		t.Error("clock.json lists no pictures")
	}
	for _, g := range all {
		t.Run(g.File, func(t *testing.T) {
			p, err := readPGM(filepath.Join(goldenDir, g.File))
			if err != nil {
				t.Fatal(err)
			}
			got, err := ReadClockLuma(p.pix, p.w, p.size())
			switch {
			case g.Error != "":
				if err == nil || !strings.Contains(err.Error(), g.Error) {
					t.Errorf("read %v, %v; want an error about %q", got, err, g.Error)
				}
			case err != nil || got.UnixMilli() != g.UnixMilli:
				t.Errorf("read %d, %v; want %d", got.UnixMilli(), err, g.UnixMilli)
			}
		})
	}
}

func writeGolden(t *testing.T) {
	at := func(i int) time.Time { return clockTimes()[i] }
	drawn := func(w, h int, at time.Time) luma {
		f := capture.NewFrame(capture.Size{Width: w, Height: h})
		DrawClock(f, at)
		return lumaOf(f)
	}
	f := capture.NewFrame(capture.Size{Width: 640, Height: 360})
	f.Time = at(3)
	newPicture(capture.Mode{Size: f.Size, FrameRate: 30}, "no camera").draw(f, 0)
	var all []golden
	for _, g := range []struct {
		golden
		luma luma
	}{
		{golden{File: "clock-card.pgm", UnixMilli: at(3).UnixMilli()}, lumaOf(f).box(0.4)},
		{golden{File: "clock-smallest.pgm", UnixMilli: at(2).UnixMilli()}, drawn(109, 61, at(2))},
		{golden{File: "clock-last.pgm", UnixMilli: at(1).UnixMilli()}, drawn(120, 90, at(1))},
		{golden{File: "clock-noisy.pgm", UnixMilli: at(4).UnixMilli()}, drawn(240, 136, at(4)).levels(0.4, 60).noise(20)},
		{golden{File: "clock-flipped-cell.pgm", Error: "checksum"}, drawn(160, 90, at(3)).cell(1, 20, white)},
		{golden{File: "clock-mirrored.pgm", Error: "reference cells"},
			drawn(144, 80, at(3)).at(func(x, y int) (int, int) { return 143 - x, y })},
	} {
		pgm := fmt.Appendf(nil, "P5\n%d %d\n255\n", g.luma.w, g.luma.h)
		if err := os.WriteFile(filepath.Join(goldenDir, g.File), append(pgm, g.luma.pix...), 0o644); err != nil {
			t.Fatal(err)
		}
		all = append(all, g.golden)
	}
	list, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(goldenDir, "clock.json"), append(list, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

// readPGM reads what writeGolden writes.
func readPGM(path string) (luma, error) {
	file, err := os.ReadFile(path)
	if err != nil {
		return luma{}, err
	}
	var p luma
	if _, err := fmt.Fscanf(bytes.NewReader(file), "P5\n%d %d\n255\n", &p.w, &p.h); err != nil {
		return luma{}, fmt.Errorf("read %s: %w", path, err)
	}
	if p.pix = file[max(len(file)-p.w*p.h, 0):]; len(p.pix) != p.w*p.h {
		return luma{}, errors.New("read " + path + ": too short")
	}
	return p, nil
}
