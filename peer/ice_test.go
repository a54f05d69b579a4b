package peer

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/logging"
	"github.com/pion/transport/v4/vnet"
	"github.com/pion/webrtc/v4"

	"github.com/pushcam/pushcam/peer/viewer"
)

// wire is a virtual network with us on one end and a viewer on the other.
type wire struct {
	Network
	router *vnet.Router
	viewer *vnet.Net
}

func newWire(t *testing.T) *wire {
	t.Helper()
	router, err := vnet.NewRouter(&vnet.RouterConfig{CIDR: "10.0.0.0/24", LoggerFactory: logging.NewDefaultLoggerFactory()})
	if err != nil {
		t.Fatal(err)
	}
	var nets [2]*vnet.Net
	for i, ip := range []string{"10.0.0.1", "10.0.0.2"} {
		if nets[i], err = vnet.NewNet(&vnet.NetConfig{StaticIPs: []string{ip}}); err != nil {
			t.Fatal(err)
		}
		if err := router.AddNet(nets[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := router.Start(); err != nil {
		t.Fatal(err)
	}
	conn, err := nets[0].ListenPacket("udp4", "10.0.0.1:1990")
	if err != nil {
		t.Fatal(err)
	}
	mux := ice.NewUDPMuxDefault(ice.UDPMuxParams{UDPConn: conn, Net: nets[0], Logger: NewLibraryLog(discard, "ice")})
	t.Cleanup(func() {
		if err := mux.Close(); err != nil {
			t.Error(err)
		}
		if err := router.Stop(); err != nil {
			t.Error(err)
		}
	})
	return &wire{fakeNetwork{mux: mux}, router, nets[1]}
}

// newPeer is a viewer: the library with settings of its own.
func newPeer(t *testing.T, w *wire, set func(*webrtc.SettingEngine)) *webrtc.PeerConnection {
	t.Helper()
	var settings webrtc.SettingEngine
	settings.SetNet(w.viewer)
	settings.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	set(&settings)
	pc, err := webrtc.NewAPI(webrtc.WithSettingEngine(settings)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := pc.GracefulClose(); err != nil {
			t.Error(err)
		}
	})
	return pc
}

// describe sets a description of its own and returns it with its candidates.
func describe(t *testing.T, pc *webrtc.PeerConnection, d webrtc.SessionDescription, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	gathered := webrtc.GatheringCompletePromise(pc)
	if err := pc.SetLocalDescription(d); err != nil {
		t.Fatal(err)
	}
	<-gathered
	return pc.LocalDescription().SDP
}

// TestChecksCount: we go on at a viewer's first check, before it nominates.
func TestChecksCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wire := newWire(t)
		s := newRig(t, testOptions{network: wire}).open(t)
		pc := newPeer(t, wire, func(s *webrtc.SettingEngine) { s.SetHostAcceptanceMinWait(time.Hour) })
		offer, err := s.Offer(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer}); err != nil {
			t.Fatal(err)
		}
		answer, err := pc.CreateAnswer(nil)
		if err := s.Answer(describe(t, pc, answer, err)); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if state := s.pc.ICEConnectionState(); state != webrtc.ICEConnectionStateConnected {
			t.Errorf("ICE is %v", state)
		}
	})
}

// TestLiteViewer: one that only answers checks, as we do.
func TestLiteViewer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wire := newWire(t)
		s := newRig(t, testOptions{network: wire}).open(t)
		pc := newPeer(t, wire, func(s *webrtc.SettingEngine) { s.SetLite(true) })
		if _, err := pc.AddTransceiverFromKind(webrtc.RTPCodecTypeVideo); err != nil {
			t.Fatal(err)
		}
		offer, err := pc.CreateOffer(nil)
		answer, err := s.Accept(t.Context(), describe(t, pc, offer, err))
		if err != nil {
			t.Fatal(err)
		}
		if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
			t.Fatal(err)
		}
		await(t, "connection", s.connected)
	})
}

// TestViewerFallsSilent: it is gone after ten seconds, and not before its
// network had time to come back.
func TestViewerFallsSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wire := newWire(t)
		r := newRig(t, testOptions{network: wire})
		s, w := r.open(t), newWatchingAt(t, viewer.NetworkConfig{Net: wire.viewer})
		if err := negotiate(t.Context(), s, w); err != nil {
			t.Fatal(err)
		}
		w.picture(t)
		var deaf atomic.Bool
		wire.router.AddChunkFilter(func(vnet.Chunk) bool { return !deaf.Load() })
		// While it is well it stays, however long.
		<-time.After(time.Minute)
		select {
		case <-s.Done():
			t.Fatal("a viewer that is well was given up")
		default:
		}
		deaf.Store(true)
		silent := time.Now()
		<-s.Done()
		if took := time.Since(silent); took < disconnected+failed || took > 10*time.Second {
			t.Errorf("gone after %v", took)
		}
		load := int64(0)
		for _, h := range r.hub.shards.all {
			load += h.load.Load()
		}
		subscriptions, heard := r.source.Stats().Subscriptions, len(r.hub.listeners.expected)
		if n := r.hub.Len(); n != 0 || load != 0 || subscriptions != 0 || heard != 0 {
			t.Errorf("left are %d sessions, %d on shards, %d subscriptions, %d listeners", n, load, subscriptions, heard)
		}
	})
}

// TestKeyframeBeforeConnection: a viewer's keyframe is encoded while it
// connects, and nothing more for one that never does.
func TestKeyframeBeforeConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wire := newWire(t)
		wire.router.AddChunkFilter(func(vnet.Chunk) bool { return false })
		r := newRig(t, testOptions{network: wire})
		s, w := r.open(t), newWatchingAt(t, viewer.NetworkConfig{Net: wire.viewer})
		if err := negotiate(t.Context(), s, w); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Second)
		first := r.source.Stats()
		<-time.After(5 * time.Second)
		if last := r.source.Stats(); first.Keyframes != 1 || last.AccessUnits != first.AccessUnits {
			t.Errorf("%d keyframes in a second, %d pictures, five seconds later %d", first.Keyframes, first.AccessUnits, last.AccessUnits)
		}
	})
}
