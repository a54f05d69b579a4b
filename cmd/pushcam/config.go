package main

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/pushcam/pushcam/capture"
)

// config is the command line: one field per command. Its tags are the one
// place that knows the flags; the help and the README's tables are made from
// them. min and max bound numbers and durations, and types with UnmarshalText
// check themselves.
type config struct {
	Serve   serveConfig   `cmd:"" default:"withargs" help:"Serve the camera to browsers. This is what pushcam does without a command."`
	Devices devicesConfig `cmd:"" help:"List the cameras, what they offer, and the mode that would be picked."`
	Set     setConfig     `cmd:"" help:"Set controls of a camera, like brightness or focus, and keep them."`
	Watch   watchConfig   `cmd:"" help:"Connect headless viewers to a pushcam and count what arrives."`
	Passwd  passwdConfig  `cmd:"" help:"Make the hash of a password, or a token for a program, for pushcam serve."`
	Pattern patternConfig `cmd:"" help:"Write the test pattern to standard output, as Y4M in real time."`

	ShowHelp    helpFlag    `name:"help" short:"h" help:"Show this help."`
	ShowVersion versionFlag `name:"version" help:"Show the version."`
}

// serveConfig is the configuration of pushcam serve, and what the environment
// and the file can set.
type serveConfig struct {
	Source sourceName `default:"auto" group:"Picture:" placeholder:"auto" help:"Camera to show: a by-id name, a path, an index or part of its name; a Y4M, MJPEG or H.264 file or FIFO; - for standard input; exec:COMMAND for what a command writes; pattern for the test pattern; auto for the first camera, or the pattern when there is none; any for whichever camera there is, also another one when it is gone."`
	pictureConfig
	Codec    servedCodec     `default:"auto" group:"Picture:" help:"h264 or vp8; auto gives each viewer H.264 if it takes it, else VP8; passthrough sends the H.264 of a camera that encodes by itself."`
	Encoder  encoderChoice   `default:"auto" group:"Picture:" help:"What encodes H.264: hardware, which a Raspberry Pi 3, 4 and Zero 2 have; software, libx264; auto for hardware if there is any. Hardware that fails is followed by software."`
	Bitrate  capture.Bitrate `default:"2M" min:"10k" max:"200M" group:"Picture:" help:"Bits per second of each encoding: 800k, 2M."`
	Preset   presetName      `group:"Picture:" placeholder:"NAME" help:"libx264's preset, ultrafast to placebo: slower ones look better and cost more CPU. Without one, ultrafast."`
	Threads  int             `default:"0" min:"0" max:"64" group:"Picture:" help:"CPU threads of each encoder; 0 lets it choose."`
	MaxCores float64         `default:"0" min:"0" max:"1024" group:"Picture:" help:"CPU cores that pushcam may keep busy, like 0.5 or 2: for more, it lowers preset, rate and size. 0 for no limit."`
	Linger   time.Duration   `default:"5s" min:"0s" max:"24h" group:"Picture:" help:"How long the camera stays open after the last viewer."`

	Listen     listenAddress   `default:":1990" group:"Network:" help:"TCP address of the page and of the signaling, [HOST]:PORT."`
	MediaPort  int             `default:"1990" min:"0" max:"65535" group:"Network:" help:"UDP port of all media; 0 for any free one."`
	ICETCPPort optionalPort    `name:"ice-tcp-port" default:"1991" group:"Network:" help:"TCP port of media for viewers that UDP does not reach; 0 for any free one, off for none."`
	Interface  []ifaceName     `group:"Network:" placeholder:"NAME" help:"Network interface whose addresses viewers are offered; repeat it for several. Without it, all."`
	MaxBitrate capture.Bitrate `min:"100k" max:"100000M" group:"Network:" placeholder:"BITRATE" help:"Bits per second to send to all viewers together, like 20M: each gets a fair part, and a smaller picture where that is little. Without it, no limit."`
	ICEServer  []iceServer     `name:"ice-server" group:"Network:" placeholder:"URL" help:"STUN or TURN server that WHEP players are told of: stun:HOST:PORT or turn:USER:PASSWORD@HOST:PORT. Repeatable; a LAN needs none."`
	Relay      relayURL        `group:"Network:" placeholder:"URL" help:"Also serve the viewers of the WebSocket relay at this ws:// or wss:// URL."`

	MaxViewers  int             `default:"100" min:"1" max:"10000" group:"Access:" help:"Viewers at a time; one more is told that the camera is full."`
	AllowOrigin []allowedOrigin `group:"Access:" placeholder:"ORIGIN" help:"Foreign web page that may show the camera: an origin like https://example.org, a host name, null for pages opened from a file, * for all. Repeatable."`
	AllowHost   []allowedHost   `group:"Access:" placeholder:"NAME" help:"Host name that browsers may use for this machine besides IP addresses, localhost, *.local and its own names; * for any. Repeatable."`

	doorConfig
	tlsConfig

	stateConfig
	LogLevel logLevel   `default:"info" group:"Program:" help:"Least level to log: debug, info, warn or error."`
	Config   configFile `group:"Program:" placeholder:"FILE" help:"YAML file with any of these flags as keys."`
}

