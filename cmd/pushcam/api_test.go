package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/camera"
	"github.com/pushcam/pushcam/web/api"
)

// getJSON reads an answer of the API into a T.
func getJSON[T any](t *testing.T, url string) (v T) {
	t.Helper()
	status, kind, body := get(t, url)
	if status != http.StatusOK || kind != "application/json" {
		t.Fatalf("%s: %d, %s: %s", url, status, kind, body)
	}
	if err := json.Unmarshal(body, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// TestServeAPI asks a pushcam at work about itself.
func TestServeAPI(t *testing.T) {
	s := startServe(t, small...)
	state := getJSON[api.State](t, s.url+"/api/v1/state")
	if state.Camera.State != "idle" || state.Viewers != 0 || len(state.Renditions) != 0 || state.Role != "viewer" || state.Login {
		t.Errorf("nobody looks: %+v", state)
	}
	if v := getJSON[api.Version](t, s.url+"/api/v1/version"); v.Go == "" || !strings.Contains(v.Platform, "/") || v.Version != state.Version {
		t.Errorf("%+v", v)
	}
	p := newPlayer(t, s.url+"/whep")
	p.see(t, 20)
	state = getJSON[api.State](t, s.url+"/api/v1/state")
	if state.Camera.State != "live" || !strings.HasPrefix(state.Camera.Mode, "320x180 at 15 fps") || state.Viewers != 1 || len(state.Renditions) != 1 {
		t.Fatalf("one looks: %+v", state)
	}
	if r := state.Renditions[0]; r.Name != "full" || r.Codec != "h264" || r.Width != 320 || r.Height != 180 || r.FrameRate < 5 || r.Bitrate <= 0 || r.Viewers != 1 {
		t.Errorf("%+v", r)
	}
	viewers := getJSON[map[string][]api.Viewer](t, s.url+"/api/v1/viewers")["viewers"]
	if len(viewers) != 1 {
		t.Fatalf("%+v", viewers)
	}
	if v := viewers[0]; len(v.ID) != 12 || v.Address != "" || v.Codec != "h264" || v.Rendition != "full" || v.Pictures < 20 || v.Width != 320 || len(v.Drops) != 5 {
		t.Errorf("%+v", v)
	}
	before := getJSON[api.Statistics](t, s.url+"/api/v1/statistics")
	if before.Frames < 20 || before.Pictures < 20 || before.Keyframes < 1 || before.Encoders != 1 || before.Port.Packets < 20 || len(before.Drops) != 6 || before.EncodingSeconds <= 0 {
		t.Errorf("%+v", before)
	}
	if controls := getJSON[api.Controls](t, s.url+"/api/v1/controls").Controls; controls == nil || len(controls) > 0 {
		t.Errorf("the test pattern has controls: %+v", controls)
	}
	response := fetch(t.Context(), t, http.MethodPost, s.url+"/api/v1/keyframe")
	defer response.Body.Close()
	if response.StatusCode != http.StatusUnauthorized {
		t.Errorf("who is no operator asks for a keyframe: %s", response.Status)
	}
}

// panelOf is an adjustable with what it says, and what it was told.
type panelOf struct {
	controls []capture.Control
	listErr  error
	setErr   error
	change   capture.ControlChange
	told     int
}

func (p *panelOf) Controls(context.Context) ([]capture.Control, error) {
	return slices.Clone(p.controls), p.listErr
}

func (p *panelOf) Adjust(_ context.Context, change capture.ControlChange) ([]capture.Control, error) {
	p.change = change
	p.told++
	return slices.Clone(p.controls), p.setErr
}

// TestBackendAdjust: what can be set is set, and what cannot is told, by key.
func TestBackendAdjust(t *testing.T) {
	controls := []capture.Control{
		{Key: "brightness", Type: capture.ControlInteger, Max: 255, Step: 1, Value: 7},
		{Key: "reset", Type: capture.ControlButton}, {Key: "matrix", Type: capture.ControlOpaque},
		{Key: "lock", Type: capture.ControlBoolean, Max: 1, ReadOnly: true},
	}
	for name, tt := range map[string]struct {
		panel  panelOf
		change api.Change
		told   capture.ControlChange
		failed []string
		fails  bool
	}{
		"all":              {panel: panelOf{controls: controls}, change: api.Change{Set: map[string]int64{"brightness": 9, "reset": 1}}, told: capture.ControlChange{Set: map[string]int64{"brightness": 9, "reset": 1}}},
		"defaults":         {panel: panelOf{controls: controls}, change: api.Change{Reset: true, Default: []string{"brightness", "brightness"}}, told: capture.ControlChange{Reset: true, Default: []string{"brightness"}}},
		"some":             {panel: panelOf{controls: controls}, change: api.Change{Set: map[string]int64{"brightness": 9, "lock": 1, "bright": 3, "matrix": 0}, Default: []string{"reset"}}, told: capture.ControlChange{Set: map[string]int64{"brightness": 9}}, failed: []string{"bright", "lock", "matrix", "reset"}},
		"another spelling": {panel: panelOf{controls: controls}, change: api.Change{Set: map[string]int64{"Brightness": 9}}, failed: []string{"Brightness"}},
		"refused": {panel: panelOf{controls: controls, setErr: &capture.NotSetError{Failed: map[string]error{"brightness": errors.New("out of range")}}},
			change: api.Change{Set: map[string]int64{"brightness": 900}}, told: capture.ControlChange{Set: map[string]int64{"brightness": 900}}, failed: []string{"brightness"}},
		"gone":     {panel: panelOf{listErr: errors.New("unplugged")}, change: api.Change{Reset: true}, fails: true},
		"not kept": {panel: panelOf{controls: controls, setErr: camera.ErrNotKept}, change: api.Change{Reset: true}, told: capture.ControlChange{Reset: true}, fails: true},
		"none":     {panel: panelOf{listErr: camera.ErrNoControls}, change: api.Change{Reset: true}},
		"none has": {panel: panelOf{}, change: api.Change{Set: map[string]int64{"brightness": 1}}, failed: []string{"brightness"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := &backend{controls: &tt.panel}
			_, err := b.Adjust(t.Context(), tt.change)
			var refused *api.NotSetError
			var failed []string
			if errors.As(err, &refused) {
				for key, why := range refused.Failed {
					failed = append(failed, key)
					if why == "" {
						t.Errorf("%s: nobody says why", key)
					}
				}
				slices.Sort(failed)
			}
			if !slices.Equal(failed, tt.failed) || (err != nil) != (tt.fails || len(tt.failed) > 0) {
				t.Errorf("%v, want %v", err, tt.failed)
			}
			if wants := tt.told.Reset || len(tt.told.Set)+len(tt.told.Default) > 0; (tt.panel.told == 1) != wants {
				t.Errorf("told %d times", tt.panel.told)
			}
			if got := tt.panel.change; got.Reset != tt.told.Reset || !slices.Equal(got.Default, tt.told.Default) || len(got.Set) != len(tt.told.Set) || got.Set["brightness"] != tt.told.Set["brightness"] {
				t.Errorf("told %+v, want %+v", got, tt.told)
			}
		})
	}
	got, err := (&backend{controls: &panelOf{controls: controls}}).Controls(t.Context())
	if err != nil || len(got) != 3 || *got[0].Value != 7 || got[1].Value != nil || got[2].Type != "boolean" || !got[2].ReadOnly {
		t.Errorf("%+v, %v", got, err)
	}
}
