package governor

import (
	"net/netip"
	"sync"
	"time"

	"github.com/pushcam/pushcam/capture"
)

// What is remembered of a path is for who comes back at once, like a page that
// is loaded again, and for a second viewer behind the same path. Too low an
// estimate is with a viewer for a quarter of a minute, too high a one for two
// seconds: so it is soon forgotten.
const (
	memoryLifetime = time.Minute
	memoryLength   = 1024 // addresses
)

// Memory knows what the paths to viewers' addresses carried lately, as far as
// that was less than all. Its zero value is empty. All methods are safe from any
// goroutine.
type Memory struct {
	mu    sync.Mutex
	paths map[netip.Addr]remembered
}

type remembered struct {
	estimate capture.Bitrate
	at       time.Time
}

// Remember notes an estimate. That of the last viewer at an address counts.
func (m *Memory) Remember(address netip.Addr, estimate capture.Bitrate, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.paths == nil {
		m.paths = map[netip.Addr]remembered{}
	}
	if _, known := m.paths[address]; !known && len(m.paths) >= memoryLength {
		m.forget(now)
	}
	m.paths[address] = remembered{estimate, now}
}

// forget makes room: of what is too old, or of anything.
func (m *Memory) forget(now time.Time) {
	for address, r := range m.paths {
		if now.Sub(r.at) > memoryLifetime {
			delete(m.paths, address)
		}
	}
	for address := range m.paths {
		if len(m.paths) < memoryLength {
			return
		}
		delete(m.paths, address)
	}
}

// Forget drops what is known of an address: its path carries all.
func (m *Memory) Forget(address netip.Addr) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.paths, address)
}

// Recall returns what is known of an address, 0 for nothing.
func (m *Memory) Recall(address netip.Addr, now time.Time) capture.Bitrate {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r := m.paths[address]; now.Sub(r.at) <= memoryLifetime {
		return r.estimate
	}
	return 0
}
