package main

import (
	"fmt"
	"io/fs"
	"math"
	"os"
	"runtime"
	"syscall"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/soc"
	"github.com/pushcam/pushcam/capture/x264"
)

// cpu is how the CPU is spared.
func (c *serveConfig) cpu() capture.CPUConfig {
	return capture.CPUConfig{
		MaxCores: c.MaxCores,
		Presets:  map[capture.Codec][]capture.Preset{capture.H264: x264.Presets(string(c.Preset))},
		Machine:  machine{os.DirFS("/sys")},
	}
}

// encoding is what the encoders are configured for.
func (c *serveConfig) encoding() capture.EncoderConfig {
	return capture.EncoderConfig{
		Bitrate: c.Bitrate, FrameRate: c.FPS, Threads: c.Threads, MaxThreads: int(math.Ceil(c.MaxCores)),
	}
}

// limitCores bounds on how many cores Go code runs at a time, until restore is
// called. One stays beside an encoder, which keeps its own busy for the whole
// of a picture.
func (c *serveConfig) limitCores() (restore func()) {
	most := max(int(math.Ceil(c.MaxCores)), 2)
	before := runtime.GOMAXPROCS(0)
	if c.MaxCores == 0 || most >= before {
		return func() {}
	}
	runtime.GOMAXPROCS(most)
	return func() { runtime.GOMAXPROCS(before) }
}

// machine is the computer that the program runs on.
type machine struct{ sys fs.FS }

var _ capture.Machine = machine{}

// CPUTime implements capture.Machine.
func (machine) CPUTime() (time.Duration, error) {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0, fmt.Errorf("getrusage: %w", err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), nil
}

// Health implements capture.Machine.
func (m machine) Health() capture.Health { return soc.Health(m.sys) }
