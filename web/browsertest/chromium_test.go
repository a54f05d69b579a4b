//go:build browser && linux

package browsertest

import (
	"context"
	"encoding/json"
	"slices"
	"testing"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// chromiumBrowser is a running Chromium.
type chromiumBrowser struct {
	ctx    context.Context // chromedp's handle of the browser
	folder string
}

// chromium starts a headless Chromium with a new profile. Autoplay is as for
// everybody: a page has to manage with that.
func chromium(t testing.TB, flags ...chromedp.ExecAllocatorOption) browser {
	t.Helper()
	options := slices.Concat(chromedp.DefaultExecAllocatorOptions[:], []chromedp.ExecAllocatorOption{
		chromedp.ExecPath("chromium"),
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		// A mouse: a computer has one, this one perhaps not.
		chromedp.Flag("blink-settings", "primaryHoverType=2,availableHoverTypes=2,primaryPointerType=4,availablePointerTypes=4"),
	}, flags)
	// Not the test's context: that ends before the browser may.
	allocator, release := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), options...)
	t.Cleanup(release)
	ctx, kill := chromedp.NewContext(allocator)
	t.Cleanup(kill)
	folder := t.TempDir()
	if err := chromedp.Do(ctx, command(cdpbrowser.SetDownloadBehavior, cdpbrowser.SetDownloadBehaviorParams{
		Behavior: cdpbrowser.SetDownloadBehaviorBehaviorAllow, DownloadPath: folder,
	})); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	return chromiumBrowser{ctx, folder}
}

// downloads implements browser.
func (b chromiumBrowser) downloads() string { return b.folder }

// tab implements browser.
func (b chromiumBrowser) tab() (tab, error) {
	// Each in a window of its own, so that none is hidden behind another.
	ctx, _ := chromedp.NewContext(b.ctx)
	t := chromiumTab{ctx}
	return t, chromedp.Do(ctx, command(cdppage.AddScriptToEvaluateOnNewDocument,
		cdppage.AddScriptToEvaluateOnNewDocumentParams{Source: preload()}))
}

// command makes an action of a command whose result does not matter.
func command[P, R any](c cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, c, params)
		return err
	})
}

type chromiumTab struct {
	ctx context.Context // chromedp's handle of the tab
}

// open implements tab.
func (t chromiumTab) open(url string) error {
	ctx, cancel := context.WithTimeout(t.ctx, evaluateLimit)
	defer cancel()
	return chromedp.Do(ctx, chromedp.Navigate(url))
}

// evaluate implements tab.
func (t chromiumTab) evaluate(expression string, value any) error {
	ctx, cancel := context.WithTimeout(t.ctx, evaluateLimit)
	defer cancel()
	raw, err := chromedp.Run(ctx, chromedp.Evaluate[[]byte](expression, chromedp.EvalAwaitPromise))
	if err != nil || value == nil {
		return err
	}
	return json.Unmarshal(raw, value)
}

// press implements tab.
func (t chromiumTab) press(key string) error {
	ctx, cancel := context.WithTimeout(t.ctx, evaluateLimit)
	defer cancel()
	return chromedp.Do(ctx, chromedp.KeyEvent(key))
}

// resize implements tab.
func (t chromiumTab) resize(w window) error {
	ctx, cancel := context.WithTimeout(t.ctx, evaluateLimit)
	defer cancel()
	if w.phone {
		return chromedp.Do(ctx, chromedp.EmulateViewport(int64(w.width), int64(w.height), chromedp.EmulateScale(float64(w.scale)),
			chromedp.EmulatePortrait, chromedp.EmulateMobile, chromedp.EmulateTouch))
	}
	// Not EmulateViewport, which takes the mouse away with the touch screen.
	return chromedp.Do(ctx, command(emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: int64(w.width), Height: int64(w.height), DeviceScaleFactor: float64(w.scale),
	}))
}

// screenshot implements tab.
func (t chromiumTab) screenshot() ([]byte, error) {
	ctx, cancel := context.WithTimeout(t.ctx, evaluateLimit)
	defer cancel()
	return chromedp.Run(ctx, chromedp.CaptureScreenshot())
}

// wheel scrolls down whatever is at a place.
func (t chromiumTab) wheel(x, y, pixels float64) error {
	ctx, cancel := context.WithTimeout(t.ctx, evaluateLimit)
	defer cancel()
	return chromedp.Do(ctx, command(input.SynthesizeScrollGesture, input.SynthesizeScrollGestureParams{
		X: x, Y: y, YDistance: -pixels, GestureSourceType: input.GestureSourceTypeMouse,
	}))
}

// close implements tab.
func (t chromiumTab) close() error {
	if t.ctx.Err() != nil {
		return nil // closed before, or with the browser
	}
	return chromedp.Cancel(t.ctx)
}
