package main

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/peer/viewer"
	"github.com/pushcam/pushcam/signal/ws"
)

// BenchmarkFiguresGuessing measures the time from a viewer's request to its
// first complete keyframe, and from capture to arrival, while passwords are
// guessed from ever new addresses as fast as the server looks at them; and the
// same while nobody does, in turns.
func BenchmarkFiguresGuessing(b *testing.B) {
	server, url := startServer(b, "--linger=1m", "--trusted-proxy=127.0.0.1", "--viewer-password="+testHash, "--token=recorder:viewer:"+testHash)
	defer stopServer(b, server)
	network, err := viewer.NewNetwork(viewer.NetworkConfig{Loopback: true})
	if err != nil {
		b.Fatal(err)
	}
	look := looker{b, "ws" + strings.TrimPrefix(url, "http"), network}
	look.once() // opens the camera
	const rounds = 15
	for b.Loop() {
		var quiet, guessed [2][]float64
		var guesses int64
		var during time.Duration
		for range rounds {
			join, ways := look.once()
			quiet[0], quiet[1] = append(quiet[0], join), append(quiet[1], ways...)
			began := time.Now()
			stop := guess(b, strings.TrimSuffix(url, "/"))
			join, ways = look.once()
			guesses += stop()
			during += time.Since(began)
			guessed[0], guessed[1] = append(guessed[0], join), append(guessed[1], ways...)
		}
		b.ReportMetric(0, "ns/op")
		for i, name := range []string{"join", "capture-to-arrival"} {
			slices.Sort(quiet[i])
			slices.Sort(guessed[i])
			without, with := quiet[i][len(quiet[i])/2], guessed[i][len(guessed[i])/2]
			b.ReportMetric(without, name+"-p50-ms")
			b.ReportMetric(with, name+"-p50-guessing-ms")
			b.ReportMetric(with/without, name+"-ratio")
			b.ReportMetric(quiet[i][len(quiet[i])*95/100], name+"-p95-ms")
			b.ReportMetric(guessed[i][len(guessed[i])*95/100], name+"-p95-guessing-ms")
		}
		b.ReportMetric(float64(guesses)/during.Seconds(), "guesses/s")
	}
}

// looker watches for a moment.
type looker struct {
	b       *testing.B
	url     string
	network *viewer.Network
}

// once returns milliseconds: from the request to the first keyframe, and of each
// picture from capture to arrival.
func (l looker) once() (join float64, ways []float64) {
	l.b.Helper()
	ctx, cancel := context.WithTimeout(l.b.Context(), time.Minute)
	defer cancel()
	const enough = 60
	var known viewer.Picture // the last one that has its capture time in it
	v, err := viewer.New(viewer.Config{
		Network: l.network, Codecs: []capture.Codec{capture.H264}, Requested: time.Now(),
		OnPicture: func(p viewer.Picture) {
			if !p.Captured.IsZero() {
				known = p
			}
			if known.Captured.IsZero() {
				return
			}
			since := float64(int32(p.Timestamp-known.Timestamp)) / 90 // milliseconds
			ways = append(ways, p.Received.Sub(known.Captured).Seconds()*1000-since)
			if len(ways) == enough {
				cancel()
			}
		},
	})
	if err != nil {
		l.b.Fatal(err)
	}
	client, err := ws.Dial(ctx, l.url, &ws.DialOptions{Header: http.Header{"Authorization": {"Bearer recorder.look"}}})
	if err != nil {
		l.b.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- v.Run(ctx) }()
	_ = (&watcher{}).converse(ctx, client, v) // ends with ctx
	cancel()
	_, _ = client.Close(), <-ended
	stats := v.Stats()
	if len(ways) < enough || stats.FirstKeyframe.IsZero() {
		l.b.Fatalf("saw %d pictures", len(ways))
	}
	return stats.FirstKeyframe.Sub(stats.Requested).Seconds() * 1000, ways
}
