package viewer_test

import (
	"bytes"
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/logging"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"
	"github.com/pion/transport/v4/vnet"
	"github.com/pion/webrtc/v4"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/peer/viewer"
)

const (
	// deadline ends a test that hangs.
	deadline = 20 * time.Second
	// pictureInterval keeps a test's picture rate high, as only time repairs.
	pictureInterval = 5 * time.Millisecond
)

// lan is a virtual network with one sender and one viewer.
type lan struct {
	router *vnet.Router
	nets   [2]*vnet.Net
}

func newLAN(t *testing.T) *lan {
	t.Helper()
	return newDistance(t, 0)
}

// newDistance is a LAN that takes time to cross.
func newDistance(t *testing.T, delay time.Duration) *lan {
	t.Helper()
	router, err := vnet.NewRouter(&vnet.RouterConfig{CIDR: "10.0.0.0/24", MinDelay: delay, LoggerFactory: logging.NewDefaultLoggerFactory()})
	if err != nil {
		t.Fatal(err)
	}
	l := &lan{router: router}
	for i, ip := range []string{"10.0.0.1", "10.0.0.2"} {
		if l.nets[i], err = vnet.NewNet(&vnet.NetConfig{StaticIPs: []string{ip}}); err != nil {
			t.Fatal(err)
		}
		if err := router.AddNet(l.nets[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := router.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := router.Stop(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// sender is pion as it comes: default interceptors, TrackLocalStaticRTP.
type sender struct {
	pc         *webrtc.PeerConnection
	track      *webrtc.TrackLocalStaticRTP
	rtp        *webrtc.RTPSender
	codec      capture.Codec
	packetizer rtp.Packetizer
	plis       atomic.Int64
	keyframe   atomic.Bool // the next picture is to be one
	connected  chan struct{}
	n          int // pictures made
}

// newSender makes a sender of one codec on net, or with nil on loopback.
func newSender(t *testing.T, codec capture.Codec, network *vnet.Net, set ...func(*webrtc.SettingEngine)) *sender {
	t.Helper()
	mime, payloader := webrtc.MimeTypeVP8, rtp.Payloader(&codecs.VP8Payloader{EnablePictureID: true})
	if codec == capture.H264 {
		mime, payloader = webrtc.MimeTypeH264, &codecs.H264Payloader{}
	}
	media := &webrtc.MediaEngine{}
	registry := &interceptor.Registry{}
	must(t, media.RegisterDefaultCodecs())
	must(t, media.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{
		URI: "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay",
	}, webrtc.RTPCodecTypeVideo))
	must(t, webrtc.RegisterDefaultInterceptors(media, registry))
	var settings webrtc.SettingEngine
	settings.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	if network != nil {
		settings.SetNet(network)
	} else {
		settings.SetIncludeLoopbackCandidate(true)
	}
	for _, f := range set {
		f(&settings)
	}
	pc, err := webrtc.NewAPI(webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(registry),
		webrtc.WithSettingEngine(settings)).NewPeerConnection(webrtc.Configuration{})
	must(t, err)
	track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: mime, ClockRate: 90000}, "video", "pushcam")
	must(t, err)
	rtpSender, err := pc.AddTrack(track)
	must(t, err)

	s := &sender{
		pc: pc, track: track, rtp: rtpSender, codec: codec, connected: make(chan struct{}),
		packetizer: rtp.NewPacketizer(1200, 0, 0, payloader, rtp.NewFixedSequencer(65530), 90000),
	}
	s.keyframe.Store(true)
	pc.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		if state == webrtc.PeerConnectionStateConnected {
			close(s.connected)
		}
	})
	feedback := make(chan struct{})
	go func() {
		defer close(feedback)
		for {
			packets, _, err := rtpSender.ReadRTCP()
			if err != nil {
				return
			}
			for _, p := range packets {
				if _, ok := p.(*rtcp.PictureLossIndication); ok {
					s.plis.Add(1)
					s.keyframe.Store(true)
				}
			}
		}
	}()
	t.Cleanup(func() {
		if err := pc.GracefulClose(); err != nil {
			t.Error(err)
		}
		<-feedback
	})
	return s
}

