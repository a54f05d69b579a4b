//go:build lab

package lab

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

// shellWords are for scripts that run pushcam. Every line that they print
// starts with what it is about.
const shellWords = `
say() { sed "s/^/LAB $1: /"; }
# until_ COMMAND... waits for COMMAND to succeed. A loaded machine emulates a slow
# one, and no wait is longer than it has to be.
until_() {
	left=450
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
# now is the time to the kernel's tick.
now() { touch /tmp/now; stat -c %y /tmp/now; }
# look VIEWERS begins to watch until looked NAME; noticed COUNT TEXT tells what
# the viewers have seen so far.
look() {
	: >/tmp/look.err
	/pushcam watch -v -n $1 -d 10m --json ws://127.0.0.1:1990/ >/tmp/look 2>/tmp/look.err &
	look=$!
	until_ noticed $1 'first picture'
}
# camera_lost and shown tell what is so now, however often the camera of a loaded machine
# was lost before.
camera_lost() { [ "$(grep -o 'camera open\|camera lost' /tmp/log | tail -n 1)" = 'camera lost' ]; }
shown() { [ "$(grep -o 'camera lost\|picture back' /tmp/look.err | tail -n 1)" = 'picture back' ]; }
noticed() { [ $(grep -c "$2" /tmp/look.err) -ge $1 ]; }
looked() {
	kill -TERM $look
	wait $look
	echo "LAB $1 watch exit: $?"
	say "$1 watch" </tmp/look
	say "$1 watch error" </tmp/look.err
}
# see NAME PICTURES FLAGS... is one viewer that leaves after so many.
see() {
	name=$1 pictures=$2; shift 2
	/pushcam watch --pictures $pictures -d 2m --json "$@" ws://127.0.0.1:1990/ >/tmp/see 2>/tmp/see.err
	echo "LAB $name watch exit: $?"
	say "$name watch" </tmp/see
	say "$name watch error" </tmp/see.err
}
serve() {
	/pushcam serve --size 640x360 --fps 15 --bitrate 500k --linger 1s "$@" >/tmp/log 2>&1 &
	pushcam=$!
	until_ answers
}
stop() {
	kill -TERM $pushcam
	wait $pushcam
	echo "LAB $1 exit: $?"
	say "$1 log" </tmp/log
}
`

func buildPushcam(t *testing.T) (program string) {
	t.Helper()
	program = filepath.Join(t.TempDir(), "pushcam")
	goStatic(t, "build", "-tags", "netgo,osusergo", "-o", program, "./cmd/pushcam")
	return program
}

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

// said boots the machine.
func (m machine) said(t *testing.T) said {
	t.Helper()
	all := said{}
	for _, line := range m.boot(t) {
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
	FramesPerSecond    float64        `json:"framesPerSecond"`
	LongestGapMs       float64        `json:"longestGapMs"`
	Outages            int            `json:"outages"`
	LongestOutageMs    float64        `json:"longestOutageMs"`
	Codecs             map[string]int `json:"codecs"`
	Sizes              map[string]int `json:"sizes"`
	Profiles           map[string]int `json:"profiles"`
}

func (s said) watched(t *testing.T, name, codec string) watched {
	t.Helper()
	w := s.seenBy(t, 1, name, codec)
	if w.Pictures < 10 {
		t.Errorf("%s watch: %+v, want more pictures", name, w)
	}
	return w
}

func (s said) seenBy(t *testing.T, viewers int, name, codec string) watched {
	t.Helper()
	var w watched
	if err := json.Unmarshal([]byte(s.about(t, name+" watch")), &w); err != nil {
		t.Errorf("%s watch: %v", name, err)
	}
	if w.Playing != viewers || w.Codecs[codec] != viewers || w.Keyframes < viewers {
		t.Errorf("%s watch: %+v, want %d viewers that play %s", name, w, viewers, codec)
	}
	// What is asked for, or what a machine that is too slow makes of it.
	sizes := 0
	for _, size := range []string{"640x360", "480x270", "320x180", "240x136", "240x134", "160x90"} {
		sizes += w.Sizes[size]
	}
	if sizes != viewers {
		t.Errorf("%s watch: pictures of %v", name, w.Sizes)
	}
	return w
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
