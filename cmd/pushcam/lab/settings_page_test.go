//go:build lab

package lab

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// inThePage: what an operator does in the page's panel happens to the camera, and is
// seen in the panel of somebody else; and so is what happens elsewhere.
func (s *settings) inThePage() {
	mine, theirs := s.openPages()
	mine.do("location.href = 'login'")
	mine.until("document.getElementById('password')")
	mine.do("document.getElementById('password').value = 'secret'; setTimeout(() => document.forms[0].requestSubmit())")
	for _, p := range []page{mine, theirs} {
		p.until("window.pushcamStarted")
		p.do("document.getElementById('show-settings').click()")
		p.until("document.querySelectorAll('.setting').length > 50")
	}
	const act = `const act = (key, value) => {
		const field = document.getElementById('setting-' + key);
		if (field.type === 'checkbox' || field.type === 'button') return field.click();
		field.value = value;
		for (const type of ['input', 'change']) field.dispatchEvent(new Event(type));
	};`
	s.set(`{"reset":true}`)
	mine.until("document.getElementById('setting-brightness').value === '128' && document.getElementById('setting-gain').disabled")
	mine.do(act + `act('brightness', 200); act('boolean'); act('menu', 4); act('button'); act('integer_64_bits', '-9223372036854775807');
		act('bitmask', '0x10'); act('gain_automatic')`)
	for _, p := range []page{mine, theirs} {
		p.until(`document.getElementById('setting-brightness').value === '200' && !document.getElementById('setting-boolean').checked
			&& document.getElementById('setting-menu').value === '4' && document.getElementById('setting-integer_64_bits').value === '-9223372036854775807'
			&& document.getElementById('setting-bitmask').value === '0x10'`)
	}
	mine.until("!document.getElementById('setting-gain').disabled")
	theirs.until("document.getElementById('setting-gain').disabled && document.getElementById('reset-settings').hidden")
	s.is(map[string]string{"brightness": "200", "boolean": "off", "menu": "4 (Menu Item 4)", "integer_64_bits": "-9223372036854775807", "bitmask": "0x10"})
	mine.screenshot("settings")

	s.tell("/pushcam set hue=33")
	for _, p := range []page{mine, theirs} {
		p.until("document.getElementById('setting-hue').value === '33' && !document.getElementById('setting-hue').closest('.setting').querySelector('.kept').hidden")
	}
	mine.do("document.getElementById('setting-hue').closest('.setting').querySelector('.plain').click()")
	theirs.until("document.getElementById('setting-hue').value === '0'")

	s.tell("plug unbind")
	mine.until("document.querySelectorAll('.setting').length === 0 && document.getElementById('settings-note').textContent !== ''")
	mine.screenshot("settings-unplugged")
	s.tell("plug bind")
	mine.until("document.getElementById('setting-brightness')?.value === '200'")
	mine.do("document.getElementById('reset-settings').click()")
	mine.until("document.getElementById('setting-brightness').value === '128' && [...document.querySelectorAll('.kept')].every((kept) => kept.hidden)")
}

// page is a tab of Chromium, with a profile of its own.
type page struct {
	t   *testing.T
	tab context.Context //nolint:containedctx // chromedp's handle of the tab
}

func (s *settings) openPages() (a, b page) {
	s.t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("accept-lang", "en"))
	open := func() page {
		allocator, stop := chromedp.NewExecAllocator(context.WithoutCancel(s.t.Context()), options...)
		s.t.Cleanup(stop)
		tab, closeTab := chromedp.NewContext(allocator)
		s.t.Cleanup(closeTab)
		if err := chromedp.Do(tab, chromedp.EmulateViewport(1280, 800), chromedp.Navigate(s.url+"/")); err != nil {
			s.t.Fatalf("open %s in Chromium: %v", s.url, err)
		}
		return page{s.t, tab}
	}
	return open(), open()
}

func (p page) do(script string) {
	p.t.Helper()
	if _, err := chromedp.Run(p.tab, chromedp.Evaluate[bool]("(() => { "+script+"; return true })()")); err != nil {
		p.t.Fatalf("%s: %v", script, err)
	}
}

// until waits for a condition, while pages come and go.
func (p page) until(condition string) {
	p.t.Helper()
	const patience = 90 * time.Second // for a slow machine in a loaded one
	var err error
	for begun := time.Now(); time.Since(begun) < patience; <-time.After(50 * time.Millisecond) {
		var met bool
		if met, err = chromedp.Run(p.tab, chromedp.Evaluate[bool](fmt.Sprintf("Boolean(%s)", condition))); met {
			return
		}
	}
	words, _ := chromedp.Run(p.tab, chromedp.Evaluate[string]("document.body.innerText"))
	p.t.Fatalf("never %s: %v; the page says\n%s", condition, err, words)
}

// screenshot leaves a picture to be looked at.
func (p page) screenshot(name string) {
	p.t.Helper()
	picture, err := chromedp.Run(p.tab, chromedp.CaptureScreenshot())
	if err != nil {
		p.t.Fatal(err)
	}
	folder := filepath.Join(repository(p.t), ".build", "screenshots")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "lab-"+name+".png"), picture, 0o600); err != nil {
		p.t.Fatal(err)
	}
}
