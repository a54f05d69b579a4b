package peer

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pion/sdp/v3"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/capturetest"
	"github.com/pushcam/pushcam/peer/packetizer"
)

func TestViewerGetsPictures(t *testing.T) {
	for _, codec := range capture.Codecs() {
		for name, negotiate := range map[string]func(*testing.T, *Session, *watching) error{
			"we offer": func(t *testing.T, s *Session, w *watching) error { return negotiate(t.Context(), s, w) },
			"the viewer offers": func(t *testing.T, s *Session, w *watching) error {
				offer, err := w.Offer(t.Context())
				if err != nil {
					return err
				}
				answer, err := s.Accept(t.Context(), offer)
				if err != nil {
					return err
				}
				return w.SetAnswer(answer)
			},
		} {
			t.Run(codec.String()+", "+name, func(t *testing.T) {
				r := newRig(t, testOptions{})
				s, w := r.open(t), newWatching(t, codec)
				if err := negotiate(t, s, w); err != nil {
					t.Fatal(err)
				}
				first := w.picture(t)
				if !first.Keyframe {
					t.Error("the first picture is no keyframe")
				}
				if late := first.Received.Sub(first.Captured); late < 0 || late > 10*time.Second {
					t.Errorf("taken %v before it came", late)
				}
				captured := 0
				for range 40 {
					last := w.picture(t)
					if !last.Captured.IsZero() {
						captured++
						between := time.Duration(last.Timestamp-first.Timestamp) * time.Second / packetizer.ClockRate
						if off := last.Captured.Sub(first.Captured) - between; off.Abs() > 5*time.Millisecond {
							t.Errorf("capture time and timestamp are %v apart", off)
						}
					}
					ticks := last.Timestamp - first.Timestamp
					took := last.Received.Sub(first.Received)
					if off := time.Duration(ticks)*time.Second/packetizer.ClockRate - took; off.Abs() > time.Second {
						t.Errorf("timestamps advance %v against the clock", off)
					}
				}
				if captured == 0 {
					t.Error("no capture time in 40 pictures after the first")
				}
				got := w.Stats()
				if got.Codec != codec || got.Size != pictureSize || got.PacketsLost != 0 || got.Malformed != 0 {
					t.Errorf("viewer: %+v", got)
				}
				if d := got.PlayoutDelay; !d.Seen || d.Min != 0 || d.Max != 0 {
					t.Errorf("playout delay %+v, want 0 to 0", d)
				}
				w.picture(t) // so the one before has been counted
				if sent := s.Stats(); sent.Codec != codec || sent.Size != pictureSize || sent.Pictures < 40 || sent.Packets < got.PacketsReceived || sent.Failed != 0 {
					t.Errorf("session: %+v", sent)
				}
			})
		}
	}
}

