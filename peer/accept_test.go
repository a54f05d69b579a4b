package peer

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/sdp/v3"
	"github.com/pion/transport/v4/vnet"
	"github.com/pion/webrtc/v4"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/peer/mux"
	"github.com/pushcam/pushcam/peer/viewer"
)

// newMux opens the real sockets on the loopback interface.
func newMux(t *testing.T) *mux.Mux {
	t.Helper()
	network, err := mux.Listen(mux.Config{Interfaces: []string{loopbackInterface(t)}, Log: NewLibraryLog(discard, "ice")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := network.Close(); err != nil {
			t.Error(err)
		}
	})
	return network
}

// accept has the Session accept the viewer's offer.
func accept(t *testing.T, s *Session, w *watching) (offer string) {
	t.Helper()
	offer, err := w.Offer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	answer, err := s.Accept(t.Context(), offer)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.SetAnswer(answer); err != nil {
		t.Fatal(err)
	}
	return offer
}

// attribute is the first of this name anywhere in a description.
func attribute(t *testing.T, description, key string) string {
	t.Helper()
	parsed, err := parse(description)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range parsed.MediaDescriptions {
		if value, ok := m.Attribute(key); ok {
			return value
		}
	}
	value, _ := parsed.Attribute(key)
	return value
}

// TestRestart: with the real sockets and their Routes the picture goes on after
// each ICE restart, also to a viewer whose path is another one then.
func TestRestart(t *testing.T) {
	for name, types := range map[string]webrtc.NetworkType{"UDP": webrtc.NetworkTypeUDP4, "TCP": webrtc.NetworkTypeTCP4} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, testOptions{network: newMux(t)})
			s, w := r.open(t), newWatchingOver(t, types)
			before := accept(t, s, w)
			w.picture(t)
			for range 3 {
				offer, err := w.Restart(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				user := attribute(t, offer, "ice-ufrag")
				if user == attribute(t, before, "ice-ufrag") {
					t.Fatal("the viewer has not restarted")
				}
				answer, err := s.Restart(t.Context(), user, attribute(t, offer, "ice-pwd"))
				if err != nil {
					t.Fatal(err)
				}
				for len(w.pictures) > 0 {
					<-w.pictures
				}
				if err := w.SetAnswer(answer); err != nil {
					t.Fatal(err)
				}
				for range 20 {
					w.picture(t)
				}
				before = offer
			}
			mustGoOn(t, s, types)
		})
	}
}

// mustGoOn: the session lives, and sends as it did before.
func mustGoOn(t *testing.T, s *Session, types webrtc.NetworkType) {
	t.Helper()
	if v := s.current(); types == webrtc.NetworkTypeUDP4 && v.address.Load() == nil {
		t.Error("pictures do not go by the Batch any more")
	}
	select {
	case <-s.Done():
		t.Error("the Session has ended")
	default:
	}
}

