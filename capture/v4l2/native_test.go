package v4l2

import "testing"

// A camera's words are printed on terminals, whatever they are.
func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"HD Pro Webcam C920\x00\xff\xff": "HD Pro Webcam C920",
		"  Caméra 4K™ ":                  "Caméra 4K™",
		"\x1b[2Jred\x07":                 "[2Jred",
		"\u009b31mred":                   "31mred",
		"\u202eevil\u200b":               "evil",
		"a\xffb\tc\n":                    "abc",
		"\x00hidden":                     "",
	} {
		if got := text([]byte(in)); got != want {
			t.Errorf("text(%q) = %q, want %q", in, got, want)
		}
	}
}
