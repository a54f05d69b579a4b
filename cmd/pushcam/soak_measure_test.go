package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// soakSample is what a program without viewers holds, and what had happened.
type soakSample struct {
	at                       time.Duration
	joins, pictures, outages int64

	heap, resident    uint64 // bytes; resident is 0 where the system does not tell
	files, goroutines int
}

// measure collects garbage first. A finalizer's own takes another round.
func measure() soakSample {
	runtime.GC()
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	s := soakSample{heap: memory.HeapAlloc, goroutines: runtime.NumGoroutine()}
	if entries, err := os.ReadDir("/proc/self/fd"); err == nil {
		s.files = len(entries)
	}
	if statm, err := os.ReadFile("/proc/self/statm"); err == nil {
		if fields := strings.Fields(string(statm)); len(fields) > 1 {
			pages, _ := strconv.ParseUint(fields[1], 10, 64) // 0 is as good as nothing
			s.resident = pages * uint64(os.Getpagesize())
		}
	}
	return s
}

// above reports whether s is more than first, which is not zero, in what a
// viewer leaves behind for a moment.
func (s soakSample) above(first soakSample) bool {
	return first.goroutines > 0 && (s.goroutines > first.goroutines || s.files > first.files || s.heap > first.heap+moreHeap)
}

// What a program may hold more in the last third of its time than in the first.
const (
	moreHeap       = 3e6
	moreResident   = 20e6 // the C libraries' and the runtime's too, which keep some
	moreFiles      = 3
	moreGoroutines = 5
)

// grown compares the last third of the samples with the first. What is resident
// settles late, so only a long time tells.
func grown(samples []soakSample, long bool) (complaints []string) {
	third := len(samples) / 3
	if third == 0 {
		return []string{fmt.Sprintf("%d samples, want three at least", len(samples))}
	}
	first, last := samples[:third], samples[len(samples)-third:]
	for _, what := range []struct {
		name  string
		of    func(soakSample) float64
		more  float64
		judge bool
	}{
		{"heap", func(s soakSample) float64 { return float64(s.heap) }, moreHeap, true},
		{"resident memory", func(s soakSample) float64 { return float64(s.resident) }, moreResident, long},
		{"open files", func(s soakSample) float64 { return float64(s.files) }, moreFiles, true},
		{"goroutines", func(s soakSample) float64 { return float64(s.goroutines) }, moreGoroutines, true},
	} {
		before, after := mean(first, what.of), mean(last, what.of)
		if what.judge && after > before+what.more {
			complaints = append(complaints, fmt.Sprintf("%s grew from %.0f to %.0f", what.name, before, after))
		}
	}
	return complaints
}

func mean(samples []soakSample, of func(soakSample) float64) float64 {
	var sum float64
	for _, s := range samples {
		sum += of(s)
	}
	return sum / float64(len(samples))
}

func TestGrown(t *testing.T) {
	steady := soakSample{heap: 10e6, resident: 100e6, files: 20, goroutines: 30}
	for name, tt := range map[string]struct {
		grow func(s *soakSample, step int)
		long bool
		want string
	}{
		"steady":                   {func(*soakSample, int) {}, true, ""},
		"up and down":              {func(s *soakSample, step int) { s.goroutines += 20 * (step % 2) }, true, ""},
		"heap":                     {func(s *soakSample, step int) { s.heap += uint64(step) * 1e6 }, true, "heap"},
		"files":                    {func(s *soakSample, step int) { s.files += step }, true, "files"},
		"goroutines":               {func(s *soakSample, step int) { s.goroutines += step }, true, "goroutines"},
		"resident in a long time":  {func(s *soakSample, step int) { s.resident += uint64(step) * 5e6 }, true, "resident"},
		"resident in a short time": {func(s *soakSample, step int) { s.resident += uint64(step) * 5e6 }, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var samples []soakSample
			for step := range 12 {
				s := steady
				tt.grow(&s, step)
				samples = append(samples, s)
			}
			got := strings.Join(grown(samples, tt.long), "; ")
			if (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
				t.Errorf("complaints %q, want about %q", got, tt.want)
			}
		})
	}
	if len(grown(nil, false)) == 0 {
		t.Error("no samples are no complaint")
	}
}
