package capture

import "testing"

func TestParseBitrate(t *testing.T) {
	for text, want := range map[string]Bitrate{
		"2M": 2 * Mbps, "1.5M": 1500 * Kbps, "800k": 800 * Kbps, "800K": 800 * Kbps, "300000": 300 * Kbps, "2m": 2 * Mbps,
		"": 0, "M": 0, "-1M": 0, "0": 0, "2G": 0, "nan": 0, "inf": 0, "1e30": 0, "2M2": 0, " 2M": 0,
	} {
		got, err := ParseBitrate(text)
		if got != want || (err == nil) != (want != 0) {
			t.Errorf("ParseBitrate(%q) = %v, %v, want %v", text, got, err, want)
		}
		if err == nil {
			if again, err := ParseBitrate(got.String()); err != nil || again != got {
				t.Errorf("%v prints as %q, which reads as %v, %v", got, got.String(), again, err)
			}
		}
	}
}

func TestParseSize(t *testing.T) {
	for text, want := range map[string]Size{
		"1280x720": {1280, 720}, "640X480": {640, 480}, "16x16": {16, 16}, "16382x16382": {16382, 16382},
		"": {}, "1280": {}, "1280x": {}, "x720": {}, "1281x720": {}, "1280x721": {}, "14x720": {}, "20000x720": {}, "-2x720": {}, "1280x720x3": {}, "1280 x 720": {},
	} {
		got, err := ParseSize(text)
		if got != want || (err == nil) != (want != Size{}) {
			t.Errorf("ParseSize(%q) = %v, %v, want %v", text, got, err, want)
		}
	}
}

func TestParseCodec(t *testing.T) {
	for _, c := range Codecs() {
		if got, err := ParseCodec(c.String()); got != c || err != nil {
			t.Errorf("ParseCodec(%q) = %v, %v", c, got, err)
		}
	}
	for _, text := range []string{"", "none", "av1", "h265"} {
		if got, err := ParseCodec(text); err == nil {
			t.Errorf("ParseCodec(%q) = %v, want an error", text, got)
		}
	}
}
