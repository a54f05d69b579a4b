//go:build lab

package lab

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// arm64Script is short, as this machine takes all of ours to emulate.
const arm64Script = shellWords + `
chmod 600 /dev/video0
/v4l2.test -test.v -test.timeout 5m -test.run 'List|Controls|Apply|Streams/(NV12|YUYV)|Unplug' || exit 1
uname -m | say machine
/pushcam devices --size 320x180 --fps 10 | grep -A 1 picked | say devices
for codec in h264 vp8; do
	serve --source vivid --size 320x180 --fps 10 --codec $codec
	look 1
	echo vivid.0 > /sys/bus/platform/drivers/vivid/unbind
	until_ noticed 1 'slate'
	echo vivid.0 > /sys/bus/platform/drivers/vivid/bind
	until_ noticed 1 'picture back'
	looked $codec
	stop $codec
done
exit 0
`

// TestArm64 is about the binary that is built here for a Raspberry Pi, in one
// file without libraries.
func TestArm64(t *testing.T) {
	t.Parallel()
	run(t, repository(t), "make", "static", "GOARCH=arm64")
	leaf := filepath.Join(t.TempDir(), "v4l2.test")
	runWith(t, repository(t), []string{"CGO_ENABLED=0", "GOARCH=arm64"}, "go", "test", "-c", "-tags", "vivid", "-o", leaf, "./capture/v4l2")
	all := machine{
		platform: arm64,
		programs: map[string]string{"pushcam": filepath.Join(repository(t), ".build", "pushcam-linux-arm64"), "v4l2.test": leaf},
		script:   arm64Script,
		limit:    12 * time.Minute,
	}.said(t)
	if got := all.about(t, "machine"); got != "aarch64" {
		t.Errorf("the machine is a %s", got)
	}
	if text := all.about(t, "devices"); !strings.Contains(text, "320x180 as asked") {
		t.Errorf("pushcam devices: %s", text)
	}
	for _, codec := range []string{"h264", "vp8"} {
		t.Run(codec, func(t *testing.T) {
			w := all.seenBy(t, 1, codec, codec)
			if w.Outages != 1 {
				t.Errorf("%+v, want one outage", w)
			}
			all.exits(t, codec)
			if log := all.about(t, codec+" log"); !strings.Contains(log, "linux/arm64") {
				t.Errorf("not the binary for arm64:\n%s", log)
			}
		})
	}
}
