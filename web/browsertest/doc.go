// Package browsertest opens the page in real browsers, on the real program.
//
//	npm ci --prefix web/browsertest
//	go test -tags browser -v ./web/browsertest/
//
//	go build ─▶ pushcam serve ◀── page ── Chromium ◀── chromedp ◀─────────── test
//	                ▲             (+ probe.js)                                │
//	                └──────────── page ── Firefox ◀── firefox.mjs ◀───────────┘
//
// Each test starts programs and browsers of its own, and all of them have ended
// when it has. Ports are free ones, taken by the programs themselves. What is
// on the screen is told by the pattern's clock, read from the video element
// through a canvas, and by the page's own state in <html data-state>.
//
// One test has no program, but a Hub of its own, to choose what its pictures are.
//
// BenchmarkFigures... measure how soon the first picture is there and how old
// pictures are, in Chromium; make bench runs them where it is installed.
//
// It needs Debian's chromium, firefox-esr and nodejs with npm. Screenshots of
// the page go to .build/screenshots; the README's is made by
//
//	go test -tags browser -run TestScreenshots -update ./web/browsertest/
package browsertest
