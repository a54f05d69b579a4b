//go:build browser && linux

package browsertest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/pattern"
	"github.com/pushcam/pushcam/capture/vp8"
	"github.com/pushcam/pushcam/capture/x264"
	"github.com/pushcam/pushcam/peer"
	"github.com/pushcam/pushcam/peer/mux"
)

// layersPhase is a while in which the layers above top are left out.
type layersPhase struct {
	top  uint32
	each uint64 // of so many pictures, one is left
}

// TestLayers: Chromium decodes every picture of a stream whose upper layers are
// left out and taken up again, and never misses one. It is told by what it
// counts, and not by time, of which a loaded machine takes what it likes.
func TestLayers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		codec  capture.Codec
		open   func(capture.EncoderConfig) (capture.LayeredEncoder, error)
		phases []layersPhase
	}{
		{capture.VP8, func(c capture.EncoderConfig) (capture.LayeredEncoder, error) { return vp8.New(c) },
			[]layersPhase{{2, 1}, {1, 2}, {2, 1}, {0, 4}, {2, 1}, {1, 2}, {0, 4}, {1, 2}, {2, 1}}},
		{capture.H264, func(c capture.EncoderConfig) (capture.LayeredEncoder, error) { return x264.New(c) },
			[]layersPhase{{1, 1}, {0, 2}, {1, 1}, {0, 2}, {1, 1}}},
	} {
		t.Run(c.codec.String(), func(t *testing.T) { testLayers(t, c.codec, &thinEncoder{open: c.open}, c.phases) })
	}
}

func testLayers(t *testing.T, codec capture.Codec, thin *thinEncoder, phases []layersPhase) {
	thin.top.Store(phases[0].top)
	hub := layersHub(t, codec, thin)
	session, err := hub.Open(peer.Viewer{ID: "layers", Loopback: true})
	if err != nil {
		t.Fatal(err)
	}
	p := open(t, chromium(t), "about:blank")
	answer, err := session.Accept(t.Context(), value[string](p, receiveJS))
	if err != nil {
		t.Fatal(err)
	}
	p.do(fmt.Sprintf("receiver.setRemoteDescription({ type: 'answer', sdp: %q })", answer))

	const pictures = 60 // of the encoder
	var playing layersStats
	for _, phase := range phases {
		thin.top.Store(phase.top)
		begun := thin.counts()
		for limit := time.Now().Add(2 * patience); ; {
			before, from := value[layersStats](p, "probe.layers()"), thin.counts()
			for thin.counts().made < from.made+pictures {
				p.do("new Promise((resolve) => { setTimeout(resolve, 100); })")
			}
			sent := session.Stats().Pictures
			p.until(fmt.Sprintf("probe.layers().then((s) => s.decoded + s.dropped >= %d)", sent))
			after := value[layersStats](p, "probe.layers()")
			decoded, dropped := after.Decoded-before.Decoded, after.Dropped-before.Dropped
			t.Logf("up to layer %d: %d decoded, %d not", phase.top, decoded, dropped)
			if 10*dropped <= decoded {
				break
			}
			if time.Now().After(limit) {
				t.Fatalf("up to layer %d: %d decoded, %d not", phase.top, decoded, dropped)
			}
		}
		now := thin.counts()
		made, passed := now.made-begun.made, now.passed-begun.passed
		// A layer is taken up within four pictures.
		if want := made / phase.each; passed < want-4 || passed > want+4 {
			t.Errorf("up to layer %d: %d of %d pictures, want each %d", phase.top, passed, made, phase.each)
		}
		if playing.Decoded == 0 {
			playing = value[layersStats](p, "probe.layers()")
		}
	}
	// Nothing was missed: no keyframe was asked for, nor did one come unasked,
	// but where the session was too late for what was encoded.
	got, stats := value[layersStats](p, "probe.layers()"), session.Stats()
	if !strings.EqualFold(got.Codec, "video/"+codec.String()) || got.Requests != playing.Requests || got.Keyframes != playing.Keyframes && stats.Drops[peer.DropOverflow] == 0 {
		t.Errorf("the browser says %+v, before the first change %+v, the session %+v; want no more keyframes", got, playing, stats)
	}
}

// receiveJS makes a receiver with a video element, and resolves to its offer.
const receiveJS = `(async () => {
	const receiver = window.receiver = new RTCPeerConnection();
	receiver.addTransceiver('video', { direction: 'recvonly' });
	receiver.ontrack = ({ track }) => {
		const video = document.body.appendChild(document.createElement('video'));
		Object.assign(video, { muted: true, autoplay: true, srcObject: new MediaStream([track]) });
	};
	await receiver.setLocalDescription();
	await probe.until(() => receiver.iceGatheringState === 'complete', 10000);
	return receiver.localDescription.sdp;
})()`

// layersStats is what the browser counts.
type layersStats struct {
	Codec                                 string
	Decoded, Dropped, Keyframes, Requests uint64
}

// thinEncoder passes pictures on up to a layer, as if rate control had skipped
// the rest. For a viewer that is as if its Session had left them out.
type thinEncoder struct {
	open    func(capture.EncoderConfig) (capture.LayeredEncoder, error)
	encoder capture.LayeredEncoder
	top     atomic.Uint32
	active  uint8 // the highest layer that can be decoded

	mu    sync.Mutex
	count thinCounts
}

// thinCounts is how many pictures were made, and passed on.
type thinCounts struct{ made, passed uint64 }

func (e *thinEncoder) counts() thinCounts {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.count
}

func (e *thinEncoder) Encode(f *capture.Frame, force bool) (*capture.AccessUnit, error) {
	au, err := e.encoder.Encode(f, force)
	if err != nil || au == nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.count.made++
	top := uint8(e.top.Load())
	e.active = min(e.active, top)
	if au.LayerSync && au.Layer <= top {
		e.active = max(e.active, au.Layer)
	}
	if au.Layer > e.active {
		return nil, nil
	}
	e.count.passed++
	return au, nil
}

func (e *thinEncoder) SetBitrate(to capture.Bitrate) error { return e.encoder.SetBitrate(to) }

func (e *thinEncoder) Close() error { return e.encoder.Close() }

// layersHub is what the program is made of, with one encoder.
func layersHub(t *testing.T, codec capture.Codec, thin *thinEncoder) *peer.Hub {
	t.Helper()
	source, err := capture.NewSource(capture.SourceConfig{
		// A size that cannot be halved: there is no smaller one to go to, be it
		// for the path or for the CPU, which would take a keyframe.
		Camera: &pattern.Camera{Size: capture.Size{Width: 314, Height: 178}, FrameRate: 30},
		Encoders: map[capture.Codec]capture.NewEncoderFunc{
			codec: func(config capture.EncoderConfig) (_ capture.Encoder, err error) {
				if thin.encoder, err = thin.open(config); err == nil {
					thin.encoder.SetLayered(true)
				}
				return thin, err
			},
		},
		Encoding: capture.EncoderConfig{Bitrate: capture.Mbps, FrameRate: 30},
	})
	if err != nil {
		t.Fatal(err)
	}
	network, err := mux.Listen(mux.Config{TCPPort: mux.TCPOff})
	if err != nil {
		t.Fatal(err)
	}
	hub, err := peer.NewHub(peer.Config{Source: source, Network: network})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	var running sync.WaitGroup
	running.Go(func() {
		if err := source.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() {
		if err := hub.Close(ctx); err != nil {
			t.Error(err)
		}
		if err := network.Close(); err != nil {
			t.Error(err)
		}
		stop()
		running.Wait()
	})
	return hub
}
