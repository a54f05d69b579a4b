package main

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/peer/viewer"
)

// soakTime is how long TestSoak takes where the variable SOAK does not say: it
// shows that the test works. make soak takes half an hour.
const soakTime = 8 * time.Second

// soakViewers come and go all the time.
const soakViewers = 4

// soakPatience is for what they leave behind to go.
const soakPatience = 10 * time.Second

// TestSoak runs the whole program while viewers join and leave at random and the
// camera is lost and found, and holds it to not growing: neither memory, nor
// open files, nor goroutines. Viewers are in this process, too.
func TestSoak(t *testing.T) {
	duration := soakTime
	if text := os.Getenv("SOAK"); text != "" {
		var err error
		if duration, err = time.ParseDuration(text); err != nil || duration < soakTime {
			t.Fatalf("SOAK=%s: want a duration of at least %v (%v)", text, soakTime, err)
		}
	}
	leaks := goleak.IgnoreCurrent()
	k := newSoak(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var viewers sync.WaitGroup
	for range soakViewers {
		viewers.Go(func() { k.view(ctx) })
	}
	var samples []soakSample
	every := time.NewTicker(max(duration/30, time.Second))
	defer every.Stop()
	// A slow machine takes longer for the three that a comparison needs.
	for len(samples) < 3 || time.Since(k.began) < duration {
		<-every.C
		samples = append(samples, k.sample())
	}
	cancel()
	viewers.Wait()
	k.stop()

	t.Log(soakTable(samples))
	if k.joins.Load() == 0 || k.pictures.Load() == 0 || k.camera.outages.Load() == 0 {
		t.Errorf("%d viewers saw %d pictures through %d outages, want some of each", k.joins.Load(), k.pictures.Load(), k.camera.outages.Load())
	}
	for _, complaint := range grown(samples, duration >= 5*time.Minute) {
		t.Error(complaint)
	}
	if err := goleak.Find(leaks); err != nil {
		t.Error(err)
	}
}

// soak is a program and what happens to it.
type soak struct {
	url     string
	network *viewer.Network
	camera  *looseCamera
	stop    func() // ends it, once

	// Viewers hold it to read, who measures to write: it measures a program
	// without viewers, which should be as it was before the first came.
	gate            sync.RWMutex
	began           time.Time
	first           soakSample
	joins, pictures atomic.Int64
}

func newSoak(t *testing.T) *soak {
	t.Helper()
	cmd, err := parse(append([]string{"--listen=127.0.0.1:0", "--media-port=0", "--ice-tcp-port=0"}, small...), nil, stdio{out: t.Output(), err: t.Output()})
	if err != nil {
		t.Fatal(err)
	}
	serve, log := cmd.(*serveConfig), slog.New(slog.DiscardHandler)
	k := &soak{camera: &looseCamera{Camera: serve.pick(log).camera}, began: time.Now()}
	ctx, cancel := context.WithCancel(t.Context())
	s, err := serve.open(ctx, log, picked{camera: k.camera})
	if err != nil {
		t.Fatal(err)
	}
	if k.network, err = viewer.NewNetwork(viewer.NetworkConfig{Loopback: true}); err != nil {
		t.Fatal(err)
	}
	k.url = "ws://" + s.listener.Addr().String() + "/"
	ended := make(chan error, 1)
	go func() { ended <- s.serve(ctx) }()
	k.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("serve: %v", err)
		}
	}
	return k
}

// view watches again and again, for a moment or for seconds.
func (k *soak) view(ctx context.Context) {
	codecs := [][]capture.Codec{{capture.H264}, {capture.VP8}, {capture.H264, capture.VP8}}
	for ctx.Err() == nil {
		k.gate.RLock()
		stay, cancel := context.WithTimeout(ctx, 20*time.Millisecond+rand.N(2*time.Second))
		w := &watcher{
			url: viewURL{address: k.url}, codecs: codecs[rand.N(len(codecs))], network: k.network,
			outages: outages{log: slog.New(slog.DiscardHandler)},
		}
		w.run(stay)
		cancel()
		k.joins.Add(1)
		k.pictures.Add(int64(w.stats.Pictures))
		k.gate.RUnlock()
	}
}

// sample measures when everybody has left.
func (k *soak) sample() soakSample {
	k.gate.Lock()
	defer k.gate.Unlock()
	s := measure()
	// What ends with a viewer takes its time, on a loaded machine more than
	// usual; what stays is what counts.
	for n, limit := 0, time.Now().Add(soakPatience); n < 20 || s.above(k.first) && time.Now().Before(limit); n++ {
		<-time.After(25 * time.Millisecond)
		next := measure()
		s.heap, s.resident = next.heap, next.resident
		s.files, s.goroutines = min(s.files, next.files), min(s.goroutines, next.goroutines)
	}
	if k.first == (soakSample{}) {
		k.first = s
	}
	s.at, s.joins, s.pictures, s.outages = time.Since(k.began), k.joins.Load(), k.pictures.Load(), k.camera.outages.Load()
	return s
}

// looseCamera is lost after a second or so, and every third attempt to open it
// fails.
type looseCamera struct {
	capture.Camera
	outages  atomic.Int64
	attempts atomic.Int64
}

// Open implements capture.Camera.
func (c *looseCamera) Open(ctx context.Context) (capture.FrameReader, error) {
	if c.attempts.Add(1)%3 == 2 {
		return nil, fmt.Errorf("open camera: %w", os.ErrNotExist)
	}
	reader, err := c.Camera.Open(ctx)
	if err != nil {
		return nil, err
	}
	return &looseReader{FrameReader: reader, camera: c, left: 1 + rand.N(20)}, nil
}

type looseReader struct {
	capture.FrameReader
	camera *looseCamera
	left   int // pictures
}

// Read implements capture.FrameReader.
func (r *looseReader) Read() (*capture.Frame, error) {
	if r.left == 0 {
		r.camera.outages.Add(1)
		return nil, fmt.Errorf("read camera: %w", os.ErrClosed)
	}
	r.left--
	return r.FrameReader.Read()
}

// soakTable is the samples as a person reads them.
func soakTable(samples []soakSample) string {
	var out strings.Builder
	fmt.Fprintf(&out, "\n%9s %8s %9s %8s %9s %9s %6s %11s\n", "at", "viewers", "pictures", "outages", "heap MB", "RSS MB", "files", "goroutines")
	for _, s := range samples {
		fmt.Fprintf(&out, "%9s %8d %9d %8d %9.2f %9.1f %6d %11d\n", s.at.Round(time.Second), s.joins, s.pictures, s.outages,
			float64(s.heap)/1e6, float64(s.resident)/1e6, s.files, s.goroutines)
	}
	return out.String()
}