// pictureConfig is what a camera is asked for.
type pictureConfig struct {
	Size capture.Size `default:"1280x720" group:"Picture:" help:"Picture size; of a camera without it, the nearest below."`
	FPS  float64      `name:"fps" default:"30" min:"1" max:"240" group:"Picture:" help:"Pictures per second."`
}

type devicesConfig struct {
	pictureConfig
	Controls bool `group:"Picture:" help:"List the cameras' controls too: what they can be set to, and how they are set."`
	stateConfig
	Config configFile `group:"Program:" placeholder:"FILE" help:"YAML file of pushcam serve, read for size, fps and state-dir."`
}

type setConfig struct {
	Assignments []assignment `arg:"" optional:"" name:"name=value" help:"Control and its value: a number, on or off, an item of its menu; default for its default, which is not kept."`
	Source      sourceName   `default:"auto" group:"Picture:" placeholder:"auto" help:"Camera to set: a by-id name, a path, an index or part of its name; auto for the first camera."`
	Reset       bool         `group:"Picture:" help:"Set all controls to their defaults first, and forget what was kept."`
	stateConfig
	Config configFile `group:"Program:" placeholder:"FILE" help:"YAML file of pushcam serve, read for source and state-dir."`
}

type watchConfig struct {
	URL      viewURL       `arg:"" help:"The pushcam, or the relay, to watch: http://HOST:1990, ws://HOST:1990 or HOST. With a path, like http://HOST:1990/whep, any WHEP endpoint."`
	Viewers  int           `short:"n" default:"1" min:"1" max:"10000" help:"Viewers to connect."`
	Duration time.Duration `short:"d" default:"10s" min:"100ms" max:"24h" help:"How long to watch."`
	Pictures int           `default:"0" min:"0" max:"1000000" help:"End as soon as each viewer has seen so many pictures; 0 for not before --duration."`
	Codec    codecChoice   `default:"auto" help:"What the viewers can decode: h264, vp8, or auto for both."`
	JSON     bool          `name:"json" help:"Print one JSON object instead of a table."`
	accessConfig
	Verbose bool `short:"v" help:"Also say on standard error, as it happens, when the camera is lost and when its picture is back."`
}

type patternConfig struct {
	pictureConfig
	Duration time.Duration `short:"d" default:"0s" min:"0s" max:"24h" help:"How long to write; 0s for ever."`
	Config   configFile    `group:"Program:" placeholder:"FILE" help:"YAML file of pushcam serve, read for size and fps."`
}

// Each is a command; its run is in the file of its name.
var (
	_ command = (*serveConfig)(nil)
	_ command = (*devicesConfig)(nil)
	_ command = (*setConfig)(nil)
	_ command = (*watchConfig)(nil)
	_ command = (*passwdConfig)(nil)
	_ command = (*patternConfig)(nil)
)

// Validate reports values that are right on their own and wrong together.
func (c *serveConfig) Validate() error {
	if p := c.ICETCPPort; !p.Off && p.Port != 0 && p.Port == c.Listen.Port {
		return fmt.Errorf("--ice-tcp-port %d is also the port of --listen: want another one, or off", p.Port)
	}
	return cmp.Or(c.doorConfig.validate(), c.tlsConfig.validate())
}

// Validate reports a command without anything to do.
func (c *setConfig) Validate() error {
	if len(c.Assignments) == 0 && !c.Reset {
		return errors.New("want NAME=VALUE, or --reset: pushcam devices --controls lists the names")
	}
	return nil
}

// Validate says more than kong does when the URL is missing.
func (c *watchConfig) Validate() error {
	switch {
	case c.URL.address == "":
		return errors.New("want the URL of a pushcam, like http://192.168.1.20:1990")
	case c.URL.login != nil && c.Token != "":
		return errors.New("--token and a login in the URL: want one of them")
	}
	return nil
}
