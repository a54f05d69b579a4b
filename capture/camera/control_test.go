package camera

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/pushcam/pushcam/capture"
)

const acme = "usb-ACME_Webcam-video-index0"

// adjusted is a camera with controls, and what it keeps and logs.
type adjusted struct {
	*Camera
	device *fakeDevice
	panel  *panel
	memory *memory
	log    *bytes.Buffer
}

func newAdjusted(t *testing.T) *adjusted {
	t.Helper()
	a := &adjusted{device: newFake(), panel: newPanel(), memory: &memory{}, log: &bytes.Buffer{}}
	system := plugged(t, a.device)
	system.Controls = a.panel.open
	a.Camera = New(Config{System: system, Preferences: a.memory, Log: slog.New(slog.NewTextHandler(a.log, nil))})
	t.Cleanup(func() {
		if a.panel.opened != a.panel.closed {
			t.Errorf("controls opened %d times, closed %d times", a.panel.opened, a.panel.closed)
		}
		if opened, closed := a.device.counts(); opened != closed {
			t.Errorf("driver opened %d times, closed %d times", opened, closed)
		}
	})
	return a
}

func (a *adjusted) start(t *testing.T) capture.FrameReader {
	t.Helper()
	r, err := a.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (a *adjusted) wantKept(t *testing.T, want map[string]int64) {
	t.Helper()
	if got := a.memory.of(acme); !maps.Equal(got, want) {
		t.Errorf("kept %v, want %v", got, want)
	}
}

func TestAdjust(t *testing.T) {
	for _, open := range []bool{false, true} {
		t.Run(map[bool]string{false: "closed", true: "open"}[open], func(t *testing.T) {
			a := newAdjusted(t)
			if open {
				r := a.start(t)
				defer func() { _ = r.Close() }()
			}
			before, _ := a.device.counts()
			controls, err := a.Adjust(t.Context(), capture.ControlChange{
				Set: map[string]int64{"exposure": 7, "auto_exposure": 0, "Brightness": 60, "restart": 1},
			})
			if err != nil {
				t.Fatal(err)
			}
			a.wantKept(t, map[string]int64{"exposure": 7, "auto_exposure": 0, "brightness": 60})
			if c := controls[2]; c.Value != 7 || !c.Kept || c.KeptValue != 7 || c.Inactive {
				t.Errorf("after Adjust: %+v", c)
			}
			if controls[4].Kept {
				t.Error("a button is kept")
			}
			// It is left alone: no other opening, no scan.
			if after, _ := a.device.counts(); open && after != before {
				t.Errorf("the driver of the open camera was opened %d times more", after-before)
			}
			if _, err := a.Adjust(t.Context(), capture.ControlChange{Default: []string{"exposure"}, Set: map[string]int64{"brightness": 61}}); err != nil {
				t.Error(err)
			}
			a.wantKept(t, map[string]int64{"auto_exposure": 0, "brightness": 61})
			if got := a.panel.value("exposure"); got != 100 {
				t.Errorf("exposure is %d, want its default", got)
			}
			if controls, err = a.Adjust(t.Context(), capture.ControlChange{Reset: true, Set: map[string]int64{"brightness": 10}}); err != nil {
				t.Error(err)
			}
			a.wantKept(t, map[string]int64{"brightness": 10})
			if controls[0].Value != 10 || controls[1].Value != 1 || controls[1].Kept {
				t.Errorf("after a reset: %+v", controls)
			}
			// What an automatic decides may be forgotten all the same.
			if _, err := a.Adjust(t.Context(), capture.ControlChange{Default: []string{"exposure"}}); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAdjustRefuses(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change capture.ControlChange
		says   string
		kept   map[string]int64
	}{
		{"range", capture.ControlChange{Set: map[string]int64{"brightness": 101, "auto_exposure": 0}},
			"101 is out of range: want 0 to 100", map[string]int64{"auto_exposure": 0}},
		{"inactive", capture.ControlChange{Set: map[string]int64{"exposure": 5}}, "another control", nil},
		{"unknown", capture.ControlChange{Set: map[string]int64{"brightnes": 5, "auto_exposure": 0}}, "there is brightness, auto_exposure", nil},
		{"read-only", capture.ControlChange{Set: map[string]int64{"link": 3, "brightness": 1}}, "can only be read", nil},
		{"twice", capture.ControlChange{Set: map[string]int64{"brightness": 3}, Default: []string{"Brightness"}}, "twice", nil},
		{"a button's default", capture.ControlChange{Default: []string{"restart"}}, "button", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := newAdjusted(t)
			_, err := a.Adjust(t.Context(), tt.change)
			if !containsText(err, tt.says) {
				t.Errorf("Adjust: %v, want what says %q", err, tt.says)
			}
			var refused *capture.NotSetError
			if taken := len(a.panel.applications()) > 0; taken != errors.As(err, &refused) {
				t.Errorf("Adjust: %v, and the camera was asked: %v", err, taken)
			}
			a.wantKept(t, tt.kept)
		})
	}
}

// What is kept is set at every opening, before the first picture, also after
// the camera lost its power.
func TestKeptControlsAreSetAtEveryOpening(t *testing.T) {
	a := newAdjusted(t)
	_ = a.start(t).Close()
	if n := len(a.panel.applications()); n != 0 {
		t.Errorf("%d controls were set that nobody chose", n)
	}
	want := map[string]int64{"exposure": 7, "auto_exposure": 0}
	if _, err := a.Adjust(t.Context(), capture.ControlChange{Set: want}); err != nil {
		t.Fatal(err)
	}
	a.panel.onApply = func() {
		if opened, closed := a.device.counts(); opened == closed {
			t.Error("controls are set of a camera that is not open")
		}
	}
	for n := range 3 {
		a.device.plug(false)
		if _, err := a.Open(t.Context()); !errors.Is(err, ErrNoCamera) {
			t.Errorf("Open without a camera: %v", err)
		}
		a.panel.replug()
		a.device.plug(true)
		before := len(a.panel.applications())
		a.device.recordErr = errors.New("first the controls")
		if _, err := a.Open(t.Context()); !errors.Is(err, a.device.recordErr) || len(a.panel.applications()) != before+1 {
			t.Errorf("opening %d: %v, before the controls were set", n, err)
		}
		a.device.recordErr = nil
		before++
		r := a.start(t)
		if got := a.panel.applications()[before:]; len(got) != 1 || !maps.Equal(got[0], want) {
			t.Errorf("set at opening: %v, want %v once", got, want)
		}
		if a.panel.value("exposure") != 7 || a.panel.value("auto_exposure") != 0 {
			t.Errorf("exposure %d, automatic %d", a.panel.value("exposure"), a.panel.value("auto_exposure"))
		}
		_ = r.Close()
	}
	if a.log.Len() > 0 {
		t.Errorf("logged %s", a.log)
	}
}

func TestWhatCannotBeSetDoesNotKeepThePictureAway(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*adjusted)
		says   []string // each in a line of its own
	}{
		{"range and name", func(a *adjusted) {
			a.memory.kept = map[string]map[string]int64{acme: {"brightness": 1000, "zoom": 1, "auto_exposure": 0}}
		}, []string{"control=brightness", "control=zoom"}},
		// Kept from a time when the automatic was off.
		{"inactive is no trouble", func(a *adjusted) {
			a.memory.kept = map[string]map[string]int64{acme: {"exposure": 1}}
		}, nil},
		{"nothing can be read", func(a *adjusted) { a.memory.err = errors.New("bad file") }, []string{"bad file"}},
		{"controls do not open", func(a *adjusted) {
			a.memory.kept = map[string]map[string]int64{acme: {"brightness": 1}}
			a.panel.gone = true
		}, []string{errGone.Error()}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := newAdjusted(t)
			tt.change(a)
			for n := 1; n <= 2; n++ {
				if err := a.start(t).Close(); err != nil {
					t.Error(err)
				}
				if lines := strings.Count(a.log.String(), "\n"); lines != n*len(tt.says) {
					t.Errorf("%d lines after %d openings: %s", lines, n, a.log)
				}
			}
			for _, says := range tt.says {
				if !strings.Contains(a.log.String(), says) {
					t.Errorf("logged %s, want %q", a.log, says)
				}
			}
		})
	}
}

