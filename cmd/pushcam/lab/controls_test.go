//go:build lab

package lab

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// controlsScript sets controls of a closed camera and of one that is shown, and
// unplugs that, which gives it its defaults back.
const controlsScript = shellWords + `
export HOME=/tmp
kept=/tmp/.local/state/pushcam/controls
list() { /pushcam devices --controls >/tmp/list; }
value() { sed -n "s/^   control $1  *//p" /tmp/list; }
list
say list </tmp/list

/pushcam set gain=42 gain_automatic=off contrast=99 menu='menu item 4' | say set
list
echo "LAB closed gain: $(value gain)"
cat $kept/* | say file
/pushcam set brightness=256 2>&1 | say range
/pushcam set brightnes=1 2>&1 | say name
/pushcam set --source nobody brightness=1 2>&1 | say nobody

serve --source vivid --codec vp8
look 1
until_ logged 1 'camera open'
/pushcam set hue=7 contrast=default | say running
list
echo "LAB running hue: $(value hue)"
echo vivid.0 > /sys/bus/platform/drivers/vivid/unbind
until_ logged 1 'camera lost'
# What is kept and cannot be set is no reason to show nothing.
sed 's/"hue": 7/"hue": 7, "zoom": 1, "saturation": 9999/' $kept/* >/tmp/kept && for file in $kept/*; do cp /tmp/kept "$file"; done
echo vivid.0 > /sys/bus/platform/drivers/vivid/bind
until_ logged 2 'camera open'
list
for name in hue gain gain_automatic contrast menu saturation; do
	echo "LAB replugged $name: $(value $name)"
done
until_ noticed 1 'picture back'
looked kept
stop kept

/pushcam set --reset | say reset
list
echo "LAB reset gain_automatic: $(value gain_automatic)"
cat $kept/* | say forgotten

for file in $kept/*; do echo damaged >"$file"; done
/pushcam set hue=3 2>&1 | say damaged
ls -A $kept | say files
exit 0
`

func TestControls(t *testing.T) {
	t.Parallel()
	all := machine{
		programs: map[string]string{"pushcam": buildPushcam(t)},
		script:   controlsScript,
		limit:    8 * time.Minute,
	}.said(t)
	says := func(subject string, want ...string) {
		t.Helper()
		text := all.about(t, subject)
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s: want %q in it:\n%s", subject, w, text)
			}
		}
	}
	says("list", "brightness", "integer, 0 to 255; default 128", "boolean, off or on", "menu, one of ", "button, pressed by any value",
		"neither read nor set here", "inactive: another control decides", "read-only", "bitmask, bits of", "volatile: changes by itself")
	says("set", "gain = 42", "gain_automatic = off", "contrast = 99", "menu = 4 (Menu Item 4)")
	says("closed gain", "42")
	says("range", "256 is out of range: want 0 to 255")
	says("name", `no control "brightnes": there is brightness, `)
	says("nobody", `no camera "nobody"`)
	says("running", "hue = 7", "contrast = 128")
	says("running hue", "7")
	for name, want := range map[string]string{
		"hue": "7", "gain": "42", "gain_automatic": "off", "contrast": "128", "menu": "4 (Menu Item 4)", "saturation": "128",
	} {
		says("replugged "+name, want)
	}
	says("kept log", `control=zoom`, `control=saturation`, "9999 is out of range")
	var w watched
	if err := json.Unmarshal([]byte(all.about(t, "kept watch")), &w); err != nil {
		t.Error(err)
	}
	// How large the picture is, is left to the emulated processor.
	if w.Playing != 1 || w.Outages != 1 {
		t.Errorf("kept watch: %+v, want one viewer that plays to the end", w)
	}
	all.exits(t, "kept")
	says("reset gain_automatic", "on")
	says("forgotten", `"controls": {}`)
	says("damaged", "moved aside", "hue = 3")
	says("files", ".json.unreadable")

	var file struct {
		Controls map[string]int64 `json:"controls"`
	}
	if err := json.Unmarshal([]byte(all.about(t, "file")), &file); err != nil {
		t.Error(err)
	}
	if c := file.Controls; len(c) != 4 || c["gain"] != 42 || c["gain_automatic"] != 0 || c["contrast"] != 99 || c["menu"] != 4 {
		t.Errorf("kept %v", c)
	}
}
