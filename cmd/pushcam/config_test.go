package main

import (
	"bytes"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"github.com/pushcam/pushcam/capture"
)

// testHash is of "look".
const testHash = "$2a$10$svz53q1kIa4p5Is/hb92F.go4lvCyV0mcSCzkujZ7Ln3yKpJiwuK."

func TestDefaults(t *testing.T) {
	got := *mustParse[*serveConfig](t, nil, nil)
	want := serveConfig{
		Source:        sourceAuto,
		pictureConfig: pictureConfig{Size: capture.Size{Width: 1280, Height: 720}, FPS: 30},
		Encoder:       encoderAuto,
		Bitrate:       2 * capture.Mbps,
		Linger:        5 * time.Second,
		Listen:        listenAddress{Port: 1990},
		MediaPort:     1990,
		ICETCPPort:    optionalPort{Port: 1991},
		MaxViewers:    100,
		tlsConfig:     tlsConfig{TLS: tlsOff},
		LogLevel:      logLevel(slog.LevelInfo),
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("pushcam without arguments:\ngot  %+v\nwant %+v", got, want)
	}
	if c := got.Codec.allowed(); !reflect.DeepEqual(c, capture.Codecs()) {
		t.Errorf("codecs allowed: %v, want all", c)
	}
}

// wrongValues has, for each flag of pushcam serve, values that it must refuse
// and a part of what the error has to tell.
var wrongValues = map[string]struct {
	values []string
	want   string
}{
	"source":          {[]string{" ", "exec:", " exec: "}, "want a"},
	"size":            {[]string{"720p", "1280", "1280x", "1281x720", "0x0", "-16x16", "99999x16", "1280x720x3"}, "want WIDTHxHEIGHT"},
	"fps":             {[]string{"0", "0.5", "241", "NaN", "fast", "1e999"}, "want a number from 1 to 240"},
	"codec":           {[]string{"h265", "none", "vp9", "h264,vp8"}, "want auto, h264, vp8 or passthrough"},
	"encoder":         {[]string{"x264", "gpu", "hw"}, "want auto, hardware or software"},
	"bitrate":         {[]string{"2", "9k", "201M", "2MB", "2 M", "inf"}, "from 10k to 200M"},
	"preset":          {[]string{"best", "5", "Fast"}, "want ultrafast, superfast"},
	"threads":         {[]string{"65", "two", "1.5"}, "want a whole number from 0 to 64"},
	"max-cores":       {[]string{"-1", "1025", "NaN", "half"}, "want a number from 0 to 1024"},
	"linger":          {[]string{"5", "25h", "soon"}, "want a time like 500ms, 5s or 1h, from 0s to 24h"},
	"listen":          {[]string{"1990", ":", ":http", ":65536", "host:-1", "a b:1", "http://x:1"}, "want [HOST]:PORT"},
	"media-port":      {[]string{"65536", "1990/udp", "off"}, "want a whole number from 0 to 65535"},
	"ice-tcp-port":    {[]string{"65536", "no", "1.5"}, "0 for any free one, or off"},
	"interface":       {[]string{"eth0/1", "eth 0"}, "want the name of a network interface"},
	"max-bitrate":     {[]string{"99k", "1000G", "100001M", "0", "none"}, "from 100k to 100000M"},
	"ice-server":      {[]string{"stun.example.org", "http://a", "stun:", "turn:a", "turn:u@a", "turn:u:p@a?transport=sctp", "stun:a b"}, "like stun:stun.example.org:3478"},
	"relay":           {[]string{"http://x:1990", "x:1990", "ws://", "ws://:1990", "ws://x:0", "ws://x:99999", "ws://a b"}, "want a WebSocket URL"},
	"max-viewers":     {[]string{"0", "10001", "many"}, "want a whole number from 1 to 10000"},
	"allow-origin":    {[]string{"https://", "https://a/b", "https://a?b", "https://u@a", "https://*.a", "https://a,b/c"}, "want an origin like"},
	"allow-host":      {[]string{"https://a", "a:80", "a/b", "a..b", "*.a"}, "want a host name"},
	"password":        {[]string{"hunter2", "$2a$10$short", "operator:viewer:x"}, "pushcam passwd"},
	"viewer-password": {[]string{"hunter2"}, "pushcam passwd"},
	"open":            {[]string{"yes", "lan,all", "internet"}, "want lan, all or none"},
	"token":           {[]string{"hunter2", "a:viewer:hunter2", "a:nobody:x", "b c:viewer:x"}, "token"},
	"trusted-proxy":   {[]string{"nginx", "10.0.0.0/33", "10.0.0.1:80", "fe80::1%eth0"}, "want the address of a proxy"},
	"frame-ancestor":  {[]string{"home.example.org", "https://a;script-src *", "https://a b", "file://x", "null"}, "want an origin like"},
	"tls":             {[]string{"on", "yes", "cert.pem"}, "want off or auto"},
	"tls-cert":        {[]string{" "}, "want the path of a PEM file"},
	"tls-key":         {[]string{" "}, "want the path of a PEM file"},
	"state-dir":       {[]string{" ", "~/pushcam"}, "want the path of a folder"},
	"log-level":       {[]string{"trace", "INFO+2", "1"}, "want debug, info, warn or error"},
}

