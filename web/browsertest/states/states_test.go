//go:build browser

package states

import (
	"context"
	_ "embed" // for server.js
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/pushcam/pushcam/web"
)

//go:embed server.js
var serverJS string

// patience is for a loaded machine; every wait ends at once when it is over.
const patience = 40 * time.Second

// step does something, in JavaScript, and then waits for a condition.
type step struct {
	do   string // may be empty
	want string // "state" or "state/reason", or a JavaScript condition after "="
}

// hurry makes the page's long waits a tenth as long.
const hurry = "const later = setTimeout; setTimeout = (f, ms) => later(f, ms >= 8000 ? ms / 10 : ms);"

// pageCase is one life of a page.
type pageCase struct {
	name   string
	before string // runs ahead of the page's own code
	steps  []step
}

var cases = []pageCase{
	{"picture", "", []step{
		{"", "live"},
		{"", "=!picture.paused && picture.muted && picture.videoWidth > 0"},
		{"", "=document.title.startsWith('Live') && announcer.textContent.startsWith('Live')"},
		{"", "=sockets[0].url === location.href.replace('http', 'ws') + 'ws?pull=' + sockets[0].id"},
		{"", "=sockets.length === 1 && sockets[0].id.length === 32"},
		{"", "=sent[0].type === 'answer' && sent.every(m => m.id === sockets[0].id)"},
	}},
	{"receiver shows without delay", "const P = RTCPeerConnection; window.peers = []; RTCPeerConnection = class extends P { constructor(c) { super(c); peers.push(this); } };", []step{
		{"", "live"},
		{"", "=peers[0].getReceivers()[0].jitterBufferTarget === 0"},
	}},
	{"camera opening, then live", "act = 'opening'", []step{
		{"", "opening"},
		{"act = 'live'; sockets[0].start()", "live"},
		{"", "=sockets.length === 1"},
	}},
	{"no camera, in the server's words", "act = 'lost'", []step{
		{"", "lost"},
		{"", "=!detail.hidden && detail.textContent === 'as the server says'"},
	}},
	{"camera unplugged and back, in one session", "", []step{
		{"", "live"},
		{"frozen = true; sockets[0].camera('lost', 'unplugged')", "lost"},
		{"window.mark = samples", "=samples > mark + 4 && document.documentElement.dataset.state === 'lost'"},
		// What comes now says it again: the card is enough.
		{"frozen = false; window.mark = samples", "=samples > mark + 2 && document.documentElement.dataset.state === 'lost'"},
		{"", "=!card.hidden && getComputedStyle(picture).opacity === '0'"},
		{"sockets[0].camera('live')", "live"},
		{"", "=getComputedStyle(picture).opacity === '1'"},
		{"", "=sockets.length === 1"},
	}},
	{"less of a picture, and why", "", []step{
		{"", "live"},
		{"", "=document.getElementById('note').textContent === ''"},
		{"sockets[0].camera('live', '640x360 at 15 fps to spare the CPU')", "=document.getElementById('note').innerText.includes('15 fps')"},
		{"", "=announcer.textContent.includes('15 fps')"},
		{"", "=getComputedStyle(card).display === 'none' && document.title.startsWith('Live')"},
		{"sockets[0].camera('live')", "=document.getElementById('note').textContent === ''"},
		{"", "=document.documentElement.dataset.state === 'live' && sockets.length === 1"},
	}},
	{"connection lost", "", []step{
		{"", "live"},
		{"sockets[0].die()", "gone/dropped"},
		{"", "live"},
		{"", "=sockets.length === 2 && sockets[0].id !== sockets[1].id"},
	}},
	{"server away, and back", "act = 'away'", []step{
		{"", "gone"},
		{"", "=!document.getElementById('act').hidden && countdown.textContent !== ''"},
		{"", "=sockets.length >= 3"},
		{"window.act = 'live'; dispatchEvent(new Event('online'))", "live"},
	}},
	{"plain HTTP works, WebSockets do not", "act = 'away'", []step{{"", "gone/proxy"}}},
	{"no network", "Object.defineProperty(navigator, 'onLine', { get: () => false }); act = 'away'", []step{
		{"", "gone/offline"},
		{"delete navigator.onLine; act = 'live'; dispatchEvent(new Event('online'))", "live"},
	}},
	{"refused, in the server's words", "act = 'away'; const ask = fetch; fetch = async (url, ...args) => String(url).endsWith('/healthz') ? new Response('not this host', { status: 421 }) : ask(url, ...args);", []step{
		{"", "gone/refused"},
		{"", "=!detail.hidden && detail.textContent === 'not this host'"},
	}},
	{"tries come later and later, and not in step", "", []step{
		{"window.waits = import(new URL('backoff.js', document.baseURI)).then(({ Backoff }) => [0, 1, 0.5].map((random) => { const b = new Backoff(); return [1, 2, 3, 4, 5, 6].map(() => b.next(random)); })).then((all) => { window.all = all.join(' '); });",
			"=window.all === '500,500,1000,2000,4000,4000 500,1000,2000,4000,8000,8000 500,750,1500,3000,6000,6000'"},
	}},
	{"server silent", hurry + "act = 'mute'", []step{{"", "waiting"}, {"", "gone/silent"}}},
	{"viewer limit, then let in", "act = 'full'", []step{
		{"", "full"},
		{"window.act = 'live'", "live"},
	}},
	{"no codec", "act = 'no-codec'", []step{{"", "failed/codec"}}},
	{"no WebRTC", "RTCPeerConnection = undefined", []step{{"", "failed/webrtc"}, {"", "=sockets.length === 0"}}},
	{"firewall, and the ports it has to open", hurry + "act = 'blocked'", []step{
		{"", "failed/blocked"},
		{"", "=text.textContent.includes('UDP 4444')"},
		{"", "=sockets.length === 2"}, // it stays on the screen while the next try runs
		{"", "failed/blocked"},
		{"window.act = 'live'; document.getElementById('act').click()", "live"},
	}},
	{"picture stands still: another way first", "", []step{
		{"", "live"},
		{"frozen = true", "waiting/stalled"},
		{"", "=sent.at(-1).type === 'candidate' && sent.some((m) => m.type === 'restart')"},
		{"frozen = false", "live"},
		{"", "=sockets.length === 1 && sent.filter((m) => m.type === 'answer').length === 2"},
	}},
	{"then another session", "", []step{
		{"", "live"},
		{"frozen = true", "=sockets.length === 2"},
		{"frozen = false", "live"},
		{"", "=sent.filter((m) => m.type === 'restart').length === 1"},
	}},
	{"at once where the server knows no restart", "old = true", []step{
		{"", "live"},
		{"frozen = true; window.mark = performance.now()", "=sockets.length === 2"},
		{"frozen = false", "live"},
	}},
	{"camera waits for its own keyframe", hurry + "const P = RTCPeerConnection; RTCPeerConnection = class extends P { set ontrack(f) {} };", []step{
		{"", "waiting"},
		{"sockets[0].say({ type: 'state', camera: 'live', detail: 'a note', waiting: true })", "=detail.textContent === 'a note'"},
	}},
	{"MJPEG where WebRTC is blocked, until it is not", hurry + "act = 'blocked'; mjpeg = true", []step{
		{"", "live/mjpeg"},
		{"", "=!fallback.hidden && fallback.width === 320 && getComputedStyle(card).display === 'none'"},
		{"", "=document.getElementById('note').textContent.includes('WebRTC is blocked')"},
		{"document.getElementById('show-info').click()", "=/Codec.MJPEG/.test(info.innerText.replaceAll('\\n', ' '))"},
		{"", "=sockets.length === 3"}, // nothing on the screen tells of the tries
		{"", "live/mjpeg"},
		{"act = 'live'", "live"},
		{"", "=!document.documentElement.dataset.reason && fallback.hidden && !picture.paused"},
	}},
	{"MJPEG leaves its place to WebRTC", hurry + "act = 'blocked'; mjpeg = true", []step{
		{"", "live/mjpeg"},
		{"window.act = 'full'; mjpeg = true", "=sockets.length === 2"},
		{"", "live/mjpeg"},
		{"window.act = 'live'", "live"},
		{"", "=!document.documentElement.dataset.reason && fallback.hidden"},
	}},
	// This machine may be slow, too: the second of the two limits is far away.
	{"slow, but not blocked", "let n = 0; const later = setTimeout; setTimeout = (f, ms) => later(f, ms === 5000 && n++ > 0 ? 60000 : ms); act = 'slow'", []step{
		{"", "failed/blocked"},
		{"sockets[0].hurry()", "live"},
		{"", "=sockets.length === 1"},
	}},
	{"MJPEG ends, and returns", hurry + "act = 'blocked'; mjpeg = true", []step{
		{"", "live/mjpeg"},
		{"mjpeg = false", "failed/blocked"},
		{"mjpeg = true", "live/mjpeg"},
	}},
	{"MJPEG where there is no codec", "act = 'no-codec'; mjpeg = true", []step{
		{"", "live/mjpeg"},
		{"", "=document.getElementById('note').textContent.startsWith('No video format')"},
	}},
	{"MJPEG without WebRTC", "RTCPeerConnection = undefined; mjpeg = true", []step{
		{"", "live/mjpeg"},
		{"press(' ')", "paused/user"},
		{"", "=fallback.hidden"},
		{"press(' ')", "live/mjpeg"},
	}},
	{"MJPEG without WebSockets", "act = 'away'; mjpeg = true", []step{
		{"", "live/mjpeg"},
		{"act = 'live'", "live"},
		{"", "=fallback.hidden"},
	}},
	{"autoplay refused", "shy = true; addEventListener('DOMContentLoaded', () => picture.removeAttribute('autoplay'))", []step{
		{"", "waiting/tap"},
		{"shy = false; document.getElementById('act').click()", "live"},
		{"", "=sockets.length === 1"},
	}},
	{"pause frees the camera", "", []step{
		{"", "live"},
		{"press(' ')", "paused/user"},
		{"", "=sent.at(-1).type === 'bye' && picture.paused"},
		{"press(' ')", "live"},
		{"", "=sockets.length === 2"},
	}},
	{"keys", "", []step{
		{"", "live"},
		{"press('?')", "=help.open"},
		{"document.getElementById('close-help').click()", "=!help.open"},
		{"press('i')", "=!info.hidden"},
		{"press('i')", "=info.hidden"},
	}},
	{"hidden page frees the camera", hurry, []step{
		{"", "live"},
		{"hide(true)", "paused/hidden"},
		{"", "=sent.at(-1).type === 'bye'"},
		{"hide(false)", "live"},
	}},
	{"opened in the background", "hide(true)", []step{
		{"", "=document.readyState === 'complete' && sockets.length === 0"},
		{"hide(false)", "live"},
		{"", "=sockets.length === 1"},
	}},
	// The first session begins before there is anything to own it.
	{"hidden while it loads", "document.addEventListener('readystatechange', () => hide(true), { once: true })", []step{
		{"", "=document.readyState === 'complete' && sockets.length === 1 && sockets[0].readyState === 3"},
		{"hide(false)", "live"},
		{"", "=sockets.length === 2"},
	}},
	{"computer slept", "", []step{
		{"", "live"},
		{"const now = Date.now; Date.now = () => now() + 60000", "=sockets.length === 2"},
		{"", "live"},
	}},
	{"left and restored", "", []step{
		{"", "live"},
		{"dispatchEvent(new PageTransitionEvent('pagehide'))", "=sockets.length === 1 && sent.at(-1).type === 'bye'"},
		{"dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))", "=sockets.length === 2"},
		{"", "live"},
	}},
	{"messages that are none", "", []step{
		{"", "live"},
		{`for (const m of ['', 'x', 'null', '[]', '7', '{}', '{"type":7}', '{"type":"error"}', '{"type":"candidate"}',
			'{"type":"candidate","candidate":{"candidate":"x","sdpMid":"0"}}', '{"type":"offer","id":"another","offer":{}}']) sockets[0].say(m);
			window.mark = samples`, "=samples > mark + 1"},
		{"", "=document.documentElement.dataset.state === 'live' && sockets.length === 1"},
		{`sockets[0].say('{"type":"offer","offer":{"type":"offer","sdp":"x"}}')`, "failed/error"},
		{"", "live"},
	}},
	{"Chinese", "Object.defineProperty(navigator, 'languages', { get: () => ['fr-CA', 'zh-TW', 'en'] })", []step{
		{"", "live"},
		{"", "=document.documentElement.lang === 'zh-CN' && document.title.startsWith('直播中') && announcer.textContent.startsWith('直播中')"},
		{"", "=document.getElementById('play').title === '暂停 (空格)' && picture.ariaLabel === '摄像头实时画面'"},
		{"press(' ')", "paused"},
		{"", "=document.getElementById('act').textContent === '继续' && document.getElementById('play').ariaLabel === '播放'"},
	}},
	{"a language that we have not", "Object.defineProperty(navigator, 'languages', { get: () => ['tlh'] })", []step{
		{"", "live"},
		{"", "=document.documentElement.lang === 'en' && document.title.startsWith('Live')"},
	}},
	{"statistics", "", []step{
		{"", "live"},
		{"document.getElementById('show-info').click()", `=/^Picture 320.×.240 Frame rate \d+.fps Bitrate .*bit\/s Codec VP8 Rendition \(chosen\) full.\(auto\)/.test(info.innerText.replaceAll('\n', ' '))`},
		{"", "=/Camera to screen\\s\\d.*estimate/.test(info.innerText)"},
		{"info.querySelector('button').click()", "=/Copied|below/.test(info.querySelector('button').textContent)"},
		{"", "=!info.querySelector('textarea') || info.querySelector('textarea').value.includes('codec: VP8')"},
	}},
}

