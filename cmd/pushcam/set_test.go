package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/camera"
)

// fakeControls are a camera's, that round to tens.
type fakeControls struct {
	controls []capture.Control
	change   capture.ControlChange // of the last Adjust
	err      error                 // of Adjust
}

// Controls implements adjustable.
func (f *fakeControls) Controls(context.Context) ([]capture.Control, error) { return f.controls, nil }

// Adjust implements adjustable.
func (f *fakeControls) Adjust(_ context.Context, change capture.ControlChange) ([]capture.Control, error) {
	f.change = change
	for i, c := range f.controls {
		if value, ok := change.Set[c.Key]; ok {
			f.controls[i].Value = value / 10 * 10
			if c.Type != capture.ControlInteger {
				f.controls[i].Value = value
			}
		}
	}
	return f.controls, f.err
}

func webcam() *fakeControls {
	return &fakeControls{controls: []capture.Control{
		{Key: "brightness", Type: capture.ControlInteger, Min: -64, Max: 64, Step: 10, Value: 10, Kept: true, KeptValue: 12},
		{Key: "auto_exposure", Type: capture.ControlMenu, Min: 0, Max: 3, Default: 3, Value: 3, Leading: true,
			Menu: []capture.MenuItem{{Index: 1, Name: "Manual Mode"}, {Index: 3, Name: "Aperture Priority Mode"}}},
		{Key: "exposure", Type: capture.ControlInteger, Min: 3, Max: 2047, Default: 250, Value: 156, Inactive: true, Volatile: true},
		{Key: "flip", Type: capture.ControlBoolean, Max: 1},
		{Key: "link", Type: capture.ControlInteger64, Max: 1 << 40, ReadOnly: true},
		{Key: "secret", Type: capture.ControlBitmask, Max: 0xf, WriteOnly: true},
		{Key: "size", Type: capture.ControlInteger, Max: 9, Busy: true},
		{Key: "restart", Type: capture.ControlButton, WriteOnly: true},
		{Key: "text", Type: capture.ControlOpaque},
	}}
}

func TestSet(t *testing.T) {
	for _, c := range []struct {
		args, prints, says string
		err                error
		want               capture.ControlChange
	}{
		{"brightness=-20", "brightness = -20\n", "", nil, capture.ControlChange{Set: map[string]int64{"brightness": -20}}},
		{"brightness=33", "brightness = 30, asked for 33\n", "", nil, capture.ControlChange{Set: map[string]int64{"brightness": 33}}},
		{"flip=on Auto-Exposure=manual_mode", "auto_exposure = 1 (Manual Mode)\nflip = on\n", "", nil,
			capture.ControlChange{Set: map[string]int64{"flip": 1, "auto_exposure": 1}}},
		{"auto_exposure=default flip=false", "auto_exposure = 3 (Aperture Priority Mode)\nflip = off\n", "", nil,
			capture.ControlChange{Set: map[string]int64{"flip": 0}, Default: []string{"auto_exposure"}}},
		{"restart=1 secret=3", "secret = 0x3, as far as it can be told: it cannot be read\nrestart pressed\n", "", nil,
			capture.ControlChange{Set: map[string]int64{"restart": 1, "secret": 3}}},
		{"--reset", "all others are at their defaults, and not kept\n", "", nil, capture.ControlChange{Reset: true, Set: map[string]int64{}}},
		{"--reset flip=on", "flip = on\nall others are at their defaults, and not kept\n", "", nil,
			capture.ControlChange{Reset: true, Set: map[string]int64{"flip": 1}}},
		{"brightnes=1", "", "there is brightness, auto_exposure", nil, capture.ControlChange{}},
		{"flip=2", "", "flip: \"2\": want on or off", nil, capture.ControlChange{}},
		{"flip=on Flip=off", "", "flip: is there twice", nil, capture.ControlChange{}},
		{"text=1", "", "text: its value is no number", nil, capture.ControlChange{}},
		{"brightness=1000 flip=on", "flip = on\n", "out of range",
			&capture.NotSetError{Failed: map[string]error{"brightness": errors.New("out of range")}},
			capture.ControlChange{Set: map[string]int64{"flip": 1, "brightness": 1000}}},
		{"flip=on", "flip = on\n", camera.ErrNotKept.Error(), camera.ErrNotKept, capture.ControlChange{Set: map[string]int64{"flip": 1}}},
	} {
		t.Run(c.args, func(t *testing.T) {
			device := webcam()
			device.err = c.err
			var out bytes.Buffer
			err := mustParse[*setConfig](t, append([]string{"set"}, strings.Fields(c.args)...), nil).set(t.Context(), &out, device)
			if c.says == "" && err != nil || c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)) {
				t.Errorf("error %v, want what says %q", err, c.says)
			}
			if out.String() != c.prints {
				t.Errorf("printed %q, want %q", &out, c.prints)
			}
			if !reflect.DeepEqual(device.change, c.want) {
				t.Errorf("asked for %+v, want %+v", device.change, c.want)
			}
		})
	}
}

