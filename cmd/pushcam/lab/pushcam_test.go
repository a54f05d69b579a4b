//go:build lab

package lab

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// pushcamScript runs the program as a user would. Every line that it prints
// starts with what it is about; checks are left to the test.
const pushcamScript = `
say() { sed "s/^/LAB $1: /"; }
# until SECONDS COMMAND... waits for COMMAND to succeed.
until_() {
	left=$(($1 * 5)); shift
	until "$@"; do
		left=$((left - 1))
		[ $left -gt 0 ] || { echo "LAB FAIL waited in vain for: $*"; return 1; }
		usleep 200000
	done
}
answers() { nc -w 1 127.0.0.1 1990 </dev/null >/dev/null 2>&1; }
camera_open() { ls -l /proc/$pushcam/fd | grep -q /dev/video; }
camera_closed() { ! camera_open; }
logged() { [ $(grep -c "$2" /tmp/log) -ge $1 ]; }
serve() {
	/pushcam serve --source vivid --size 640x360 --fps 15 --bitrate 500k --linger 1s "$@" >/tmp/log 2>&1 &
	pushcam=$!
	until_ 20 answers
}
stop() {
	kill -TERM $pushcam
	wait $pushcam
	echo "LAB $1 exit: $?"
	say "$1 log" </tmp/log
}

/pushcam devices --size 640x360 --fps 15 | say devices

for codec in h264 vp8; do
	serve --codec $codec
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

serve --codec vp8
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

// said collects what the script says, by what it is about.
type said map[string][]string

func (s said) about(t *testing.T, subject string) string {
	t.Helper()
	text := strings.Join(s[subject], "\n")
	if text == "" {
		t.Errorf("the machine said nothing about %q", subject)
	}
	return text
}

func bootPushcam(t *testing.T) said {
	t.Helper()
	program := filepath.Join(t.TempDir(), "pushcam")
	goStatic(t, "build", "-tags", "netgo,osusergo", "-o", program, "./cmd/pushcam")
	all := said{}
	for _, line := range (machine{
		programs: map[string]string{"pushcam": program},
		script:   pushcamScript,
		limit:    3 * time.Minute,
	}).boot(t) {
		// The kernel writes between our lines, not into them.
		if subject, text, ok := strings.Cut(strings.TrimPrefix(line, "LAB "), ": "); ok && strings.HasPrefix(line, "LAB ") {
			all[subject] = append(all[subject], text)
		}
	}
	return all
}

// watched is what pushcam watch --json has to say, of what is asked here.
type watched struct {
	Playing            int            `json:"playing"`
	Pictures           int            `json:"pictures"`
	PicturesIncomplete int            `json:"picturesIncomplete"`
	Keyframes          int            `json:"keyframes"`
	LongestGapMs       float64        `json:"longestGapMs"`
	Codecs             map[string]int `json:"codecs"`
	Sizes              map[string]int `json:"sizes"`
}

func (s said) watched(t *testing.T, name, codec string) watched {
	t.Helper()
	var w watched
	if err := json.Unmarshal([]byte(s.about(t, name+" watch")), &w); err != nil {
		t.Errorf("%s watch: %v", name, err)
	}
	if w.Playing != 1 || w.Codecs[codec] != 1 || w.Sizes["640x360"] != 1 || w.Keyframes < 1 || w.Pictures < 10 {
		t.Errorf("%s watch: %+v, want one viewer that plays %s in 640x360", name, w, codec)
	}
	return w
}

func TestPushcam(t *testing.T) {
	all := bootPushcam(t)
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
		// The time since the last picture counts as a gap, too: had it not
		// come back, the gap would last until the end of the watch.
		if w.LongestGapMs < 1000 || w.LongestGapMs > 14000 {
			t.Errorf("the picture stood still for %.0f ms, want a second until the camera was back, and little more", w.LongestGapMs)
		}
		all.exits(t, "unplug")
		if log := all.about(t, "unplug log"); !strings.Contains(log, "reconnect it") {
			t.Errorf("the log does not say what to do:\n%s", log)
		}
	})
}

// exits checks that both programs ended well.
func (s said) exits(t *testing.T, name string) {
	t.Helper()
	for _, subject := range []string{name + " watch exit", name + " exit"} {
		if got := s.about(t, subject); got != "0" {
			t.Errorf("%s: %s, want 0", subject, got)
		}
	}
}
