package pattern

import (
	"sync"

	"github.com/pushcam/pushcam/capture"
)

// picture draws one test card after another. It is owned by one goroutine.
type picture struct {
	geometry
	card    [3]overlay
	scene   *scene
	luma    *grain
	chroma  *grain
	comet   comet
	readout *readout
}

// Grain like that of a webcam in a lit room, before its own compression.
const (
	lumaBias, lumaDeviation     = 8, 2.2
	chromaBias, chromaDeviation = 4, 1.0
)

func newPicture(mode capture.Mode, caption string) *picture {
	g := newGeometry(mode.Size)
	p := &picture{
		geometry: g,
		luma:     newGrain(1, g.w, lumaBias, lumaDeviation),
		chroma:   newGrain(2, g.w/2, chromaBias, chromaDeviation),
		comet:    comet{g, accentColor()},
		readout:  newReadout(g, lumaBias),
	}
	// Somebody waits for the first picture: paint with two processors.
	var painters sync.WaitGroup
	painters.Go(func() {
		p.scene = newScene(g.w, (g.bottom-g.top+1)&^1, mode.FrameRate, lumaBias, chromaBias)
	})
	for i, plane := range newCard(g, mode, caption).planes(lumaBias, chromaBias) {
		p.card[i] = newOverlay(plane)
	}
	painters.Wait()
	return p
}

// draw sets every pixel of f to picture n, as seen at f.Time.
func (p *picture) draw(f *capture.Frame, n int64) {
	p.plane(0, f.Y, f.YStride, n, p.luma)
	p.plane(1, f.U, f.UVStride, n, p.chroma)
	p.plane(2, f.V, f.UVStride, n, p.chroma)
	p.readout.draw(f, f.Time, p.luma, n)
	p.comet.draw(f, f.Time)
	DrawClock(f, f.Time)
}

func (p *picture) plane(component int, dst []byte, stride int, n int64, noise *grain) {
	card := &p.card[component]
	step := p.w / card.w
	top := p.top / step
	for y := range (p.bottom + step - 1) / step {
		var below []byte
		if y >= top {
			below = p.scene.row(component, n, y-top)
		}
		card.compose(dst[y*stride:][:card.w], below, noise.row(n, component*p.h+y), y)
	}
}
