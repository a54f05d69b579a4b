package main

import (
	"path"
	"strconv"
	"strings"
	"testing"
)

const modulePath = "github.com/pushcam/pushcam"

// importRule says which packages may import something.
type importRule struct {
	imported string   // an import path and all below it
	by       []string // folders, in the notation of path.Match
	tests    []string // folders whose tests may too
	why      string
}

// Folders, as importRules names them.
var (
	nowhere    = []string{}
	everywhere = []string{"*", "*/*", "*/*/*"}
)

// importRules are the directions in which the repository's packages know each
// other and the libraries. The first rule whose imported matches counts, and
// what no rule matches, standard library apart, is not allowed.
var importRules = []importRule{
	{modulePath + "/cmd", nowhere, nowhere, "cmd is where everything ends"},
	{modulePath + "/capture/h264", []string{"cmd/*", "capture/*", "peer", "peer/*"}, []string{"cmd/*/*"}, "the syntax of H.264 is one thing, whoever reads it; signal and web know no pictures"},
	{modulePath + "/capture/y4m", []string{"cmd/*", "cmd/pushcam/lab/*", "capture/feed"}, everywhere, "a format, and no device: files, pipes and commands deliver it"},
	{modulePath + "/capture/", []string{"cmd/*", "cmd/pushcam/lab/*"}, everywhere, "devices and codecs are joined in cmd only"},
	{modulePath + "/capture", []string{"cmd/*", "capture/*", "peer", "peer/*"}, []string{"web/*"}, "signal and web know no pictures; browsers are shown some"},
	{modulePath + "/peer/governor", []string{"peer"}, nowhere, "what a viewer is given is the session's business"},
	{modulePath + "/peer/packetizer", []string{"peer", "peer/*"}, nowhere, "an RTP packet is the session's business"},
	{modulePath + "/peer/udp", []string{"peer/mux", "cmd/*"}, nowhere, "the socket is the mux's; others see what it has counted"},
	{modulePath + "/peer/", []string{"cmd/*"}, []string{"peer", "peer/*", "web/*"}, "sockets and viewers are joined in cmd only"},
	{modulePath + "/peer", []string{"cmd/*", "peer/*"}, []string{"peer", "web/*"}, "a transport declares the small interface that it needs"},
	{modulePath + "/signal/wire", []string{"cmd/*", "signal/ws"}, []string{"signal/*", "signal/*/*"}, "the JSON messages are the WebSocket's alone"},
	{modulePath + "/signal/", []string{"cmd/*"}, []string{"signal", "signal/*", "signal/*/*"}, "transports are joined in cmd only"},
	{modulePath + "/signal", []string{"cmd/*", "signal/*", "signal/*/*"}, []string{"signal"}, "signaling and sessions do not know each other"},
	{modulePath + "/web/door", []string{"cmd/*", "web"}, nowhere, "who may is asked in one place, on the way to every handler"},
	{modulePath + "/web/certificate", []string{"cmd/*"}, []string{"web"}, "the server is told where its certificate comes from"},
	{modulePath + "/web/statefile", []string{"web/door", "web/certificate"}, nowhere, "the secrets that are kept have their owners"},
	{modulePath + "/web/api", []string{"cmd/*", "web"}, nowhere, "web puts it behind the door, cmd knows the answers"},
	{modulePath + "/web/problem", []string{"web", "web/*"}, nowhere, "how errors are told to programs"},
	{modulePath + "/web", []string{"cmd/*", "web/*"}, []string{"web", "web/*/*"}, "the page knows the others by handlers only"},

	{"C", []string{"capture/jpeg", "capture/vp8", "capture/x264", "capture/yuv"}, nowhere, "all else has to build without a C compiler"},
	{"github.com/pion/mediadevices", []string{"capture/camera", "capture/v4l2"}, []string{"capture/*"}, "it is the device layer, and is measured against"},
	{"github.com/gorilla/websocket", []string{"signal/ws"}, []string{"signal/*", "signal/*/*", "web/*", "web/*/*", "cmd/*", "cmd/*/*"}, "other packages see connections, not frames"},
	{"github.com/pion/", []string{"peer", "peer/*"}, []string{"cmd/*", "cmd/*/*", "signal/*"}, "capture and web know no WebRTC"},
	{"github.com/fsnotify/fsnotify", []string{"capture/v4l2"}, nowhere, "devices come and go there"},
	{"github.com/prometheus/client_golang/prometheus/testutil", nowhere, []string{"cmd/*"}, "names are linted in tests"},
	{"github.com/prometheus/client_golang", []string{"cmd/*"}, nowhere, "what is counted is put together in cmd; others just count"},
	{"github.com/alecthomas/kong", []string{"cmd/*"}, nowhere, "configuration ends at cmd, as typed values"},
	{"go.yaml.in/yaml/v3", []string{"cmd/*"}, nowhere, "configuration ends at cmd, as typed values"},
	{"github.com/tdewolff/", []string{"web"}, nowhere, "the page is served without what only its readers need"},
	{"github.com/chromedp/", nowhere, []string{"web/*", "web/*/*", "cmd/*", "cmd/*/*"}, "browsers are for tests"},
	{"go.uber.org/goleak", nowhere, everywhere, "leaks are looked for in tests"},
	{"golang.org/x/", everywhere, nowhere, "the Go project's own"},
}