// startPage serves the page, without a camera behind it, and starts a browser.
func startPage(t *testing.T) (browser context.Context, url string) {
	t.Helper()
	handler, err := web.New(web.Config{})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return startChromium(t), server.URL
}

func TestStates(t *testing.T) {
	browser, url := startPage(t)
	for _, c := range slices.Concat(cases, controlCases) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			tab, closeTab := chromedp.NewContext(browser)
			defer closeTab()
			prepare := command(page.AddScriptToEvaluateOnNewDocument,
				page.AddScriptToEvaluateOnNewDocumentParams{Source: serverJS + ";" + c.before})
			if err := chromedp.Do(tab, prepare, chromedp.Navigate(url+"/")); err != nil {
				t.Fatal(err)
			}
			for i, s := range c.steps {
				if err := s.run(tab); err != nil {
					t.Fatalf("step %d (%s): want %s: %v; page: %s", i, s.do, s.want, err, look(tab))
				}
			}
			for _, barrier := range barriers(t, tab) {
				t.Errorf("not for everybody: %s", barrier)
			}
			troubles, err := chromedp.Run(tab, chromedp.Evaluate[[]string]("troubles"))
			if err != nil || len(troubles) > 0 {
				t.Errorf("troubles: %q, %v", troubles, err)
			}
		})
	}
}

