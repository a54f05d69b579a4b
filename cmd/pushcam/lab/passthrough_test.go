//go:build lab

package lab

import (
	"bytes"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture/h264"
)

// passthroughScript shows pushcam a camera that encodes by itself.
const passthroughScript = shellWords + filmWords + `
listed() { /pushcam devices >/tmp/devices 2>&1 && grep -q H264 /tmp/devices; }

film -h264 /film
until_ listed
/pushcam devices --size 640x360 --fps 15 | say devices

serve --source LabCam
look 1
cut
until_ camera_lost
until_ noticed 1 'slate'
film -h264 /film
until_ shown
looked away
see coded 20
foreign() {
	/pushcam watch -d 5s --codec vp8 ws://127.0.0.1:1990/ >/dev/null 2>/tmp/foreign.err
	grep -q 'start with' /tmp/foreign.err
}
until_ foreign
say 'foreign watch error' </tmp/foreign.err
stop coded
cut
exit 0
`

// record makes a film as a camera would whose encoder is another one: high
// profile, a keyframe each second. loopback reads it.
func record(t *testing.T) (film string) {
	t.Helper()
	stream, err := exec.CommandContext(t.Context(), "ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=15", "-t", "4",
		"-c:v", "libx264", "-profile:v", "high", "-bf", "0", "-g", "15", "-b:v", "600k", "-x264-params", "aud=1", "-f", "h264", "-").Output()
	if err != nil {
		t.Fatalf("ffmpeg: %v", err)
	}
	var splitter h264.Splitter
	_, _ = splitter.Write(stream) // it never fails
	var out bytes.Buffer
	add := func(unit []byte) {
		_ = binary.Write(&out, binary.LittleEndian, uint32(len(unit))) // nor do these
		out.Write(unit)
	}
	for unit := splitter.Next(); unit != nil; unit = splitter.Next() {
		add(unit)
	}
	add(splitter.Flush())
	film = filepath.Join(t.TempDir(), "film")
	if err := os.WriteFile(film, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return film
}

// TestPassthrough: what a camera encodes itself goes to viewers as it is.
func TestPassthrough(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "loopback")
	runWith(t, repository(t), []string{"CGO_ENABLED=0"}, "go", "build", "-tags", "lab", "-o", program, "./cmd/pushcam/lab/loopback")
	all := machine{
		programs: map[string]string{"pushcam": buildPushcam(t), "loopback": program, "film": record(t)},
		camera:   cameraModule{name: "v4l2loopback", parameters: "exclusive_caps=1 card_label=LabCam", file: fetchLoopback(t)},
		script:   passthroughScript,
		limit:    6 * time.Minute,
	}.said(t)
	if text, want := all.about(t, "devices"), "H264: encoded by the camera, its only format"; !strings.Contains(text, want) {
		t.Errorf("pushcam devices does not say %q:\n%s", want, text)
	}
	if w := all.seenBy(t, 1, "away", "h264"); w.Outages == 0 {
		t.Errorf("%+v, want an outage", w)
	}
	w := all.watched(t, "coded", "h264")
	// libx264 here writes constrained baseline; a Slate is its work.
	if len(w.Profiles) != 1 || w.Profiles["640016"]+w.Profiles["64001e"] != 1 {
		t.Errorf("the stream is of %v, want high profile as the camera sent it", w.Profiles)
	}
	if got := all.about(t, "coded watch exit"); got != "0" {
		t.Errorf("watch exits with %s", got)
	}
	if text, want := all.about(t, "foreign watch error"), "start with --codec vp8"; !strings.Contains(text, want) {
		t.Errorf("who cannot decode it is not told %q:\n%s", want, text)
	}
}
