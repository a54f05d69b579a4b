package peer

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"runtime/pprof"
	"syscall"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"
	"github.com/pion/webrtc/v4"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/capturetest"
	"github.com/pushcam/pushcam/peer/mux"
)

// The fan-out benchmark runs its server in a process of its own, so that the
// CPU time of the viewers is not counted: this test binary, started with
// fanoutVariable set to the kind of server.
const (
	fanoutVariable = "PUSHCAM_FANOUT_SERVER"
	fanoutOurs     = "pushcam"
	fanoutLarge    = "pushcam, large pictures"
	fanoutStock    = "stock"
	fanoutAlone    = "alone" // camera and encoder, and nobody to send to
	// With it set to a path, the server writes its CPU profile there.
	fanoutProfileVariable = "PUSHCAM_FANOUT_PROFILE"
)

// fanoutPicture is the size of every picture but keyframes: with 30 of them a
// second about 2 Mbit/s. Large ones are fanoutLarger times as large.
const (
	fanoutPicture = 8000
	fanoutLarger  = 4
)

// fanoutRequest is one line that the benchmark writes to the server.
type fanoutRequest struct {
	Offer   bool   // make a new viewer's offer
	Answer  string // to the offer made last
	Measure bool   // tell the totals
	Weigh   bool   // and what is in memory
}

// fanoutReply is one line back.
type fanoutReply struct {
	SDP      string
	At       time.Time
	Took     time.Duration // between two replies
	CPU      time.Duration // of this process, user and system
	Packets  uint64        // media packets written, of all viewers
	Dropped  uint64        // packets that the socket refused, ours only
	Pictures uint64        // encoded
	Mallocs  uint64        // of anything
	Encoders int
	// With Weigh, after a garbage collection:
	Heap       uint64 // bytes in use
	Stacks     uint64 // bytes
	Goroutines int
	Err        string
}

// fanoutServer sends one source to many viewers.
type fanoutServer interface {
	offer() (string, error)
	answer(sdp string) error
	packets() uint64
	dropped() uint64
}

// serveFanout is the server's process. It ends with its input.
func serveFanout(kind string, in io.Reader, out io.Writer) error {
	bytes := fanoutPicture
	if kind == fanoutLarge {
		bytes *= fanoutLarger
	}
	source, err := fanoutSource(bytes)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() { _ = source.Run(ctx) }() // the process ends with it
	var server fanoutServer
	switch kind {
	case fanoutOurs, fanoutLarge:
		server, err = newOurFanout(source)
	case fanoutStock:
		server, err = newStockFanout(ctx, source)
	default:
		server, err = newAloneFanout(ctx, source)
	}
	if err != nil {
		return err
	}
	if path := os.Getenv(fanoutProfileVariable); path != "" {
		stop, err := profileInto(path + "." + kind)
		if err != nil {
			return err
		}
		defer stop()
	}
	encoder := json.NewEncoder(out)
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var request fanoutRequest
		if err := json.Unmarshal(lines.Bytes(), &request); err != nil {
			return err
		}
		if err := encoder.Encode(reply(server, source, request)); err != nil {
			return err
		}
	}
	return lines.Err()
}

func reply(server fanoutServer, source *capture.Source, request fanoutRequest) (r fanoutReply) {
	var err error
	switch {
	case request.Offer:
		r.SDP, err = server.offer()
	case request.Answer != "":
		err = server.answer(request.Answer)
	case request.Measure:
		var used syscall.Rusage
		err = syscall.Getrusage(syscall.RUSAGE_SELF, &used)
		r.CPU = time.Duration(used.Utime.Nano() + used.Stime.Nano())
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		r.Mallocs = m.Mallocs
		r.At, r.Packets, r.Dropped = time.Now(), server.packets(), server.dropped()
		stats := source.Stats()
		r.Pictures, r.Encoders = stats.AccessUnits, stats.Encoders
		if request.Weigh {
			r.weigh()
		}
	}
	if err != nil {
		r.Err = err.Error()
	}
	return r
}

// weigh fills in what is in memory.
func (r *fanoutReply) weigh() {
	runtime.GC()
	runtime.GC() // what was pooled goes with the second
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	r.Heap, r.Stacks, r.Goroutines = m.HeapAlloc, m.StackInuse, runtime.NumGoroutine()
}

// profileInto writes a CPU profile until stop.
func profileInto(path string) (stop func(), err error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() {
		pprof.StopCPUProfile()
		_ = f.Close()
	}, nil
}

func fanoutSource(bytes int) (*capture.Source, error) {
	return capture.NewSource(capture.SourceConfig{
		Camera: capturetest.NewFakeCamera(capture.Size{Width: 16, Height: 16}),
		Encoders: map[capture.Codec]capture.NewEncoderFunc{
			capture.VP8: func(capture.EncoderConfig) (capture.Encoder, error) {
				return &fakeEncoder{codec: capture.VP8, bytes: bytes}, nil
			},
		},
		Encoding: capture.EncoderConfig{Bitrate: 2 * capture.Mbps, FrameRate: 30},
	})
}

// ourFanout is what pushcam serve does.
type ourFanout struct {
	hub      *Hub
	sessions []*Session
}

