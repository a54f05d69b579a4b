//go:build lab

package lab

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// replugScript takes the camera away five times, until all of its three viewers
// see the slate instead.
const replugScript = `
replug() { echo vivid.0 > /sys/bus/platform/drivers/vivid/$1; }
serve --source vivid --codec vp8
look 3
for i in 1 2 3 4 5; do
	replug unbind
	until_ noticed $((3 * i)) 'camera lost'
	until_ noticed $((3 * i)) 'slate'
	echo "LAB replug back: $(now)"
	replug bind
	until_ noticed $((3 * i)) 'picture back'
done
looked replug
stop replug
`

// faultScript makes the camera fail in every way that vivid knows, while two
// viewers look. What it can go on with is no outage; the rest are four.
const faultScript = `
fault() { /fault /dev/video0 "$1" $2 || echo "LAB FAIL set $1"; }
# outage COUNT ends when the picture is back.
outage() {
	until_ noticed $((2 * $1)) 'camera lost'
	until_ noticed $((2 * $1)) 'picture back'
}
serve --source vivid --codec h264
look 2
fault 'Inject V4L2_BUF_FLAG_ERROR' 1
fault 'Inject VIDIOC_QBUF Error' 1
fault 'Percentage of Dropped Buffers' 50
see harmless 15
fault 'Percentage of Dropped Buffers' 0
logged 1 'camera lost' && echo 'LAB FAIL a fault that is harmless ended it'

fault 'Wrap Sequence Number' 1
fault 'Inject Fatal Streaming Error' 1
outage 1

fault 'Inject VIDIOC_REQBUFS Error' 1
fault 'Inject VIDIOC_STREAMON Error' 1
fault 'Inject Fatal Streaming Error' 1
outage 2

fault 'Percentage of Dropped Buffers' 100
until_ noticed 6 'camera lost'
fault 'Percentage of Dropped Buffers' 0
outage 3

fault 'Disconnect' 1
until_ noticed 8 'camera lost'
replug unbind
replug bind
outage 4
looked faults
stop faults
`

// stepwiseScript shows a camera that takes any size, and has 60 pictures a
// second only.
const stepwiseScript = `
rmmod vivid && insmod /modules/vivid.ko n_devs=1 node_types=0x1 num_inputs=1 input_types=3 || echo 'LAB FAIL vivid with HDMI'
/pushcam devices --size 640x360 --fps 15 | grep -A 1 picked | say 'stepwise devices'
serve --source vivid --codec vp8
look 1
looked stepwise
stop stepwise
exit 0
`

// TestOutages is about viewers that stay while the camera goes and comes back.
func TestOutages(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "fault")
	runWith(t, repository(t), []string{"CGO_ENABLED=0"}, "go", "build", "-tags", "lab", "-o", program, "./cmd/pushcam/lab/fault")
	all := machine{
		programs: map[string]string{"pushcam": buildPushcam(t), "fault": program},
		script:   shellWords + replugScript + faultScript + stepwiseScript,
		limit:    10 * time.Minute,
	}.said(t)
	t.Run("replug", func(t *testing.T) {
		all.stayed(t, 3, 5, "replug", "vp8")
		all.recoveries(t, 3, "replug")
		if log := all.about(t, "replug log"); !strings.Contains(log, "reconnect it") {
			t.Errorf("the log does not say what to do:\n%s", log)
		}
	})
	t.Run("faults", func(t *testing.T) {
		all.watched(t, "harmless", "h264")
		all.stayed(t, 2, 4, "faults", "h264")
	})
	t.Run("stepwise", func(t *testing.T) {
		if text := all.about(t, "stepwise devices"); !strings.Contains(text, "640x360 as asked") {
			t.Errorf("pushcam devices does not find 640x360 between the steps:\n%s", text)
		}
		all.seenBy(t, 1, "stepwise", "vp8")
		all.exits(t, "stepwise")
	})
}

// stayed checks that all viewers saw all outages, and kept their sessions.
func (s said) stayed(t *testing.T, viewers, outages int, name, codec string) {
	t.Helper()
	w := s.seenBy(t, viewers, name, codec)
	if w.Outages != outages {
		t.Errorf("%s: %d outages, want %d", name, w.Outages, outages)
	}
	if w.LongestOutageMs < 1 {
		t.Errorf("%s: an outage of %.0f ms", name, w.LongestOutageMs)
	}
	log := s.about(t, name+" log")
	// The faults have one more viewer, which comes and goes.
	for _, text := range []string{"viewer connected", "viewer left"} {
		want := viewers
		if len(s["harmless watch"]) > 0 && name == "faults" {
			want++
		}
		if got := strings.Count(log, text); got != want {
			t.Errorf("%s: %d times %q, want %d: sessions must last", name, got, text, want)
		}
	}
	s.exits(t, name)
}

// recoveries writes down, for each time that the camera came back, when the
// last viewer saw its picture; make test-lab prints it. The time is that of the
// emulated machine, and runs from before the driver is told.
func (s said) recoveries(t *testing.T, viewers int, name string) {
	t.Helper()
	var pictures []time.Time
	for _, line := range s[name+" watch error"] {
		if strings.Contains(line, "picture back") {
			pictures = append(pictures, logTime(t, line))
		}
	}
	var figures strings.Builder
	for i, line := range s[name+" back"] {
		back, err := time.Parse("2006-01-02 15:04:05.999999999 -0700", line)
		if err != nil {
			t.Fatal(err)
		}
		if len(pictures) < viewers {
			t.Fatalf("%s %d: the picture did not return to every viewer", name, i+1)
		}
		var last time.Time
		for _, at := range pictures[:viewers] {
			if at.After(last) {
				last = at
			}
		}
		pictures = pictures[viewers:]
		took := last.Sub(back)
		fmt.Fprintf(&figures, "%s %d: picture back at %d viewers %d ms after the camera\n", name, i+1, viewers, took.Milliseconds())
		if took < 0 {
			t.Errorf("%s %d: %v from the camera's return to its picture", name, i+1, took)
		}
	}
	file := filepath.Join(repository(t), ".build", "lab", "recovery-"+name+".txt")
	if err := os.WriteFile(file, []byte(figures.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// logTime is the time of a line of slog's text.
func logTime(t *testing.T, line string) time.Time {
	t.Helper()
	_, text, _ := strings.Cut(line, "time=")
	text, _, _ = strings.Cut(text, " ")
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	return at
}
