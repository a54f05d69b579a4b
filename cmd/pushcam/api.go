package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/camera"
	"github.com/pushcam/pushcam/peer"
	"github.com/pushcam/pushcam/peer/udp"
	"github.com/pushcam/pushcam/web/api"
)

// backend is what the program tells others of itself. Any goroutine uses it.
type backend struct {
	source   *capture.Source
	hub      *peer.Hub
	port     func() udp.Stats
	controls adjustable // nil for a camera that has none
	salt     string
	version  api.Version
}

var _ api.Backend = (*backend)(nil)

func (s *service) backend() *backend {
	b := &backend{source: s.source, hub: s.hub, port: s.network.UDPStats, salt: rand.Text(), version: built()}
	b.controls, _ = s.picked.camera.(adjustable)
	return b
}

// Version implements api.Backend.
func (b *backend) Version() api.Version { return b.version }

// State implements api.Backend.
func (b *backend) State() api.State {
	status, _ := b.source.Status()
	s := api.State{
		Version: b.version.Version,
		Camera:  api.Camera{State: stateName(status.State), Detail: status.Detail, Name: status.Camera},
		Viewers: b.hub.Len(),
	}
	if status.State == capture.Live {
		s.Camera.Mode = status.Mode.String()
	}
	for _, r := range b.source.Stats().Renditions {
		s.Renditions = append(s.Renditions, api.Rendition{
			Name: r.Rung.String(), Codec: r.Codec.String(), Width: r.Size.Width, Height: r.Size.Height,
			FrameRate: round(r.FrameRate), Bitrate: int64(r.Bitrate), Viewers: r.Readers,
		})
	}
	return s
}

// Viewers implements api.Backend.
func (b *backend) Viewers() []api.Viewer {
	var all []api.Viewer
	for _, session := range b.hub.Sessions() {
		stats, viewer := session.Stats(), session.Viewer()
		v := api.Viewer{
			ID: b.nameOf(session), Address: viewer.Address, Seconds: round(time.Since(session.Opened()).Seconds()),
			Rendition: stats.Rung.String(), Layer: int(stats.Layer), Width: stats.Size.Width, Height: stats.Size.Height,
			FrameRate: round(stats.FrameRate), Bitrate: int64(stats.Bitrate), Estimate: int64(stats.Estimate),
			Loss: stats.Loss, RoundTrip: milliseconds(stats.RoundTrip),
			CaptureToSend: api.Percentiles{P50: milliseconds(stats.CaptureToSend.P50), P95: milliseconds(stats.CaptureToSend.P95)},
			Pictures:      stats.Pictures, Packets: stats.Packets, Resent: stats.Resent, Lost: stats.Lost, Drops: map[string]uint64{},
		}
		if stats.Codec != capture.NoCodec {
			v.Codec = stats.Codec.String()
		}
		for reason, n := range stats.Drops {
			v.Drops[peer.DropReason(reason).String()] = n
		}
		all = append(all, v)
	}
	return all
}

// nameOf tells sessions apart. Their own ids are not for others: a player ends its
// session by it.
func (b *backend) nameOf(s *peer.Session) string {
	sum := sha256.Sum256(fmt.Append(nil, b.salt, s.Viewer().ID, s.Opened().UnixNano()))
	return hex.EncodeToString(sum[:6])
}

// Statistics implements api.Backend.
func (b *backend) Statistics() api.Statistics {
	stats, port := b.source.Stats(), b.port()
	s := api.Statistics{
		Frames: stats.Frames, Slates: stats.Slates, Pictures: stats.AccessUnits, Keyframes: stats.Keyframes,
		DecodingSeconds: stats.Decoding.Seconds(), EncodingSeconds: stats.Encoding.Sum.Seconds(),
		Encoders: stats.Encoders, EncoderFailures: stats.EncoderFailures, Drops: map[string]uint64{},
		Port: api.Port{
			Packets: port.Packets, Bytes: port.Bytes, Calls: port.Calls, Late: port.Late, Full: port.Full, Failed: port.Failed,
		},
	}
	for reason, n := range stats.Drops {
		s.Drops[capture.DropReason(reason).String()] = n
	}
	return s
}