func TestSetNeedsACamera(t *testing.T) {
	err := mustParse[*setConfig](t, []string{"set", "--source=pattern", "a=1"}, nil).run(t.Context(), stdio{out: io.Discard, err: io.Discard})
	if err == nil || !strings.Contains(err.Error(), "test pattern: it has none") {
		t.Errorf("set of the pattern: %v", err)
	}
	if got := mustParse[*setConfig](t, []string{"set", "a=1"}, []string{"PUSHCAM_SOURCE=C920"}).Source; got != "C920" {
		t.Errorf("source %q, want the environment's", got)
	}
}

func TestListOfControls(t *testing.T) {
	var out bytes.Buffer
	(&devicesConfig{}).printControls(t.Context(), &out, webcam())
	want := `   control brightness    10
           integer, -64 to 64 in steps of 10; default 0; kept as 12
   control auto_exposure 3 (Aperture Priority Mode)
           menu, one of 1 (Manual Mode), 3 (Aperture Priority Mode); default 3 (Aperture Priority Mode)
   control exposure      156
           integer, 3 to 2047; default 250; inactive: another control decides; volatile: changes by itself
   control flip          off
           boolean, off or on; default off
   control link          0
           integer64, 0 to 1099511627776; default 0; read-only
   control secret        -
           bitmask, bits of 0xf; default 0x0; cannot be read
   control size          0
           integer, 0 to 9; default 0; busy: not while the camera runs
   control restart       -
           button, pressed by any value
   control text          -
           neither read nor set here
`
	if out.String() != want {
		t.Errorf("printed\n%s, want\n%s", &out, want)
	}
	out.Reset()
	(&devicesConfig{}).printControls(t.Context(), &out, &fakeControls{})
	if got := out.String(); got != "   no controls\n" {
		t.Errorf("printed %q", got)
	}
}

func FuzzAssignment(f *testing.F) {
	for _, seed := range []string{"brightness=3", "a=b=c", "=", "a=", "=1", "Zoom, Absolute = 3 ", "a=default", "\xff=\x00", "ä=1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var a assignment
		if a.UnmarshalText([]byte(text)) != nil {
			return
		}
		if strings.Contains(a.Name, "=") || strings.TrimSpace(a.Name) != a.Name || a.Value == "" || capture.ControlKey(a.Name) == "" {
			t.Errorf("%q became %+v", text, a)
		}
		var again assignment
		if err := again.UnmarshalText([]byte(a.Name + "=" + a.Value)); err != nil || again != a {
			t.Errorf("%+v became %+v, %v", a, again, err)
		}
		c := setConfig{Assignments: []assignment{a}}
		if change, err := c.change(webcam().controls); err == nil && len(change.Set)+len(change.Default) != 1 {
			t.Errorf("%+v became %+v", a, change)
		}
	})
}
