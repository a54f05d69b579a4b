//go:build lab

package lab

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// filmWords are for scripts with a camera whose pictures a program makes.
const filmWords = `
# film ARGUMENTS... starts the camera.
film() {
	/loopback "$@" /dev/video0 2>/tmp/film.err &
	film=$!
}
cut() {
	kill -0 $film || { say FAIL </tmp/film.err; }
	kill $film
	wait $film
}
`

// loopbackScript shows pushcam a camera that delivers MJPEG, good and bad.
const loopbackScript = shellWords + filmWords + `
listed() { /pushcam devices >/tmp/devices 2>&1 && grep -q MJPEG /tmp/devices; }

film -broken
until_ listed
/pushcam devices --size 640x360 --fps 15 | say devices

serve --source LabCam --codec h264
see broken 60
stop broken
cut

film -no-tables
until_ listed
serve --source LabCam --codec vp8
look 1
cut
until_ camera_lost
until_ noticed 1 'slate'
film -no-tables
until_ shown
looked tables
stop tables
cut
exit 0
`

// TestLoopback is about the commonest camera there is, one that delivers MJPEG.
func TestLoopback(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "loopback")
	runWith(t, repository(t), []string{"CGO_ENABLED=0"}, "go", "build", "-tags", "lab", "-o", program, "./cmd/pushcam/lab/loopback")
	all := machine{
		programs: map[string]string{"pushcam": buildPushcam(t), "loopback": program},
		// As browsers want it: a camera only while somebody writes.
		camera: cameraModule{name: "v4l2loopback", parameters: "exclusive_caps=1 card_label=LabCam", file: fetchLoopback(t)},
		script: loopbackScript,
		limit:  6 * time.Minute,
	}.said(t)
	t.Run("devices", func(t *testing.T) {
		text := all.about(t, "devices")
		for _, want := range []string{"LabCam", "/dev/video0", "640x360 as asked, 15 fps as asked, MJPEG: the only format"} {
			if !strings.Contains(text, want) {
				t.Errorf("pushcam devices does not say %q:\n%s", want, text)
			}
		}
	})
	t.Run("broken", func(t *testing.T) {
		w := all.watched(t, "broken", "h264")
		// 24 of 35 are good, which makes 10.3; with those that are cut off it
		// were 12.9. On a slow machine they are fewer.
		if w.FramesPerSecond > 12 {
			t.Errorf("%.1f pictures a second, want some 10, which are good", w.FramesPerSecond)
		}
		all.exits(t, "broken")
		log := all.about(t, "broken log")
		if n := strings.Count(log, "camera open"); n != 1 || strings.Contains(log, "camera lost") {
			t.Errorf("broken pictures ended it, camera opened %d times:\n%s", n, log)
		}
	})
	t.Run("tables", func(t *testing.T) {
		if w := all.seenBy(t, 1, "tables", "vp8"); w.Outages == 0 {
			t.Errorf("%+v, want an outage", w)
		}
		all.exits(t, "tables")
	})
}