// Nobody's brightness is changed every few seconds by a pushcam that waits for
// the camera.
func TestAnotherProgramsPictureIsLeftAlone(t *testing.T) {
	a := newAdjusted(t)
	a.memory.kept = map[string]map[string]int64{acme: {"brightness": 9, "zoom": 1}}
	a.device.recordErr = syscall.EBUSY
	for range 5 {
		if _, err := a.Open(t.Context()); !errors.Is(err, syscall.EBUSY) {
			t.Fatalf("Open: %v", err)
		}
	}
	if n := len(a.panel.applications()); n > 1 || a.log.Len() > 0 {
		t.Errorf("controls of a busy camera set %d times, logged %q", n, a.log)
	}
	a.panel.replug()
	a.device.recordErr = nil
	for n := 1; n <= 2; n++ {
		_ = a.start(t).Close()
		if got := a.panel.value("brightness"); got != 9 || strings.Count(a.log.String(), "\n") != n {
			t.Errorf("opening %d: brightness %d, logged %q", n, got, a.log)
		}
	}
}

func TestNotKept(t *testing.T) {
	a := newAdjusted(t)
	a.memory.err = errors.New("disk full")
	controls, err := a.Adjust(t.Context(), capture.ControlChange{Set: map[string]int64{"brightness": 9}})
	if !errors.Is(err, ErrNotKept) || !containsText(err, "disk full") || a.panel.value("brightness") != 9 || len(controls) == 0 {
		t.Errorf("Adjust: %v, %v; brightness %d", controls, err, a.panel.value("brightness"))
	}
}

func TestControlsFail(t *testing.T) {
	a := newAdjusted(t)
	a.panel.gone = true
	if _, err := a.Controls(t.Context()); !errors.Is(err, errGone) {
		t.Errorf("Controls: %v", err)
	}
	a.device.openErr = errors.New("not now")
	if _, err := a.Controls(t.Context()); !errors.Is(err, ErrNoCamera) {
		t.Errorf("Controls without a camera: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := a.Controls(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Controls: %v", err)
	}
	without := newCamera(t, Config{}, newFake())
	if _, err := without.Controls(t.Context()); !errors.Is(err, ErrNoControls) {
		t.Errorf("Controls of a system without: %v", err)
	}
	if _, err := without.Adjust(t.Context(), capture.ControlChange{Reset: true}); !errors.Is(err, ErrNoControls) {
		t.Errorf("Adjust of a system without: %v", err)
	}
}

// Openings, closings and settings from all sides: the camera ends with what is
// kept.
func TestAdjustWhileOpening(t *testing.T) {
	a := newAdjusted(t)
	var all sync.WaitGroup
	all.Go(func() {
		for range 5 {
			r, err := a.Open(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			_ = r.Close()
		}
	})
	for n := range int64(4) {
		all.Go(func() {
			for range 5 {
				if _, err := a.Adjust(t.Context(), capture.ControlChange{Set: map[string]int64{"brightness": n}}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if got, want := a.panel.value("brightness"), a.memory.of(acme)["brightness"]; got != want {
		t.Errorf("the camera has %d, kept is %d", got, want)
	}
}
