package main

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/peer"
	"github.com/pushcam/pushcam/peer/viewer"
	"github.com/pushcam/pushcam/signal"
	"github.com/pushcam/pushcam/signal/ws"
)

// errNoPicture ends watch with exit code 1.
var errNoPicture = errors.New("no picture")

// watchGarbage is how much of it there may be, in percent of what is in use.
const watchGarbage = 400

// run implements command.
func (c *watchConfig) run(ctx context.Context, std stdio) error {
	network, err := viewer.NewNetwork(viewer.NetworkConfig{Loopback: isLoopback(c.URL.address)})
	if err != nil {
		return err
	}
	// Many that join at once are a lot of garbage, which the server's machine
	// may have to collect, too: rather take the memory.
	defer debug.SetGCPercent(debug.SetGCPercent(watchGarbage))
	ctx, cancel := context.WithTimeout(ctx, c.Duration)
	defer cancel()
	watchers := make([]*watcher, c.Viewers)
	var running sync.WaitGroup
	left := atomic.Int64{} // viewers that have not seen enough
	left.Store(int64(c.Viewers))
	enough := func() {
		if left.Add(-1) == 0 {
			cancel()
		}
	}
	log, who := c.log(std), c.access()
	players := who.client(c.URL.address)
	defer players.CloseIdleConnections()
	for i := range watchers {
		w := &watcher{
			url: c.URL, access: who, players: players, codecs: c.Codec.allowed(), network: network, outages: outages{log: log.With("viewer", i)},
			wants: c.Pictures, enough: enough,
		}
		watchers[i] = w
		running.Go(func() {
			w.run(ctx)
			if w.seen < w.wants {
				enough() // sees no more
			}
		})
	}
	running.Wait()
	return c.report(watchers, std)
}

// log says what happens meanwhile, to who wants to know.
func (c *watchConfig) log(std stdio) *slog.Logger {
	if !c.Verbose {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewTextHandler(std.err, nil))
}

// watchReport is what all viewers saw and were told.
type watchReport struct {
	viewer.Report
	// Outages is how often the camera was lost, by the viewer that was told
	// most often, LongestOutageMs the longest until its picture was back.
	Outages         int     `json:"outages"`
	LongestOutageMs float64 `json:"longestOutageMs"`
}

// String is the report for a person.
func (r watchReport) String() string {
	text := r.Report.String()
	if r.Outages > 0 {
		text += fmt.Sprintf("\ncamera    %d times lost, %.0f ms at most until its picture was back", r.Outages, r.LongestOutageMs)
	}
	return text
}

func (c *watchConfig) report(watchers []*watcher, std stdio) error {
	var all []viewer.Stats
	var complaints []string
	var outages outageSum
	for _, w := range watchers {
		all = append(all, w.stats)
		sum := w.outages.total()
		outages.count, outages.longest = max(outages.count, sum.count), max(outages.longest, sum.longest)
		if w.blind() {
			complaints = append(complaints, w.complaint())
		}
	}
	report := watchReport{
		Report: viewer.Aggregate(all), Outages: outages.count, LongestOutageMs: float64(outages.longest) / float64(time.Millisecond),
	}
	if c.JSON {
		if err := json.NewEncoder(std.out).Encode(report); err != nil {
			return fmt.Errorf("write report: %w", err)
		}
	} else {
		fmt.Fprintln(std.out, report)
	}
	if len(complaints) == 0 {
		return nil
	}
	slices.Sort(complaints)
	return fmt.Errorf("%w for %d of %d viewers: %s", errNoPicture, len(complaints), len(watchers), strings.Join(slices.Compact(complaints), "; "))
}

// watcher is one viewer and its connection to the signaling. All of it belongs
// to the goroutine of run, apart from what looks after itself.
type watcher struct {
	url     viewURL
	access  access
	players *http.Client // of WHEP
	codecs  []capture.Codec
	network *viewer.Network
	outages outages
	wants   int    // after so many pictures enough is called, once; 0 is for never
	enough  func() // nil if wants is 0
	seen    int    // pictures; of the viewer's goroutine until that ends

	stats  viewer.Stats
	heard  bool // the server said something
	camera signal.CameraState
	live   bool // the server said so of the camera, once
	err    error
}

