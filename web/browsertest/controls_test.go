//go:build browser && linux

package browsertest

import (
	"fmt"
	"image/jpeg"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// testControls: each of the page's keys and buttons does on the real program what
// it is for, in the browser as it is.
func testControls(t *testing.T, b browser) {
	url := serve(t).url
	p := open(t, b, url)
	p.resize(desktop())
	p.untilState("live")

	p.press(" ")
	p.untilState("paused")
	p.until("probe.sockets[0].closed")
	p.press(" ")
	p.untilState("live")
	p.mustRun()

	p.press("i")
	p.until("probe.line('Camera to screen') > 0 && probe.line('Frame rate') > 0")
	if rate, rest := value[float64](p, "probe.line('Frame rate')"), value[string](p, "document.getElementById('info').innerText"); rate > 60 ||
		!strings.Contains(rest, "\u00a0×\u00a0") || !strings.Contains(rest, "UDP") || strings.Contains(rest, "NaN") || strings.Contains(rest, "estimate") {
		t.Errorf("the statistics say\n%s", rest)
	}
	p.look(strings.ReplaceAll(t.Name(), "/", "-"), desktop())
	p.reports()
	p.press("i")
	p.until("document.getElementById('info').hidden")

	for _, c := range []struct{ choice, width string }{{"half", "< 640"}, {"auto", "> 0"}} {
		p.do(fmt.Sprintf(`(() => {
			const list = document.getElementById('quality');
			list.value = %q;
			list.dispatchEvent(new Event('change'));
		})()`, c.choice))
		p.untilWidth(c.width)
		p.until(fmt.Sprintf("document.getElementById('quality').value === %q", c.choice))
	}

	p.press("+")
	p.until("document.documentElement.hasAttribute('data-zoomed')")
	p.press("0")
	p.until("!document.documentElement.hasAttribute('data-zoomed')")

	p.press("f")
	p.until("document.fullscreenElement")
	p.press("f")
	p.until("!document.fullscreenElement")

	p.press("s")
	p.until("document.getElementById('notice').textContent.startsWith('Saved as')")
	p.saved(b.downloads())

	// Not in all browsers; where not, there is no button.
	if small := value[bool](p, "Boolean(document.pictureInPictureEnabled)"); small == value[bool](p, "document.getElementById('pip').hidden") {
		t.Errorf("picture in picture is there: %t; and so is not its button", small)
	} else if small {
		p.press("p")
		p.until("document.pictureInPictureElement && document.getElementById('pip').ariaPressed === 'true'")
		p.press("p")
		p.until("!document.pictureInPictureElement && document.getElementById('pip').ariaPressed === 'false'")
	}

	p.do("document.getElementById('show-settings').click()")
	p.until("document.getElementById('settings-note').textContent === 'This camera has no settings to change.'")
	p.do("document.getElementById('close-settings').click()")
	p.until("document.getElementById('settings').hidden")
	p.press("?")
	p.until("document.getElementById('help').open")
	p.do("document.getElementById('close-help').click()")

	p.press("r")
	p.press("m")
	const lies = "document.documentElement.hasAttribute('data-turned') && document.getElementById('mirror').getAttribute('aria-pressed') === 'true'"
	p.until(lies)
	p.mustRun()
	p.untroubled()
	p.close()
	p = open(t, b, url)
	p.untilState("live")
	p.until(lies)
	p.untroubled()
}

// reports checks what the page gives who asks for help: all that tells what is
// wrong, and nothing that others may not know.
func (p *page) reports() {
	p.t.Helper()
	report := value[string](p, `new Promise((resolve) => {
		Object.defineProperty(navigator, 'clipboard', { value: { writeText: async (words) => { resolve(words); } } });
		document.querySelector('#info button').click();
	})`)
	for _, want := range []string{
		`^pushcam \S+\n20\d\d-\S+Z\nMozilla/`, `(Chrome|Firefox)/\d`, `\nvideo/(VP8|H264) `, `\ncodec: (VP8|H\.264)\n`, `\nrendition: \w+ \(auto\)\n`,
		`\npath: UDP \(\w+ → \w+\)\n`, `\nloss: \d`, `\nfreezes: \d`, `\nage: \d`, `\n20\d\d-\S+Z paused user\n`, `\n20\d\d-\S+Z live\b`,
		`"captureToSendP95Ms":`, `"name":"test pattern"`,
	} {
		if !regexp.MustCompile(want).MatchString(report) {
			p.t.Errorf("nothing like %s in the report", want)
		}
	}
	secrets := value[[]string](p, "probe.sockets.map(({ url }) => new URL(url).searchParams.get('pull'))")
	for _, secret := range append(secrets, "127.0.0.1", ".local") {
		if strings.Contains(report, secret) {
			p.t.Errorf("%s is in the report", secret)
		}
	}
	if p.t.Failed() {
		p.t.Log(report)
	}
}

func (p *page) press(key string) {
	p.t.Helper()
	if err := p.tab.press(key); err != nil {
		p.t.Fatalf("press %q: %v; the page says %+v", key, err, p.state())
	}
}

// saved waits until a folder has one file, which is a whole JPEG.
func (p *page) saved(folder string) {
	p.t.Helper()
	for begun := time.Now(); ; <-time.After(20 * time.Millisecond) {
		err := savedJPEG(folder)
		if err == nil {
			return
		}
		if time.Since(begun) > patience {
			p.t.Fatalf("no picture was saved: %v", err)
		}
	}
}

func savedJPEG(folder string) error {
	names, err := filepath.Glob(filepath.Join(folder, "pushcam ????-??-?? ??.??.??.jpg"))
	if err != nil {
		return err
	}
	if len(names) != 1 {
		return fmt.Errorf("files are %q", names)
	}
	file, err := os.Open(names[0])
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = jpeg.Decode(file)
	return err
}
