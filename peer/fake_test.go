package peer

import (
	"cmp"
	"context"
	"encoding/binary"
	"log/slog"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/webrtc/v4"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/capturetest"
	"github.com/pushcam/pushcam/peer/viewer"
)

// pictureSize is what the parameter sets below say.
var pictureSize = capture.Size{Width: 320, Height: 240}

// parameterSets are an SPS and a PPS for pictureSize, constrained baseline 3.1.
var parameterSets = []byte("\x00\x00\x00\x01\x67\x42\xc0\x1f\xda\x05\x07\xec\x04\x40\x00\x00\x03\x00\x40\x00\x00\x0f\x23\xc6\x0c\xa8" +
	"\x00\x00\x00\x01\x68\xce\x0f\xc8")

// fakeEncoder makes AccessUnits of a given size that are well-formed as far as
// packets go, and hold nothing to see.
type fakeEncoder struct {
	codec capture.Codec
	bytes int // of a picture; a keyframe has six times as many
	sets  []byte
	began bool
}

func (e *fakeEncoder) Encode(f *capture.Frame, force bool) (*capture.AccessUnit, error) {
	key := force || !e.began
	e.began = true
	au := &capture.AccessUnit{Codec: e.codec, Size: f.Size, Keyframe: key, Time: f.Time}
	size := e.bytes
	if key {
		size *= 6
	}
	body := make([]byte, size)
	for i := range body {
		body[i] = byte(i)%251 | 4 // no start codes
	}
	if e.codec == capture.VP8 {
		au.Payload = vp8Frame(body, key, f.Size)
		return au, nil
	}
	unit := byte(0x41)
	if key {
		unit = 0x65
		au.Payload = append(au.Payload, e.sets...)
	}
	au.Payload = append(append(au.Payload, 0, 0, 0, 1, unit, 0x88), body...)
	return au, nil
}

// vp8Frame writes the uncompressed header of RFC 6386 section 9.1.
func vp8Frame(body []byte, key bool, size capture.Size) []byte {
	if !key {
		body[0] = 0x11
		return body
	}
	copy(body, "\x10\x00\x00\x9d\x01\x2a")
	binary.LittleEndian.PutUint16(body[6:], uint16(size.Width))
	binary.LittleEndian.PutUint16(body[8:], uint16(size.Height))
	return body
}

func (e *fakeEncoder) SetBitrate(capture.Bitrate) error { return nil }
func (e *fakeEncoder) Close() error                     { return nil }

// fakeNetwork is a Network on 127.0.0.1.
type fakeNetwork struct {
	Unbatched
	mux  ice.UDPMux
	wire *lossy
}

func (n fakeNetwork) UDP(bool) ice.UDPMux { return n.mux }
func (n fakeNetwork) TCP() ice.TCPMux     { return nil }
func (n fakeNetwork) Offers(string) bool  { return true }

// newFakeNetwork opens one that loses every so many-th packet.
func newFakeNetwork(t testing.TB, loseEach int64) fakeNetwork {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	wire := &lossy{UDPConn: conn, every: loseEach}
	mux := ice.NewUDPMuxDefault(ice.UDPMuxParams{
		// Hiding the connection's other methods makes the mux use WriteTo.
		UDPConn: struct{ net.PacketConn }{wire},
		Logger:  NewLibraryLog(discard, "ice"),
	})
	t.Cleanup(func() {
		if err := mux.Close(); err != nil {
			t.Error(err)
		}
	})
	return fakeNetwork{mux: mux, wire: wire}
}

// lossy drops every so many-th media packet that is written.
type lossy struct {
	*net.UDPConn
	every   int64
	written atomic.Int64
	newest  atomic.Uint32 // sequence number of the last packet with payload type 96
}

// WriteTo hides UDPConn's, through which the mux would go around it.
func (l *lossy) WriteTo(b []byte, to net.Addr) (int, error) {
	if !isRTP(b) {
		return l.UDPConn.WriteTo(b, to)
	}
	if b[1]&0x7f == 96 {
		l.newest.Store(uint32(binary.BigEndian.Uint16(b[2:])))
	}
	if l.every > 0 && l.written.Add(1)%l.every == 0 {
		return len(b), nil
	}
	return l.UDPConn.WriteTo(b, to)
}

type testOptions struct {
	codecs   []capture.Codec
	max      int
	uplink   capture.Bitrate
	loseEach int64 // every so many-th packet is lost
	camera   []capturetest.Opening
	network  Network // nil: UDP on 127.0.0.1
	bytes    int     // of a picture; 0 for 6000
	sets     func() []byte
	profiles func() []string
	slate    capture.SlateFunc
	log      *slog.Logger
}

