package v4l2

import (
	"errors"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/pushcam/pushcam/capture"
)

func named(id, kind uint32, name string, minimum, maximum int64, step uint64, def int64, flags uint32) *fakeControl {
	c := &fakeControl{controlQuery: controlQuery{id: id, kind: kind, minimum: minimum, maximum: maximum, step: step, def: def, flags: flags}, value: def}
	copy(c.name[:], name)
	return c
}

// webcam has the controls of a UVC camera, and some that drivers get wrong.
func webcam() *fake {
	f := newFake()
	exposure := named(0x009a0901, 3, "Auto Exposure", 0, 3, 1, 3, 0)
	exposure.menu = map[uint32]string{1: "Manual Mode", 3: "Aperture Priority Mode"}
	exposure.blocks, exposure.off = 0x009a0902, 1
	white := named(0x0098090c, 2, "White Balance, Automatic", 0, 1, 1, 1, controlUpdate)
	white.blocks = 0x0098091a
	frequency := named(0x0099a001, 9, "Link Frequency", 0, 1, 1, 0, 0)
	frequency.menu = map[uint32]string{0: "x", 1: "x"}
	f.controls = []*fakeControl{
		named(0x00980001, 6, "User Controls", 0, 0, 0, 0, controlReadOnly|controlWriteOnly),
		named(0x00980900, 1, "Brightness", -64, 64, 1, 0, 0),
		white,
		named(0x00980913, 1, "Gain", 0, 100, 10, 50, 0),
		named(0x00980914, 1, "Gain", 0, 1, 1, 0, controlReadOnly|controlVolatile),
		named(0x0098091a, 1, "White Balance Temperature", 2800, 6500, 1, 4600, 0),
		named(0x00980920, 1, "Broken", 0, 1, 1, 0, controlDisabled),
		named(0x00980930, 4, "Press Me", 0, 0, 0, 0, controlWriteOnly),
		named(0x00980931, 8, "Bits", 0, 0x80000001, 0, 1, 0),
		named(0x00980932, 5, "Wide", -1<<40, 1<<40, 1, 0, 0),
		named(0x00980933, 7, "Text", 0, 32, 1, 0, 0),
		named(0x00980934, 1, "Matrix", 0, 32, 1, 0, controlHasPayload),
		named(0x00980935, 1, "Locked", 0, 32, 1, 0, controlGrabbed),
		named(0x00980936, 1, "\xff\x01", 0, 32, 1, 0, 0),
		frequency,
		exposure,
		named(0x009a0902, 1, "Exposure Time, Absolute", 3, 2047, 1, 250, 0),
	}
	f.controls[len(f.controls)-1].value = 1
	slices.SortFunc(f.controls, func(a, b *fakeControl) int { return int(a.id) - int(b.id) })
	return f
}

func TestControls(t *testing.T) {
	controls, err := openFake(t, webcam()).Controls()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]capture.Control{}
	for _, c := range controls {
		got[c.Key] = c
	}
	for key, want := range map[string]string{
		"brightness": "integer -64 to 64", "white_balance_automatic": "boolean 0 or 1 leading",
		"gain": "integer 0 to 100 in steps of 10", "gain_00980914": "integer 0 to 1 read-only volatile",
		"white_balance_temperature": "integer 2800 to 6500 inactive",
		"press_me":                  "button any value, which presses it", "bits": "bitmask bits of 0x80000001",
		"wide": "integer64 -1099511627776 to 1099511627776", "text": "opaque not a number", "matrix": "opaque not a number",
		"locked": "integer 0 to 32 busy", "control_00980936": "integer 0 to 32",
		"link_frequency":         "integer menu one of 0 (0), 1 (100)",
		"auto_exposure":          "menu one of 1 (Manual Mode), 3 (Aperture Priority Mode) leading",
		"exposure_time_absolute": "integer 3 to 2047 inactive",
	} {
		c, ok := got[key]
		text := c.Type.String() + " " + c.Range()
		for _, flag := range []struct {
			set  bool
			name string
		}{{c.ReadOnly, "read-only"}, {c.Inactive, "inactive"}, {c.Busy, "busy"}, {c.Volatile, "volatile"}, {c.Leading, "leading"}} {
			if flag.set {
				text += " " + flag.name
			}
		}
		if !ok || text != want {
			t.Errorf("%s is %q, want %q", key, text, want)
		}
		delete(got, key)
	}
	if len(got) > 0 {
		t.Errorf("also listed: %v", got)
	}
}

