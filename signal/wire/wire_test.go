package wire_test

import (
	"bytes"
	"errors"
	"flag"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/pushcam/pushcam/signal"
	"github.com/pushcam/pushcam/signal/wire"
)

var update = flag.Bool("update", false, "write testdata")

func TestGolden(t *testing.T) {
	for _, c := range goldenCases {
		t.Run(c.name, func(t *testing.T) {
			got, err := wire.Encode(c.message)
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join("testdata", c.name+".json")
			if *update {
				if err := os.WriteFile(file, append(got, '\n'), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := string(got), string(bytes.TrimSpace(want)); got != want {
				t.Errorf("Encode:\n got %s\nwant %s", got, want)
			}
			back, err := wire.Decode(want)
			if err != nil || !reflect.DeepEqual(back, c.message) {
				t.Errorf("Decode(Encode(%#v)) = %#v, %v", c.message, back, err)
			}
		})
	}
}

func TestGoldenCoversEveryType(t *testing.T) {
	seen := make(map[signal.Type]bool)
	for _, c := range goldenCases {
		seen[c.message.Type()] = true
	}
	if len(seen) != 12 {
		t.Errorf("%d types of messages in goldenCases, want all 12", len(seen))
	}
}

func TestDecodeIsLiberal(t *testing.T) {
	for _, c := range liberalCases {
		t.Run(c.name, func(t *testing.T) {
			got, err := wire.Decode([]byte(c.text))
			if err != nil || !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %#v, %v\nwant %#v", got, err, c.want)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	for _, c := range badCases {
		t.Run(c.name, func(t *testing.T) {
			got, err := wire.Decode([]byte(c.text))
			var e *signal.Error
			if !errors.As(err, &e) {
				t.Fatalf("got %#v, %v; want a *signal.Error", got, err)
			}
			if e.Code != c.want.Code || e.ID != c.want.ID || !strings.Contains(e.Message, c.want.Message) {
				t.Errorf("got %+v\nwant %+v", *e, c.want)
			}
		})
	}
}

func TestWhoMayDoWithoutAnID(t *testing.T) {
	for _, c := range goldenCases {
		text, err := wire.Encode(c.message)
		if err != nil {
			t.Fatal(err)
		}
		_, err = wire.Decode(bytes.Replace(text, []byte(`,"id":"`+id+`"`), nil, 1))
		switch c.message.(type) {
		case signal.PushInit, *signal.Error, signal.State, signal.Report:
			if err != nil {
				t.Errorf("%s without an id: %v", c.name, err)
			}
		default:
			if err == nil || !strings.Contains(err.Error(), "id: want") {
				t.Errorf("%s without an id: error %v", c.name, err)
			}
		}
	}
}

func TestEncodeWritesWhatJSONCannot(t *testing.T) {
	for _, fps := range []float64{math.NaN(), math.Inf(1)} {
		text, err := wire.Encode(signal.Report{ID: id, Stats: signal.Stats{FramesPerSecond: fps}})
		if err != nil || !strings.Contains(string(text), `"framesPerSecond":0,`) {
			t.Errorf("%g frames per second: %s, %v", fps, text, err)
		}
	}
	text, err := wire.Encode(signal.State{ID: id, Camera: signal.CameraState{State: signal.CameraLive, Detail: "\xff"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := wire.Decode(text); err != nil {
		t.Errorf("a detail that is not UTF-8: %s: %v", text, err)
	}
}

func TestEncodeRefusesNil(t *testing.T) {
	if text, err := wire.Encode(nil); err == nil {
		t.Errorf("Encode(nil) = %s, want an error", text)
	}
}

func FuzzDecode(f *testing.F) {
	for _, c := range goldenCases {
		text, err := wire.Encode(c.message)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	for _, c := range liberalCases {
		f.Add([]byte(c.text))
	}
	for _, c := range badCases {
		f.Add([]byte(c.text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := wire.Decode(text)
		if err != nil {
			checkError(t, err)
			return
		}
		again, err := wire.Encode(m)
		if err != nil {
			t.Fatalf("Encode(%#v): %v", m, err)
		}
		if len(again) > signal.MaxMessage {
			return // escaped, it may have grown
		}
		back, err := wire.Decode(again)
		if err != nil || !reflect.DeepEqual(back, m) {
			t.Fatalf("Decode(Encode(m)) = %#v, %v\nm = %#v", back, err, m)
		}
	})
}

// checkError holds an error to what viewers are promised of one.
func checkError(t *testing.T, err error) {
	t.Helper()
	var e *signal.Error
	if !errors.As(err, &e) {
		t.Fatalf("%T is not a *signal.Error: %v", err, err)
	}
	if len(e.Message) == 0 || len(e.Message) > 400 || len(e.ID) > signal.MaxID {
		t.Fatalf("message of %d bytes, id of %d", len(e.Message), len(e.ID))
	}
	text, err := wire.Encode(e)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := wire.Decode(text); err != nil {
		t.Fatalf("the error cannot be read itself: %v", err)
	}
}