func TestCodecChoice(t *testing.T) {
	h264, vp8 := capture.H264, capture.VP8
	for name, tt := range map[string]struct {
		offered, viewer []capture.Codec
		want            capture.Codec
	}{
		"viewer with both gets the cheaper":     {nil, nil, h264},
		"our order counts, not the viewer's":    {nil, []capture.Codec{vp8, h264}, h264},
		"viewer without H.264":                  {nil, []capture.Codec{vp8}, vp8},
		"forced":                                {[]capture.Codec{vp8}, nil, vp8},
		"nothing in common":                     {[]capture.Codec{h264}, []capture.Codec{vp8}, capture.NoCodec},
		"nothing in common, the other way":      {[]capture.Codec{vp8}, []capture.Codec{h264}, capture.NoCodec},
		"two on offer, in an order of our own":  {[]capture.Codec{vp8, h264}, nil, vp8},
		"two on offer, the viewer has the last": {[]capture.Codec{vp8, h264}, []capture.Codec{h264}, h264},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, testOptions{codecs: tt.offered})
			s, w := r.open(t), newWatching(t, tt.viewer...)
			offer, err := s.Offer(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			answer, err := w.Answer(t.Context(), offer)
			if err != nil {
				if tt.want == capture.NoCodec {
					answer = rejected(offer)
				} else {
					t.Fatal(err)
				}
			}
			err = s.Answer(answer)
			if tt.want == capture.NoCodec {
				if !errors.Is(err, ErrNoCodec) {
					t.Errorf("answer: %v, want ErrNoCodec", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			w.picture(t)
			if got := w.Stats().Codec; got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// rejected is the answer of a viewer that takes no codec: the media with port
// 0 (RFC 3264 section 6).
func rejected(offer string) string {
	return strings.ReplaceAll(strings.ReplaceAll(offer, "m=video 9", "m=video 0"), "a=setup:actpass", "a=setup:active")
}

func TestOneEncoderForAll(t *testing.T) {
	r := newRig(t, testOptions{})
	for range 8 {
		_, w := r.join(t)
		w.picture(t)
	}
	if stats := r.source.Stats(); stats.Encoders != 1 || stats.Subscriptions != 8 {
		t.Errorf("%d encoders for %d viewers", stats.Encoders, stats.Subscriptions)
	}
}

func TestFull(t *testing.T) {
	r := newRig(t, testOptions{max: 1})
	s, w := r.join(t)
	w.picture(t)
	if _, err := r.hub.Open(Viewer{}); !errors.Is(err, ErrFull) {
		t.Errorf("second viewer: %v, want ErrFull", err)
	}
	if all := r.hub.Sessions(); len(all) != 1 || all[0] != s || s.Opened().IsZero() {
		t.Errorf("sessions: %v", all)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if r.hub.Len() != 0 || len(r.hub.Sessions()) != 0 {
		t.Errorf("%d sessions after Close", r.hub.Len())
	}
	_, w = r.join(t)
	w.picture(t)
}

// TestAdmit: a viewer that others serve counts like one with a Session.
func TestAdmit(t *testing.T) {
	r := newRig(t, testOptions{max: 1})
	leave, err := r.hub.Admit()
	if err != nil || r.hub.Len() != 1 {
		t.Fatalf("%v, %d viewers", err, r.hub.Len())
	}
	if _, err := r.hub.Open(Viewer{}); !errors.Is(err, ErrFull) {
		t.Errorf("a session beside it: %v, want ErrFull", err)
	}
	leave()
	leave()
	s, w := r.join(t)
	w.picture(t)
	if _, err := r.hub.Admit(); !errors.Is(err, ErrFull) || r.hub.Len() != 1 {
		t.Errorf("beside a session: %v, %d viewers; want ErrFull", err, r.hub.Len())
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := r.hub.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := r.hub.Admit(); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

func TestViewerLeaves(t *testing.T) {
	r := newRig(t, testOptions{})
	gone, w := r.join(t)
	_, stays := r.join(t)
	w.picture(t)
	stays.picture(t)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	await(t, "the session of a viewer that left", gone.Done())
	for range 30 {
		stays.picture(t)
	}
	if lost := stays.Stats().PacketsLost; lost != 0 {
		t.Errorf("the other viewer lost %d packets", lost)
	}
}

func TestLossIsRepaired(t *testing.T) {
	for _, codec := range capture.Codecs() {
		t.Run(codec.String(), func(t *testing.T) {
			r := newRig(t, testOptions{loseEach: 20})
			s, w := r.join(t, codec)
			for range 60 {
				w.picture(t)
			}
			got, sent := w.Stats(), s.Stats()
			if got.PacketsRepaired < 10 || sent.Resent < got.PacketsRepaired {
				t.Errorf("%d packets repaired, %d sent again", got.PacketsRepaired, sent.Resent)
			}
			// One retransmission in twenty is lost too.
			if got.PacketsLost > got.PacketsReceived/50 {
				t.Errorf("%d of %d packets lost for good", got.PacketsLost, got.PacketsReceived)
			}
		})
	}
}

func TestCameraLostAndBack(t *testing.T) {
	r := newRig(t, testOptions{camera: []capturetest.Opening{
		{Frames: 20, End: capturetest.ErrUnplugged}, {OpenErr: capturetest.ErrUnplugged}, {Frames: capturetest.Endless},
	}})
	s, w := r.join(t)
	for range 40 {
		w.picture(t)
	}
	select {
	case <-s.Done():
		t.Error("the session ended with the camera")
	default:
	}
}

func TestNeverConnects(t *testing.T) {
	r := newRig(t, testOptions{})
	r.hub.connectTimeout = 50 * time.Millisecond
	s := r.open(t)
	_, err := s.Offer(t.Context()) // a loaded machine is late with it
	await(t, "the end of a session without an answer", s.Done())
	if err != nil && !errors.Is(err, ErrClosed) {
		t.Errorf("offer: %v", err)
	}
	if err := s.Answer("v=0"); err == nil {
		t.Error("answer to an ended session was taken")
	}
}

func TestSourceEndsSessions(t *testing.T) {
	r := newRig(t, testOptions{})
	s, w := r.join(t)
	w.picture(t)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := r.hub.Close(ctx); err != nil {
		t.Fatal(err)
	}
	await(t, "session after the hub's close", s.Done())
	if _, err := r.hub.Open(Viewer{}); !errors.Is(err, ErrClosed) {
		t.Errorf("open on a closed hub: %v", err)
	}
}

func TestOutOfOrder(t *testing.T) {
	r := newRig(t, testOptions{})
	s := r.open(t)
	if err := s.Answer("v=0"); !errors.Is(err, errNotOffered) {
		t.Errorf("answer before the offer: %v", err)
	}
	offer, err := s.Offer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Offer(t.Context()); !errors.Is(err, errNegotiated) {
		t.Errorf("second offer: %v", err)
	}
	for range maxEarlyCandidates {
		if err := s.AddCandidate(Candidate{Candidate: "candidate:1 1 udp 1 127.0.0.1 9 typ host"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.AddCandidate(Candidate{}); !errors.Is(err, errTooManyCandidates) {
		t.Errorf("one early candidate too many: %v", err)
	}
	w := newWatching(t)
	answer, err := w.Answer(t.Context(), offer)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Answer(answer); err != nil {
		t.Fatal(err)
	}
	if err := s.Answer(answer); !errors.Is(err, errNegotiated) {
		t.Errorf("second answer: %v", err)
	}
	if err := s.AddCandidate(Candidate{Candidate: "candidate:nonsense"}); err == nil {
		t.Error("a candidate that is none was taken")
	}
	if err := s.AddCandidate(Candidate{Candidate: "candidate:1 1 udp 1 0f0e-hidden.local 9 typ host"}); err != nil {
		t.Errorf("a hidden candidate: %v", err)
	}
	w.picture(t)
}

func TestCloseAtAnyTime(t *testing.T) {
	r := newRig(t, testOptions{})
	for name, prepare := range map[string]func(*Session){
		"new":       func(*Session) {},
		"offered":   func(s *Session) { _, _ = s.Offer(t.Context()) },
		"offering":  func(s *Session) { go func() { _, _ = s.Offer(t.Context()) }() },
		"connected": func(s *Session) { _ = negotiate(t.Context(), s, newWatching(t)) },
	} {
		t.Run(name, func(t *testing.T) {
			s := r.open(t)
			prepare(s)
			for range 2 {
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			}
			if stats := r.source.Stats(); stats.Subscriptions != 0 {
				t.Errorf("%d subscriptions left", stats.Subscriptions)
			}
			if _, err := s.Offer(t.Context()); err == nil {
				t.Error("a closed session offers")
			}
		})
	}
}

func TestOffer(t *testing.T) {
	r := newRig(t, testOptions{})
	offer, err := r.open(t).Offer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.ReplaceAll(offer, "\r\n", "\n"), "\n")
	for _, want := range []string{
		"a=rtpmap:96 H264/90000",
		"a=fmtp:96 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
		"a=rtpmap:97 rtx/90000", "a=fmtp:97 apt=96",
		"a=rtpmap:98 VP8/90000", "a=rtpmap:99 rtx/90000", "a=fmtp:99 apt=98",
		"a=rtcp-fb:96 nack pli", "a=rtcp-fb:96 ccm fir", "a=rtcp-fb:98 nack", "a=rtcp-fb:98 goog-remb",
		"a=sendonly", "a=end-of-candidates", "a=ice-lite",
	} {
		if !slices.Contains(lines, want) {
			t.Errorf("no line %q", want)
		}
	}
	for _, want := range []string{"a=msid:pushcam camera", " typ host", playoutDelayURI, absCaptureTimeURI, sdp.ABSSendTimeURI, sdp.SDESMidURI, "a=ssrc-group:FID "} {
		if !strings.Contains(offer, want) {
			t.Errorf("no %q", want)
		}
	}
	if t.Failed() {
		t.Log(offer)
	}
}
