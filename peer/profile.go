package peer

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/h264"
)

// profileTimeout is how long a negotiation waits for the picture that tells the
// profile; a camera takes a second or two to open.
const profileTimeout = 3 * time.Second

// defaultProfiles is constrained baseline, level 3.1, which every browser with
// H.264 takes.
func defaultProfiles() []string { return []string{"42e01f"} }

// profiles is what a Hub knows of the H.264 that it sends.
type profiles struct {
	// seen is of the newest SPS, nil before the first.
	seen atomic.Pointer[seenProfile]

	mu   sync.Mutex
	apis [2]announcingAPI // the newest for viewers elsewhere, and on this machine
}

type seenProfile struct {
	sps          []byte // the NAL unit
	announcement []string
}

// announcingAPI is an API whose descriptions list these profiles.
type announcingAPI struct {
	key string
	api *api
}

// api returns the library set up for these profiles.
func (h *Hub) api(h264Profiles []string, loopback bool) (*api, error) {
	key, place := strings.Join(h264Profiles, ","), &h.profiles.apis[0]
	if loopback {
		place = &h.profiles.apis[1]
	}
	h.profiles.mu.Lock()
	known := *place
	h.profiles.mu.Unlock()
	if known.api != nil && known.key == key {
		return known.api, nil
	}
	api, err := newAPI(h.cfg, &h.listeners, h264Profiles, loopback)
	if err != nil {
		return nil, err
	}
	h.profiles.mu.Lock()
	*place = announcingAPI{key, api}
	h.profiles.mu.Unlock()
	return api, nil
}

// learn takes the profile from a keyframe on its way to a viewer. Slates have
// one of their own, for a while, and smaller pictures may have a lower level.
func (h *Hub) learn(au *capture.AccessUnit) {
	if !au.Keyframe || au.Codec != capture.H264 || au.Slate || au.Rung != capture.Full {
		return
	}
	seen := h.profiles.seen.Load()
	for nal := range h264.NALs(au.Payload) {
		switch t := h264.TypeOf(nal); {
		case t.Coded():
			return
		case t != h264.TypeSPS:
			continue
		case seen != nil && bytes.Equal(seen.sps, nal):
			return
		}
		sps, err := h264.ParseSPS(nal)
		if err != nil {
			return // it is the viewers' decoders' turn
		}
		next := &seenProfile{bytes.Clone(nal), sps.Announcement()}
		if seen != nil {
			next.announcement = higher(next.announcement, seen.announcement)
		}
		h.profiles.seen.Store(next)
		return
	}
}

// higher returns a, or b when that is the same profile at a higher level: the
// level follows the picture's size, and what was large can become so again.
func higher(a, b []string) []string {
	const profile = len("42e0")
	if len(a) == len(b) && a[0][:profile] == b[0][:profile] && a[0] < b[0] {
		return b
	}
	return a
}

// announcement is what a description made now lists.
func (s *Session) announcement(ctx context.Context) []string {
	h := s.hub
	expected := h.cfg.H264Profiles()
	if h.profiles.seen.Load() == nil && len(expected) == 0 && slices.Contains(h.cfg.Codecs, capture.H264) {
		s.scout(ctx)
	}
	seen := h.profiles.seen.Load()
	switch {
	case seen == nil && len(expected) == 0:
		return defaultProfiles()
	case seen == nil:
		return expected
	case len(expected) == 0:
		return seen.announcement
	}
	return higher(seen.announcement, expected)
}

// scout waits for the first picture. The places that it takes keep the camera
// open until the Session has one of its own; of the second nothing is read, so
// that nothing is sent into it.
func (s *Session) scout(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, s.hub.profileTimeout)
	defer cancel()
	var places [2]*capture.Subscription
	for i := range places {
		place, err := s.hub.cfg.Source.Subscribe(capture.H264)
		if err != nil {
			return // it will fail again, and be told
		}
		if !s.keepEarly(place) {
			_ = place.Close() // always nil
			return
		}
		places[i] = place
	}
	for s.hub.profiles.seen.Load() == nil {
		au, err := places[0].Next(ctx)
		if err != nil || au.Slate {
			break // the camera is lost, and who looks is to see that now
		}
		s.hub.learn(au)
	}
	_ = places[0].Close()
}

// keepEarly reports whether the Session still goes on, and then closes place at
// its end at the latest.
func (s *Session) keepEarly(place *capture.Subscription) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.reason != nil {
		return false
	}
	s.early = append(s.early, place)
	return true
}

func (s *Session) closeEarly() {
	s.mu.Lock()
	early := s.early
	s.early = nil
	s.mu.Unlock()
	for _, place := range early {
		_ = place.Close() // always nil; twice does nothing
	}
}
