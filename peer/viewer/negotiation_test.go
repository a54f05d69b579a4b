package viewer_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/pion/webrtc/v4"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/peer/viewer"
)

// Viewers with one Network on the real loopback interface, candidates
// trickled both ways and the sender's before its offer.
func TestTrickleOnLoopback(t *testing.T) {
	network := newNetwork(t, nil)
	var done sync.WaitGroup
	for range 3 {
		s := newSender(t, capture.H264, nil)
		found := make(chan webrtc.ICECandidateInit, 100)
		v := start(t, t.Context(), viewer.Config{
			Network: network, OnCandidate: func(c webrtc.ICECandidateInit) { found <- c },
		})
		offer, err := s.pc.CreateOffer(nil)
		must(t, err)
		full := s.describe(t, offer)
		var bare []string
		for _, line := range strings.SplitAfter(full, "\r\n") {
			if candidate, ok := strings.CutPrefix(line, "a=candidate"); ok {
				mid, index := "0", uint16(0)
				must(t, v.AddCandidate(webrtc.ICECandidateInit{
					Candidate: "candidate" + strings.TrimSpace(candidate), SDPMid: &mid, SDPMLineIndex: &index,
				}))
			} else {
				bare = append(bare, line)
			}
		}
		answer, err := v.Answer(t.Context(), strings.Join(bare, ""))
		must(t, err)
		must(t, s.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}))
		stop := make(chan struct{})
		done.Go(func() {
			for {
				select {
				case c := <-found:
					if err := s.pc.AddICECandidate(c); err != nil {
						t.Error(err)
					}
				case <-stop:
					return
				}
			}
		})
		s.send(t, nil)
		v.until(t, "picture", nth(3))
		close(stop)
	}
	done.Wait()
}

func TestNegotiationErrors(t *testing.T) {
	net := newLAN(t)
	offer := func(codec capture.Codec) string {
		s := newSender(t, codec, net.nets[0])
		o, err := s.pc.CreateOffer(nil)
		must(t, err)
		return s.describe(t, o)
	}
	onlyAV1 := strings.NewReplacer("VP8/90000", "AV1X/90000", "H264/90000", "H266/90000").Replace(offer(capture.VP8))
	network := newNetwork(t, net.nets[1])
	tests := []struct {
		name   string
		config viewer.Config
		offer  string
		want   error // nil: any
	}{
		{"no common codec", viewer.Config{}, onlyAV1, viewer.ErrNoCodec},
		{"peer receives too", viewer.Config{}, strings.ReplaceAll(offer(capture.VP8), "a=sendrecv", "a=recvonly"), viewer.ErrNoCodec},
		{"empty", viewer.Config{}, "", nil},
		{"not SDP", viewer.Config{}, "hello\r\n", nil},
		{"no media", viewer.Config{}, "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.config.Network = network
			v, err := viewer.New(tt.config)
			must(t, err)
			defer func() { must(t, v.Close()) }()
			answer, err := v.Answer(t.Context(), tt.offer)
			if err == nil || tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v; answer:\n%s", err, tt.want, answer)
			}
		})
	}
	if _, err := viewer.New(viewer.Config{Network: network, Codecs: []capture.Codec{capture.NoCodec}}); err == nil {
		t.Error("a viewer of no codec was made")
	}
}

func TestCandidatesBeforeTheOfferAreBounded(t *testing.T) {
	v, err := viewer.New(viewer.Config{})
	must(t, err)
	defer func() { must(t, v.Close()) }()
	for n := 0; v.AddCandidate(webrtc.ICECandidateInit{}) == nil; n++ {
		if n > 1000 {
			t.Fatal("no bound")
		}
	}
}