func TestRestartRefused(t *testing.T) {
	r := newRig(t, testOptions{})
	const user, password = "abcd", "0123456789012345678901"
	if _, err := r.open(t).Restart(t.Context(), user, password); !errors.Is(err, errNotAccepted) {
		t.Errorf("a session without a viewer: %v", err)
	}
	offering, w := r.join(t)
	w.picture(t)
	if _, err := offering.Restart(t.Context(), user, password); !errors.Is(err, errNotAccepted) {
		t.Errorf("a session that has made the offer: %v", err)
	}
	s, w := r.open(t), newWatching(t)
	accept(t, s, w)
	w.picture(t)
	if _, err := s.Restart(t.Context(), "", ""); !errors.Is(err, ErrDescription) {
		t.Errorf("without a user name: %v", err)
	}
	for range 5 { // the refused one has changed nothing
		w.picture(t)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Restart(t.Context(), user, password); !errors.Is(err, ErrClosed) {
		t.Errorf("a closed session: %v", err)
	}
}

// TestTrickle: candidates that come after the offer, and before it, and such
// that are of no use.
func TestTrickle(t *testing.T) {
	r := newRig(t, testOptions{})
	s := r.open(t)
	network, err := viewer.NewNetwork(viewer.NetworkConfig{Loopback: true, Types: []webrtc.NetworkType{webrtc.NetworkTypeUDP4}})
	if err != nil {
		t.Fatal(err)
	}
	trickled := make(chan webrtc.ICECandidateInit, 100)
	w := newWatchingWith(t, viewer.Config{Network: network, OnCandidate: func(c webrtc.ICECandidateInit) { trickled <- c }})
	for _, odd := range []string{
		"candidate:1 1 udp 2130706431 192.0.2.1 9 typ host",
		"candidate:1 1 udp 2130706431 hidden.local 9 typ host",
		"candidate:1 1 sctp 2130706431 192.0.2.1 9 typ host",
	} {
		if err := s.AddCandidate(Candidate{Candidate: odd}); err != nil {
			t.Error(err)
		}
	}
	offer := accept(t, s, w)
	if strings.Contains(offer, "a=candidate") {
		t.Error("the offer has candidates")
	}
	if err := s.AddCandidate(<-trickled); err != nil {
		t.Error(err)
	}
	if err := s.AddCandidate(Candidate{Candidate: "candidate:1 1 udp nonsense"}); err == nil {
		t.Error("a broken candidate was taken")
	}
	w.picture(t)
}

// TestOffers: what players offer, and what becomes of it.
func TestOffers(t *testing.T) {
	audio := []string{
		"m=audio 9 UDP/TLS/RTP/SAVPF 111", "c=IN IP4 0.0.0.0", "a=mid:a", "a=recvonly", "a=rtcp-mux", "a=rtpmap:111 opus/48000/2",
	}
	for name, tt := range map[string]struct {
		change func(*sdp.SessionDescription)
		want   error
	}{
		"as it is":     {func(*sdp.SessionDescription) {}, nil},
		"sendrecv":     {setDirection("sendrecv"), nil},
		"no direction": {setDirection(""), nil},
		"bundle-only": {func(d *sdp.SessionDescription) {
			video(d).WithPropertyAttribute("bundle-only").MediaName.Port.Value = 0
		}, nil},
		"sendonly":           {setDirection("sendonly"), ErrDescription},
		"inactive":           {setDirection("inactive"), ErrDescription},
		"without a user":     {func(d *sdp.SessionDescription) { video(d).Attributes = without(video(d).Attributes, "ice-ufrag") }, ErrDescription},
		"without a mid":      {func(d *sdp.SessionDescription) { video(d).Attributes = without(video(d).Attributes, "mid") }, ErrDescription},
		"video turned away":  {func(d *sdp.SessionDescription) { video(d).MediaName.Port.Value = 0 }, ErrNoCodec},
		"audio before video": {withAudio(t, audio, true), nil},
		"audio after video":  {withAudio(t, audio, false), nil},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, testOptions{})
			s, w := r.open(t), newWatching(t, capture.H264)
			offer, err := w.Offer(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			d, err := parse(offer)
			if err != nil {
				t.Fatal(err)
			}
			tt.change(d)
			changed, err := d.Marshal()
			if err != nil {
				t.Fatal(err)
			}
			answer, err := s.Accept(t.Context(), string(changed))
			if !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
				t.Fatalf("%v, want %v", err, tt.want)
			}
			if tt.want != nil {
				return
			}
			parsed, err := parse(answer)
			if err != nil {
				t.Fatal(err)
			}
			if len(parsed.MediaDescriptions) != len(d.MediaDescriptions) {
				t.Fatalf("%d sections, want %d", len(parsed.MediaDescriptions), len(d.MediaDescriptions))
			}
			m := video(parsed)
			_, candidate := m.Attribute("candidate")
			msid, _ := m.Attribute("msid")
			if !candidate || m.MediaName.Port.Value == 0 || direction(m) != "sendonly" || !strings.HasPrefix(msid, "pushcam ") {
				t.Errorf("the answer's video: %+v", m)
			}
			for _, m := range parsed.MediaDescriptions {
				if m.MediaName.Media == "audio" && m.MediaName.Port.Value != 0 {
					t.Error("we promise sound")
				}
			}
			if len(d.MediaDescriptions) > 1 { // the viewer has not offered that
				if group := attribute(t, s.pc.RemoteDescription().SDP, "group"); group != "BUNDLE 0" {
					t.Errorf("ICE goes by the credentials of %s", group)
				}
				return
			}
			if err := w.SetAnswer(answer); err != nil {
				t.Fatal(err)
			}
			w.picture(t)
		})
	}
}

// video is the section of that name.
func video(d *sdp.SessionDescription) *sdp.MediaDescription {
	for _, m := range d.MediaDescriptions {
		if m.MediaName.Media == "video" {
			return m
		}
	}
	return nil
}

func setDirection(to string) func(*sdp.SessionDescription) {
	return func(d *sdp.SessionDescription) {
		m := video(d)
		m.Attributes = without(m.Attributes, "recvonly", "sendrecv")
		if to != "" {
			m.WithPropertyAttribute(to)
		}
	}
}

// withAudio adds a section, which leads the group when it is the first.
func withAudio(t *testing.T, lines []string, first bool) func(*sdp.SessionDescription) {
	return func(d *sdp.SessionDescription) {
		text := "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n" + strings.Join(lines, "\r\n") + "\r\n"
		parsed, err := parse(text)
		if err != nil {
			t.Fatal(err)
		}
		audio := parsed.MediaDescriptions[0]
		audio.WithICECredentials("audio", "0123456789012345678901")
		for _, key := range []string{"setup", "fingerprint"} {
			if value, ok := video(d).Attribute(key); ok {
				audio.WithValueAttribute(key, value)
			}
		}
		group := "BUNDLE 0 a"
		if first {
			group = "BUNDLE a 0"
			d.MediaDescriptions = append([]*sdp.MediaDescription{audio}, d.MediaDescriptions...)
		} else {
			d.MediaDescriptions = append(d.MediaDescriptions, audio)
		}
		d.Attributes = append(without(d.Attributes, "group"), sdp.NewAttribute("group", group))
	}
}

// TestNobodyComes: who was accepted and sends no check is gone in time.
func TestNobodyComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wire := newWire(t)
		wire.router.AddChunkFilter(func(vnet.Chunk) bool { return false })
		r := newRig(t, testOptions{network: wire})
		s, w := r.open(t), newWatchingAt(t, viewer.NetworkConfig{Net: wire.viewer})
		start := time.Now()
		accept(t, s, w)
		<-s.Done()
		if took := time.Since(start); took > connectTimeout {
			t.Errorf("gone after %v", took)
		}
	})
}
