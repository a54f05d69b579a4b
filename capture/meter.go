package capture

import (
	"sync"
	"time"
)

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
