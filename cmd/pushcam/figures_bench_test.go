package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pushcam/pushcam/peer/viewer"
)

// startServer starts pushcam serve in a process of its own, so that its CPU
// time and memory are not the test's, and returns the URL of its page. Whoever
// starts it calls stopServer.
func startServer(b *testing.B, args ...string) (*exec.Cmd, string) {
	b.Helper()
	server, lines := act(b, "pushcam", append([]string{"--listen=127.0.0.1:0", "--media-port=0", "--ice-tcp-port=0", "--source=pattern"}, args...)...)
	url := ""
	for lines.Scan() && !strings.Contains(lines.Text(), "waiting for viewers") {
		if name, rest, _ := strings.Cut(lines.Text(), " "); name == "open" {
			url = strings.TrimSpace(rest)
		}
	}
	if url == "" {
		b.Fatal("serve did not start")
	}
	return server, url
}

func stopServer(b *testing.B, server *exec.Cmd) {
	b.Helper()
	send(b, server, syscall.SIGTERM)
	if code := wait(b, server); code != exitOK {
		b.Errorf("serve: exit code %d", code)
	}
}

// startWatch starts pushcam watch in a process of its own. The function that it
// returns waits for its report.
func startWatch(b *testing.B, url string, args ...string) func() viewer.Report {
	b.Helper()
	watch, lines := act(b, "pushcam", append([]string{"watch", "--json", url}, args...)...)
	return func() (r viewer.Report) {
		b.Helper()
		lines.Scan()
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			b.Fatalf("watch printed %q: %v", lines.Text(), err)
		}
		if code := wait(b, watch); code != exitOK {
			b.Fatalf("watch: exit code %d", code)
		}
		return r
	}
}

// watchFrom runs pushcam watch in a process of its own.
func watchFrom(b *testing.B, url string, args ...string) viewer.Report {
	b.Helper()
	return startWatch(b, url, args...)()
}

// BenchmarkFiguresJoin measures the time from a viewer's request to its first
// complete keyframe: of the first, for whom the camera is opened, of twenty one
// after the other, and of fifty at once; and where it goes.
func BenchmarkFiguresJoin(b *testing.B) {
	server, url := startServer(b, "--linger=1m")
	defer stopServer(b, server)
	b.Run("cold", func(b *testing.B) {
		for b.Loop() {
			r := watchFrom(b, url, "-d", "3s")
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(r.JoinMs.P50, "join-ms")
		}
	})
	b.Run("one-by-one", func(b *testing.B) {
		for b.Loop() {
			const n = 20
			var joins []float64
			steps := map[string][]float64{}
			for range n {
				r := watchFrom(b, url, "-d", "1s")
				joins = append(joins, r.JoinMs.P50)
				for name, p := range joinSteps(r) {
					steps[name] = append(steps[name], p.P50)
				}
			}
			slices.Sort(joins)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(joins[n/2-1], "join-p50-ms")
			b.ReportMetric(joins[n*95/100-1], "join-p95-ms")
			b.ReportMetric(joins[n-1], "join-max-ms")
			for name, all := range steps {
				slices.Sort(all)
				b.ReportMetric(all[n/2-1], name)
			}
		}
	})
	b.Run("50-at-once", func(b *testing.B) {
		for b.Loop() {
			r := watchFrom(b, url, "-n", "50", "-d", "4s")
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(r.JoinMs.P50, "join-p50-ms")
			b.ReportMetric(r.JoinMs.P95, "join-p95-ms")
			for name, p := range joinSteps(r) {
				b.ReportMetric(p.P50, name)
			}
			b.ReportMetric(r.FramesPerSecond, "frames/s")
			b.ReportMetric(float64(r.PacketsLost), "lost-packets")
		}
	})
}

// joinSteps names the steps as units of a benchmark.
func joinSteps(r viewer.Report) map[string]viewer.Percentiles {
	s := r.JoinStepsMs
	return map[string]viewer.Percentiles{
		"step1-offer-ms": s.Describe, "step2-answer-ms": s.Answer, "step3-ice-ms": s.ICE,
		"step4-dtls-ms": s.DTLS, "step5-packet-ms": s.Packet, "step6-keyframe-ms": s.Keyframe,
	}
}

// BenchmarkFiguresIdle measures what the program costs when nobody looks, after
// somebody has.
func BenchmarkFiguresIdle(b *testing.B) {
	server, url := startServer(b, "--linger=0s")
	defer stopServer(b, server)
	watchFrom(b, url, "-n", "3", "-d", "2s")
	const counted = 5 * time.Second
	var used time.Duration
	for b.Loop() {
		before := cpuTime(b, server.Process.Pid)
		<-time.After(counted)
		used = cpuTime(b, server.Process.Pid) - before
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(100*used.Seconds()/counted.Seconds(), "%cpu")
	b.ReportMetric(residentMiB(b, server.Process.Pid), "MiB-RSS")
}

// cpuTime reads utime and stime (proc(5)) of a process.
func cpuTime(b *testing.B, pid int) time.Duration {
	b.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Fatal(err)
	}
	_, afterName, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(afterName)
	var ticks int
	for _, field := range fields[11:13] {
		n, err := strconv.Atoi(field)
		if err != nil {
			b.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * time.Second / 100 // USER_HZ, the same on every Linux
}

// residentMiB reads VmRSS (proc(5)) of a process.
func residentMiB(b *testing.B, pid int) float64 {
	b.Helper()
	status, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	defer status.Close()
	for lines := bufio.NewScanner(status); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), "VmRSS:"); ok {
			kib, err := strconv.Atoi(strings.Fields(rest)[0])
			if err != nil {
				b.Fatal(err)
			}
			return float64(kib) / 1024
		}
	}
	b.Fatal("no VmRSS")
	return 0
}
