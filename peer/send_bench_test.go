//go:build cgo

package peer

import (
	"bufio"
	"context"
	"encoding/json"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/pattern"
	"github.com/pushcam/pushcam/capture/vp8"
	"github.com/pushcam/pushcam/capture/x264"
	"github.com/pushcam/pushcam/peer/mux"
)

const (
	sendViewers = 20
	sendTime    = 10 * time.Second
)

// BenchmarkFiguresSend measures the time from the camera's handing a picture over
// until the kernel has its last packet for the last of 20 viewers, and its parts:
// until encoding begins, until it is done, until the first shard begins to send,
// and until the last is done.
//
// The viewers are in a process of their own that runs when the machine has
// nothing better to do. Otherwise the figure is of who gets a core first: to
// decrypt for 20 viewers is more work than to send to them.
func BenchmarkFiguresSend(b *testing.B) {
	encoders := map[capture.Codec]capture.NewEncoderFunc{
		capture.H264: func(c capture.EncoderConfig) (capture.Encoder, error) { return x264.New(c) },
		capture.VP8:  func(c capture.EncoderConfig) (capture.Encoder, error) { return vp8.New(c) },
	}
	for _, codec := range capture.Codecs() {
		open := encoders[codec]
		b.Run(codec.String(), func(b *testing.B) {
			var log *sendLog
			for b.Loop() {
				log = &sendLog{pictures: map[time.Time]*moments{}}
				sendToMany(b, codec, open, log)
			}
			var waited, encoded, handed, sending, sent, beyond []time.Duration
			for at, m := range log.pictures {
				if m.encoded.IsZero() || m.sent.IsZero() {
					continue // at the beginning or the end
				}
				waited = append(waited, m.begun.Sub(at))
				encoded = append(encoded, m.encoded.Sub(m.begun))
				handed = append(handed, m.opened.Sub(m.encoded))
				sending = append(sending, m.sent.Sub(m.opened))
				sent = append(sent, m.sent.Sub(at))
				beyond = append(beyond, m.sent.Sub(at)-m.encoded.Sub(m.begun))
			}
			b.ReportMetric(0, "ns/op")
			for part, times := range map[string][]time.Duration{
				"part1-wait": waited, "part2-encode": encoded, "part3-handover": handed, "part4-sending": sending,
			} {
				b.ReportMetric(rank(times, 50), part+"-p50-ms")
				b.ReportMetric(rank(times, 99), part+"-p99-ms")
			}
			b.ReportMetric(rank(sent, 50), "sent-p50-ms")
			b.ReportMetric(rank(sent, 99), "sent-p99-ms")
			b.ReportMetric(rank(beyond, 50), "beyond-encode-p50-ms")
			b.ReportMetric(rank(beyond, 99), "beyond-encode-p99-ms")
		})
	}
}

// rank is the smallest value that p percent do not exceed, in milliseconds.
func rank(values []time.Duration, p int) float64 {
	slices.Sort(values)
	return values[max((len(values)*p+99)/100, 1)-1].Seconds() * 1000
}

// sendLog is by the time of a picture's capture.
type sendLog struct {
	mu       sync.Mutex
	on       bool
	pictures map[time.Time]*moments
}

// moments are a picture's: when its encoding began and was done, when the first
// of the rounds that it was sent in began, and when the last was the kernel's.
type moments struct{ begun, encoded, opened, sent time.Time }

func (l *sendLog) set(on bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.on = on
}

func (l *sendLog) encoded(at, begun time.Time) {
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.on {
		l.pictures[at] = &moments{begun: begun, encoded: now}
	}
}

func (l *sendLog) sent(at, opened, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	m := l.pictures[at]
	if m == nil {
		return
	}
	if m.opened.IsZero() || opened.Before(m.opened) {
		m.opened = opened
	}
	if now.After(m.sent) {
		m.sent = now
	}
}