func TestWrongValues(t *testing.T) {
	for name := range serveFlags(t) {
		if _, ok := wrongValues[name]; !ok && name != "config" {
			t.Errorf("--%s has no wrong values in this test", name)
		}
	}
	for name, c := range wrongValues {
		for _, value := range c.values {
			file := writeFile(t, name+": '"+value+"'\n")
			for _, from := range []struct {
				what, names string
				args, env   []string
			}{
				{"flag", "--" + name, []string{"--" + name + "=" + value}, nil},
				{"environment", envName(name), nil, []string{envName(name) + "=" + value}},
				{"file", file + ":1: " + name, []string{"--config", file}, nil},
			} {
				t.Run(from.what+" "+name+" "+value, func(t *testing.T) {
					wantUsageError(t, from.args, from.env, from.names+": ", c.want)
				})
			}
		}
	}
}

func TestWrongCommandLine(t *testing.T) {
	for _, c := range []struct {
		name string
		args []string
		want string
	}{
		{"unknown flag", []string{"--sise", "3"}, `unknown flag --sise, did you mean "--size"?`},
		{"unknown command", []string{"devises"}, "unexpected argument devises"},
		{"argument too many", []string{"devices", "now"}, "unexpected argument now"},
		{"flag before another command", []string{"--fps", "5", "devices"}, "--fps applies to the default command"},
		{"flag instead of a value", []string{"--fps", "--size"}, "--fps: want a value after it"},
		{"port twice", []string{"--listen", ":1991"}, "--ice-tcp-port 1991 is also the port of --listen"},
		{"nothing to set", []string{"set"}, "want NAME=VALUE, or --reset"},
		{"a certificate without its key", []string{"--tls-cert", "a"}, "want both or none"},
		{"two certificates", []string{"--tls=auto", "--tls-cert=a", "--tls-key=a"}, "want one of them"},
		{"a token twice", []string{"--token", "a:viewer:" + testHash, "--token", "a:operator:" + testHash}, "--token a: there are two"},
		{"a token with a person's name", []string{"--token", "viewer:viewer:" + testHash}, "choose another"},
		{"no value to set", []string{"set", "brightness"}, `"brightness": want NAME=VALUE`},
		{"nothing to watch", []string{"watch"}, "watch: want the URL"},
		{"watch something else", []string{"watch", "ftp://x"}, `<url>: "ftp://x": want a URL`},
		{"watch no host", []string{"watch", "http://:1990"}, `<url>: "http://:1990": want a URL`},
		{"no viewers", []string{"watch", "x", "-n0"}, "--viewers: \"0\": want a whole number from 1 to 10000"},
		{"no time", []string{"watch", "x", "-d", "0s"}, "--duration: \"0s\": want a time"},
		{"other commands' sizes", []string{"pattern", "--size", "x"}, "--size: "},
	} {
		t.Run(c.name, func(t *testing.T) { wantUsageError(t, c.args, nil, c.want) })
	}
}

// TestNoValueAfterFlag holds kong's words for values that end too early away
// from people, whatever type a flag has.
func TestNoValueAfterFlag(t *testing.T) {
	for name := range serveFlags(t) {
		t.Run(name, func(t *testing.T) {
			out := wantUsageError(t, []string{"--" + name}, nil, "--"+name+": ", "value")
			if strings.Contains(out, "EOL") {
				t.Errorf("%q speaks of EOL", out)
			}
		})
	}
}

func TestPrecedence(t *testing.T) {
	file := writeFile(t, "fps: 10\nallow-host: [file.example, two.example]\n")
	other := writeFile(t, "fps: 11\n")
	for _, c := range []struct {
		name      string
		args, env []string
		fps       float64
		hosts     []allowedHost
	}{
		{"default", nil, nil, 30, nil},
		{"file", []string{"--config", file}, nil, 10, []allowedHost{"file.example", "two.example"}},
		{"file of the environment", nil, []string{"PUSHCAM_CONFIG=" + file}, 10, []allowedHost{"file.example", "two.example"}},
		{"flag's file over environment's", []string{"--config", other}, []string{"PUSHCAM_CONFIG=" + file}, 11, nil},
		{"environment", nil, []string{"PUSHCAM_FPS=20", "PUSHCAM_ALLOW_HOST=a.example,b.example"}, 20, []allowedHost{"a.example", "b.example"}},
		{"environment over file", []string{"--config", file}, []string{"PUSHCAM_FPS=20"}, 20, []allowedHost{"file.example", "two.example"}},
		{"empty variable is none", []string{"--config", file}, []string{"PUSHCAM_FPS="}, 10, []allowedHost{"file.example", "two.example"}},
		{"flag over environment and file", []string{"--config", file, "--fps", "25", "--allow-host=x.example", "--allow-host=y.example"},
			[]string{"PUSHCAM_FPS=20", "PUSHCAM_ALLOW_HOST=a.example"}, 25, []allowedHost{"x.example", "y.example"}},
		{"flag that repeats the default", []string{"--fps", "30"}, []string{"PUSHCAM_FPS=20"}, 30, nil},
		{"other variables", nil, []string{"PUSHCAM_PORT=tcp://10.0.0.1:80", "PUSHCAM_SERVICE_HOST=10.0.0.1", "FPS=5"}, 30, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := mustParse[*serveConfig](t, c.args, c.env)
			if got.FPS != c.fps || !reflect.DeepEqual(got.AllowHost, c.hosts) {
				t.Errorf("fps %v, allow-host %v; want %v, %v", got.FPS, got.AllowHost, c.fps, c.hosts)
			}
		})
	}
}

