package peer

import (
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/capturetest"
)

// highSets are an SPS and a PPS of a camera that encodes in high profile, level
// 4.0.
var highSets = []byte("\x00\x00\x00\x01\x67\x64\x00\x28\xac\xd9\x40\x78\x02\x27\xe5\xc0\x44\x00\x00\x03\x00\x04\x00\x00\x03\x00\xf0\x3c\x60\xc6\x58" +
	"\x00\x00\x00\x01\x68\xee\x38\x80")

// announced lists the profile-level-ids of a description.
func announced(sdp string) (ids []string) {
	for line := range strings.Lines(sdp) {
		if _, id, ok := strings.Cut(strings.TrimSpace(line), "profile-level-id="); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

func (r *rig) announces(t *testing.T) []string {
	t.Helper()
	s := r.open(t)
	offer, err := s.Offer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	return announced(offer)
}

func unknown() []string { return nil }

// TestProfileFollowsPictures: what is expected is announced until a picture says
// better.
func TestProfileFollowsPictures(t *testing.T) {
	high := atomic.Bool{}
	r := newRig(t, testOptions{
		profiles: func() []string { return []string{"42e028"} },
		sets: func() []byte {
			if high.Load() {
				return highSets
			}
			return parameterSets
		},
	})
	if got, want := r.announces(t), []string{"42e028"}; !slices.Equal(got, want) {
		t.Errorf("before the first picture: %q, want %q", got, want)
	}
	s, w := r.join(t, capture.H264)
	w.picture(t)
	// It is of level 3.1, which the camera may leave again.
	if got, want := r.announces(t), []string{"42e028"}; !slices.Equal(got, want) {
		t.Errorf("after pictures of a lower level: %q, want %q", got, want)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	high.Store(true)
	// The rendition has ended with its last viewer, and the next has a new encoder.
	_, w = r.join(t, capture.H264)
	w.picture(t)
	if got, want := r.announces(t), []string{"640028", "640c28", "42e028"}; !slices.Equal(got, want) {
		t.Errorf("after pictures in high profile: %q, want %q", got, want)
	}
}

// TestProfileThatIsKnown: no offer of it waits for the camera.
func TestProfileThatIsKnown(t *testing.T) {
	r := newRig(t, testOptions{
		profiles: func() []string { return []string{"42e028"} },
		camera:   slices.Repeat([]capturetest.Opening{{OpenErr: errors.New("not there")}}, 1000),
	})
	r.hub.profileTimeout = time.Hour
	if got, want := r.announces(t), []string{"42e028"}; !slices.Equal(got, want) {
		t.Errorf("without a picture: %q, want %q", got, want)
	}
}

// TestProfileOfFirstPicture: when nothing is known, the first offer waits for a
// picture, and the viewer then gets the same camera.
func TestProfileOfFirstPicture(t *testing.T) {
	r := newRig(t, testOptions{profiles: unknown, sets: func() []byte { return highSets }})
	s, w := r.open(t), newWatching(t)
	offer, err := s.Offer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := announced(offer), []string{"640028", "640c28", "42e028"}; !slices.Equal(got, want) {
		t.Errorf("the first offer: %q, want %q", got, want)
	}
	answer, err := w.Answer(t.Context(), offer)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Answer(answer); err != nil {
		t.Fatal(err)
	}
	w.picture(t)
	if got := w.Stats(); got.Codec != capture.H264 || got.ProfileLevelID != "640028" {
		t.Errorf("the viewer gets %v of profile %s", got.Codec, got.ProfileLevelID)
	}
	if n := r.camera.Counts().Opened; n != 1 {
		t.Errorf("camera opened %d times", n)
	}
	if n := r.source.Stats().Subscriptions; n != 1 {
		t.Errorf("%d places taken for one viewer", n)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if n := r.source.Stats().Subscriptions; n != 0 {
		t.Errorf("%d places left behind", n)
	}
}

// TestProfileOfSlate: nobody waits for the profile of a camera that is lost.
func TestProfileOfSlate(t *testing.T) {
	r := newRig(t, testOptions{
		profiles: unknown,
		camera:   slices.Repeat([]capturetest.Opening{{OpenErr: errors.New("not there")}}, 1000),
		slate:    func(size capture.Size, _ capture.Status, _ time.Time) *capture.Frame { return capture.NewFrame(size) },
	})
	r.hub.profileTimeout = time.Hour
	if got := r.announces(t); !slices.Equal(got, defaultProfiles()) {
		t.Errorf("of a slate: %q, want %q", got, defaultProfiles())
	}
}

// TestProfileOfNoPicture: a camera that does not come holds an offer up for so
// long, and one that ends not at all.
func TestProfileOfNoPicture(t *testing.T) {
	r := newRig(t, testOptions{
		profiles: unknown,
		camera:   slices.Repeat([]capturetest.Opening{{OpenErr: errors.New("not there")}}, 1000),
	})
	r.hub.profileTimeout = 50 * time.Millisecond
	if got := r.announces(t); !slices.Equal(got, defaultProfiles()) {
		t.Errorf("without a picture: %q, want %q", got, defaultProfiles())
	}
	r.hub.profileTimeout = time.Hour
	s := r.open(t)
	offered := make(chan error)
	go func() {
		_, err := s.Offer(t.Context())
		offered <- err
	}()
	for r.source.Stats().Subscriptions == 0 {
		<-time.After(time.Millisecond)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	select {
	case err := <-offered:
		if err == nil {
			t.Error("a session that was closed offers")
		}
	case <-time.After(20 * time.Second):
		t.Error("an offer outlives its session")
	}
}
