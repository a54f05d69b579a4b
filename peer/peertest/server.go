package peertest

import (
	"context"
	"log/slog"
	"net"
	"reflect"
	"testing"
	"time"

	"github.com/pion/ice/v4"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/peer"
)

// FrameRate is the rate of the Server's camera, in pictures per second.
const FrameRate = 30

// ServerConfig says what a Server sends; the zero value is 1 Mbit/s to any
// number of viewers.
type ServerConfig struct {
	// Codecs it encodes; none means VP8.
	Codecs []capture.Codec
	// Bitrate of the full size.
	Bitrate     capture.Bitrate
	MaxSessions int
	Log         *slog.Logger
}

// Server is a Hub on a WAN with a running Source, whose camera and encoders are
// fakes. It ends with the test.
type Server struct {
	Hub    *peer.Hub
	Source *capture.Source

	network network
}

// Ports is how many of viewers' ports the server's socket knows. While packets
// come it must not be called.
func (s *Server) Ports() int {
	// The library does not tell, but a map that grows is a leak all the same.
	return reflect.ValueOf(s.network.mux).Elem().FieldByName("addressMap").Len()
}

// NewServer starts one. A WAN has one server.
func NewServer(t testing.TB, wan *WAN, cfg ServerConfig) *Server {
	t.Helper()
	if len(cfg.Codecs) == 0 {
		cfg.Codecs = []capture.Codec{capture.VP8}
	}
	if cfg.Bitrate == 0 {
		cfg.Bitrate = capture.Mbps
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	encoders := map[capture.Codec]capture.NewEncoderFunc{}
	for _, codec := range cfg.Codecs {
		encoders[codec] = func(c capture.EncoderConfig) (capture.Encoder, error) { return newEncoder(codec, c) }
	}
	s := &Server{}
	var err error
	s.Source, err = capture.NewSource(capture.SourceConfig{
		Camera:   &camera{},
		Scale:    scale,
		Encoders: encoders,
		Encoding: capture.EncoderConfig{Bitrate: cfg.Bitrate, FrameRate: FrameRate},
		Log:      cfg.Log,
	})
	if err != nil {
		t.Fatal(err)
	}
	s.network = wan.listen(cfg.Log)
	s.Hub, err = peer.NewHub(peer.Config{Source: s.Source, Network: s.network, MaxSessions: cfg.MaxSessions, Log: cfg.Log})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ran := make(chan error, 1)
	go func() { ran <- s.Source.Run(ctx) }()
	t.Cleanup(func() {
		closing, done := context.WithTimeout(context.Background(), 30*time.Second)
		defer done()
		if err := s.Hub.Close(closing); err != nil {
			t.Error(err)
		}
		cancel()
		if err := <-ran; err != nil {
			t.Error(err)
		}
		if err := s.network.mux.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// network is the server's socket.
type network struct {
	peer.Unbatched
	mux *ice.UDPMuxDefault
}

var _ peer.Network = network{}

// UDP implements peer.Network.
func (n network) UDP(bool) ice.UDPMux { return n.mux }

// TCP implements peer.Network: there is none.
func (n network) TCP() ice.TCPMux { return nil }

// Offers implements peer.Network.
func (n network) Offers(string) bool { return true }

// listen opens the server's socket.
func (w *WAN) listen(log *slog.Logger) network {
	w.t.Helper()
	// Any port is as good as another where there is nobody else.
	socket, err := w.server.ListenUDP("udp4", &net.UDPAddr{IP: serverAddr.AsSlice(), Port: 1990})
	if err != nil {
		w.t.Fatal(err)
	}
	down := func(to net.Addr) *Link {
		if p := w.path(to); p != nil {
			return p.Down
		}
		return nil
	}
	return network{mux: ice.NewUDPMuxDefault(ice.UDPMuxParams{
		UDPConn: conn{socket, down}, Logger: peer.NewLibraryLog(log, "ice"),
	})}
}