func TestImports(t *testing.T) {
	for _, f := range sourceFiles(t) {
		for _, spec := range f.ast.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if why := refused(f, imported); why != "" {
				t.Errorf("%s imports %s: %s", f.path, imported, why)
			}
		}
	}
}

// TestImportRules holds the rules to examples, so that one that matches too
// much is seen.
func TestImportRules(t *testing.T) {
	for _, c := range []struct {
		file, imported string
		ok             bool
	}{
		{"cmd/pushcam/serve.go", modulePath + "/signal/ws", true},
		{"cmd/pushcam/serve.go", modulePath + "/capture/capturetest", false},
		{"cmd/pushcam/serve_test.go", modulePath + "/capture/capturetest", true},
		{"peer/hub.go", modulePath + "/capture", true},
		{"peer/hub.go", modulePath + "/capture/x264", false},
		{"peer/hub.go", modulePath + "/capture/h264", true},
		{"signal/signal.go", modulePath + "/capture/h264", false},
		{"peer/mux/mux.go", modulePath + "/peer/udp", true},
		{"peer/hub.go", modulePath + "/peer/udp", false},
		{"peer/hub.go", modulePath + "/signal", false},
		{"signal/signal.go", modulePath + "/peer", false},
		{"signal/ws/ws.go", modulePath + "/signal/wire", true},
		{"signal/ws/ws.go", "github.com/gorilla/websocket", true},
		{"signal/wire/wire.go", "github.com/gorilla/websocket", false},
		{"web/server.go", modulePath + "/signal/ws", false},
		{"web/gate.go", modulePath + "/web/door", true},
		{"signal/whep/handler.go", modulePath + "/web/door", false},
		{"capture/source.go", modulePath + "/capture/pattern", false},
		{"capture/feed/y4m.go", modulePath + "/capture/y4m", true},
		{"capture/pattern/camera.go", modulePath + "/capture/y4m", false},
		{"capture/source_test.go", modulePath + "/capture/pattern", true},
		{"capture/source.go", "github.com/pion/webrtc/v4", false},
		{"capture/source.go", "C", false},
		{"capture/x264/encoder.go", "C", true},
		{"capture/x264/encoder.go", "github.com/pion/mediadevices/pkg/codec/x264", false},
		{"capture/x264/bench_test.go", "github.com/pion/mediadevices/pkg/codec/x264", true},
		{"capture/capturetest/fake.go", modulePath + "/capture", true},
		{"capture/capturetest/fake.go", "go.uber.org/goleak", true},
		{"web/server.go", "net/http", true},
		{"web/server.go", "github.com/some/thing", false},
	} {
		f := sourceFile{path: c.file}
		f.isTest = strings.HasSuffix(f.path, "_test.go") || isTestPackage(f.folder())
		if why := refused(f, c.imported); (why == "") != c.ok {
			t.Errorf("%s imports %s: %q, want allowed %v", c.file, c.imported, why, c.ok)
		}
	}
}

// refused returns why f must not import a package, or "" when it may.
func refused(f sourceFile, imported string) string {
	own := modulePath + "/" + f.folder()
	if strings.HasPrefix(imported, modulePath) && isTestPackage(imported) {
		if f.isTest {
			return ""
		}
		return "what is named test is for tests"
	}
	standard := imported != "C" && !strings.Contains(strings.Split(imported, "/")[0], ".")
	if standard || f.isTest && imported == own {
		return ""
	}
	for _, rule := range importRules {
		below := strings.HasPrefix(imported, strings.TrimSuffix(rule.imported, "/")+"/")
		if imported != rule.imported && !below {
			continue
		}
		if matches(rule.by, f.folder()) || f.isTest && matches(rule.tests, f.folder()) {
			return ""
		}
		return rule.why
	}
	return "no rule in imports_test.go allows it: a new dependency needs a reason"
}

func matches(patterns []string, folder string) bool {
	for _, pattern := range patterns {
		if ok, err := path.Match(pattern, folder); ok && err == nil {
			return true
		}
	}
	return false
}
