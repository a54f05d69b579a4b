//go:build browser && linux

package browsertest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// clockVector is a picture and what clock.js has to make of it.
type clockVector struct {
	File      string
	UnixMilli int64
	Error     string // a part of the message; empty when the time can be read
}

// TestClock: the reader that all other tests rely on, in a real browser, on
// the pictures that the reader in Go is tested with too.
func TestClock(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/clock.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []clockVector
	if err := json.Unmarshal(text, &vectors); err != nil {
		t.Fatal(err)
	}
	p := open(t, chromium(t), "about:blank")
	for _, v := range vectors {
		t.Run(v.File, func(t *testing.T) {
			p := &page{t, p.tab}
			for _, channels := range []int{1, 4} { // luma; RGBA as from a canvas
				got := value[struct {
					Clock int64
					Error string
				}](p, readExpression(t, v.File, channels))
				switch {
				case v.Error == "" && (got.Error != "" || got.Clock != v.UnixMilli):
					t.Errorf("%d channels: got %+v, want %d", channels, got, v.UnixMilli)
				case v.Error != "" && !strings.Contains(got.Error, v.Error):
					t.Errorf("%d channels: got %+v, want error %q", channels, got, v.Error)
				}
			}
		})
	}
}

// readExpression is the call of readClock for a grey picture in a file.
func readExpression(t *testing.T, name string, channels int) string {
	t.Helper()
	file, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	var width, height, white int
	if _, err := fmt.Sscanf(string(file), "P5\n%d %d\n%d\n", &width, &height, &white); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	luma := file[len(file)-width*height:]
	data := luma
	if channels == 4 {
		data = nil
		for _, y := range luma {
			data = append(data, y, y, y, 255)
		}
	}
	return fmt.Sprintf(`(() => {
		const data = Uint8Array.from(atob(%q), (c) => c.charCodeAt(0));
		try {
			return { clock: probe.readClock({ data, width: %d, height: %d }) };
		} catch (error) {
			return { error: error.message };
		}
	})()`, base64.StdEncoding.EncodeToString(data), width, height)
}
