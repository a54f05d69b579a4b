package capture

import "time"

// CPUConfig is what a Source needs to spare the CPU. It does so with the zero
// value, too, by what it measures itself.
type CPUConfig struct {
	// MaxCores is how many cores the process may keep busy, 0 for no limit. It
	// needs a Machine.
	MaxCores float64
	// Cores is how many there are; 0 for as many as Go uses.
	Cores int
	// Presets are, of each encoder that has some, the chosen one and then those
	// that cost less.
	Presets map[Codec][]Preset
	// Machine may be nil.
	Machine Machine
}

// Machine is the computer that a Source works on, as far as it tells. One
// goroutine at a time calls it, only while somebody looks.
type Machine interface {
	// CPUTime is how much the process has used, in all its threads.
	CPUTime() (time.Duration, error)
	// Health is how the hardware fares. What is not known is well.
	Health() Health
}

// Health is what troubles the hardware at the moment.
type Health struct {
	// Throttled: the clock is held down, for heat or for lack of power.
	Throttled bool
	// UnderVoltage: the power supply is too weak.
	UnderVoltage bool
}

const (
	// cpuLeast and cpuMost are over how long the use of CPU is averaged.
	cpuLeast = 1500 * time.Millisecond
	cpuMost  = 3 * time.Second
)

// cpuMeter averages the CPU time of the process. One goroutine uses it.
type cpuMeter struct {
	samples []cpuSample // oldest first
}

type cpuSample struct {
	at   time.Time
	used time.Duration
}

// add takes the next sample and returns how many cores the process used over
// the last seconds; 0 before there is enough to say.
func (m *cpuMeter) add(at time.Time, used time.Duration) float64 {
	for len(m.samples) > 0 && at.Sub(m.samples[0].at) > cpuMost {
		m.samples = m.samples[1:]
	}
	m.samples = append(m.samples, cpuSample{at, used})
	first := m.samples[0]
	if span := at.Sub(first.at); span >= cpuLeast {
		return max((used-first.used).Seconds()/span.Seconds(), 0)
	}
	return 0
}

// reset forgets what was before a change.
func (m *cpuMeter) reset() { m.samples = m.samples[:0] }
