package soc

import (
	"io"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/pushcam/pushcam/capture"
)

// Bits of a Raspberry Pi's get_throttled that tell of the present (Raspberry Pi
// documentation, "vcgencmd"); those from 16 on tell of the past.
const (
	underVoltage = 1 << iota
	frequencyCapped
	throttled
	softTemperatureLimit
)

// Health reads it from sys, which is /sys.
func Health(sys fs.FS) capture.Health {
	bits := firmware(sys)
	return capture.Health{
		Throttled:    bits&(frequencyCapped|throttled|softTemperatureLimit) != 0 || cooling(sys),
		UnderVoltage: bits&underVoltage != 0 || voltAlarm(sys),
	}
}

// firmware is what a Raspberry Pi's says, in hexadecimal digits.
func firmware(sys fs.FS) uint64 {
	for _, name := range glob(sys, "devices/platform/soc*/*:firmware/get_throttled") {
		bits, err := strconv.ParseUint(strings.TrimPrefix(read(sys, name), "0x"), 16, 64)
		if err == nil {
			return bits
		}
	}
	return 0
}

// voltAlarm is the only thing that the mainline kernel passes on of it (kernel
// documentation, "raspberrypi-hwmon").
func voltAlarm(sys fs.FS) bool {
	for _, name := range glob(sys, "class/hwmon/hwmon*/in0_lcrit_alarm") {
		if read(sys, path.Join(path.Dir(name), "name")) == "rpi_volt" && read(sys, name) == "1" {
			return true
		}
	}
	return false
}

// cooling reports whether the processor's clock is held down to cool it (kernel
// documentation, "Generic Thermal Sysfs driver"). Fans are cooling devices, too,
// and no trouble.
func cooling(sys fs.FS) bool {
	for _, name := range glob(sys, "class/thermal/cooling_device*/type") {
		kind := read(sys, name)
		if kind != "Processor" && !strings.Contains(kind, "cpufreq") {
			continue
		}
		state, err := strconv.Atoi(read(sys, path.Join(path.Dir(name), "cur_state")))
		if err == nil && state > 0 {
			return true
		}
	}
	return false
}

func glob(sys fs.FS, pattern string) []string {
	names, err := fs.Glob(sys, pattern)
	if err != nil {
		return nil // only for a pattern that is none
	}
	return names
}

// read returns the one line of a sysfs file; "" for none.
func read(sys fs.FS, name string) string {
	f, err := sys.Open(name)
	if err != nil {
		return ""
	}
	defer f.Close() //nolint:errcheck // it was only read
	text, err := io.ReadAll(io.LimitReader(f, 256))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}
