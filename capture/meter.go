package capture

import (
	"sync"
	"time"
)

// load is what one rendition did in a stretch of time, and what was known of
// the machine meanwhile.
type load struct {
	elapsed  time.Duration
	seen     int           // pictures that the camera had, left out or not
	encoded  int           // of those
	late     int           // of those, replaced by newer ones
	encoding time.Duration // all that were encoded together, with their scaling
	pending  time.Duration // what the one under way took so far
	decoding time.Duration // all together
	size     Size          // of the rendition's pictures, if no Effort is spared
	rate     float64       // per second, as the camera promised; 0 when it did not
	thins    bool          // the camera leaves pictures out before they are decoded

	cpu      float64 // cores that the process used lately; 0 when not known
	maxCores float64 // that it may use; 0 for no limit
	hot      bool    // the clock is held down for heat, or for lack of power
}

// meter measures what a rendition does. Any goroutine may use it; its zero
// value is ready.
type meter struct {
	mu    sync.Mutex
	sum   load      // since the last read
	since time.Time // of the Encode under way; zero while there is none
}

// saw counts a camera's picture, with those left out before it.
func (m *meter) saw(f *Frame, rung Rung) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sum.seen += 1 + f.Omitted
	m.sum.decoding += f.Decoding
	m.sum.size = f.halved(int(rung))
}

func (m *meter) late(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sum.late += n
}

// begin and end stand around the work on one picture.
func (m *meter) begin(now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.since = now
}

func (m *meter) end() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sum.encoded++
	m.sum.encoding += time.Since(m.since)
	m.since = time.Time{}
}

// read returns what was measured since the last read.
func (m *meter) read(now time.Time) load {
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.sum
	m.sum = load{}
	if !m.since.IsZero() {
		l.pending = now.Sub(m.since)
	}
	return l
}
