//go:build lab

package lab

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// webcamScript pulls the plug of a USB webcam while two viewers look: once, once
// so that it returns as another node, and once so that another camera of its
// kind is there before it. What udev does, a loop does: it names a camera some
// time after the kernel has made its node.
const webcamScript = shellWords + `
udev() {
	mkdir -p /dev/v4l/by-id
	while usleep 100000; do
		for link in /dev/v4l/by-id/*; do
			[ -e $link ] || rm -f $link
		done
		for node in /sys/class/video4linux/video*; do
			usb=$node/device/..
			[ -e $usb/serial ] || continue
			name=/dev/v4l/by-id/usb-$(cat $usb/manufacturer)_$(cat $usb/product)_$(cat $usb/serial)-video-index$(cat $node/index)
			[ -e $name ] || ln -s ../../${node##*/} $name
		done 2>/dev/null
	done
}
# plug PORT SERIAL starts a camera, whose process is $plugged then.
plug() {
	/webcam -port $1 -serial $2 &
	plugged=$!
}
unplug() {
	kill $1
	wait $1
}
mine=/dev/v4l/by-id/usb-Lab_Webcam_0001-video-index0
back() {
	echo "LAB webcam back: $(now)"
	plug $1 0001
	webcam=$plugged
	until_ noticed $((2 * $2)) 'picture back'
	echo "LAB webcam node: $(readlink $mine)"
}
lost() {
	unplug $webcam
	until_ noticed $((2 * $1)) 'camera lost'
	until_ noticed $((2 * $1)) 'slate'
}

udev &
plug 0 0001
webcam=$plugged
until_ [ -e $mine ]
/pushcam devices --size 640x360 --fps 15 | say 'webcam devices'
serve --source usb-Lab_Webcam_0001-video-index0 --codec h264
look 2
echo "LAB webcam node: $(readlink $mine)"

lost 1
back 1 1

exec 3<$mine # while somebody has the node open, its number is taken
lost 2
back 0 2
exec 3<&-

lost 3
plug 1 0002
until_ [ -e /dev/v4l/by-id/usb-Lab_Webcam_0002-video-index0 ]
sleep 2
noticed 5 'picture back' && echo 'LAB FAIL another camera was taken'
back 0 3
looked webcam
stop webcam
unplug $plugged
exit 0
`

// TestWebcam is about what most users have: a camera of the USB Video Class,
// behind the kernel's own driver for it.
func TestWebcam(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "webcam")
	runWith(t, repository(t), []string{"CGO_ENABLED=0"}, "go", "build", "-tags", "lab", "-o", program, "./cmd/pushcam/lab/webcam")
	all := machine{
		programs: map[string]string{"pushcam": buildPushcam(t), "webcam": program},
		camera:   cameraModule{name: "uvcvideo", after: []string{"vhci-hcd"}},
		script:   webcamScript,
		limit:    10 * time.Minute,
	}.said(t)
	text := all.about(t, "webcam devices")
	for _, want := range []string{"usb-Lab_Webcam_0001-video-index0", "640x360 as asked, 15 fps as asked, MJPEG: the only format", "30, 15 fps"} {
		if !strings.Contains(text, want) {
			t.Errorf("pushcam devices does not say %q:\n%s", want, text)
		}
	}
	all.stayed(t, 2, 3, "webcam", "h264")
	all.recoveries(t, 2, "webcam")
	if nodes := all["webcam node"]; len(nodes) != 4 || len(slices.Compact(slices.Sorted(slices.Values(nodes)))) < 2 {
		t.Errorf("the camera was %q, want another node once", nodes)
	}
}
