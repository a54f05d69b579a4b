package main

import (
	"bufio"
	"bytes"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
)

// TestServeMetrics: what Prometheus gets of a pushcam at work is as it should be,
// counts, and has no series for each viewer.
func TestServeMetrics(t *testing.T) {
	s := startServe(t, small...)
	p := newPlayer(t, s.url+"/whep")
	p.see(t, 20)
	status, kind, one := get(t, s.url+"/metrics")
	if status != http.StatusOK || !strings.HasPrefix(kind, "text/plain; version=0.0.4") {
		t.Fatalf("%d, %s: %s", status, kind, one)
	}
	problems, err := promlint.New(bytes.NewReader(one)).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range problems {
		t.Errorf("%s: %s", problem.Metric, problem.Text)
	}
	for _, want := range []string{
		`pushcam_camera_state{state="live"} 1`, `pushcam_camera_state{state="idle"} 0`, `pushcam_viewers{by="webrtc"} 1`,
		`pushcam_rendition_viewers{codec="h264",rendition="full"} 1`, `pushcam_encoders 1`, `pushcam_sessions_total 1`,
		`pushcam_join_duration_seconds_count 1`, `pushcam_udp_dropped_packets_total{reason="full"} 0`,
		`pushcam_dropped_pictures_total{reason="awaiting-keyframe"}`, `pushcam_unsent_total{reason="layer"} 0`, "go_goroutines", "process_cpu_seconds_total",
	} {
		if !strings.Contains(string(one), want) {
			t.Errorf("no %s", want)
		}
	}
	for _, name := range []string{
		"camera_pictures_total", "encoded_pictures_total", "sent_packets_total", "sent_bytes_total", "udp_packets_total",
		"encoding_duration_seconds_count", "encoding_duration_seconds_sum", "capture_to_send_duration_seconds_count",
	} {
		if n := valueOf(t, one, "pushcam_"+name); n <= 0 {
			t.Errorf("%s is %v", name, n)
		}
	}
	newPlayer(t, s.url+"/whep")
	_, _, two := get(t, s.url+"/metrics")
	if a, b := series(one), series(two); a != b {
		t.Errorf("%d series for one viewer, %d for two", a, b)
	}
}

// valueOf finds a series without labels.
func valueOf(t *testing.T, text []byte, name string) (value float64) {
	t.Helper()
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), name+" "); ok {
			if _, err := fmt.Sscan(rest, &value); err != nil {
				t.Fatal(err)
			}
		}
	}
	return value
}

// series counts pushcam's own.
func series(text []byte) (n int) {
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "pushcam_") {
			n++
		}
	}
	return n
}

// TestReadmeMetrics: the README's table has every metric, with its help.
func TestReadmeMetrics(t *testing.T) {
	const begin, end = "<!-- metrics -->\n", "<!-- end of metrics -->"
	s := startServe(t, small...)
	newPlayer(t, s.url+"/whep")
	_, _, text := get(t, s.url+"/metrics")
	table := "\n| Metric | |\n| --- | --- |\n"
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), "# HELP pushcam_"); ok {
			name, help, _ := strings.Cut(rest, " ")
			table += fmt.Sprintf("| `pushcam_%s` | %s |\n", name, help)
		}
	}
	table += "\n"
	const path = "../../README.md"
	readme, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(readme), begin)
	got, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("README.md has no %s", begin)
	}
	if got == table {
		return
	}
	if *update {
		if err := os.WriteFile(path, []byte(before+begin+table+end+after), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Errorf("README.md's metrics are others: go test ./cmd/pushcam -run TestReadmeMetrics -update\n%s", table)
}
