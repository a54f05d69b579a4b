package peer

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
)

// halfSize is pictureSize on the next rung.
var halfSize = capture.Size{Width: pictureSize.Width / 2, Height: pictureSize.Height / 2}

// estimates has the viewer say what its path carries.
func (s *Session) estimates(b capture.Bitrate) {
	s.current().tell(feedback{kind: feedbackEstimate, at: time.Now(), estimate: b})
}

// until waits for a picture that is as wanted, and returns it.
func (w *watching) until(t testing.TB, what string, wanted func(capture.Size) bool) {
	t.Helper()
	for n := 0; !wanted(w.picture(t).Size); n++ {
		if n == 600 {
			t.Fatalf("%s: not within 600 pictures", what)
		}
	}
}

// TestGoverned holds that what a viewer says of its path reaches its pictures,
// and its alone, and is remembered for who joins from its address next.
func TestGoverned(t *testing.T) {
	r := newRig(t, testOptions{})
	other, still := r.join(t, capture.VP8) // the fake H.264 does not tell its size
	still.until(t, "a picture", func(s capture.Size) bool { return s == pictureSize })
	s, w := r.join(t, capture.VP8)
	w.until(t, "a picture", func(s capture.Size) bool { return s == pictureSize })
	s.estimates(2 * capture.Mbps)
	w.until(t, "half the size", func(size capture.Size) bool {
		s.estimates(60 * capture.Kbps)
		return size == halfSize
	})
	stats := s.Stats()
	if stats.Rung != capture.Half || stats.Estimate > 70*capture.Kbps || stats.Target > stats.Estimate {
		t.Errorf("rung %v, estimate %v, target %v", stats.Rung, stats.Estimate, stats.Target)
	}
	if stats := other.Stats(); stats.Rung != capture.Full || stats.Estimate < capture.Mbps {
		t.Errorf("another viewer: rung %v, estimate %v", stats.Rung, stats.Estimate)
	}
	still.until(t, "another viewer's picture", func(s capture.Size) bool { return s == pictureSize })

	if err := other.Close(); err != nil { // else what it says of the address counts
		t.Fatal(err)
	}
	w.until(t, "that it is remembered", func(capture.Size) bool {
		return r.hub.memory.Recall(s.current().address.Load().Addr(), time.Now()) > 0
	})
}

// TestStartsAsRemembered holds that who joins begins with what its address was
// known for.
func TestStartsAsRemembered(t *testing.T) {
	r := newRig(t, testOptions{})
	addresses, err := net.InterfaceAddrs() // it may be any of them
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addresses {
		prefix, err := netip.ParsePrefix(a.String())
		if err != nil {
			t.Fatal(err)
		}
		r.hub.memory.Remember(prefix.Addr(), 60*capture.Kbps, time.Now())
	}
	// The camera is open, so that there is a Ladder.
	s, w := r.join(t, capture.VP8)
	w.picture(t)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s, w = r.join(t, capture.VP8)
	if size := w.picture(t).Size; size != halfSize {
		t.Errorf("it begins with %v", size)
	}
	w.picture(t) // a picture is counted before the next is sent
	if stats := s.Stats(); stats.Rung != capture.Half {
		t.Errorf("rung %v", stats.Rung)
	}
}

// TestLimit: who chooses a smaller picture gets it, and the camera's own again,
// and nobody else does.
func TestLimit(t *testing.T) {
	r := newRig(t, testOptions{})
	_, still := r.join(t, capture.VP8)
	still.picture(t)
	s := r.open(t)
	s.Limit(capture.Half) // may be known before anything else is
	w := newWatching(t, capture.VP8)
	if err := negotiate(t.Context(), s, w); err != nil {
		t.Fatal(err)
	}
	if size := w.picture(t).Size; size != halfSize {
		t.Errorf("it begins with %v", size)
	}
	if sizes := s.Sizes(); len(sizes) < 2 || sizes[capture.Full] != pictureSize || sizes[capture.Half] != halfSize {
		t.Errorf("to choose from: %v", sizes)
	}
	s.Limit(capture.Full)
	w.until(t, "the camera's size", func(s capture.Size) bool { return s == pictureSize })
	s.Limit(capture.Quarter) // there is none that small
	w.until(t, "the least", func(s capture.Size) bool { return s == halfSize })
	for range 30 {
		if size := still.picture(t).Size; size != pictureSize {
			t.Fatalf("another viewer gets %v", size)
		}
	}
}

// TestUplinkIsShared holds that MaxBitrate is divided among the viewers.
func TestUplinkIsShared(t *testing.T) {
	r := newRig(t, testOptions{uplink: 700 * capture.Kbps})
	first, w := r.join(t, capture.VP8)
	w.until(t, "a picture", func(s capture.Size) bool { return s == pictureSize })
	if target := first.Stats().Target; target < 600*capture.Kbps || target > 700*capture.Kbps {
		t.Errorf("alone: target %v", target)
	}
	second, w2 := r.join(t, capture.VP8)
	w2.picture(t)
	w.until(t, "a part", func(capture.Size) bool { return first.Stats().Target < 350*capture.Kbps })
	if target := second.Stats().Target; target < 300*capture.Kbps || target > 350*capture.Kbps {
		t.Errorf("the second of two: target %v", target)
	}
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
	w.until(t, "all of it", func(capture.Size) bool { return first.Stats().Target > 600*capture.Kbps })
}
