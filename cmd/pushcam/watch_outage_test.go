package main

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pushcam/pushcam/signal"
)

func TestOutages(t *testing.T) {
	const picture = "picture"
	for _, tt := range []struct {
		name string
		what []string // a second apart
		want outageSum
		log  []string
	}{
		{"none", []string{signal.CameraOpening, signal.CameraLive, picture, picture}, outageSum{}, []string{"first picture"}},
		{"one", []string{signal.CameraLive, picture, signal.CameraLost, signal.CameraLive, picture},
			outageSum{1, 2 * time.Second}, []string{"first picture", "camera lost", "picture back"}},
		{"slates", []string{signal.CameraLive, picture, signal.CameraLost, picture, picture, picture, signal.CameraLive, picture},
			outageSum{1, 5 * time.Second}, []string{"first picture", "camera lost", "slate", "picture back"}},
		{"back for less than a picture", []string{signal.CameraLost, signal.CameraLive, signal.CameraLost, picture, signal.CameraLive, picture},
			outageSum{1, 5 * time.Second}, []string{"camera lost", "first picture", "picture back"}},
		{"not over", []string{signal.CameraLive, picture, signal.CameraLost, picture},
			outageSum{1, 2 * time.Second}, []string{"first picture", "camera lost"}},
		{"two", []string{signal.CameraLost, signal.CameraLive, picture, signal.CameraLost, signal.CameraOpening, signal.CameraLive, picture},
			outageSum{2, 3 * time.Second}, []string{"camera lost", "first picture", "picture back", "camera lost", "picture back"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				o := &outages{log: slog.New(slog.NewTextHandler(&log, nil))}
				for _, what := range tt.what {
					if what == picture {
						o.seen()
					} else {
						o.told(signal.CameraState{State: what, Detail: "unplugged"})
					}
					<-time.After(time.Second)
				}
				if got := o.total(); got != tt.want {
					t.Errorf("got %+v, want %+v", got, tt.want)
				}
				lines := strings.Split(strings.TrimSpace(log.String()), "\n")
				if len(lines) != len(tt.log) {
					t.Fatalf("logged:\n%s\nwant %q", &log, tt.log)
				}
				for i, line := range lines {
					if !strings.Contains(line, tt.log[i]) {
						t.Errorf("line %d is %q, want %q", i, line, tt.log[i])
					}
				}
			})
		})
	}
}