// sendToMany is what pushcam serve does.
func sendToMany(b *testing.B, codec capture.Codec, open capture.NewEncoderFunc, log *sendLog) {
	source, err := capture.NewSource(capture.SourceConfig{
		Camera: punctual{&pattern.Camera{Size: capture.Size{Width: 1280, Height: 720}, FrameRate: 30}},
		Encoders: map[capture.Codec]capture.NewEncoderFunc{codec: func(c capture.EncoderConfig) (capture.Encoder, error) {
			e, err := open(c)
			return timedEncoder{e, log}, err
		}},
		Encoding: capture.EncoderConfig{Bitrate: 2 * capture.Mbps, FrameRate: 30},
	})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	ran := make(chan error, 1)
	go func() { ran <- source.Run(ctx) }()
	sockets, err := mux.Listen(mux.Config{Interfaces: []string{"lo", "lo0"}, TCPPort: mux.TCPOff, Log: NewLibraryLog(discard, "ice")})
	if err != nil {
		b.Fatal(err)
	}
	network := &timedNetwork{Network: sockets, log: log}
	if network.hub, err = NewHub(Config{Source: source, Network: network}); err != nil {
		b.Fatal(err)
	}
	answer, stop := startSendViewers(b)
	var sessions []*Session
	for range sendViewers {
		s, err := network.hub.Open(Viewer{Loopback: true})
		if err != nil {
			b.Fatal(err)
		}
		offer, err := s.Offer(ctx)
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Answer(answer(offer)); err != nil {
			b.Fatal(err)
		}
		sessions = append(sessions, s)
	}
	for _, s := range sessions {
		<-s.connected
	}
	<-time.After(2 * time.Second) // what joining costs is over
	log.set(true)
	<-time.After(sendTime)
	log.set(false)
	stop()
	if err := network.hub.Close(ctx); err != nil {
		b.Error(err)
	}
	cancel()
	if err := <-ran; err != nil {
		b.Error(err)
	}
	if err := sockets.Close(); err != nil {
		b.Error(err)
	}
}

// punctual is a camera whose pictures' times are when they are there. The test
// pattern's are when they ought to be, and its timer is up to a millisecond late.
type punctual struct{ capture.Camera }

// Open implements capture.Camera.
func (c punctual) Open(ctx context.Context) (capture.FrameReader, error) {
	r, err := c.Camera.Open(ctx)
	return punctualReader{r}, err
}

type punctualReader struct{ capture.FrameReader }

// Read implements capture.FrameReader.
func (r punctualReader) Read() (*capture.Frame, error) {
	f, err := r.FrameReader.Read()
	if err == nil {
		f.Time = time.Now()
	}
	return f, err
}

// timedEncoder notes how long encoding takes.
type timedEncoder struct {
	capture.Encoder
	log *sendLog
}

// Encode implements capture.Encoder.
func (e timedEncoder) Encode(f *capture.Frame, force bool) (*capture.AccessUnit, error) {
	at, begun := f.Time, time.Now()
	au, err := e.Encoder.Encode(f, force)
	e.log.encoded(at, begun)
	return au, err
}

// timedNetwork notes when what a shard wrote is sent.
type timedNetwork struct {
	Network
	hub *Hub
	log *sendLog
}

// NewBatch implements Network.
func (n *timedNetwork) NewBatch() Batch { return &timedBatch{inner: n.Network.NewBatch(), network: n} }

// timedBatch is one shard's.
type timedBatch struct {
	inner   Batch
	network *timedNetwork
	shard   *shard // found at the first Flush
	opened  time.Time
}

func (t *timedBatch) Route(a netip.AddrPort) Route { return t.inner.Route(a) }

// Open implements Batch.
func (t *timedBatch) Open() {
	t.opened = time.Now()
	t.inner.Open()
}

// Flush is called by the shard's goroutine, so it may look at what is its.
func (t *timedBatch) Flush() {
	t.inner.Flush()
	now := time.Now()
	if t.shard == nil {
		all := &t.network.hub.shards
		all.mu.Lock()
		t.shard = all.all[slices.IndexFunc(all.all, func(h *shard) bool { return h.batch == Batch(t) })]
		all.mu.Unlock()
	}
	for _, v := range t.shard.members {
		for _, at := range v.captured {
			t.network.log.sent(at, t.opened, now)
		}
	}
}

// startSendViewers starts their process. answer joins one more viewer.
func startSendViewers(b *testing.B) (answer func(offer string) string, stop func()) {
	viewers := exec.Command("nice", "-n", "19", os.Args[0])
	viewers.Env = append(os.Environ(), fanoutVariable+"="+sendKind)
	viewers.Stderr = os.Stderr
	in, err := viewers.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := viewers.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := viewers.Start(); err != nil {
		b.Fatal(err)
	}
	offers, answers := json.NewEncoder(in), json.NewDecoder(bufio.NewReader(out))
	answer = func(offer string) (sdp string) {
		if err := offers.Encode(offer); err != nil {
			b.Fatal(err)
		}
		if err := answers.Decode(&sdp); err != nil {
			b.Fatal(err)
		}
		return sdp
	}
	return answer, func() {
		_ = in.Close() // ends it
		if err := viewers.Wait(); err != nil {
			b.Error(err)
		}
	}
}
