package capture

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

var (
	exposureMenu = Control{Key: "auto_exposure", Type: ControlMenu, Max: 3, Menu: []MenuItem{{1, "Manual Mode"}, {3, "Aperture Priority Mode"}}}
	numberMenu   = Control{Key: "link_frequency", Type: ControlIntegerMenu, Max: 2, Menu: []MenuItem{{0, "100"}, {1, "200"}, {2, "1"}}}
	twinMenu     = Control{Key: "twins", Type: ControlMenu, Max: 2, Menu: []MenuItem{{0, "A"}, {1, "a"}, {2, "-"}}}
	gain         = Control{Key: "gain", Type: ControlInteger, Min: -10, Max: 100, Step: 10}
	flip         = Control{Key: "flip", Type: ControlBoolean, Max: 1}
	bits         = Control{Key: "bits", Type: ControlBitmask, Max: 0x80000001}
	wide         = Control{Key: "wide", Type: ControlInteger64, Min: -1 << 40, Max: 1 << 40}
	press        = Control{Key: "press", Type: ControlButton}
	opaque       = Control{Key: "text", Type: ControlOpaque}
)

var parseCases = []struct {
	control Control
	text    string
	want    int64
	says    string // of the error
}{
	{gain, "30", 30, ""}, {gain, "-10", -10, ""},
	// Another control may move the range before this one is set.
	{gain, "101", 101, ""},
	{gain, "", 0, "want -10 to 100 in steps of 10"}, {gain, "3.5", 0, "want -10"}, {gain, "0x10", 0, "want -10"},
	{gain, "99999999999999999999", 0, "want -10"}, {gain, "on", 0, "want -10"},
	{flip, "on", 1, ""}, {flip, "OFF", 0, ""}, {flip, "True", 1, ""}, {flip, "false", 0, ""}, {flip, "yes", 1, ""}, {flip, "no", 0, ""},
	{flip, "1", 1, ""}, {flip, "0", 0, ""}, {flip, "2", 0, "want on or off"}, {flip, "maybe", 0, "want on or off"},
	{exposureMenu, "1", 1, ""}, {exposureMenu, "Manual Mode", 1, ""}, {exposureMenu, "manual mode", 1, ""},
	{exposureMenu, "manual_mode", 1, ""}, {exposureMenu, "aperture-priority-mode", 3, ""},
	{exposureMenu, "2", 0, "one of 1 (Manual Mode), 3 (Aperture"}, {exposureMenu, "manual", 0, "one of 1"}, {exposureMenu, "-", 0, "one of 1"},
	{numberMenu, "200", 1, ""}, {numberMenu, "1", 1, ""}, {numberMenu, "2", 2, ""}, {numberMenu, "300", 0, "one of 0 (100)"},
	{twinMenu, "a", 1, ""}, {twinMenu, "A", 0, ""}, {twinMenu, "-", 2, ""}, {twinMenu, " a", 0, "more than one item"},
	{bits, "0x80000001", 0x80000001, ""}, {bits, "1", 1, ""}, {bits, "-1", 0, "want bits of"}, {bits, "0x100000000", 0, "want bits of"},
	{wide, "-1099511627776", -1 << 40, ""},
	{press, "now", 1, ""}, {press, "", 1, ""},
	{opaque, "1", 0, "is no number"},
}

func TestControlParse(t *testing.T) {
	for _, c := range parseCases {
		got, err := c.control.Parse(c.text)
		if c.says == "" && (err != nil || got != c.want) {
			t.Errorf("%s: Parse(%q) = %d, %v; want %d", c.control.Key, c.text, got, err, c.want)
		}
		if c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%s: Parse(%q) = %d, %v; want what says %q", c.control.Key, c.text, got, err, c.says)
		}
	}
}

