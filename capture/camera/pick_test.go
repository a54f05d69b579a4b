package camera

import (
	"errors"
	"slices"
	"syscall"
	"testing"
)

// stage is one opening: what is plugged in then, and what has to come of it.
type stage struct {
	there []string
	want  string // title, or a part of the error
}

func TestPick(t *testing.T) {
	labels := map[string]string{
		"A": "usb-A-video-index0;video3", "B": "usb-B-video-index0;video1", "B busy": "usb-B-video-index0;video1",
		"A elsewhere": "usb-A-video-index0;video9",
		// Without udev there is only the number, which is anybody's.
		"bare": "video0;video0", "bare elsewhere": "video2;video2", "other bare": "video0;video0",
	}
	titles := map[string]string{"A elsewhere": "A", "B busy": "B", "bare elsewhere": "bare"}
	buses := map[string]string{"bare elsewhere": "bus-bare"}
	for _, tt := range []struct {
		name, device string
		stages       []stage
	}{
		{"auto stays", Auto, []stage{{[]string{"B"}, "B"}, {[]string{"A", "B"}, "B"}, {[]string{"A"}, "is not connected"}, {[]string{"A", "B"}, "B"}}},
		{"auto takes the first that comes", Auto, []stage{{nil, "no camera found"}, {[]string{"B"}, "B"}}},
		{"auto takes the first usable", Auto, []stage{{[]string{"A", "B"}, "A"}}},
		{"auto, nothing is left", Auto, []stage{{[]string{"B"}, "B"}, {nil, "no camera found"}}},
		{"nobody said anything", "", []stage{{[]string{"B"}, "B"}, {[]string{"A"}, "is not connected"}}},
		{"any stays while it can", Any, []stage{{[]string{"B"}, "B"}, {[]string{"A", "B"}, "B"}}},
		{"any goes on", Any, []stage{{[]string{"B"}, "B"}, {[]string{"A"}, "A"}, {[]string{"A", "B"}, "A"}}},
		{"any leaves a busy one", Any, []stage{{[]string{"B"}, "B"}, {[]string{"A", "B busy"}, "A"}}},
		{"auto waits for a busy one", Auto, []stage{{[]string{"B"}, "B"}, {[]string{"A", "B busy"}, syscall.EBUSY.Error()}}},
		{"an index stays", "0", []stage{{[]string{"B"}, "B"}, {[]string{"A", "B"}, "B"}, {[]string{"A"}, "is not connected"}}},
		{"a number changes", "usb-A", []stage{{[]string{"A"}, "A"}, {[]string{"A elsewhere", "B"}, "A"}}},
		{"a path is taken at its word", "/dev/video0", []stage{{[]string{"bare"}, "bare"}, {[]string{"other bare"}, "other bare"}}},
		{"without udev the number may change", Auto, []stage{{[]string{"bare"}, "bare"}, {[]string{"bare elsewhere"}, "bare"}}},
		{"without udev another gets the number", Auto, []stage{{[]string{"bare"}, "bare"}, {[]string{"other bare"}, "is not connected"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			devices := map[string]*fakeDevice{}
			var all []*fakeDevice
			for name, label := range labels {
				d := newFake()
				title, bus := name, "bus-"+name
				if other := titles[name]; other != "" {
					title, bus = other, "usb-"+other
				}
				if other := buses[name]; other != "" {
					bus = other
				}
				d.label, d.name = label, title+";"+bus
				if name == "B busy" {
					d.openErr = syscall.EBUSY
				}
				devices[name] = d
				all = append(all, d)
			}
			c := newCamera(t, Config{Device: tt.device}, all...)
			for i, stage := range tt.stages {
				for name, d := range devices {
					d.plug(slices.Contains(stage.there, name))
				}
				r, err := c.Open(t.Context())
				if err == nil {
					_ = r.Close()
					if c.Name() != stage.want {
						t.Errorf("stage %d opened %q, want %s", i, c.Name(), stage.want)
					}
				} else if !containsText(err, stage.want) {
					t.Errorf("stage %d: %v, want %s", i, err, stage.want)
				}
				if len(stage.there) == 0 && !errors.Is(err, ErrNoCamera) {
					t.Errorf("stage %d: %v, want %v", i, err, ErrNoCamera)
				}
			}
		})
	}
}
