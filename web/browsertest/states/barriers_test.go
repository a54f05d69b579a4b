//go:build browser

package states

import (
	"context"
	"os"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

// axe finds what keeps people out who do not see or point as others do; npm ci
// --prefix web/browsertest installs it.
var axe = sync.OnceValues(func() (string, error) {
	source, err := os.ReadFile("../node_modules/axe-core/axe.min.js")
	return string(source), err
})

// barriers lists what axe calls serious or critical in the page as it is now. It
// cannot tell the contrast of what stands over a picture.
func barriers(t *testing.T, tab context.Context) []string {
	t.Helper()
	source, err := axe()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(tab, patience)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[[]byte](source+"; 0")); err != nil {
		t.Fatal(err)
	}
	found, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](`Promise.all(document.getAnimations()
		.filter((animation) => animation.effect.getComputedTiming().endTime < Infinity)
		.map((animation) => animation.finished.catch(() => {})))
		.then(() => axe.run(document, { resultTypes: ['violations'] }))
		.then(({ violations }) => violations
			.filter(({ impact }) => impact === 'serious' || impact === 'critical')
			.flatMap(({ help, nodes }) => nodes.map(({ html }) => help + ': ' + html)))`, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	return found
}