// FuzzControlParse: what Parse reads, Format writes in a way that Parse reads.
func FuzzControlParse(f *testing.F) {
	controls := []Control{exposureMenu, numberMenu, twinMenu, gain, flip, bits, wide, press, opaque}
	for _, c := range parseCases {
		i := slices.IndexFunc(controls, func(o Control) bool { return o.Key == c.control.Key })
		f.Add(uint8(i), c.text)
	}
	f.Fuzz(func(t *testing.T, which uint8, text string) {
		c := controls[int(which)%len(controls)]
		value, err := c.Parse(text)
		if err != nil {
			return
		}
		written := c.Format(value)
		if c.Type == ControlMenu || c.Type == ControlIntegerMenu {
			written, _, _ = strings.Cut(written, " ")
		}
		if again, err := c.Parse(written); err != nil || again != value {
			t.Errorf("%s: %q is %d, is written %q, is %d, %v", c.Key, text, value, written, again, err)
		}
	})
}

func TestControlFormat(t *testing.T) {
	for _, c := range []struct {
		control Control
		value   int64
		want    string
	}{
		{gain, -10, "-10"}, {flip, 1, "on"}, {flip, 0, "off"}, {flip, 7, "7"}, {bits, 0x80000001, "0x80000001"},
		{exposureMenu, 3, "3 (Aperture Priority Mode)"}, {exposureMenu, 2, "2"}, {numberMenu, 1, "1 (200)"}, {wide, 1 << 40, "1099511627776"},
	} {
		if got := c.control.Format(c.value); got != c.want {
			t.Errorf("%s: Format(%d) = %q, want %q", c.control.Key, c.value, got, c.want)
		}
	}
}

func TestControlCheck(t *testing.T) {
	inactive, busy, readOnly := gain, gain, gain
	inactive.Inactive, busy.Busy, readOnly.ReadOnly = true, true, true
	for _, c := range []struct {
		control Control
		value   int64
		says    string
	}{
		{gain, 100, ""}, {gain, 101, "101 is out of range: want -10 to 100 in steps of 10"}, {flip, 2, "want 0 or 1"},
		{exposureMenu, 2, "want one of 1 (Manual Mode)"}, {bits, 2, "want bits of 0x80000001"}, {wide, 1 << 41, "out of range"},
		{opaque, 1, "no number"}, {press, 9, ""}, {inactive, 100, "another control"}, {inactive, 101, "out of range"},
		{busy, 1, "cannot be changed now"}, {readOnly, 1, "can only be read"},
	} {
		err := c.control.Check(c.value)
		if c.says == "" && err != nil || c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%s: Check(%d) = %v, want what says %q", c.control.Key, c.value, err, c.says)
		}
	}
	if err := inactive.Check(1); !errors.Is(err, ErrInactive) {
		t.Errorf("Check of an inactive one: %v", err)
	}
}

func TestControlKey(t *testing.T) {
	for name, want := range map[string]string{
		"White Balance, Automatic": "white_balance_automatic", "  Gain ": "gain", "Focus (absolute)": "focus_absolute",
		"\xff\x01": "", "ÄÖ": "", "Zoom 2x": "zoom_2x",
	} {
		if got := ControlKey(name); got != want {
			t.Errorf("ControlKey(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestFindControl(t *testing.T) {
	var all []Control
	for _, key := range []string{"contrast", "brightness", "white_balance_automatic", "white_balance_temperature", "gain"} {
		all = append(all, Control{Key: key})
	}
	for name, want := range map[string]int{"gain": 4, "Gain": 4, "White Balance, Automatic": 2} {
		if got, err := FindControl(all, name); err != nil || got != want {
			t.Errorf("FindControl(%q) = %d, %v; want %d", name, got, err, want)
		}
	}
	for name, nearest := range map[string]string{
		"brightnes": "brightness", "gian": "gain", "temperature": "white_balance_temperature", "contarst": "contrast",
		strings.Repeat("x", 1000): "",
	} {
		_, err := FindControl(all, name)
		if err == nil || !strings.Contains(err.Error(), "there is "+nearest) || strings.Count(err.Error(), ", ") != len(all)-1 {
			t.Errorf("FindControl(%q): %v, want all, %q first", name, err, nearest)
		}
	}
	if _, err := FindControl(nil, "gain"); err == nil || !strings.Contains(err.Error(), "has none") {
		t.Errorf("FindControl among none: %v", err)
	}
}

func TestNotSetError(t *testing.T) {
	one := errors.New("one")
	err := error(&NotSetError{Failed: map[string]error{"b": one, "a": errors.New("two")}})
	if err.Error() != "two\none" || !errors.Is(err, one) {
		t.Errorf("%q", err)
	}
}
