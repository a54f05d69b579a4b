//go:build vivid

package v4l2

import (
	"strings"
	"testing"

	"github.com/pushcam/pushcam/capture"
)

func TestVividControls(t *testing.T) {
	d := openVivid(t)
	controls, err := d.Controls()
	if err != nil {
		t.Fatal(err)
	}
	byKey := map[string]capture.Control{}
	for _, c := range controls {
		byKey[c.Key] = c
	}
	t.Logf("%d controls", len(controls))
	for name, want := range map[string]capture.ControlType{
		"brightness": capture.ControlInteger, "horizontal_flip": capture.ControlBoolean, "menu": capture.ControlMenu, "integer_menu": capture.ControlIntegerMenu, "button": capture.ControlButton,
		"bitmask": capture.ControlBitmask, "integer_64_bits": capture.ControlInteger64, "string": capture.ControlOpaque,
	} {
		if got, ok := byKey[name]; !ok || got.Type != want {
			t.Errorf("%s is %v (there: %v), want %v", name, got.Type, ok, want)
		}
	}
	if len(byKey["menu"].Menu) == 0 || len(byKey["integer_menu"].Menu) == 0 {
		t.Errorf("menus %v, %v", byKey["menu"].Menu, byKey["integer_menu"].Menu)
	}
	for name, value := range map[string]int64{"brightness": 77, "horizontal_flip": 1, "integer_64_bits": -5_000_000_000, "bitmask": 0x80400000} {
		if got, err := d.Set(name, value); err != nil || got != value {
			t.Errorf("Set(%s, %d) = %d, %v", name, value, got, err)
		}
	}
	if c, err := d.Control("Brightness"); err != nil || c.Value != 77 {
		t.Errorf("brightness is %d, %v", c.Value, err)
	}
	if _, err := d.Set("brightness", 256); err == nil || !strings.Contains(err.Error(), "0 to 255") {
		t.Errorf("Set out of range: %v", err)
	}
	if _, err := d.Set("brightnes", 1); err == nil || !strings.Contains(err.Error(), "brightness") {
		t.Errorf("Set of what is not there: %v", err)
	}
	if err := d.Reset(); err != nil {
		t.Errorf("Reset: %v", err)
	}
	if c, err := d.Control("brightness"); err != nil || c.Value != c.Default {
		t.Errorf("brightness after Reset is %d, want %d, %v", c.Value, c.Default, err)
	}
}

// Gain is inactive while its automatic is on, so the order matters.
func TestVividApply(t *testing.T) {
	d := openVivid(t)
	set(t, d, "gain_automatic", 1)
	if _, err := d.Set("gain", 42); err == nil {
		t.Error("Set of an inactive control: no error")
	} else {
		t.Log(err)
	}
	if err := d.Apply(map[string]int64{"gain": 42, "gain_automatic": 0, "contrast": 99}); err != nil {
		t.Error(err)
	}
	for name, want := range map[string]int64{"gain": 42, "gain_automatic": 0, "contrast": 99} {
		if c, err := d.Control(name); err != nil || c.Value != want || c.Inactive {
			t.Errorf("%s is %d, inactive %v, want %d; %v", name, c.Value, c.Inactive, want, err)
		}
	}
	if err := d.Apply(map[string]int64{"gain_automatic": 1, "gain": 1, "contrast": 1000, "hue": 1}); err == nil {
		t.Error("Apply of the impossible: no error")
	} else if text := err.Error(); strings.Count(text, "\n") != 1 || !strings.Contains(text, "gain") || !strings.Contains(text, "0 to 255") {
		t.Errorf("Apply of the impossible: %v", err)
	}
	if c, err := d.Control("hue"); err != nil || c.Value != 1 {
		t.Errorf("what could be set was not: %v, %v", c.Value, err)
	}
	if err := d.Reset(); err != nil {
		t.Error(err)
	}
}