// blind reports whether there was no picture of the camera: none at all, or
// nothing but Slates.
func (w *watcher) blind() bool {
	return w.stats.FirstKeyframe.IsZero() || w.camera.State == signal.CameraLost && !w.live
}

// complaint says why there was no picture, as far as anybody said.
func (w *watcher) complaint() string {
	switch {
	case w.err != nil:
		return w.err.Error()
	case !w.heard:
		return "the server did not answer in time"
	case w.camera.Detail != "":
		return "camera " + w.camera.State + ": " + w.camera.Detail
	case w.stats.Connected.IsZero():
		return "no connection in time; a firewall may block the media ports"
	}
	return "connected, but no complete keyframe in time"
}

// run watches until ctx ends or the server does.
func (w *watcher) run(ctx context.Context) {
	err := distrusted(w.watch(ctx))
	if ctx.Err() == nil { // after that everything ends, in any order
		w.err = err
	}
}

// distrusted says what helps against a certificate that nobody has signed.
func distrusted(err error) error {
	if refused := (*tls.CertificateVerificationError)(nil); errors.As(err, &refused) {
		return fmt.Errorf("%w; --fingerprint trusts one that pushcam has made", err)
	}
	return err
}

func (w *watcher) watch(ctx context.Context) (err error) {
	requested := time.Now()
	if w.url.isWHEP() {
		return w.receive(ctx, requested, w.play)
	}
	client, err := ws.Dial(ctx, w.url.address, &ws.DialOptions{Header: w.access.header(), TLS: w.access.tls})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	return w.receive(ctx, requested, func(ctx context.Context, v *viewer.Viewer) error {
		return w.converse(ctx, client, v)
	})
}

// receive runs a viewer while converse does the signaling.
func (w *watcher) receive(ctx context.Context, requested time.Time, converse func(context.Context, *viewer.Viewer) error) error {
	v, err := viewer.New(viewer.Config{Network: w.network, Codecs: w.codecs, Requested: requested, OnPicture: w.see})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() {
		ended <- v.Run(ctx)
		cancel()
	}()
	err = converse(ctx, v)
	cancel()
	err = errors.Join(err, <-ended)
	w.stats = v.Stats()
	return err
}

// see takes a picture, on the viewer's goroutine.
func (w *watcher) see(p viewer.Picture) {
	if !p.Decodable {
		return
	}
	w.outages.seen()
	if w.seen++; w.seen == w.wants {
		w.enough()
	}
}

// askAgain is how long a watcher waits for a first word before it asks again: a
// relay drops what a viewer sends while it knows no pusher.
const askAgain = 2 * time.Second

// ask announces the viewer, and goes on until ctx ends. A pushcam answers at
// once, so it is asked once.
func ask(ctx context.Context, client *ws.Client, id string) error {
	for {
		for _, m := range []signal.Message{signal.PullInit{ID: id}, signal.PullStart{ID: id}} {
			if err := client.Send(m); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(askAgain):
		}
	}
}

// converse does the viewer's part of the protocol.
func (w *watcher) converse(ctx context.Context, client *ws.Client, v *viewer.Viewer) error {
	id := "watch-" + rand.Text()
	var asking errgroup.Group
	unheard, heard := context.WithCancel(ctx)
	asking.Go(func() error { return ask(unheard, client, id) })
	err := w.listen(ctx, client, v, id, heard)
	heard()
	return errors.Join(err, asking.Wait())
}

// listen answers what the server sends and calls heard at its first word.
func (w *watcher) listen(ctx context.Context, client *ws.Client, v *viewer.Viewer, id string, heard func()) error {
	for {
		m, err := client.Receive(ctx)
		if err != nil {
			return err
		}
		w.heard = true
		heard()
		switch m := m.(type) {
		case signal.Offer:
			answer, err := v.Answer(ctx, m.SDP)
			if err != nil {
				return err
			}
			if err := client.Send(signal.Answer{ID: id, SDP: answer}); err != nil {
				return err
			}
		case signal.Trickle:
			if err := v.AddCandidate(peer.Candidate(m.Candidate)); err != nil {
				return err
			}
		case signal.State:
			w.outages.told(m.Camera)
			// Idle is what it is before the viewer counts, and after.
			if m.Camera.State != signal.CameraIdle {
				w.camera = m.Camera
			}
			w.live = w.live || m.Camera.State == signal.CameraLive
		case *signal.Error:
			return m
		}
	}
}
