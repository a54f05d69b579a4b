//go:build lab

package lab

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestSettings: the camera's controls over HTTP, on a camera that has all kinds of
// them. What is there is asked of the camera by another process.
func TestSettings(t *testing.T) {
	t.Parallel()
	r := machine{programs: map[string]string{"pushcam": buildPushcam(t)}, script: shellWords + settingsWords, limit: 10 * time.Minute}.remote(t)
	s := &settings{remote: r}
	r.tell("serve_settings")
	s.whileIdle()
	s.whileWatched()
	s.refused()
	s.severalAtOnce()
	s.besidesTheProgram()
	s.unplugged()
	s.restarted()
	s.inThePage()
	s.readme()
	s.reset()
}

// settingsWords are for what no request does.
const settingsWords = `
export HOME=/tmp
hash=$(echo secret | /pushcam passwd)
serve_settings() { serve --source vivid --password "$hash" --token "eye:viewer:$hash"; }
end() { kill -TERM $pushcam; wait $pushcam; }
plug() { echo vivid.0 > /sys/bus/platform/drivers/vivid/$1; }
`

// whileIdle: nobody looks, and the camera is opened for this only.
func (s *settings) whileIdle() {
	for _, who := range []string{"", "eye:secret", "operator:secret"} {
		if status, a := s.ask(who, http.MethodGet, ""); status != http.StatusOK || len(a.Controls) < 50 {
			s.t.Errorf("%q reads %d controls: %d, %s", who, len(a.Controls), status, a.Detail)
		}
	}
	for who, want := range map[string]int{"": http.StatusUnauthorized, "eye:secret": http.StatusForbidden} {
		if status, _ := s.ask(who, http.MethodPatch, `{"set":{"brightness":9}}`); status != want {
			s.t.Errorf("%q sets: %d, want %d", who, status, want)
		}
	}
	// One of each type.
	s.set(`{"set":{"brightness":140,"boolean":false,"menu":4,"integer_menu":7,"bitmask":2147483664,"button":1,
		"integer_64_bits":"9223372036854775807","integer_32_bits":-2147483648,"gain_automatic":false,"gain":7}}`)
	s.is(map[string]string{
		"brightness": "140", "boolean": "off", "menu": "4 (Menu Item 4)", "integer_menu": "7 (21)", "bitmask": "0x80000010",
		"integer_64_bits": "9223372036854775807", "integer_32_bits": "-2147483648", "gain_automatic": "off", "gain": "7",
	})
	s.tell("camera_closed")
}

// whileWatched: who watches sees the change.
func (s *settings) whileWatched() {
	v := s.watch()
	defer v.close()
	s.set(`{"set":{"brightness":0}}`)
	dark := v.until(func(luma int) bool { return luma < 100 })
	s.set(`{"set":{"brightness":255}}`)
	v.until(func(luma int) bool { return luma > dark+50 })
	s.set(`{"set":{"brightness":140}}`)
	s.tell("camera_open")
}

