package viewer_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/transport/v4/vnet"
	"github.com/pion/webrtc/v4"
	"go.uber.org/goleak"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/peer/viewer"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// started is a running Viewer whose pictures the test takes from a channel.
type started struct {
	*viewer.Viewer
	pictures chan viewer.Picture
	ended    chan error
}

// newNetwork is for viewers on net, or with nil on loopback.
func newNetwork(t *testing.T, net *vnet.Net) *viewer.Network {
	t.Helper()
	config := viewer.NetworkConfig{Loopback: net == nil}
	if net != nil {
		config.Net = net
	}
	network, err := viewer.NewNetwork(config)
	must(t, err)
	return network
}

func start(t *testing.T, ctx context.Context, config viewer.Config) *started {
	t.Helper()
	s := &started{pictures: make(chan viewer.Picture, 1000), ended: make(chan error, 1)}
	config.OnPicture = func(p viewer.Picture) {
		p.Payload = append([]byte(nil), p.Payload...)
		select {
		case s.pictures <- p:
		default:
		}
	}
	v, err := viewer.New(config)
	must(t, err)
	s.Viewer = v
	go func() { s.ended <- v.Run(ctx) }()
	t.Cleanup(func() {
		if err := v.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// until takes pictures until one is wanted.
func (s *started) until(t *testing.T, what string, want func(viewer.Picture) bool) viewer.Picture {
	t.Helper()
	end := time.After(deadline)
	for {
		select {
		case p := <-s.pictures:
			if want(p) {
				return p
			}
		case err := <-s.ended:
			t.Fatalf("Run ended before %s: %v", what, err)
		case <-end:
			t.Fatalf("no %s within %v: %+v", what, deadline, s.Stats())
		}
	}
}

// nth wants the nth picture from now on.
func nth(n int) func(viewer.Picture) bool {
	return func(viewer.Picture) bool { n--; return n <= 0 }
}

func TestPicturesArriveWhole(t *testing.T) {
	tests := []struct {
		name   string
		codec  capture.Codec
		accept []capture.Codec
		offers bool // the viewer does
	}{
		{"h264, we answer", capture.H264, nil, false},
		{"h264, we offer", capture.H264, nil, true},
		{"vp8, we answer", capture.VP8, nil, false},
		{"vp8, we offer", capture.VP8, nil, true},
		{"vp8 alone", capture.VP8, []capture.Codec{capture.VP8}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			net := newLAN(t)
			s := newSender(t, tt.codec, net.nets[0])
			v := start(t, t.Context(), viewer.Config{Network: newNetwork(t, net.nets[1]), Codecs: tt.accept})
			if tt.offers {
				s.answerTo(t, v.Viewer)
			} else {
				s.offerTo(t, v.Viewer)
			}
			s.send(t, nil)
			first := v.until(t, "first picture", nth(1))
			if !first.Keyframe || !first.Decodable {
				t.Errorf("first picture: %+v, want a decodable keyframe", first)
			}
			last := number(first.Payload)
			for range 20 {
				p := v.until(t, "picture", nth(1))
				n := number(p.Payload)
				if n != last+1 || !bytes.Equal(p.Payload, s.numbered(n, p.Keyframe)) {
					t.Fatalf("picture %d after %d is not what was sent", n, last)
				}
				last = n
			}
			must(t, v.Close())
			got := v.Stats()
			if got.Codec != tt.codec || got.Size != (capture.Size{Width: 1280, Height: 720}) {
				t.Errorf("got %v %v, want %v 1280x720", got.Codec, got.Size, tt.codec)
			}
			if want := map[capture.Codec]string{capture.H264: "42c01f"}[tt.codec]; got.ProfileLevelID != want {
				t.Errorf("ProfileLevelID %q, want %q", got.ProfileLevelID, want)
			}
			if got.Pictures < 21 || got.Keyframes < 1 || got.Undecodable+got.Incomplete+got.Malformed+got.PacketsLost != 0 {
				t.Errorf("counts are wrong: %+v", got)
			}
			if got.JoinTime() <= 0 || got.Connected.IsZero() || got.FramesPerSecond() <= 0 || got.Bitrate() <= 0 || got.SSRC == 0 {
				t.Errorf("figures are missing: %+v", got)
			}
		})
	}
}

// Lost packets that the sender still has are asked for and count as repaired.
func TestLossIsRepaired(t *testing.T) {
	net := newLAN(t)
	s := newSender(t, capture.VP8, net.nets[0])
	v := start(t, t.Context(), viewer.Config{Network: newNetwork(t, net.nets[1])})
	var dropping atomic.Bool
	var dropped atomic.Uint64
	dropping.Store(true)
	net.router.AddChunkFilter(func(c vnet.Chunk) bool {
		if h, ok := rtpOf(c); ok && h.SSRC == v.Stats().SSRC && h.SequenceNumber%10 == 5 && dropping.Load() {
			dropped.Add(1)
			return false
		}
		return true
	})
	s.offerTo(t, v.Viewer)
	s.send(t, nil)
	v.until(t, "picture", nth(100))
	dropping.Store(false)
	// What was dropped last is repaired before pictures that much later end.
	v.until(t, "picture", nth(100))
	must(t, v.Close())

	got := v.Stats()
	if n := dropped.Load(); n == 0 || got.PacketsRepaired != n || got.RepairRequests < n || got.PacketsLost != 0 {
		t.Errorf("dropped %d: asked for %d, repaired %d, lost %d", n, got.RepairRequests, got.PacketsRepaired, got.PacketsLost)
	}
	if got.Incomplete != 0 || got.Undecodable != 0 {
		t.Errorf("%d incomplete, %d undecodable, want none", got.Incomplete, got.Undecodable)
	}
	if got.RepairSSRC == 0 || got.RepairSSRC == got.SSRC || got.RepairPayloadType == got.PayloadType {
		t.Errorf("repaired from SSRC %d type %d, pictures come from %d type %d",
			got.RepairSSRC, got.RepairPayloadType, got.SSRC, got.PayloadType)
	}
}

// What cannot be repaired breaks its picture; a keyframe is asked for and
// mends the rest.
func TestLossIsNotRepaired(t *testing.T) {
	net := newLAN(t)
	s := newSender(t, capture.H264, net.nets[0])
	v := start(t, t.Context(), viewer.Config{Network: newNetwork(t, net.nets[1])})
	var dropped atomic.Int64
	net.router.AddChunkFilter(func(c vnet.Chunk) bool {
		h, ok := rtpOf(c)
		ssrc := v.Stats().SSRC
		if !ok || ssrc == 0 {
			return true
		}
		return h.SSRC == ssrc && (h.Marker || dropped.Add(1) != 40)
	})
	s.offerTo(t, v.Viewer)
	s.send(t, nil)
	v.until(t, "undecodable picture", func(p viewer.Picture) bool { return !p.Decodable })
	v.until(t, "keyframe", func(p viewer.Picture) bool { return p.Keyframe })
	last := v.until(t, "picture", nth(1))
	must(t, v.Close())

	got := v.Stats()
	if !last.Decodable || got.PacketsLost != 1 || got.Incomplete != 1 || got.PacketsRepaired != 0 {
		t.Errorf("last decodable %v, lost %d, incomplete %d, repaired %d; want true, 1, 1, 0",
			last.Decodable, got.PacketsLost, got.Incomplete, got.PacketsRepaired)
	}
	if got.KeyframeRequests == 0 || s.plis.Load() == 0 {
		t.Errorf("%d keyframes asked for, %d heard of", got.KeyframeRequests, s.plis.Load())
	}
	if got.LongestGap < 400*time.Millisecond {
		t.Errorf("longest gap %v, but a packet is waited for half a second", got.LongestGap)
	}
}

func TestKeyframeIsAskedFor(t *testing.T) {
	net := newLAN(t)
	s := newSender(t, capture.VP8, net.nets[0])
	s.keyframe.Store(false)
	v := start(t, t.Context(), viewer.Config{Network: newNetwork(t, net.nets[1])})
	s.offerTo(t, v.Viewer)
	s.send(t, nil)
	if p := v.until(t, "picture", nth(1)); p.Decodable {
		t.Error("picture before any keyframe is called decodable")
	}
	v.until(t, "keyframe", func(p viewer.Picture) bool { return p.Keyframe })
	if v.Stats().Undecodable == 0 || s.plis.Load() == 0 {
		t.Errorf("undecodable %d, requests %d", v.Stats().Undecodable, s.plis.Load())
	}
}

func TestPlayoutDelayIsReported(t *testing.T) {
	net := newLAN(t)
	s := newSender(t, capture.VP8, net.nets[0])
	v := start(t, t.Context(), viewer.Config{Network: newNetwork(t, net.nets[1])})
	s.offerTo(t, v.Viewer)
	var id uint8
	for _, e := range s.rtp.GetParameters().HeaderExtensions {
		if strings.HasSuffix(e.URI, "playout-delay") {
			id = uint8(e.ID)
		}
	}
	s.send(t, func(p *rtp.Packet) {
		delay, _ := rtp.PlayoutDelayExtension{MinDelay: 1, MaxDelay: 40}.Marshal()
		_ = p.SetExtension(id, delay)
	})
	v.until(t, "picture", nth(1))
	want := viewer.PlayoutDelay{Seen: true, Min: 10 * time.Millisecond, Max: 400 * time.Millisecond}
	if got := v.Stats().PlayoutDelay; got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestEnd(t *testing.T) {
	tests := []struct {
		name string
		end  func(v *started, s *sender, cancel func()) error
		want error
	}{
		{"context", func(_ *started, _ *sender, cancel func()) error { cancel(); return nil }, nil},
		{"Close", func(v *started, _ *sender, _ func()) error { return v.Close() }, nil},
		{"the peer", func(_ *started, s *sender, _ func()) error { return s.pc.Close() }, viewer.ErrPeerClosed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			net := newLAN(t)
			s := newSender(t, capture.H264, net.nets[0])
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			v := start(t, ctx, viewer.Config{Network: newNetwork(t, net.nets[1])})
			s.offerTo(t, v.Viewer)
			stop := s.send(t, nil)
			v.until(t, "picture", nth(1))
			stop()
			must(t, tt.end(v, s, cancel))
			select {
			case err := <-v.ended:
				if !errors.Is(err, tt.want) {
					t.Errorf("Run: %v, want %v", err, tt.want)
				}
			case <-time.After(deadline):
				t.Fatal("Run does not end")
			}
			must(t, v.Close())
			must(t, v.Close())
			if before, after := v.Stats(), v.Stats(); before != after {
				t.Errorf("Stats move on after the end: %+v, %+v", before, after)
			}
			if err := v.Run(t.Context()); !errors.Is(err, viewer.ErrClosed) {
				t.Errorf("Run after the end: %v, want %v", err, viewer.ErrClosed)
			}
		})
	}
}

func TestCloseUnused(t *testing.T) {
	v, err := viewer.New(viewer.Config{})
	must(t, err)
	must(t, v.Close())
	_, offer := v.Offer(t.Context())
	_, answer := v.Answer(t.Context(), "")
	for call, err := range map[string]error{
		"Offer": offer, "Answer": answer, "Run": v.Run(t.Context()), "AddCandidate": v.AddCandidate(webrtc.ICECandidateInit{}),
	} {
		if !errors.Is(err, viewer.ErrClosed) {
			t.Errorf("%s of a closed viewer: %v, want %v", call, err, viewer.ErrClosed)
		}
	}
}
