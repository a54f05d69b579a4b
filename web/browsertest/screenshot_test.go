//go:build browser && linux

package browsertest

import (
	"os"
	"path/filepath"
)

// screenshotPath is git-ignored.
const screenshotPath = "../../.build/screenshots"

// window is what a page is looked at through, in CSS pixels.
type window struct {
	name          string
	width, height int
	scale         int // device pixels of a CSS pixel
	phone         bool
}

func windows() []window {
	return []window{
		{name: "desktop", width: 1280, height: 800, scale: 1},
		{name: "phone", width: 390, height: 844, scale: 2, phone: true},
	}
}

// snap saves a screenshot and returns it.
func (p *page) snap(name string, w window) []byte {
	p.t.Helper()
	png, err := p.tab.screenshot(w)
	if err != nil {
		p.t.Fatalf("screenshot %s: %v", name, err)
	}
	if err := os.MkdirAll(screenshotPath, 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(screenshotPath, name+"-"+w.name+".png"), png, 0o644); err != nil {
		p.t.Fatal(err)
	}
	return png
}
