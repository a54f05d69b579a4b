package main

import (
	"fmt"
	"log/slog"
	"strconv"
	"strings"

	"github.com/pushcam/pushcam/capture"
)

// The types below are flag values that check themselves. Each error quotes the
// text and says what would be right; the caller adds where it stood.

// sourceName is a camera as a person names it, or auto, any or pattern, or what
// is no device: a path, - or exec:COMMAND.
type sourceName string

// The sources that are no camera's name.
const (
	sourceAuto    sourceName = "auto"
	sourcePattern sourceName = "pattern"
)

// UnmarshalText takes anything but nothing: only the devices know their names.
func (s *sourceName) UnmarshalText(text []byte) error {
	if *s = sourceName(strings.TrimSpace(string(text))); *s == "" {
		return wrong(text, "auto, any, pattern, a camera's by-id name, path, index or part of its name, a file, - or exec:COMMAND")
	}
	if *s == sourceExec {
		return wrong(text, "a command after exec:, like exec:rpicam-vid -t 0 --codec mjpeg -o -")
	}
	return nil
}

// codecChoice is the codec to use, or for the zero value any.
type codecChoice struct{ capture.Codec }

// UnmarshalText reads auto, h264 or vp8.
func (c *codecChoice) UnmarshalText(text []byte) (err error) {
	if strings.EqualFold(string(text), "auto") {
		c.Codec = capture.NoCodec
		return nil
	}
	if c.Codec, err = capture.ParseCodec(string(text)); err != nil {
		return wrong(text, "auto, h264 or vp8")
	}
	return nil
}

// allowed lists the codecs of the choice, cheapest to encode first.
func (c codecChoice) allowed() []capture.Codec {
	if c.Codec == capture.NoCodec {
		return capture.Codecs()
	}
	return []capture.Codec{c.Codec}
}

// encoderChoice is what encodes H.264.
type encoderChoice string

// The choices.
const (
	encoderAuto     encoderChoice = "auto"
	encoderHardware encoderChoice = "hardware"
	encoderSoftware encoderChoice = "software"
)

// UnmarshalText reads auto, hardware or software.
func (e *encoderChoice) UnmarshalText(text []byte) error {
	switch *e = encoderChoice(strings.ToLower(string(text))); *e {
	case encoderAuto, encoderHardware, encoderSoftware:
		return nil
	}
	return wrong(text, "auto, hardware or software")
}

// presetName is one of libx264's presets; "" is the encoder's choice.
type presetName string

// UnmarshalText checks against the list in libx264's manual.
func (p *presetName) UnmarshalText(text []byte) error {
	switch *p = presetName(text); *p {
	case "ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow", "placebo":
		return nil
	}
	return wrong(text, "ultrafast, superfast, veryfast, faster, fast, medium, slow, slower, veryslow or placebo")
}

// optionalPort is a port that can be switched off. Port 0 is any free one.
type optionalPort struct {
	Port int
	Off  bool
}

// UnmarshalText reads a port number or off.
func (p *optionalPort) UnmarshalText(text []byte) error {
	if strings.EqualFold(string(text), "off") {
		*p = optionalPort{Off: true}
		return nil
	}
	n, err := strconv.ParseUint(string(text), 10, 16)
	if err != nil {
		return wrong(text, "a port from 1 to 65535, 0 for any free one, or off")
	}
	*p = optionalPort{Port: int(n)}
	return nil
}

// logLevel is the least level that is logged.
type logLevel slog.Level

// UnmarshalText reads the four names that slog gives its levels, in any case.
func (l *logLevel) UnmarshalText(text []byte) error {
	for _, level := range []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError} {
		if strings.EqualFold(string(text), level.String()) {
			*l = logLevel(level)
			return nil
		}
	}
	return wrong(text, "debug, info, warn or error")
}

// configFile is the path of a YAML file, "" for none.
type configFile string

// UnmarshalText refuses the empty path: whoever writes the flag means a file.
func (f *configFile) UnmarshalText(text []byte) error {
	if *f = configFile(text); *f == "" {
		return wrong(text, "the path of a YAML file")
	}
	return nil
}

// wrong is the error of a value that should have been want.
func wrong(text []byte, want string) error { return fmt.Errorf("%q: want %s", text, want) }
