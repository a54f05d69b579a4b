package peertest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/peer"
	"github.com/pushcam/pushcam/peer/viewer"
)

// ViewerConfig says how a Viewer behaves; the zero value is fine.
type ViewerConfig struct {
	// Codecs it accepts; none means all.
	Codecs []capture.Codec
	// Estimates has it tell what its path carries (REMB) like Chromium;
	// without it is like Firefox.
	Estimates bool
}

// Viewer is a person's browser at the end of a Path. It ends with the test, or
// when it leaves.
type Viewer struct {
	*viewer.Viewer
	// Session is the server's side of it.
	Session *peer.Session
	Path    *Path

	ran  chan struct{} // closed when Run has returned
	mu   sync.Mutex
	seen Watched
}

// Join connects a new viewer over a path and returns when the descriptions are
// exchanged. Those take no time: they do not go over the path.
func (s *Server) Join(t testing.TB, path *Path, cfg ViewerConfig) *Viewer {
	t.Helper()
	v, err := s.TryJoin(path, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := v.Leave(); err != nil {
			t.Error(err)
		}
	})
	return v
}

// TryJoin is Join for who may be refused, and calls Leave himself.
func (s *Server) TryJoin(path *Path, cfg ViewerConfig) (*Viewer, error) {
	network, err := viewer.NewNetwork(viewer.NetworkConfig{Net: viewerHost{path.host, path}})
	if err != nil {
		return nil, err
	}
	v := &Viewer{Path: path, ran: make(chan struct{})}
	v.Session, err = s.Hub.Open(peer.Viewer{ID: path.addr.String()})
	if err != nil {
		return nil, err
	}
	v.Viewer, err = viewer.New(viewer.Config{Network: network, Codecs: cfg.Codecs, Estimates: cfg.Estimates, OnPicture: v.see})
	if err != nil {
		return nil, err
	}
	go func() {
		defer close(v.ran)
		_ = v.Run(context.Background()) // the end of a path is its end, and each test's matter
	}()
	if err := v.negotiate(context.Background()); err != nil {
		return nil, fmt.Errorf("%w (%w)", err, v.Leave())
	}
	return v, nil
}

func (v *Viewer) negotiate(ctx context.Context) error {
	offer, err := v.Session.Offer(ctx)
	if err != nil {
		return err
	}
	answer, err := v.Answer(ctx, offer)
	if err != nil {
		return err
	}
	return v.Session.Answer(answer)
}

// Leave closes the viewer's side as a browser does, which tells the server if
// the path lets it.
func (v *Viewer) Leave() error {
	err := v.Close()
	<-v.ran
	return err
}

// see is called with each picture.
func (v *Viewer) see(p viewer.Picture) {
	now := time.Now()
	v.mu.Lock()
	defer v.mu.Unlock()
	v.seen = append(v.seen, Seen{
		At: now, Captured: stamped(p.Payload), Size: p.Size, Bytes: len(p.Payload),
		Keyframe: p.Keyframe, Decodable: p.Decodable,
	})
}

// Watched is what the viewer has seen of what was captured from one moment
// until before another.
func (v *Viewer) Watched(from, to time.Time) (w Watched) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, p := range v.seen {
		if !p.Captured.Before(from) && p.Captured.Before(to) {
			w = append(w, p)
		}
	}
	return w
}
