package soc

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/pushcam/pushcam/capture"
)

const pi = "devices/platform/soc/soc:firmware/get_throttled"

// files is a tree of files with their content.
func files(pairs ...string) fs.FS {
	tree := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		tree[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1] + "\n")}
	}
	return tree
}

func TestHealth(t *testing.T) {
	well, hot, weak := capture.Health{}, capture.Health{Throttled: true}, capture.Health{UnderVoltage: true}
	for name, c := range map[string]struct {
		sys  fs.FS
		want capture.Health
	}{
		"nothing there":           {files(), well},
		"no /sys at all":          {broken{}, well},
		"Pi, well":                {files(pi, "0"), well},
		"Pi, under-voltage":       {files(pi, "1"), weak},
		"Pi, capped":              {files(pi, "2"), hot},
		"Pi, throttled":           {files(pi, "4"), hot},
		"Pi, soft limit":          {files(pi, "8"), hot},
		"Pi, weak and throttled":  {files(pi, "50005"), capture.Health{Throttled: true, UnderVoltage: true}},
		"Pi, all in the past":     {files(pi, "f0000"), well},
		"Pi, with a prefix":       {files(pi, "0xe0008"), hot},
		"Pi 5":                    {files("devices/platform/soc@107c000000/soc@107c000000:firmware/get_throttled", "8"), hot},
		"Pi, nonsense":            {files(pi, "throttled"), well},
		"Pi, endless":             {files(pi, strings.Repeat("4", 1<<20)), well},
		"Pi, empty":               {files(pi, ""), well},
		"mainline, well":          {files("class/hwmon/hwmon1/name", "rpi_volt", "class/hwmon/hwmon1/in0_lcrit_alarm", "0"), well},
		"mainline, under-voltage": {files("class/hwmon/hwmon1/name", "rpi_volt", "class/hwmon/hwmon1/in0_lcrit_alarm", "1"), weak},
		"another voltage":         {files("class/hwmon/hwmon1/name", "nct6775", "class/hwmon/hwmon1/in0_lcrit_alarm", "1"), well},
		"clock held down":         {cooler("cpufreq-cpu0", "3"), hot},
		"older name":              {cooler("thermal-cpufreq-0", "1"), hot},
		"PC":                      {cooler("Processor", "2"), hot},
		"clock not held down":     {cooler("cpufreq-cpu0", "0"), well},
		"fan":                     {cooler("pwm-fan", "4"), well},
		"idle injection off":      {cooler("intel_powerclamp", "-1"), well},
		"state is nonsense":       {cooler("Processor", "hot"), well},
		"state is missing":        {files("class/thermal/cooling_device0/type", "Processor"), well},
		"type is a folder":        {files("class/thermal/cooling_device0/type/x", "Processor"), well},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Health(c.sys); got != c.want {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
}

// cooler is the second of two cooling devices.
func cooler(kind, state string) fs.FS {
	return files(
		"class/thermal/cooling_device0/type", "Processor", "class/thermal/cooling_device0/cur_state", "0",
		"class/thermal/cooling_device1/type", kind, "class/thermal/cooling_device1/cur_state", state,
	)
}

// broken is a file system of which nothing can be opened.
type broken struct{}

func (broken) Open(string) (fs.File, error) { return nil, errors.New("broken") }