func newOurFanout(source *capture.Source) (*ourFanout, error) {
	network, err := mux.Listen(mux.Config{Interfaces: []string{"lo", "lo0"}, TCPPort: mux.TCPOff, Log: NewLibraryLog(discard, "ice")})
	if err != nil {
		return nil, err
	}
	hub, err := NewHub(Config{Source: source, Network: network})
	return &ourFanout{hub: hub}, err
}

func (f *ourFanout) offer() (string, error) {
	s, err := f.hub.Open(Viewer{Loopback: true})
	if err != nil {
		return "", err
	}
	f.sessions = append(f.sessions, s)
	return s.Offer(context.Background())
}

func (f *ourFanout) answer(sdp string) error { return f.sessions[len(f.sessions)-1].Answer(sdp) }

func (f *ourFanout) packets() (n uint64) {
	for _, s := range f.sessions {
		n += s.Stats().Packets
	}
	return n
}

func (f *ourFanout) dropped() (n uint64) {
	for _, s := range f.sessions {
		n += s.Stats().Drops[DropFull]
	}
	return n
}

// stockFanout is what the WebRTC library's examples do: one TrackLocalStaticRTP
// for all viewers and the default interceptors, on the same socket.
type stockFanout struct {
	api     *webrtc.API
	track   *webrtc.TrackLocalStaticRTP
	viewers []*webrtc.PeerConnection
	written chan uint64 // holds one value
}

func newStockFanout(ctx context.Context, source *capture.Source) (*stockFanout, error) {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, err
	}
	_ = conn.SetWriteBuffer(4 << 20)
	_ = conn.SetReadBuffer(4 << 20)
	media := &webrtc.MediaEngine{}
	interceptors := &interceptor.Registry{}
	err = errors.Join(media.RegisterDefaultCodecs(), webrtc.RegisterDefaultInterceptors(media, interceptors))
	if err != nil {
		return nil, err
	}
	settings := webrtc.SettingEngine{}
	settings.SetICEUDPMux(ice.NewUDPMuxDefault(ice.UDPMuxParams{UDPConn: conn, Logger: NewLibraryLog(discard, "ice")}))
	settings.SetIncludeLoopbackCandidate(true)
	f := &stockFanout{
		api:     webrtc.NewAPI(webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(interceptors), webrtc.WithSettingEngine(settings)),
		written: make(chan uint64, 1),
	}
	f.written <- 0
	f.track, err = webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: 90000}, "camera", "stock")
	if err != nil {
		return nil, err
	}
	subscription, err := source.Subscribe(capture.VP8)
	if err != nil {
		return nil, err
	}
	go f.send(ctx, subscription) // ends with the process
	return f, nil
}

func (f *stockFanout) send(ctx context.Context, subscription *capture.Subscription) {
	packetizer := rtp.NewPacketizer(1200, 96, 1, &codecs.VP8Payloader{EnablePictureID: true}, rtp.NewRandomSequencer(), 90000)
	for {
		au, err := subscription.Next(ctx)
		if err != nil {
			return
		}
		packets := packetizer.Packetize(au.Payload, 90000/30)
		for _, p := range packets {
			if err := f.track.WriteRTP(p); err != nil {
				fmt.Fprintln(os.Stderr, "stock server:", err)
			}
		}
		f.written <- <-f.written + uint64(len(packets)*len(f.viewers))
	}
}

func (f *stockFanout) offer() (string, error) {
	pc, err := f.api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return "", err
	}
	sender, err := pc.AddTrack(f.track)
	if err != nil {
		return "", err
	}
	go func() { // as the library's documentation asks; ends with the process
		for buffer := make([]byte, 1500); err == nil; {
			_, _, err = sender.Read(buffer)
		}
	}()
	offer, err := pc.CreateOffer(nil)
	if err != nil {
		return "", err
	}
	gathered := webrtc.GatheringCompletePromise(pc)
	if err := pc.SetLocalDescription(offer); err != nil {
		return "", err
	}
	<-gathered
	n := <-f.written
	f.viewers = append(f.viewers, pc)
	f.written <- n
	return pc.LocalDescription().SDP, nil
}

func (f *stockFanout) answer(sdp string) error {
	return f.viewers[len(f.viewers)-1].SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: sdp})
}

func (f *stockFanout) packets() uint64 {
	n := <-f.written
	f.written <- n
	return n
}

func (f *stockFanout) dropped() uint64 { return 0 }

// aloneFanout takes the pictures and sends none.
type aloneFanout struct{}

func newAloneFanout(ctx context.Context, source *capture.Source) (aloneFanout, error) {
	subscription, err := source.Subscribe(capture.VP8)
	if err != nil {
		return aloneFanout{}, err
	}
	go func() { // ends with the process
		for err == nil {
			_, err = subscription.Next(ctx)
		}
	}()
	return aloneFanout{}, nil
}

func (aloneFanout) offer() (string, error) { return "", errors.New("nobody to send to") }
func (aloneFanout) answer(string) error    { return errors.New("nobody to send to") }
func (aloneFanout) packets() uint64        { return 0 }
func (aloneFanout) dropped() uint64        { return 0 }
