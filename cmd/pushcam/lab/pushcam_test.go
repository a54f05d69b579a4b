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
	look 1
	camera_open || echo "LAB FAIL camera closed while somebody looks"
	see $codec 20
	looked first
	until_ camera_closed
	stop $codec
done

exit 0
`

func TestPushcam(t *testing.T) {
	t.Parallel()
	all := machine{
		programs: map[string]string{"pushcam": buildPushcam(t)},
		script:   pushcamScript,
		limit:    6 * time.Minute,
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
}