// refused: what cannot be is said of each control, with what could.
func (s *settings) refused() {
	all := s.set(`{"set":{"gain_automatic":true}}`)
	if g := all["gain"]; !g.Inactive || !g.Volatile || !g.Kept {
		s.t.Errorf("the gain while it is automatic: %+v", g)
	}
	if c := all["read_only_integer_32_bits"]; !c.ReadOnly {
		s.t.Errorf("it can only be read: %+v", c)
	}
	status, a := s.ask("operator:secret", http.MethodPatch, `{"set":{"brightness":256,"bitmask":1,"menu":2,"integer_menu":9,"boolean":2,
		"integer_32_bits":2147483648,"read_only_integer_32_bits":1,"gain":9,"brightnes":1,"string":1,"hue":-7},"default":["button"]}`)
	if status != http.StatusUnprocessableEntity || a.Detail == "" {
		s.t.Errorf("%d %q, want 422 and why", status, a.Detail)
	}
	want := map[string]string{
		"brightness": "want 0 to 255", "bitmask": "want bits of 0x80402010", "menu": "3 (Menu Item 3)", "integer_menu": "8 (", "boolean": "want 0 or 1",
		"integer_32_bits": "want -2147483648 to 2147483647", "read_only_integer_32_bits": "only be read", "gain": "automatic one, decides",
		"brightnes": "there is brightness", "string": "no number", "button": "no default",
	}
	for key, why := range want {
		if !strings.Contains(a.Errors[key], why) {
			s.t.Errorf("%s: %q, want %q", key, a.Errors[key], why)
		}
	}
	if len(a.Errors) != len(want) {
		s.t.Errorf("also refused: %q", a.Errors)
	}
	s.is(map[string]string{"hue": "-7", "brightness": "140", "menu": "4 (Menu Item 4)"})
	for _, body := range []string{`{"set":{"hue":1.5}}`, `{"set":{"integer_64_bits":9223372036854775808}}`, `{}`} {
		if status, a := s.ask("operator:secret", http.MethodPatch, body); status != http.StatusBadRequest || a.Detail == "" {
			s.t.Errorf("%s: %d %q", body, status, a.Detail)
		}
	}
	s.set(`{"set":{"gain_automatic":false}}`)
}

// severalAtOnce: nobody's change gets lost.
func (s *settings) severalAtOnce() {
	var writers sync.WaitGroup
	for i, key := range []string{"contrast", "saturation", "volume", "alpha_component"} {
		writers.Go(func() { s.set(fmt.Sprintf(`{"set":{%q:%d}}`, key, 50+i)) })
	}
	writers.Wait()
	all := s.list()
	for i, key := range []string{"contrast", "saturation", "volume", "alpha_component"} {
		if c := all[key]; !c.Kept || c.number() != int64(50+i) {
			s.t.Errorf("%s, set with others: %+v", key, c)
		}
	}
}

// besidesTheProgram: another process sets, and serve tells it.
func (s *settings) besidesTheProgram() {
	s.tell("/pushcam set contrast=99 volume=default")
	all := s.list()
	if c := all["contrast"]; c.number() != 99 || !c.Kept {
		s.t.Errorf("set by pushcam set: %+v", c)
	}
	if c := all["volume"]; c.number() != c.Default || c.Kept {
		s.t.Errorf("no longer set: %+v", c)
	}
}

// unplugged: it is said, and what was set is there again with the camera.
func (s *settings) unplugged() {
	v := s.watch()
	defer v.close()
	s.tell("plug unbind; until_ camera_lost")
	for method, body := range map[string]string{http.MethodGet: "", http.MethodPatch: `{"set":{"contrast":1}}`} {
		if status, a := s.ask("operator:secret", method, body); status != http.StatusServiceUnavailable || a.Detail == "" {
			s.t.Errorf("%s while there is no camera: %d %q, want 503 and why", method, status, a.Detail)
		}
	}
	s.tell("opened=$(grep -c 'camera open' /tmp/log); plug bind; until_ logged $((opened + 1)) 'camera open'")
	s.has("contrast", 99, true)
	s.has("gain", 7, true)
}

// restarted: what is kept, is kept by the next program.
func (s *settings) restarted() {
	s.tell("end; plug unbind; plug bind; until_ [ -e /dev/video0 ]")
	s.is(map[string]string{"contrast": "128"}) // a camera's memory is no help
	s.tell("serve_settings")
	v := s.watch()
	defer v.close()
	s.has("contrast", 99, true)
	s.has("integer_64_bits", 1<<63-1, true)
}

// reset: as the camera came.
func (s *settings) reset() {
	for key, c := range s.set(`{"reset":true}`) {
		if c.Kept || c.Value != nil && !c.Inactive && !c.ReadOnly && c.number() != c.Default {
			s.t.Errorf("%s after all were reset: %+v", key, c)
		}
	}
	s.is(map[string]string{"brightness": "128", "integer_64_bits": "0", "menu": "3 (Menu Item 3)", "gain_automatic": "on"})
	s.tell("end")
}