func TestSet(t *testing.T) {
	f := webcam()
	d := openFake(t, f)
	for _, tt := range []struct {
		name  string
		value int64
		want  int64
		says  string // of the error
	}{
		{"brightness", -64, -64, ""},
		{"Brightness", 64, 64, ""},
		{"gain", 33, 30, ""},
		{"bits", 0x80000001, 0x80000001, ""},
		{"wide", -1 << 40, -1 << 40, ""},
		{"press_me", 1, 1, ""},
		{"link_frequency", 1, 1, ""},
		{"auto_exposure", 1, 1, ""},
		{"exposure_time_absolute", 5, 5, ""},
		{"brightness", 65, 0, "65 is out of range: want -64 to 64"},
		{"auto_exposure", 2, 0, "want one of 1 (Manual Mode), 3 (Aperture"},
		{"white_balance_automatic", 2, 0, "want 0 or 1"},
		{"bits", 2, 0, "want bits of 0x80000001"},
		{"bits", -1, 0, "want bits of"},
		{"wide", 1 << 41, 0, "want -1099511627776 to"},
		{"white_balance_temperature", 5000, 0, "another control, mostly an automatic one, decides"},
		{"gain_00980914", 1, 0, "can only be read"},
		{"locked", 1, 0, "cannot be changed now"},
		{"text", 1, 0, "is no number"},
		{"contrast", 1, 0, `no control "contrast": there is `},
		{"brightnes", 1, 0, `no control "brightnes": there is brightness, `},
	} {
		got, err := d.Set(tt.name, tt.value)
		if tt.says == "" && (err != nil || got != tt.want) {
			t.Errorf("Set(%s, %d) = %d, %v; want %d", tt.name, tt.value, got, err, tt.want)
		}
		if tt.says != "" && (err == nil || !strings.Contains(err.Error(), tt.says)) {
			t.Errorf("Set(%s, %d) = %d, %v; want an error that says %q", tt.name, tt.value, got, err, tt.says)
		}
	}
	f.refuse[requestSetControl] = []error{syscall.EIO, syscall.ENODEV}
	if _, err := d.Set("brightness", 1); !errors.Is(err, syscall.EIO) || !strings.Contains(err.Error(), "the camera refuses") {
		t.Errorf("Set that the camera refuses: %v", err)
	}
	if _, err := d.Set("brightness", 1); !errors.Is(err, ErrGone) {
		t.Errorf("Set on a camera that is gone: %v", err)
	}
}

func TestApplyInAnOrderThatWorks(t *testing.T) {
	f := webcam()
	d := openFake(t, f)
	values := map[string]int64{
		"exposure_time_absolute": 100, "auto_exposure": 1, "white_balance_temperature": 3000, "white_balance_automatic": 0, "brightness": 3,
	}
	// One that fails once is tried again.
	f.refuse[requestSetControl] = []error{syscall.EIO}
	if err := d.Apply(values); err != nil {
		t.Error(err)
	}
	for name, want := range values {
		if c, err := d.Control(name); err != nil || c.Value != want {
			t.Errorf("%s is %d, want %d; %v", name, c.Value, want, err)
		}
	}
	err := d.Apply(map[string]int64{"auto_exposure": 3, "exposure_time_absolute": 200, "brightness": 1000, "nothing": 1, "gain": 90})
	var partly *capture.NotSetError
	if !errors.As(err, &partly) || len(partly.Failed) != 3 || onlyInactive(partly) {
		t.Fatalf("Apply: %v", err)
	}
	for name, says := range map[string]string{"exposure_time_absolute": "decides", "brightness": "-64 to 64", "nothing": "no control"} {
		if err := partly.Failed[name]; err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want what says %q", name, err, says)
		}
	}
	if c, err := d.Control("gain"); err != nil || c.Value != 90 {
		t.Errorf("gain is %d, want what could be set: %v", c.Value, err)
	}
	if err := d.Reset(); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"gain", "brightness", "auto_exposure", "white_balance_automatic"} {
		if c, err := d.Control(name); err != nil || c.Value != c.Default {
			t.Errorf("%s is %d after Reset, want %d; %v", name, c.Value, c.Default, err)
		}
	}
	f.mu.Lock()
	f.unplugged = true
	f.mu.Unlock()
	if err := d.Apply(values); !errors.Is(err, ErrGone) {
		t.Errorf("Apply to a camera that is gone: %v", err)
	}
}

// Drivers from before VIDIOC_QUERY_EXT_CTRL, and without any control at all.
func TestControlsWithoutTheNewQuery(t *testing.T) {
	controls, err := openFake(t, newFake()).Controls()
	if err != nil || len(controls) != 0 {
		t.Errorf("controls %v, %v; want none", controls, err)
	}
	f := webcam()
	f.oldControls = true
	d := openFake(t, f)
	controls, err = d.Controls()
	if err != nil || len(controls) != 15 {
		t.Errorf("%d controls, %v; want 15", len(controls), err)
	}
	if got, err := d.Set("bits", 0x80000001); err != nil || got != 0x80000001 {
		t.Errorf("Set(bits) = %x, %v", got, err)
	}
	if err := d.Apply(map[string]int64{"exposure_time_absolute": 100, "auto_exposure": 1}); err != nil {
		t.Error(err)
	}
}
