package peer

import (
	"context"
	"strings"
	"testing"

	"github.com/pushcam/pushcam/capture"
)

// hostileSDP names descriptions that a viewer may send; each is refused, and
// is a seed of the fuzz targets.
var hostileSDP = map[string]string{
	"empty":               "",
	"not SDP":             "{\"type\":\"answer\"}",
	"no media":            "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n",
	"audio only":          "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus/48000/2\r\n",
	"video without ICE":   "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\na=rtpmap:96 VP8/90000\r\n",
	"only another codec":  "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 AV1/90000\r\n",
	"rejected":            "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=video 0 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 VP8/90000\r\n",
	"absurd payload type": "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 9999999999\r\na=rtpmap:9999999999 VP8/90000\r\n",
	"thousands of lines":  "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n" + strings.Repeat("a=x\r\n", 5000),
}

func TestHostileDescriptions(t *testing.T) {
	r := newRig(t, testOptions{})
	_, good := r.join(t)
	good.picture(t)
	for name, sdp := range hostileSDP {
		t.Run(name, func(t *testing.T) {
			s := r.open(t)
			if _, err := s.Offer(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := s.Answer(sdp); err == nil {
				t.Error("taken as an answer")
			}
			if _, err := r.open(t).Accept(t.Context(), sdp); err == nil {
				t.Error("taken as an offer")
			}
		})
	}
	for range 30 {
		good.picture(t)
	}
	if lost := good.Stats().PacketsLost; lost != 0 {
		t.Errorf("the viewer next to them lost %d packets", lost)
	}
}

func fuzzDescriptions(f *testing.F, apply func(context.Context, *Session, string)) {
	r := newRig(f, testOptions{})
	for _, sdp := range hostileSDP {
		f.Add(sdp)
	}
	w := newWatching(f, capture.VP8)
	if offer, err := w.Offer(f.Context()); err == nil {
		f.Add(offer)
	}
	s, w := r.open(f), newWatching(f)
	offer, err := s.Offer(f.Context())
	if err != nil {
		f.Fatal(err)
	}
	answer, err := w.Answer(f.Context(), offer)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(answer)
	f.Fuzz(func(t *testing.T, sdp string) {
		s := r.open(t)
		apply(t.Context(), s, sdp)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

func FuzzAnswer(f *testing.F) {
	fuzzDescriptions(f, func(ctx context.Context, s *Session, sdp string) {
		if _, err := s.Offer(ctx); err == nil {
			_ = s.Answer(sdp) // whether it is good is not the question
		}
	})
}

func FuzzAccept(f *testing.F) {
	fuzzDescriptions(f, func(ctx context.Context, s *Session, sdp string) { _, _ = s.Accept(ctx, sdp) })
}

func FuzzCandidate(f *testing.F) {
	r := newRig(f, testOptions{})
	for _, c := range []string{"", "candidate:1 1 udp 2130706431 192.0.2.1 9 typ host", "candidate:1 1 tcp 1 ::1 9 typ host tcptype active", "x", "candidate:1 1 udp 1 hidden.local 9 typ host"} {
		f.Add(c)
	}
	s, _ := r.join(f)
	f.Fuzz(func(t *testing.T, candidate string) {
		_ = s.AddCandidate(Candidate{Candidate: candidate})
	})
}
