//go:build browser && linux

package browsertest

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"time"
)

// joinSteps are probe.steps, in the order in which they are done.
var joinSteps = []string{"script", "socket", "offer", "ice", "dtls", "picture"}

// BenchmarkFiguresFirstPicture measures the time from a click until the page
// shows the first picture, while the camera is open.
func BenchmarkFiguresFirstPicture(b *testing.B) {
	server, browser := serve(b, "--size", "1280x720", "--linger", "1m"), chromium(b)
	b.Run("link", func(b *testing.B) { benchmarkLink(b, server, browser) })
	b.Run("play", func(b *testing.B) { benchmarkPlay(b, server, browser) })
}

// benchmarkLink clicks a link to the page, on another page of this server, and
// tells when each step on the way to the picture is done.
func benchmarkLink(b *testing.B, server *program, browser browser) {
	visit := func() map[string]float64 {
		p := open(b, browser, server.url+"healthz")
		p.follow("/")
		p.until("probe.steps.picture")
		steps := value[map[string]float64](p, "probe.steps")
		p.close()
		return steps
	}
	visit() // opens the camera
	const n = 20
	done := map[string][]float64{}
	for b.Loop() {
		clear(done)
		for range n {
			for step, at := range visit() {
				done[step] = append(done[step], at)
			}
		}
	}
	b.ReportMetric(0, "ns/op")
	for i, step := range joinSteps {
		slices.Sort(done[step])
		b.ReportMetric(done[step][n/2-1], fmt.Sprintf("%d-%s-p50-ms", i+1, step))
	}
	b.ReportMetric(done["picture"][n*95/100-1], "6-picture-p95-ms")
}

// benchmarkPlay clicks the play button of the page, which is paused.
func benchmarkPlay(b *testing.B, server *program, browser browser) {
	p := open(b, browser, server.url)
	const n = 20
	var took []float64
	for b.Loop() {
		took = took[:0]
		for range n {
			p.untilState("live")
			p.do("document.getElementById('play').click()")
			p.untilState("paused")
			took = append(took, value[float64](p, "probe.play()"))
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(percentile(took, 50), "picture-p50-ms")
	b.ReportMetric(percentile(took, 95), "picture-p95-ms")
}

// follow clicks a link to a path of this server and waits for that page, without
// keeping the browser busy.
func (p *page) follow(path string) {
	p.t.Helper()
	// The promise ends with the page that it is of.
	click := fmt.Sprintf("new Promise(() => Object.assign(document.createElement('a'), { href: %q }).click())", path)
	if err := p.tab.evaluate(click, nil); err == nil {
		p.t.Fatalf("the page has not gone after the click on a link to %s", path)
	}
	for begin := time.Now(); ; {
		var at string // none while the one page goes and the other comes
		if err := p.tab.evaluate("location.pathname", &at); err == nil && at == path {
			return
		}
		if time.Since(begin) > patience {
			p.t.Fatalf("no page %s after the click on a link to it", path)
		}
	}
}

// screenTime is how long the pictures' ages are read, for each codec, unless
// this variable says otherwise: "10m" shows whether they grow.
const (
	screenTime     = 10 * time.Second
	screenVariable = "PUSHCAM_SCREEN_TIME"
)

// BenchmarkFiguresScreen measures how old pictures are when the page is told
// that they are on the screen, by the clock that the test pattern draws into
// them.
func BenchmarkFiguresScreen(b *testing.B) {
	watched := screenTime
	if text := os.Getenv(screenVariable); text != "" {
		var err error
		if watched, err = time.ParseDuration(text); err != nil {
			b.Fatalf("%s: %v", screenVariable, err)
		}
	}
	browser := chromium(b)
	for _, codec := range []string{"h264", "vp8"} {
		b.Run(codec, func(b *testing.B) {
			server := serve(b, "--size", "1280x720", "--fps", "30", "--codec", codec)
			p := open(b, browser, server.url)
			p.untilState("live")
			p.frames(60) // what joining costs is over
			var ages []float64
			for b.Loop() {
				ages = p.ages(watched)
			}
			b.ReportMetric(0, "ns/op")
			fifth := len(ages) / 5
			growth := percentile(ages[len(ages)-fifth:], 50) - percentile(ages[:fifth], 50)
			b.ReportMetric(percentile(ages, 50), "p50-ms")
			b.ReportMetric(percentile(ages, 95), "p95-ms")
			b.ReportMetric(percentile(ages, 99), "p99-ms")
			b.ReportMetric(growth, "growth-ms")
			b.ReportMetric(float64(len(ages))/watched.Seconds(), "pictures/s")
		})
	}
}

// ages reads how old the pictures are that the page shows from now on.
func (p *page) ages(watched time.Duration) (ages []float64) {
	p.t.Helper()
	for end := time.Now().Add(watched); time.Now().Before(end); {
		// In pieces, as no call to a page may take long.
		part := min(time.Until(end), patience)
		ages = append(ages, value[[]float64](p, fmt.Sprintf("probe.ages(%d)", max(part.Milliseconds(), 100)))...)
	}
	return ages
}

// percentile is the smallest value that p percent do not exceed.
func percentile(values []float64, p int) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[max((len(sorted)*p+99)/100, 1)-1]
}