// startChromium starts a browser, with a mouse, that ends with the test.
func startChromium(t *testing.T) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("autoplay-policy", "no-user-gesture-required"),
		chromedp.Flag("blink-settings", "primaryHoverType=2,availableHoverTypes=2,primaryPointerType=4,availablePointerTypes=4"))
	allocator, stop := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), options...)
	t.Cleanup(stop)
	browser, closeBrowser := chromedp.NewContext(allocator)
	t.Cleanup(closeBrowser)
	if err := chromedp.Do(browser); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	return browser
}

// command makes an action of a command whose result does not matter.
func command[P, R any](c cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, c, params)
		return err
	})
}

func (s step) run(tab context.Context) error {
	condition, isCondition := strings.CutPrefix(s.want, "=")
	if !isCondition {
		condition = fmt.Sprintf(
			"window.pushcamStarted && (document.documentElement.dataset.state + '/' + document.documentElement.dataset.reason + '/').startsWith(%q)", s.want+"/")
	}
	// A promise, as the page's content policy forbids what chromedp.Poll does.
	script := fmt.Sprintf(`new Promise((met) => {
		{ %s }
		const watch = setInterval(() => { if (%s) { clearInterval(watch); met(true); } }, 20);
	})`, s.do, condition)
	ctx, cancel := context.WithTimeout(tab, patience)
	defer cancel()
	_, err := chromedp.Run(ctx, chromedp.Evaluate[bool](script, chromedp.EvalAwaitPromise))
	return err
}

// look describes the page for a failure's message.
func look(tab context.Context) string {
	s, err := chromedp.Run(tab, chromedp.Evaluate[string](`JSON.stringify({...document.documentElement.dataset,
		says: announcer.textContent, sockets: sockets.length, sent: sent.map(m => m.type), troubles})`))
	if err != nil {
		return err.Error()
	}
	return s
}