// TestWrongButOverridden: a wrong value is an error where it stands, also when
// another one counts more.
func TestWrongButOverridden(t *testing.T) {
	file := writeFile(t, "# the camera\n\nfps: 1000\n")
	wantUsageError(t, []string{"--config", file, "--fps", "25"}, nil, file+":3: fps: ")
	wantUsageError(t, []string{"--fps", "25"}, []string{"PUSHCAM_FPS=x"}, "PUSHCAM_FPS: ")
}

func TestOtherCommandsSettings(t *testing.T) {
	file := writeFile(t, "fps: 10\nmedia-port: 5000\ncodec: vp8\n")
	env := []string{"PUSHCAM_CONFIG=" + file, "PUSHCAM_DURATION=1h", "PUSHCAM_VIEWERS=7"}
	if got := mustParse[*devicesConfig](t, []string{"devices"}, env); got.FPS != 10 {
		t.Errorf("devices: fps %v, want the file's 10", got.FPS)
	}
	if got := mustParse[*patternConfig](t, []string{"pattern"}, env); got.FPS != 10 || got.Duration != 0 {
		t.Errorf("pattern: fps %v, duration %v; want the file's 10, and 0s", got.FPS, got.Duration)
	}
	if got := mustParse[*watchConfig](t, []string{"watch", "x"}, env); got.Viewers != 1 || got.Codec.Codec != capture.NoCodec {
		t.Errorf("watch: viewers %v, codec %v; want its defaults", got.Viewers, got.Codec)
	}
}

func TestAnswered(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"--help", "Commands:"},
		{"-h", "devices"},
		{"serve --help", "--ice-tcp-port=1991"},
		{"watch -h", "<url>"},
		{"--version", "pushcam "},
		{"watch --version", "pushcam "},
	} {
		t.Run(c.args, func(t *testing.T) {
			var out, err bytes.Buffer
			if code := run(t.Context(), strings.Fields(c.args), nil, &out, &err); code != exitOK || err.Len() > 0 {
				t.Errorf("exit %d, stderr %q; want 0 and nothing", code, err.String())
			}
			if !strings.Contains(out.String(), c.want) {
				t.Errorf("printed %q, want %q in it", out.String(), c.want)
			}
		})
	}
}

// wantUsageError runs the program and holds it to the one line of a wrong
// value, which has to contain all of want. It returns the line.
func wantUsageError(t *testing.T, args, env []string, want ...string) string {
	t.Helper()
	var out, err bytes.Buffer
	code := run(t.Context(), args, env, &out, &err)
	line := err.String()
	if code != exitUsage || out.Len() > 0 {
		t.Errorf("%q %q: exit %d, stdout %q; want %d and nothing", args, env, code, out.String(), exitUsage)
	}
	if !strings.HasPrefix(line, "pushcam: ") || strings.Count(line, "\n") != 1 {
		t.Errorf("%q %q: stderr %q, want one line beginning with pushcam:", args, env, line)
	}
	for _, w := range want {
		if !strings.Contains(line, w) {
			t.Errorf("%q %q: stderr %q, want %q in it", args, env, line, w)
		}
	}
	return line
}

func mustParse[C command](t *testing.T, args, env []string) C {
	t.Helper()
	cmd, err := parse(args, env, stdio{out: io.Discard, err: io.Discard})
	if err != nil {
		t.Fatalf("parse %q %q: %v", args, env, err)
	}
	c, ok := cmd.(C)
	if !ok {
		t.Fatalf("parse %q: got a %T", args, cmd)
	}
	return c
}

func model(t testing.TB) *kong.Application {
	t.Helper()
	parser, err := newParser(stdio{out: io.Discard, err: io.Discard}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return parser.Model
}

func serveFlags(t testing.TB) map[string]*kong.Flag { return settable(model(t).DefaultCmd) }

func writeFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pushcam.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
