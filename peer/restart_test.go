package peer

import (
	"errors"
	"testing"

	"github.com/pion/webrtc/v4"
)

// TestReoffer: with the real sockets and their Routes the picture goes on after
// each ICE restart, in the same Session.
func TestReoffer(t *testing.T) {
	for name, types := range map[string]webrtc.NetworkType{"UDP": webrtc.NetworkTypeUDP4, "TCP": webrtc.NetworkTypeTCP4} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, testOptions{network: newMux(t)})
			s, w := r.open(t), newWatchingOver(t, types)
			offer, err := s.Offer(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			answer, err := w.Answer(t.Context(), offer)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Answer(answer); err != nil {
				t.Fatal(err)
			}
			w.picture(t)
			for range 3 {
				again, err := s.Reoffer(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if attribute(t, again, "ice-ufrag") == attribute(t, offer, "ice-ufrag") || attribute(t, again, "candidate") == "" {
					t.Fatalf("not another one, with candidates:\n%s", again)
				}
				if _, err := s.Reoffer(t.Context()); !errors.Is(err, errNotAnswered) {
					t.Errorf("before the answer: %v", err)
				}
				if answer, err = w.Answer(t.Context(), again); err != nil {
					t.Fatal(err)
				}
				for len(w.pictures) > 0 {
					<-w.pictures
				}
				if err := s.Answer(answer); err != nil {
					t.Fatal(err)
				}
				for range 20 {
					w.picture(t)
				}
				offer = again
			}
			mustGoOn(t, s, types)
		})
	}
}

func TestReofferRefused(t *testing.T) {
	r := newRig(t, testOptions{})
	if _, err := r.open(t).Reoffer(t.Context()); !errors.Is(err, errNotAnswered) {
		t.Errorf("a session without a viewer: %v", err)
	}
	accepted, w := r.open(t), newWatching(t)
	accept(t, accepted, w)
	w.picture(t)
	if _, err := accepted.Reoffer(t.Context()); !errors.Is(err, errNotAnswered) {
		t.Errorf("a session whose viewer makes the offers: %v", err)
	}
	if err := accepted.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := accepted.Reoffer(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("a closed session: %v", err)
	}
}
