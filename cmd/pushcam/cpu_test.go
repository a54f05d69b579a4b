package main

import (
	"runtime"
	"testing"
	"testing/fstest"
	"time"

	"github.com/pushcam/pushcam/capture"
)

func TestMachineTells(t *testing.T) {
	m := machine{fstest.MapFS{"devices/platform/soc/soc:firmware/get_throttled": {Data: []byte("8\n")}}}
	if got := m.Health(); got != (capture.Health{Throttled: true}) {
		t.Errorf("health %+v", got)
	}
	before, err := m.CPUTime()
	if err != nil {
		t.Fatal(err)
	}
	for {
		after, err := m.CPUTime()
		if err != nil {
			t.Fatal(err)
		}
		if after > before+time.Millisecond {
			return // a process that does this uses CPU
		}
	}
}

func TestMaxCores(t *testing.T) {
	for _, c := range []struct {
		args    []string
		threads int
	}{
		{nil, 0},
		{[]string{"--max-cores=0.5"}, 1},
		{[]string{"--max-cores=1.5"}, 2},
		{[]string{"--max-cores=3"}, 3},
	} {
		serve := mustParse[*serveConfig](t, c.args, nil)
		if got := serve.encoding().MaxThreads; got != c.threads {
			t.Errorf("%v: at most %d threads, want %d", c.args, got, c.threads)
		}
		if got := serve.cpu().MaxCores; got != serve.MaxCores {
			t.Errorf("%v: at most %v cores", c.args, got)
		}
		before := runtime.GOMAXPROCS(0)
		restore := serve.limitCores()
		if now := runtime.GOMAXPROCS(0); now > before || serve.MaxCores > 0 && now > max(2, c.threads) {
			t.Errorf("%v: Go runs on %d cores", c.args, now)
		}
		restore()
		if now := runtime.GOMAXPROCS(0); now != before {
			t.Errorf("%v: Go runs on %d cores after, %d before", c.args, now, before)
		}
	}
}

func TestPresetsToFallBackTo(t *testing.T) {
	serve := mustParse[*serveConfig](t, []string{"--preset=veryfast"}, nil)
	got := serve.cpu().Presets[capture.H264]
	if len(got) != 3 || got[0].Name != "veryfast" || got[2].Name != "ultrafast" {
		t.Errorf("presets %v", got)
	}
}