// offerTo negotiates with a viewer that answers.
func (s *sender) offerTo(t *testing.T, v *viewer.Viewer) {
	t.Helper()
	offer, err := s.pc.CreateOffer(nil)
	must(t, err)
	answer, err := v.Answer(t.Context(), s.describe(t, offer))
	must(t, err)
	must(t, s.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}))
}

// answerTo negotiates with a viewer that offers.
func (s *sender) answerTo(t *testing.T, v *viewer.Viewer) {
	t.Helper()
	offer, err := v.Offer(t.Context())
	must(t, err)
	must(t, s.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer}))
	answer, err := s.pc.CreateAnswer(nil)
	must(t, err)
	must(t, v.SetAnswer(s.describe(t, answer)))
}

// describe sets the local description and returns it with all candidates.
func (s *sender) describe(t *testing.T, description webrtc.SessionDescription) string {
	t.Helper()
	gathered := webrtc.GatheringCompletePromise(s.pc)
	must(t, s.pc.SetLocalDescription(description))
	select {
	case <-gathered:
	case <-time.After(deadline):
		t.Fatal("sender finds no candidates")
	}
	return s.pc.LocalDescription().SDP
}

// send sends pictures once connected, until the test ends or done is closed.
func (s *sender) send(t *testing.T, adorn func(*rtp.Packet)) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		select {
		case <-s.connected:
		case <-ctx.Done():
			return
		}
		ticker := time.NewTicker(pictureInterval)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
			for _, p := range s.packetizer.Packetize(s.picture(), 450) {
				if adorn != nil {
					adorn(p)
				}
				if err := s.track.WriteRTP(p); err != nil {
					return
				}
			}
		}
	}()
	stop = func() { cancel(); <-stopped }
	t.Cleanup(stop)
	return stop
}

// picture makes the next picture: real headers, and a body that its number
// fills.
func (s *sender) picture() []byte {
	s.n++
	return s.numbered(s.n, s.keyframe.Swap(false))
}

// numbered is the picture of that number, the same every time.
func (s *sender) numbered(n int, key bool) []byte {
	if s.codec == capture.VP8 {
		return vp8Picture(key, n, 4000)
	}
	return h264Picture(key, n, 4000)
}

// baseline720 is x264's SPS for 1280x720, constrained baseline, level 3.1.
var baseline720 = []byte{0x67, 0x42, 0xc0, 0x1f, 0xd9, 0x00, 0x50, 0x05, 0xbb, 0x01, 0x10, 0x00, 0x00, 0x03, 0x00, 0x10, 0x00, 0x00, 0x03, 0x03, 0xc0, 0xf1, 0x83, 0x24, 0x80}

var startCode = []byte{0, 0, 0, 1}

func vp8Picture(key bool, n, size int) []byte {
	head := []byte{0x11, 0, 0}
	if key {
		head = []byte{0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x00, 0x05, 0xd0, 0x02}
	}
	return append(head, body(n, size)...)
}

func h264Picture(key bool, n, size int) []byte {
	if !key {
		return slices.Concat(startCode, []byte{0x41, 0x9a}, body(n, size))
	}
	return slices.Concat(startCode, baseline720, startCode, []byte{0x68, 0xcb, 0x83, 0xcb, 0x20},
		startCode, []byte{0x65, 0x88}, body(n, size))
}

// body is a picture number, repeated, in bytes that need no escape in H.264.
func body(n, size int) []byte {
	number := []byte{byte(n>>21) | 0x80, byte(n>>14) | 0x80, byte(n>>7) | 0x80, byte(n) | 0x80}
	return bytes.Repeat(number, size/len(number))
}

// number is the inverse of body for a picture that ends in one.
func number(picture []byte) (n int) {
	for _, b := range picture[len(picture)-4:] {
		n = n<<7 | int(b&0x7f)
	}
	return n
}

// rtpOf returns the header of a packet on the wire that is (S)RTP, not RTCP,
// DTLS or STUN (RFC 7983, RFC 5761).
func rtpOf(chunk vnet.Chunk) (header rtp.Header, ok bool) {
	data := chunk.UserData()
	if len(data) < 12 || data[0]>>6 != 2 || data[1]&0x7f >= 64 && data[1]&0x7f < 96 {
		return header, false
	}
	_, err := header.Unmarshal(data)
	return header, err == nil
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
