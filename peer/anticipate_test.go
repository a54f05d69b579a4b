package peer

import (
	"context"
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
)

// TestAnticipates: the camera opens, and a keyframe is encoded, while an offer
// is on its way, and the viewer then begins with that.
func TestAnticipates(t *testing.T) {
	r := newRig(t, testOptions{})
	s, w := r.open(t), newWatching(t)
	offer, err := s.Offer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r.awaitPictures(t, 1)
	answer, err := w.Answer(t.Context(), offer)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Answer(answer); err != nil {
		t.Fatal(err)
	}
	w.picture(t)
	if n := r.source.Stats().Subscriptions; n != 1 {
		t.Errorf("%d places taken for one viewer", n)
	}
	if n := r.camera.Counts().Opened; n != 1 {
		t.Errorf("camera opened %d times", n)
	}
}

// TestAnticipationIsGivenUp: what was taken for a viewer that does not answer
// goes with it.
func TestAnticipationIsGivenUp(t *testing.T) {
	r := newRig(t, testOptions{})
	s := r.open(t)
	if _, err := s.Offer(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.awaitPictures(t, 1)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if n := r.source.Stats().Subscriptions; n != 0 {
		t.Errorf("%d places left behind", n)
	}
}

// TestAnticipatesTheUsual: a viewer is taken to want what the last one took.
func TestAnticipatesTheUsual(t *testing.T) {
	r := newRig(t, testOptions{codecs: []capture.Codec{capture.H264, capture.VP8}})
	for _, tt := range []struct{ expects, takes capture.Codec }{
		{capture.H264, capture.VP8},
		{capture.VP8, capture.VP8},
		{capture.VP8, capture.H264},
		{capture.H264, capture.H264},
	} {
		s := r.open(t)
		if _, err := s.Offer(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.mu.Lock()
		if len(s.early) != 1 || s.early[0].Codec() != tt.expects {
			t.Errorf("%d places taken, want one at %v", len(s.early), tt.expects)
		}
		s.mu.Unlock()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		_, w := r.join(t, tt.takes)
		w.picture(t)
	}
}

// awaitPictures waits until so many have been encoded.
func (r *rig) awaitPictures(t *testing.T, n uint64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for r.source.Stats().AccessUnits < n {
		select {
		case <-time.After(time.Millisecond):
		case <-ctx.Done():
			t.Fatal("nothing is encoded for a viewer that was offered to")
		}
	}
}
