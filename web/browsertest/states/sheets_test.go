//go:build browser

package states

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

const sheetPath = "../../../.build/screenshots" // git-ignored

// viewer is how somebody looks at the page.
type viewer struct {
	palette, language string
	window            string
	width, height     int
	columns           int // of the sheet
}

// viewers are those whom the sheets are for. With a picture the page is dark for
// all, and so are all sheets of that. The cards are there in each palette and in
// each language, but not in each of both.
func viewers() (all []viewer) {
	for _, look := range []struct{ palette, language string }{{"dark", "en"}, {"dark", "zh-CN"}, {"light", "zh-CN"}} {
		all = append(all,
			viewer{look.palette, look.language, "desktop", 1280, 800, 5},
			viewer{look.palette, look.language, "portrait", 390, 844, 12},
			viewer{look.palette, look.language, "landscape", 844, 390, 6})
	}
	return all
}

// scene is one picture of a sheet: what to do first, and what to wait for.
type scene struct{ name, do, want string }

// capture gets hold of the page's Status, to have it say what seldom happens.
const capture = `import('./status.js').then(({ Status }) => {
	const show = Status.prototype.show;
	Status.prototype.show = function (report) { window.speaker = this; show.call(this, report); };
	window.says = (state, reason = '', detail = '', seconds = 0) =>
		show.call(window.speaker, { state, reason, detail, retryAt: seconds && Date.now() + 1000 * seconds });
	window.ready = true;
})`

// cards are what the page says before it has shown a picture.
var cards = []scene{
	{"", capture, "=window.ready"},
	{"", "press(' ')", "=window.speaker"},
	{"connecting", "says('connecting')", ""},
	{"opening", "says('opening')", ""},
	{"waiting", "says('waiting')", ""},
	{"tap", "says('waiting', 'tap')", ""},
	{"stalled", "says('waiting', 'stalled')", ""},
	{"no camera", "says('lost', '', 'open camera: there is none; is it plugged in? pushcam devices lists those that are there')", ""},
	{"gone", "says('gone', 'dropped', '', 9)", ""},
	{"unreachable", "says('gone', 'unreachable', '', 9)", ""},
	{"offline", "says('gone', 'offline', '', 9)", ""},
	{"proxy", "says('gone', 'proxy', '', 9)", ""},
	{"refused", "says('gone', 'refused', 'pushcam does not know itself by this name: start it with --allow-host', 9)", ""},
	{"full", "says('full', '', '', 9)", ""},
	{"blocked", "says('failed', 'blocked', 'UDP 1990 or TCP 1991', 9)", ""},
	{"no codec", "says('failed', 'codec', '', 9)", ""},
	{"no WebRTC", "says('failed', 'webrtc')", ""},
	{"not taken", "says('failed', 'error', 'Failed to set remote offer sdp', 9)", ""},
	{"paused", "says('paused', 'user')", ""},
	{"in the background", "says('paused', 'hidden')", ""},
}

// pictures are what stands over and around one.
var pictures = []scene{
	{"", capture, "=window.ready"},
	{"live", "sockets[0].camera('live')", "=!document.getElementById('quality').hidden"},
	{"note", "sockets[0].camera('live', '640x360 at 15 fps to spare the CPU')", "=window.speaker"},
	{"more", "more.click()", "=document.documentElement.hasAttribute('data-more')"},
	{"zoomed", "press('Escape'); press('+'); press('+')", "=!unzoom.hidden"},
	{"statistics", "press('0'); press('i')", "=/fps/.test(info.innerText)"},
	{"settings", "press('i'); document.getElementById('show-settings').click()", "=document.querySelectorAll('.setting').length === 6"},
	{"settings' end", "document.getElementById('settings').scrollTo(0, 9999)", "=!document.getElementById('settings').hidden"},
	{"settings for viewers", "role = 'viewer'; document.getElementById('settings').scrollTo(0, 0)", "=document.getElementById('setting-led').disabled"},
	{"help", "document.getElementById('close-settings').click(); press('?')", "=help.open"},
	{"saved", "help.close(); press('s')", "=document.getElementById('notice').textContent"},
	{"MJPEG", "says('live', 'mjpeg', 'blocked')", ""},
	{"unplugged", "sockets[0].camera('lost', 'the camera was unplugged')", "lost"},
	{"server gone", "says('gone', 'unreachable', '', 9)", ""},
	{"paused after a picture", "says('paused', 'user')", ""},
}