// RequestKeyframes implements api.Backend.
func (b *backend) RequestKeyframes() int { return b.source.RequestKeyframes() }

// Controls implements api.Backend.
func (b *backend) Controls(ctx context.Context) ([]api.Control, error) {
	if b.controls == nil {
		return nil, nil
	}
	controls, err := b.controls.Controls(ctx)
	if errors.Is(err, camera.ErrNoControls) {
		return nil, nil
	}
	return toAPI(controls), err
}

// Adjust implements api.Backend. It does all that can be done.
func (b *backend) Adjust(ctx context.Context, change api.Change) ([]api.Control, error) {
	var before []capture.Control
	if b.controls != nil {
		var err error
		if before, err = b.controls.Controls(ctx); err != nil && !errors.Is(err, camera.ErrNoControls) {
			return nil, err
		}
	}
	possible, failed := sift(before, change)
	after := before
	if possible.Reset && len(before) > 0 || len(possible.Set) > 0 || len(possible.Default) > 0 {
		var err error
		after, err = b.controls.Adjust(ctx, possible)
		var refused *capture.NotSetError
		switch {
		case errors.As(err, &refused):
			for key, err := range refused.Failed {
				failed[key] = err.Error()
			}
		case err != nil:
			return nil, err
		}
	}
	if len(failed) > 0 {
		return nil, &api.NotSetError{Failed: failed}
	}
	return toAPI(after), nil
}

// sift parts what can be tried from what cannot, and why not.
func sift(controls []capture.Control, change api.Change) (possible capture.ControlChange, failed map[string]string) {
	possible = capture.ControlChange{Reset: change.Reset, Set: map[string]int64{}}
	failed = map[string]string{}
	find := func(key string) (capture.Control, bool) {
		i := slices.IndexFunc(controls, func(c capture.Control) bool { return c.Key == key })
		switch {
		case i < 0:
			_, err := capture.FindControl(controls, key)
			if err == nil { // by another spelling
				err = fmt.Errorf("no control %q", key)
			}
			failed[key] = err.Error()
			return capture.Control{}, false
		case controls[i].ReadOnly || controls[i].Type == capture.ControlOpaque:
			failed[key] = controls[i].Check(controls[i].Default).Error()
			return capture.Control{}, false
		}
		return controls[i], true
	}
	for key, value := range change.Set {
		if _, ok := find(key); ok {
			possible.Set[key] = value
		}
	}
	for _, key := range change.Default {
		c, ok := find(key)
		switch {
		case !ok:
		case c.Type == capture.ControlButton:
			failed[key] = "is a button, which has no default"
		case !slices.Contains(possible.Default, key):
			possible.Default = append(possible.Default, key)
		}
	}
	return possible, failed
}

// toAPI leaves out what is neither read nor set.
func toAPI(controls []capture.Control) []api.Control {
	var all []api.Control
	for _, c := range controls {
		if c.Type == capture.ControlOpaque {
			continue
		}
		out := api.Control{
			Key: c.Key, Name: c.Name, Type: strings.ReplaceAll(c.Type.String(), " ", "_"),
			Min: c.Min, Max: c.Max, Step: c.Step, Default: c.Default,
			ReadOnly: c.ReadOnly, Inactive: c.Inactive, Busy: c.Busy, Volatile: c.Volatile, Kept: c.Kept,
		}
		if c.Readable() {
			out.Value = &c.Value
		}
		for _, m := range c.Menu {
			out.Menu = append(out.Menu, api.MenuItem{Value: m.Index, Name: m.Name})
		}
		all = append(all, out)
	}
	return all
}

// round is to a thousandth: more is noise.
func round(x float64) float64 { return float64(int64(x*1000+0.5)) / 1000 }

func milliseconds(d time.Duration) float64 { return round(float64(d) / float64(time.Millisecond)) }
