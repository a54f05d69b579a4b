//go:build lab

package lab

import (
	"strings"
	"testing"
	"time"
)

// pushcamScript runs the program as a user would. Checks are left to the test.
const pushcamScript = shellWords + `
/pushcam devices --size 640x360 --fps 15 | say devices

for codec in h264 vp8; do
	serve --source vivid --codec $codec
	camera_open && echo "LAB FAIL camera open before anybody looks"
	/pushcam watch -n 1 -d 12s --json ws://127.0.0.1:1990/ >/tmp/watch 2>/tmp/watch.err &
	watch=$!
	until_ 12 camera_open
	wait $watch
	echo "LAB $codec watch exit: $?"
	say "$codec watch" </tmp/watch
	say "$codec watch error" </tmp/watch.err
	until_ 10 camera_closed
	stop $codec
done

serve --source vivid --codec vp8
/pushcam watch -n 1 -d 24s --json ws://127.0.0.1:1990/ >/tmp/watch 2>/tmp/watch.err &
watch=$!
until_ 10 logged 1 'camera open'
sleep 3
echo vivid.0 > /sys/bus/platform/drivers/vivid/unbind
until_ 10 logged 1 'camera lost'
sleep 1
echo vivid.0 > /sys/bus/platform/drivers/vivid/bind
until_ 10 logged 2 'camera open'
wait $watch
echo "LAB unplug watch exit: $?"
say "unplug watch" </tmp/watch
say "unplug watch error" </tmp/watch.err
stop unplug
exit 0
`

func TestPushcam(t *testing.T) {
	all := machine{
		programs: map[string]string{"pushcam": buildPushcam(t)},
		script:   pushcamScript,
		limit:    3 * time.Minute,
	}.said(t)
	t.Run("devices", func(t *testing.T) {
		text := all.about(t, "devices")
		for _, want := range []string{
			"vivid", "/dev/video0", "platform:vivid-000", "I420", "YUYV", "1920x1080",
			"640x360 as asked, 15 fps as asked, I420: costs less than",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("pushcam devices does not say %q:\n%s", want, text)
			}
		}
	})
	for _, codec := range []string{"h264", "vp8"} {
		t.Run(codec, func(t *testing.T) {
			all.watched(t, codec, codec)
			all.exits(t, codec)
		})
	}
	t.Run("unplug", func(t *testing.T) {
		w := all.watched(t, "unplug", "vp8")
		// Slates come while the camera is away: two a second, on a machine
		// that has the time.
		if w.LongestGapMs > 3000 {
			t.Errorf("the picture stood still for %.0f ms", w.LongestGapMs)
		}
		all.exits(t, "unplug")
		if log := all.about(t, "unplug log"); !strings.Contains(log, "reconnect it") {
			t.Errorf("the log does not say what to do:\n%s", log)
		}
	})
}
