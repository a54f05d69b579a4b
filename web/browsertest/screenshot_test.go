//go:build browser && linux

package browsertest

import (
	"bytes"
	"flag"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "make the README's screenshot anew")

const (
	screenshotPath = "../../.build/screenshots" // git-ignored
	readmePath     = "../../.github/page.png"
	readmeBytes    = 300 << 10 // at most
)

// window is what a page is looked at through, in CSS pixels.
type window struct {
	name          string
	width, height int
	scale         int // device pixels of a CSS pixel
	phone         bool
}

func desktop() window { return window{name: "desktop", width: 1280, height: 800, scale: 1} }

func phone() window { return window{name: "phone", width: 390, height: 844, scale: 2, phone: true} }

func landscape() window {
	return window{name: "landscape", width: 844, height: 390, scale: 1, phone: true}
}

// TestScreenshots: in each state, nothing of the page is cut off, in the window
// of a computer and on a phone; and pictures to look at are left.
func TestScreenshots(t *testing.T) {
	b := chromium(t)
	for _, w := range []window{desktop(), phone()} {
		t.Run(w.name, func(t *testing.T) {
			server := serve(t, "--size", "1280x720")
			p := open(t, b, server.url)
			p.resize(w)
			p.untilState("live")
			p.do("document.getElementById('show-info').click()")
			p.until("/fps.*bit/.test(document.getElementById('info').textContent)")
			live := p.look("live", w)
			p.do("document.getElementById('show-info').click(); for (const key of 'r++') document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))")
			p.until("document.documentElement.hasAttribute('data-zoomed')")
			p.look("zoomed", w)
			if *update && w == desktop() {
				if err := os.WriteFile(readmePath, shrink(t, live), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			server.kill()
			p.untilState("gone")
			p.look("gone", w)

			blind := open(t, b, serve(t, "--source", "no-such-camera").url)
			blind.resize(w)
			blind.untilState("lost")
			blind.look("lost", w)
		})
	}
}

// TestReadmeScreenshot: the picture that the README shows is there, as the
// README's readers can load it.
func TestReadmeScreenshot(t *testing.T) {
	picture, err := os.ReadFile(readmePath)
	if err != nil {
		t.Fatal(err)
	}
	size, err := png.DecodeConfig(bytes.NewReader(picture))
	if want := desktop(); err != nil || size.Width != want.width || size.Height != want.height || len(picture) > readmeBytes {
		t.Errorf("%s: %d x %d, %d bytes, %v; want %d x %d and at most %d bytes",
			readmePath, size.Width, size.Height, len(picture), err, want.width, want.height, readmeBytes)
	}
}

func (p *page) resize(w window) {
	p.t.Helper()
	if err := p.tab.resize(w); err != nil {
		p.t.Fatalf("resize to %+v: %v", w, err)
	}
}

// look looks at the page, saves what it sees, and returns it as PNG.
func (p *page) look(name string, w window) []byte {
	p.t.Helper()
	name += "-" + w.name
	p.until("probe.still()")
	for _, fault := range value[[]string](p, "probe.faults()") {
		p.t.Errorf("%s: %s", name, fault)
	}
	shot, err := p.tab.screenshot()
	if err != nil {
		p.t.Fatalf("%s: screenshot: %v", name, err)
	}
	size, err := png.DecodeConfig(bytes.NewReader(shot))
	if err != nil || size.Width != w.width*w.scale || size.Height != w.height*w.scale {
		p.t.Errorf("%s: %d x %d, %v; want %d x %d", name, size.Width, size.Height, err, w.width*w.scale, w.height*w.scale)
	}
	if err := os.MkdirAll(screenshotPath, 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(screenshotPath, name+".png"), shot, 0o644); err != nil {
		p.t.Fatal(err)
	}
	return shot
}

// shrink reduces a PNG to the 256 colours that suit it best.
func shrink(t *testing.T, picture []byte) []byte {
	t.Helper()
	reduce := exec.Command("ffmpeg", "-v", "error", "-f", "png_pipe", "-i", "-",
		"-vf", "split[a][b];[a]palettegen=stats_mode=single[p];[b][p]paletteuse=dither=bayer:bayer_scale=5",
		"-c:v", "png", "-compression_level", "9", "-f", "image2pipe", "-")
	reduce.Stdin = bytes.NewReader(picture)
	small, err := reduce.Output()
	if err != nil {
		t.Fatalf("ffmpeg: %v", err)
	}
	return small
}