// TestSheets leaves a sheet of pictures for each way to look at the page, with all
// that it can say; nothing of it is cut off, or too small for a thumb.
func TestSheets(t *testing.T) {
	browser, url := startPage(t)
	for _, v := range viewers() {
		t.Run(fmt.Sprintf("%s %s %s", v.palette, v.language, v.window), func(t *testing.T) {
			t.Parallel()
			s := &sheet{t: t, viewer: v}
			if v.palette == "light" || v.language == "en" {
				s.visit(browser, url+"/", "act = 'mute'", cards)
			}
			if v.palette == "dark" {
				s.visit(browser, url+"/", "session = true;"+someSettings, pictures)
			}
			s.visit(browser, url+"/login", "", []scene{{"nobody can log in", "", "=document.querySelector('h1')"}})
			s.visit(browser, url+"/nowhere", "", []scene{{"not found", "", "=document.querySelector('h1')"}})
			s.save()
		})
	}
}

// sheet collects pictures.
type sheet struct {
	t *testing.T
	viewer
	shots []image.Image
}

// visit opens a page in a tab of its own and goes through the scenes.
func (s *sheet) visit(browser context.Context, url, before string, scenes []scene) {
	s.t.Helper()
	tab, closeTab := chromedp.NewContext(browser)
	defer closeTab()
	looks, err := os.ReadFile("../faults.js")
	if err != nil {
		s.t.Fatal(err)
	}
	err = chromedp.Do(tab, command(page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
		Source: serverJS + ";" + string(looks) + ";" + before,
	}), s.emulate(), command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: s.palette}},
	}), command(emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{
		UserAgent: "Mozilla/5.0 pushcam's tests", AcceptLanguage: s.language,
	}), chromedp.Navigate(url))
	if err != nil {
		s.t.Fatal(err)
	}
	if err := (step{want: "=document.readyState === 'complete' && (window.pushcamStarted || !document.getElementById('picture'))"}).run(tab); err != nil {
		s.t.Fatal(err)
	}
	for _, c := range scenes {
		if c.want == "" {
			c.want = "=true"
		}
		if err := (step{c.do, c.want}).run(tab); err != nil {
			s.t.Fatalf("%s: %v; page: %s", c.name, err, look(tab))
		}
		if c.name != "" {
			s.shoot(tab, c.name)
		}
	}
}

// shoot takes a picture when nothing moves any more, with the buttons there.
func (s *sheet) shoot(tab context.Context, name string) {
	s.t.Helper()
	if err := (step{"press('Shift')", "=still()"}).run(tab); err != nil {
		s.t.Fatalf("%s: %v", name, err)
	}
	ctx, cancel := context.WithTimeout(tab, patience)
	defer cancel()
	found, err := chromedp.Run(ctx, chromedp.Evaluate[[]string]("faults()"))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, fault := range found {
		s.t.Errorf("%s: %s", name, fault)
	}
	quick := true // a sheet is compressed as a whole
	var shot page.CaptureScreenshotResult
	err = chromedp.Do(ctx, chromedp.Func(func(ctx context.Context, t *chromedp.Target) (err error) {
		shot, err = cdp.Call(ctx, t, page.CaptureScreenshot, page.CaptureScreenshotParams{OptimizeForSpeed: &quick})
		return err
	}))
	if err != nil {
		s.t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(shot.Data))
	if err != nil {
		s.t.Fatal(err)
	}
	s.shots = append(s.shots, picture)
}

// save writes the sheet.
func (s *sheet) save() {
	s.t.Helper()
	size := s.shots[0].Bounds().Size()
	const gap = 8
	rows := (len(s.shots) + s.columns - 1) / s.columns
	whole := image.NewRGBA(image.Rect(0, 0, s.columns*(size.X+gap), rows*(size.Y+gap)))
	for i, shot := range s.shots {
		at := image.Pt(i%s.columns*(size.X+gap), i/s.columns*(size.Y+gap))
		draw.Draw(whole, image.Rectangle{Min: at, Max: at.Add(size)}, shot, image.Point{}, draw.Src)
	}
	var file bytes.Buffer
	if err := png.Encode(&file, whole); err != nil {
		s.t.Fatal(err)
	}
	if err := os.MkdirAll(sheetPath, 0o755); err != nil {
		s.t.Fatal(err)
	}
	name := fmt.Sprintf("sheet-%s-%s-%s.png", s.palette, s.language, s.viewer.window)
	if err := os.WriteFile(filepath.Join(sheetPath, name), file.Bytes(), 0o644); err != nil {
		s.t.Fatal(err)
	}
}

// emulate has the tab be as large as the viewer's, and a phone where that is one.
func (s *sheet) emulate() chromedp.Action[chromedp.Void] {
	if s.viewer.window == "desktop" { // at half the size, as it is the largest
		return command(emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
			Width: int64(s.width), Height: int64(s.height), DeviceScaleFactor: 0.5,
		})
	}
	way := chromedp.EmulatePortrait
	if s.width > s.height {
		way = chromedp.EmulateLandscape
	}
	return chromedp.EmulateViewport(int64(s.width), int64(s.height), chromedp.EmulateScale(1), way, chromedp.EmulateMobile, chromedp.EmulateTouch)
}