var discard = slog.New(slog.DiscardHandler)

// rig is a Hub on a running Source, with a fake camera and encoders.
type rig struct {
	hub    *Hub
	source *capture.Source
	camera *capturetest.FakeCamera
}

func newRig(t testing.TB, o testOptions) *rig {
	t.Helper()
	r := &rig{camera: capturetest.NewFakeCamera(pictureSize, o.camera...)}
	encoders := map[capture.Codec]capture.NewEncoderFunc{}
	for _, codec := range capture.Codecs() {
		encoders[codec] = func(capture.EncoderConfig) (capture.Encoder, error) {
			e := &fakeEncoder{codec: codec, bytes: cmp.Or(o.bytes, 6000), sets: parameterSets}
			if o.sets != nil {
				e.sets = o.sets()
			}
			return e, nil
		}
	}
	var err error
	r.source, err = capture.NewSource(capture.SourceConfig{
		Camera: r.camera, Encoders: encoders,
		Encoding: capture.EncoderConfig{Bitrate: capture.Mbps, FrameRate: 30},
		Slate:    o.slate, SlateSize: capture.Size{Width: 64, Height: 48},
	})
	if err != nil {
		t.Fatal(err)
	}
	if o.network == nil {
		o.network = newFakeNetwork(t, o.loseEach)
	}
	r.hub, err = NewHub(Config{Source: r.source, Network: o.network, Codecs: o.codecs, MaxSessions: o.max, MaxBitrate: o.uplink, H264Profiles: o.profiles, Log: o.log})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ran := make(chan error, 1)
	go func() { ran <- r.source.Run(ctx) }()
	t.Cleanup(func() {
		closing, done := context.WithTimeout(context.Background(), 10*time.Second)
		defer done()
		if err := r.hub.Close(closing); err != nil {
			t.Error(err)
		}
		cancel()
		if err := <-ran; err != nil {
			t.Error(err)
		}
	})
	return r
}

// open makes a Session.
func (r *rig) open(t testing.TB) *Session {
	t.Helper()
	s, err := r.hub.Open(Viewer{ID: t.Name(), Address: "127.0.0.1:1", Loopback: true})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// watching is a viewer at work.
type watching struct {
	*viewer.Viewer
	pictures chan viewer.Picture
}

// newWatching makes a viewer that runs until the test ends.
func newWatching(t testing.TB, codecs ...capture.Codec) *watching {
	t.Helper()
	return newWatchingOver(t, webrtc.NetworkTypeUDP4, codecs...)
}

func newWatchingOver(t testing.TB, transport webrtc.NetworkType, codecs ...capture.Codec) *watching {
	t.Helper()
	return newWatchingAt(t, viewer.NetworkConfig{Loopback: true, Types: []webrtc.NetworkType{transport}}, codecs...)
}

func newWatchingAt(t testing.TB, at viewer.NetworkConfig, codecs ...capture.Codec) *watching {
	t.Helper()
	network, err := viewer.NewNetwork(at)
	if err != nil {
		t.Fatal(err)
	}
	return newWatchingWith(t, viewer.Config{Network: network, Codecs: codecs})
}

func newWatchingWith(t testing.TB, cfg viewer.Config) *watching {
	t.Helper()
	w := &watching{pictures: make(chan viewer.Picture, 1000)}
	cfg.OnPicture = func(p viewer.Picture) {
		select {
		case w.pictures <- p:
		default:
		}
	}
	var err error
	w.Viewer, err = viewer.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = w.Run(context.Background()) // how it ends is each test's matter
	}()
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		<-ended
	})
	return w
}

// join connects a new viewer, to whom the Session makes the offer.
func (r *rig) join(t testing.TB, codecs ...capture.Codec) (*Session, *watching) {
	t.Helper()
	s, w := r.open(t), newWatching(t, codecs...)
	if err := negotiate(t.Context(), s, w); err != nil {
		t.Fatal(err)
	}
	return s, w
}

func negotiate(ctx context.Context, s *Session, w *watching) error {
	offer, err := s.Offer(ctx)
	if err != nil {
		return err
	}
	answer, err := w.Answer(ctx, offer)
	if err != nil {
		return err
	}
	return s.Answer(answer)
}

// picture waits for the viewer's next one.
func (w *watching) picture(t testing.TB) viewer.Picture {
	t.Helper()
	select {
	case p := <-w.pictures:
		return p
	case <-time.After(20 * time.Second):
		t.Fatal("no picture within 20 s")
		return viewer.Picture{}
	}
}

func await(t testing.TB, what string, done <-chan struct{}) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatalf("%s: not within 20 s", what)
	}
}
